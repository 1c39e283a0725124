"""Plugin: `/早报` and `/晚报`: when, of which blocks, from where, as text or picture; and a look at it beforehand."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from bot.actions import Action
from bot.commands import OFF, ON, Call
from bot.context import Context
from bot.errors import CommandError
from bot.model import Capability, Role
from bot.text import clip
from bot.timeofday import is_time, parse_time
from plugins.brief.blocks.news import MOST_FEEDS, ask_feed
from plugins.brief.blocks.weather import ask_weather
from plugins.brief.edition import EVENING, MORNING, Edition
from plugins.brief.plugin import Settings, plugin
from plugins.brief.say import asked_by, to_asker

Ctx = Context[Settings]

_TIME, _PREVIEW = {"时间", "改成", "改到", "time"}, {"预览", "看看", "preview"}
_TIME_GLUED = re.compile(r"(时间|改成|改到)[:：]?(?=\S)")
_BLOCKS, _CITY, _NEWS, _FORM = {"版块", "blocks"}, {"城市", "天气", "city"}, {"新闻", "news"}, {"图", "图片", "picture"}
_LIST, _ADD, _DELETE = {"列表", "list"}, {"加", "添加", "add"}, {"删", "删除", "delete"}
_USAGE = "开|关|时间 08:00|预览|版块 …|城市 …|新闻 …|图 开"


@plugin.command(
    "早报", "morning", usage=_USAGE, example="/早报 时间 07:30", help="开关早报、改时间和内容、预览", role=Role.ADMIN
)
async def steer_morning(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    async for action in _steer(MORNING, call, ctx):
        yield action


@plugin.command(
    "晚报", "evening", usage=_USAGE, example="/晚报 时间 21:30", help="开关晚报、改时间和内容、预览", role=Role.ADMIN
)
async def steer_evening(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    async for action in _steer(EVENING, call, ctx):
        yield action


async def _steer(edition: Edition, call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    word, _, rest = _TIME_GLUED.sub(r"\1 ", call.text, count=1).partition(" ")
    rest = rest.strip()
    if word in _PREVIEW:
        async for action in _preview(edition, call, ctx):
            yield action
    elif word in _CITY or word in _NEWS:
        yield await (_city(edition, call, ctx, rest) if word in _CITY else _news(edition, call, ctx, rest))
    elif not word:
        yield ctx.reply(call.event, _state(edition, ctx))
    elif word in _BLOCKS:
        yield ctx.reply(call.event, await _blocks(edition, call, ctx, rest))
    elif word in _FORM:
        yield ctx.reply(call.event, await _form(edition, call, ctx, rest))
    else:
        yield ctx.reply(call.event, await _switch(edition, call, ctx, word, rest))


async def _preview(edition: Edition, call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Exactly what would go out now, to the asker alone; and, apart from it, what could not be made."""
    brief = await edition.compose(ctx, ctx.today)
    if ctx.settings.form == "card" and Capability.IMAGE in ctx.capabilities:
        yield edition.picture(ctx, brief, {"who": call.asker.id})
    else:
        yield to_asker(call, ctx, brief.text)
    if brief.left_out:
        said = ctx.text("semicolon").join(f"{label}：{clip(reason, 60)}" for label, reason in brief.left_out)
        yield to_asker(call, ctx, ctx.text("left_out", 版块=said))


async def _switch(edition: Edition, call: Call, ctx: Ctx, word: str, rest: str) -> str:
    if word in _TIME:
        return await _move(edition, call, ctx, rest)
    if word in ON:
        before = await ctx.notes.get(f"{edition.key}.before")
        return await _move(edition, call, ctx, before or f"{Settings.model_fields[edition.key].default:%H:%M}")
    if word in OFF:
        if at := getattr(ctx.settings, edition.key):
            await ctx.notes.set(f"{edition.key}.before", f"{at:%H:%M}")
        await ctx.group_settings.set(f"brief.{edition.key}", "off", by=call.asker.id)
        return ctx.text("turned_off", 报=_name(edition, ctx))
    if is_time(call.text):
        return await _move(edition, call, ctx, call.text)
    raise CommandError(ctx.text("wrong_word", 报=_name(edition, ctx), 词=word[:10]))


async def _move(edition: Edition, call: Call, ctx: Ctx, text: str) -> str:
    try:
        at = parse_time(text)
    except ValueError:
        raise CommandError(ctx.text("wrong_time", 报=_name(edition, ctx))) from None
    await ctx.group_settings.set(f"brief.{edition.key}", f"{at:%H:%M}", by=call.asker.id)
    return ctx.text("turned_on", 报=_name(edition, ctx), 时间=f"{at:%H:%M}")


async def _blocks(edition: Edition, call: Call, ctx: Ctx, text: str) -> str:
    """`版块` alone says how it stands; `版块 日期 天气 每日一句` sets the order."""
    offered = ctx.blocks.labels()
    by_label = {label: name for name, label in offered.items()} | {name: name for name in offered}
    key = f"{edition.key}_blocks"
    if not text:
        now = [offered[name] for name in getattr(ctx.settings, key) if name in offered]
        more = [label for name, label in offered.items() if name not in getattr(ctx.settings, key)]
        comma, name = ctx.text("and"), _name(edition, ctx)
        return ctx.text("blocks_are", 报=name, 版块=comma.join(now) or "-", 还有=comma.join(more) or "-")
    words = [word for word in text.replace("、", " ").replace(",", " ").replace("，", " ").split() if word]
    if unknown := [word for word in words if word not in by_label]:
        known = ctx.text("and").join(offered.values())
        raise CommandError(ctx.text("block_unknown", 版块=clip(unknown[0], 10), 可用=known))
    names = list(dict.fromkeys(by_label[word] for word in words))
    await ctx.group_settings.set(f"brief.{key}", names, by=call.asker.id)
    said = ctx.text("and").join(offered[name] for name in names)
    return ctx.text("blocks_set", 报=_name(edition, ctx), 版块=said)


async def _city(edition: Edition, call: Call, ctx: Ctx, text: str) -> Action:
    """Kept only when the far side knows it: the answer comes with its weather."""
    if not text:
        key = "city_is" if ctx.settings.city else "city_none"
        return ctx.reply(call.event, ctx.text(key, 城市=ctx.settings.city, 报=_name(edition, ctx)))
    if text in OFF:
        await ctx.group_settings.set("brief.city", "", by=call.asker.id)
        return ctx.reply(call.event, ctx.text("city_off"))
    if len(text) > 40 or (fetch := await ask_weather(ctx, text, asked_by(call))) is None:
        raise CommandError(ctx.text("city_unknown", 城市=clip(text, 20)))
    return fetch


async def _news(edition: Edition, call: Call, ctx: Ctx, text: str) -> Action:
    word, _, rest = text.partition(" ")
    feeds = ctx.settings.feeds
    if not word or word in _LIST:
        lines = [f"{number}. {clip(url, 60)}" for number, url in enumerate(feeds, 1)]
        said = ctx.text("feed_list", 总数=len(feeds)) if feeds else ctx.text("feed_none", 报=_name(edition, ctx))
        return ctx.reply(call.event, "\n".join([said, *lines]))
    if word in _DELETE:
        number = int(rest) if rest.isdecimal() and len(rest) < 4 else 0
        if not 1 <= number <= len(feeds):
            raise CommandError(ctx.text("feed_which", 总数=len(feeds), 报=_name(edition, ctx)))
        kept = [url for url in feeds if url != feeds[number - 1]]
        await ctx.group_settings.set("brief.feeds", kept, by=call.asker.id)
        return ctx.reply(call.event, ctx.text("feed_deleted", 编号=number))
    url = rest.strip() if word in _ADD else text
    if not url.startswith(("http://", "https://")) or " " in url or not 11 <= len(url) <= 500:
        raise CommandError(ctx.text("feed_how", 报=_name(edition, ctx)))
    if url in feeds:
        raise CommandError(ctx.text("feed_known"))
    if len(feeds) >= MOST_FEEDS:
        raise CommandError(ctx.text("feed_many", 最多=MOST_FEEDS, 报=_name(edition, ctx)))
    return ask_feed(ctx, url, asked_by(call))


async def _form(edition: Edition, call: Call, ctx: Ctx, word: str) -> str:
    if word not in ON | OFF:
        raise CommandError(ctx.text("form_how", 报=_name(edition, ctx)))
    form = "card" if word in ON else "text"
    await ctx.group_settings.set("brief.form", form, by=call.asker.id)
    return ctx.text(f"form_{form}")


def _name(edition: Edition, ctx: Ctx) -> str:
    """What members call it, which is also the command's name."""
    return ctx.text(f"{edition.key}_name")


def _state(edition: Edition, ctx: Ctx) -> str:
    at, name = getattr(ctx.settings, edition.key), _name(edition, ctx)
    return ctx.text("state_on", 报=name, 时间=f"{at:%H:%M}") if at else ctx.text("state_off", 报=name)
