"""Plugin: nickname: the admins' command: switch on and off, set the pattern, see who is not named so."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action
from bot.commands import OFF, ON, Call
from bot.errors import CommandError
from bot.model import Role
from bot.text import clean_name, say_many
from plugins.nickname.check import wrong_names
from plugins.nickname.notice import MOST_LISTED
from plugins.nickname.pattern import parse_pattern
from plugins.nickname.plugin import Ctx, plugin

_PATTERN, _LIST, _REMOVE = {"格式", "设置", "set"}, {"名单", "list"}, {"移出", "remove"}


@plugin.command(
    "群昵称",
    "nickname",
    usage="开 | 关 | 格式 名称-地区-职业 | 名单 | 移出 3天|关",
    example="/群昵称 格式 名称-地区-职业",
    help="群昵称的格式：开关、修改、谁还没改",
    role=Role.ADMIN,
)
async def steer(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    word, _, rest = call.text.partition(" ")
    word, by = word.lower(), call.asker.id
    if word in ON | OFF:
        await ctx.group_settings.set("nickname.enabled", word in ON, by=by)
        pattern = parse_pattern(ctx.settings.pattern)
        key = "turned_on" if word in ON else "turned_off"
        every = ctx.say_duration(ctx.settings.every)
        yield ctx.reply(call.event, ctx.text(key, 格式=pattern.source, 例子=pattern.example, 间隔=every))
    elif word in _PATTERN and rest:
        # As typed: quotes mean fixed words here.
        await _change(ctx, "pattern", call.raw.split(maxsplit=1)[1], by)
        pattern = parse_pattern(call.raw.split(maxsplit=1)[1])
        key = "changed" if ctx.settings.enabled else "changed_off"
        yield ctx.reply(call.event, ctx.text(key, 格式=pattern.source, 例子=pattern.example))
    elif word in _REMOVE and rest:
        await _change(ctx, "remove_after", rest, by)
        off = rest.lower() in OFF
        yield ctx.reply(call.event, ctx.text("remove_off" if off else "remove_on", 时长=rest))
    elif word in _LIST:
        yield ctx.reply(call.event, await _listing(ctx), mention=False)
    elif not word:
        key = "state_on" if ctx.settings.enabled else "state_off"
        yield ctx.reply(call.event, ctx.text(key, 格式=ctx.settings.pattern))
    else:
        raise CommandError(ctx.text("usage"))


async def _change(ctx: Ctx, key: str, value: str, by: str) -> None:
    try:
        await ctx.group_settings.set(f"nickname.{key}", value, by=by)
    except CommandError as error:
        # The key is the file's word; in the chat the reason is enough.
        raise CommandError(str(error).removeprefix(f"{key}：")) from None


async def _listing(ctx: Ctx) -> str:
    wrong = await wrong_names(ctx, parse_pattern(ctx.settings.pattern))
    if not wrong:
        return ctx.text("all_right", 格式=ctx.settings.pattern)
    names = say_many([clean_name(person.name) or ctx.text("unnamed") for person in wrong], MOST_LISTED)
    return ctx.text("wrong", 人数=len(wrong), 格式=ctx.settings.pattern, 名单=names)
