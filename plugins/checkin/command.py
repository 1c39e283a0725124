"""Plugin: checkin: `/打卡` and `/补卡`."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import date, timedelta

from bot.actions import Action, Purpose, SendText
from bot.commands import OFF, Call
from bot.errors import CommandError
from bot.model import Role
from bot.number import NUMBER, read_number
from bot.text import clip
from plugins.checkin import store
from plugins.checkin.day import ending, list_of, ranking
from plugins.checkin.entry import check_in
from plugins.checkin.plugin import HUSHED, Ctx, is_open, open_days, plugin, running, streak_of

LONGEST = 200
LONGEST_CHALLENGE = 366
USUAL = 21
_OPEN = re.compile(
    rf"(?:开|开始|开启|打开|open)(?=\s|$|\d)(?:\s*(?P<days>{NUMBER})\s*(?:天|days?)的?)?(?:\s*(?P<text>[\s\S]+))?"
)
_DAYS_LAST = re.compile(r"(?P<text>.+?)\s*(?P<days>\d{1,3})\s*天")
_CLOSE, _TODAY, _TOP = (
    OFF | {"结束", "close"},
    {"今天", "名单", "today"},
    {"排行", "排名", "top"},
)
_HUSH, _NAME = {"别提我", "不提醒我", "hush"}, {"提醒我", "remind"}


@plugin.command(
    "打卡",
    "clockin",
    usage="一句话 | 今天 | 排行 | 别提我 | 开 21天 内容 | 关",
    example="/打卡 读了 20 页，第三章最好看",
    help="做完今天的事打个卡；光发 /打卡 看自己的",
    private=False,
)
async def steer(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    word = call.text.strip()
    opening = _OPEN.fullmatch(word)
    if not word:
        yield ctx.reply(call.event, await _mine(call, ctx))
    elif word in _TODAY:
        yield ctx.reply(call.event, await list_of(ctx, ctx.today), mention=False)
    elif word in _TOP:
        yield ctx.reply(call.event, await _top(ctx), mention=False)
    elif word in _HUSH | _NAME:
        yield ctx.reply(call.event, await _hush(call, ctx, hush=word in _HUSH))
    elif opening or word in _CLOSE:
        if await ctx.members.role_of(call.asker.id) < Role.ADMIN:
            raise CommandError(ctx.text("admins_only"))
        yield await _open(call, ctx, opening) if opening else await _close(call, ctx)
    else:
        async for action in _check_in(call, ctx):
            yield action


async def _check_in(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    if not await is_open(ctx):
        raise CommandError(ctx.text("not_open"))
    if call.asker.id in await store.on_day(ctx.db, ctx.group.id, ctx.today):
        raise CommandError(ctx.text("already"))
    async for action in check_in(ctx, call.asker, " ".join(call.raw.split()), picture=False):
        yield action


async def _mine(call: Call, ctx: Ctx) -> str:
    came = call.asker.id in await store.on_day(ctx.db, ctx.group.id, ctx.today)
    state = ctx.text("mine_done") if came else ctx.text("mine_open" if await is_open(ctx) else "mine_closed")
    cards = await store.cards_of(ctx.db, ctx.group.id, call.asker.id)
    return ctx.text("mine", 今天=state, 天数=await streak_of(ctx, call.asker.id), 张数=cards)


async def _hush(call: Call, ctx: Ctx, *, hush: bool) -> str:
    if hush:
        await ctx.notes.set(HUSHED + call.asker.id, "1")
        return ctx.text("hushed")
    await ctx.notes.delete(HUSHED + call.asker.id)
    return ctx.text("named")


async def _top(ctx: Ctx) -> str:
    challenge = await running(ctx, ctx.today)
    first = challenge.first_on if challenge else ctx.today - timedelta(days=29)
    key = "rank_challenge" if challenge else "rank_month"
    values = {"天数": challenge.length, "内容": clip(challenge.text, 20)} if challenge else {}
    lines = await ranking(ctx, first, ctx.today)
    return "\n".join([ctx.text(key, **{"天数": "", "内容": "", **values}), *lines]) if lines else ctx.text("rank_none")


async def _open(call: Call, ctx: Ctx, found: re.Match[str]) -> SendText:
    if (now := await running(ctx, ctx.today)) is not None:
        raise CommandError(ctx.text("open_already", 内容=clip(now.text, 20)))
    text = " ".join((found["text"] or "").split())
    if not found["days"] and (ending := _DAYS_LAST.fullmatch(text)):
        days, text = int(ending["days"]), ending["text"]
    else:
        days = read_number(found["days"]) if found["days"] else USUAL
    if not 1 <= days <= LONGEST_CHALLENGE:
        raise CommandError(ctx.text("wrong_days", 最多=LONGEST_CHALLENGE))
    if not text:
        raise CommandError(ctx.text("wrong_empty"))
    if len(text) > LONGEST:
        raise CommandError(ctx.text("wrong_long", 最多=LONGEST, 字数=len(text)))
    local = ctx.now.astimezone(ctx.group.zone)
    late = ctx.settings.list_at is not None and local.time() >= ctx.settings.list_at
    first = ctx.today + timedelta(days=int(late))
    await store.start(ctx.db, ctx.group.id, text, first, first + timedelta(days=days - 1), by=call.asker.id)
    last = first + timedelta(days=days - 1)
    values = {"天数": days, "内容": text, "从": ctx.say_day(first), "到": ctx.say_day(last)}
    return SendText(group=ctx.group.id, text=ctx.text("opened", **values), purpose=Purpose.SERVICE)


async def _close(call: Call, ctx: Ctx) -> SendText:
    """Asked first: what is ended cannot be taken up again, and its ranking goes to the whole group."""
    challenge = await running(ctx, ctx.today)
    if challenge is None:
        raise CommandError(ctx.text("not_open"))
    if not call.confirmed:
        values = {"内容": clip(challenge.text, 20), "第几": (ctx.today - challenge.first_on).days + 1}
        return await ctx.ask_first(call, ctx.text("close_sure", 天数=challenge.length, **values))
    await store.close(ctx.db, ctx.group.id, challenge.no, ctx.today)
    over = next(one for one in await store.challenges_of(ctx.db, ctx.group.id) if one.no == challenge.no)
    return SendText(group=ctx.group.id, text=await ending(ctx, over), purpose=Purpose.SERVICE)


@plugin.command(
    "补卡",
    "makeup",
    usage="[昨天|1月5日]",
    example="/补卡 昨天",
    help="用一张补卡券，补上漏掉的一天",
    private=False,
)
async def make_up(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    day = _which_day(call.text.strip(), ctx)
    ahead = (ctx.today - day).days
    if not 1 <= ahead <= ctx.settings.make_up_days:
        raise CommandError(ctx.text("make_up_days", 最多=ctx.settings.make_up_days))
    if day not in await open_days(ctx):
        raise CommandError(ctx.text("make_up_closed", 日子=ctx.say_day(day)))
    if await store.cards_of(ctx.db, ctx.group.id, call.asker.id) < 1:
        raise CommandError(ctx.text("no_cards", 天数=ctx.settings.card_every))
    me, text = call.asker.id, ctx.text("made_up_text")
    if not await store.keep(ctx.db, ctx.group.id, me, day, ctx.now, text, picture=False, made_up=True):
        raise CommandError(ctx.text("make_up_done", 日子=ctx.say_day(day)))
    await store.give(ctx.db, ctx.group.id, me, -1)
    left = await store.cards_of(ctx.db, ctx.group.id, me)
    values = {"日子": ctx.say_day(day), "天数": await streak_of(ctx, me), "张数": left}
    yield ctx.reply(call.event, ctx.text("made_up", **values))


def _which_day(word: str, ctx: Ctx) -> date:
    ahead = {"": 1, "昨天": 1, "昨日": 1, "yesterday": 1, "前天": 2}.get(word)
    if ahead is not None:
        return ctx.today - timedelta(days=ahead)
    found = re.fullmatch(r"(?:\d{4}\s*[-/年.]\s*)?(\d{1,2})\s*[-/月.]\s*(\d{1,2})\s*[日号]?", word)
    if found is None:
        raise CommandError(ctx.text("make_up_which"))
    month, number = int(found[1]), int(found[2])
    # 12月31日, said in January, was last year's.
    year = ctx.today.year - int((month, number) > (ctx.today.month, ctx.today.day))
    try:
        return date(year, month, number)
    except ValueError:
        raise CommandError(ctx.text("make_up_which")) from None
