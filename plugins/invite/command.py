"""Plugin: what members ask about invitations: mine with their state, and who leads."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action
from bot.context import Context
from bot.errors import CommandError
from bot.plugin import Call
from bot.text import clean_name
from plugins.invite import book, store
from plugins.invite.ladder import next_step, read_ladder
from plugins.invite.model import Invitation, Reason, State
from plugins.invite.settings import Settings, plugin

Ctx = Context[Settings]
_MEDALS = ("🥇", "🥈", "🥉")
_NONE = (0, 0)


@plugin.command("我的邀请", "invites", usage="", example="/我的邀请", help="我邀请了谁，奖励到账没有")
async def mine(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    if call.text or call.members or call.unknown:
        raise CommandError(ctx.text("only_own"))
    by_state = await store.totals(ctx.db, call.asker.id)
    guesses = await store.guessed(ctx.db, member_id=call.asker.id)
    people = sum(count for count, _ in by_state.values())
    if not people and not guesses:
        yield ctx.reply(call.event, ctx.text("none_yet", 得分=ctx.settings.reward))
        return
    counted, points = by_state.get(State.COUNTED, _NONE)
    pending, waiting = by_state.get(State.PENDING, _NONE)
    values = {"到账": counted, "得分": points, "待到账": pending, "待得": waiting}
    lines = [ctx.text("mine", 人数=people, **values)]
    if lost := people - counted - pending:
        lines[0] += ctx.text("mine_lost", 不计=lost)
    listed = await store.of_inviter(ctx.db, call.asker.id, ctx.settings.listed)
    lines += [ctx.text("line_guess", 昵称=one.invitee_name) for one in guesses]
    lines += [await _line(ctx, one) for one in listed]
    if people > len(listed):
        lines.append(ctx.text("more", 人数=people - len(listed)))
    if counted and (ahead := next_step(read_ladder(ctx.settings.ladder), counted)) is not None:
        lines.append(ctx.text("next_step", 还差=ahead[0], 得分=ahead[1]))
    yield ctx.reply(call.event, "\n".join(lines))


async def _line(ctx: Ctx, one: Invitation) -> str:
    name = one.invitee_name
    if one.state is State.PENDING:
        if one.hold is not None and (held := await book.hold(ctx.db, one.hold)) is not None and held.state == "open":
            return ctx.text("line_held", 昵称=name)
        if one.due_at is not None and one.due_at <= ctx.now:
            profile = await ctx.members.get(one.invitee)
            left = ctx.settings.vest_messages - (profile.message_count if profile else 0)
            return ctx.text("line_speak", 昵称=name, 条数=max(left, 0), 得分=one.points)
        due = one.due_at.astimezone(ctx.group.zone) if one.due_at else None
        when = f"{due.month}/{due.day} {due:%H:%M}" if due else ""
        return ctx.text("line_pending", 昵称=name, 时间=when, 得分=one.points)
    if one.state is State.COUNTED:
        full = one.points or not ctx.settings.reward
        return ctx.text("line_counted" if full else "line_capped", 昵称=name, 得分=one.points)
    if one.state is State.DEDUCTED:
        return ctx.text("line_deducted" if one.reason == Reason.LEFT else "line_deducted_branch", 昵称=name)
    return ctx.text("line_void", 昵称=name, 原因=ctx.text(f"why_{one.reason}"))


@plugin.command("邀请排行", "inviters", usage="", example="/邀请排行", help="谁带来的新朋友最多")
async def ranking(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    lines = [ctx.text("rank_head")]
    for place, (member_id, name, counted, pending) in enumerate(
        await store.best(ctx.db, ctx.group.id, ctx.settings.listed)
    ):
        profile = await ctx.members.get(member_id)
        mark = _MEDALS[place] if place < len(_MEDALS) else f"{place + 1}."
        shown = clean_name(profile.name) if profile else name
        key = "rank_line_pending" if pending else "rank_line"
        lines.append(ctx.text(key, 名次=mark, 昵称=shown, 到账=counted, 待到账=pending))
    text = "\n".join(lines) if len(lines) > 1 else ctx.text("rank_empty", 得分=ctx.settings.reward)
    yield ctx.reply(call.event, text, mention=False)
