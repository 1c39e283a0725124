"""Plugin: overflow: the admins' command: the series, where newcomers go, who sits twice."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action
from bot.commands import Call
from bot.context import GroupInfo
from bot.errors import CommandError
from bot.model import Role
from bot.text import clip, normalise
from plugins.overflow.full import TOLD, next_group, series
from plugins.overflow.plugin import Ctx, plugin
from plugins.overflow.series import parse_topic
from plugins.overflow.twice import in_two

_NEXT, _TWICE, _AUTO = {"下一群", "下一个", "next"}, {"查重", "twice"}, {"自动", "auto"}
LINES = 20


@plugin.command(
    "分群",
    "overflow",
    usage="[下一群 群名|自动] | 查重",
    example="/分群",
    help="同系列的群各有几人，满了去哪个群，谁占了两个群",
    role=Role.ADMIN,
)
async def steer(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    word, _, rest = call.text.partition(" ")
    if not word:
        yield ctx.reply(call.event, await _overview(ctx), mention=False)
    elif word.lower() in _TWICE:
        yield ctx.reply(call.event, "\n".join(await in_two(ctx)), mention=False)
    elif word.lower() in _NEXT and rest:
        following = None if rest.lower() in _AUTO else await _named(ctx, rest, call)
        await ctx.group_settings.set("overflow.next", following.id if following else "", by=call.asker.id)
        await ctx.notes.delete(TOLD)
        key = "next_set" if following else "next_auto"
        yield ctx.reply(call.event, ctx.text(key, 群名=following.topic if following else "", 人数=ctx.settings.at))
    else:
        raise CommandError(ctx.text("usage"))


async def _overview(ctx: Ctx) -> str:
    groups = (await series(ctx))[:LINES]
    lines = [
        ctx.text("line", 群名=group.topic, 人数=group.size, 上限=ctx.inside(group).settings.limit) for group in groups
    ]
    following = await next_group(ctx)
    if following is not None:
        lines.append(ctx.text("leads_to", 人数=ctx.settings.at, 群名=following.topic))
    else:
        mine = parse_topic(ctx.group.topic)
        number = max((parse_topic(group.topic).number for group in groups), default=mine.number) + 1
        lines.append(ctx.text("leads_nowhere", 群名=mine.named(number)))
    return "\n".join(lines)


async def _named(ctx: Ctx, text: str, call: Call) -> GroupInfo:
    """A group that the asker is an admin of, too: nobody sends strangers into others' groups."""
    wanted = normalise(text)
    known = [group for group in await ctx.groups() if group.enabled and group.id != ctx.group.id]
    found = [group for group in known if wanted in (group.id, normalise(group.topic))]
    if len(found) != 1:
        raise CommandError(ctx.text("no_group", 名=clip(wanted, 30)))
    if await ctx.inside(found[0]).members.role_of(call.asker.id) < Role.ADMIN:
        raise CommandError(ctx.text("not_yours", 名=clip(found[0].topic, 30)))
    return found[0]
