"""Plugin: broadcast: the admins' command: choose, see, confirm; stop; what became of it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable

from bot.actions import Action, Purpose, SendText, Withdraw
from bot.commands import Call
from bot.errors import CommandError
from bot.model import Role
from bot.text import clean_text, clip
from plugins.broadcast import store
from plugins.broadcast.audience import Audience, choose, listed, run_by, title
from plugins.broadcast.plugin import Ctx, plugin
from plugins.broadcast.report import tell
from plugins.broadcast.store import Round
from plugins.broadcast.target import NoSuchTarget, Order, read

_NUMBER = re.compile(r"[bB]?(\d{1,9})")


@plugin.command(
    "群发",
    "broadcast",
    usage="[标签/群名 …] 内容 | 报告 [B1] | 停 [B1]",
    example="/群发 读书 周六的读书会改到下午三点",
    help="给几个群发同一条话：先预览再确认，能停，有回执",
    role=Role.ADMIN,
    wide=True,
)
async def broadcast(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Only to groups that the asker runs. Names stand before the text; without one all of them are meant."""
    words = call.words
    doing = _DOING.get(words[0].lower() if words else "")
    if doing is not None and len(words) <= 2 and (len(words) == 1 or _NUMBER.fullmatch(words[1])):
        for action in await doing(call, ctx):
            yield action
        return
    order, audience = await _read(call, ctx)
    if not call.confirmed:
        yield await ctx.ask_first(call, _preview(ctx, order, audience))
        return
    groups = [(group.id, title(group)) for group in audience.groups]
    by = (call.asker.id, call.asker.name)
    no = await store.begin(ctx.db, order.text, by, call.event.group, ctx.now, groups)
    for group in audience.groups:
        text = ctx.inside(group).render(order.text)
        yield SendText(group=group.id, text=text, purpose=Purpose.BROADCAST, tag=f"B{no}")
    yield ctx.reply(call.event, ctx.text("begun", 编号=no, 群数=len(groups)))


async def _read(call: Call, ctx: Ctx) -> tuple[Order, Audience]:
    mine = await run_by(ctx, call.asker)
    by_id = {group.id: group for group in mine}
    tags = {tag: [one for one in groups if one in by_id] for tag, groups in (await store.tagged(ctx.db)).items()}
    tags = {tag: groups for tag, groups in tags.items() if groups}
    raw = clean_text(call.raw).strip()
    if not raw:
        known = listed(ctx, [*tags, *map(title, mine)])
        raise CommandError(ctx.text("empty", 可选=known))
    try:
        order = read(raw, tags, {group.id: group.topic for group in mine})
    except NoSuchTarget as error:
        known = listed(ctx, [*tags, *map(title, mine)])
        raise CommandError(ctx.text("no_target", 名=clip(str(error), 20), 可选=known)) from None
    if not order.text:
        raise CommandError(ctx.text("no_text"))
    if len(order.text) > ctx.settings.longest:
        raise CommandError(ctx.text("long", 最多=ctx.settings.longest, 字数=len(order.text)))
    audience = await choose(ctx, [by_id[group] for group in order.groups], named=order.named)
    if not audience.groups:
        why = [f"{title(group)}（{reason}）" for group, reason in audience.left_out]
        raise CommandError(ctx.text("nobody", 原因=listed(ctx, why)) if why else ctx.text("nowhere"))
    if len(audience.groups) > ctx.settings.most:
        raise CommandError(ctx.text("too_many", 最多=ctx.settings.most, 群数=len(audience.groups)))
    return order, audience


def _preview(ctx: Ctx, order: Order, audience: Audience) -> str:
    names = [ctx.text("group_line", 群名=title(group), 人数=group.size) for group in audience.groups]
    lines = [ctx.text("preview", 群数=len(names), 人数=audience.people, 名单=listed(ctx, names))]
    if not order.named and len(names) > 1:
        lines.append(ctx.text("all_of_yours"))
    if audience.left_out:
        why = [f"{title(group)}（{reason}）" for group, reason in audience.left_out]
        lines.append(ctx.text("left_out", 名单=listed(ctx, why)))
    pacing = ctx.section("pacing")
    seconds = len(names) * max((pacing.gap + pacing.jitter).total_seconds(), 60 / pacing.per_minute)
    if seconds >= 60:
        lines.append(ctx.text("takes", 分钟=round(seconds / 60)))
    return "\n".join([*lines, ctx.text("content", 内容=order.text)])


async def _round(call: Call, ctx: Ctx) -> Round:
    """The one whose number is given, else the asker's last. Others' are theirs, but for the bot's owner."""
    number = _NUMBER.fullmatch(call.words[1]) if len(call.words) > 1 else None
    found = await store.get(ctx.db, int(number[1])) if number else await store.newest(ctx.db, call.asker.id)
    keeper = await ctx.members.role_of(call.asker.id) >= Role.KEEPER or call.asker.role >= Role.KEEPER
    if found is None or not (found.by == call.asker.id or keeper):
        raise CommandError(ctx.text("no_round", 编号=f"B{number[1]}") if number else ctx.text("none_yet"))
    return found


async def _report(call: Call, ctx: Ctx) -> list[Action]:
    one = await _round(call, ctx)
    return [ctx.reply(call.event, tell(ctx, one, await store.of_round(ctx.db, one.no)), mention=False)]


async def _stop(call: Call, ctx: Ctx) -> list[Action]:
    one = await _round(call, ctx)
    waiting = [send for send in await store.of_round(ctx.db, one.no) if send.state == store.WAITING]
    if not waiting:
        raise CommandError(ctx.text("over_already", 编号=one.no))
    await store.stop(ctx.db, one.no, call.asker.id)
    answer = ctx.reply(call.event, ctx.text("stopped", 编号=one.no, 群数=len(waiting)))
    return [Withdraw(group=ctx.group.id, tag=f"B{one.no}"), answer]


_DOING: dict[str, Callable[[Call, Ctx], Awaitable[list[Action]]]] = {
    "报告": _report, "report": _report, "回执": _report, "停": _stop, "停止": _stop, "stop": _stop,
}  # fmt: skip
