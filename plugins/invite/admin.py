"""Plugin: what admins decide about invitations: who brought whom, and what becomes of a batch on hold."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from bot.actions import Action
from bot.context import Context
from bot.errors import CommandError
from bot.model import Role
from bot.plugin import Call
from bot.text import clean_name
from plugins.invite import book, hold, reward, store
from plugins.invite.model import Hold, Source, State
from plugins.invite.settings import Settings, plugin

Ctx = Context[Settings]
_RELEASE, _VOID = ("放行", "release"), ("作废", "void")
_NUMBER = re.compile(r"[hH]?\s?(\d{1,9})")


@plugin.command(
    "邀请",
    "invitations",
    role=Role.ADMIN,
    usage="[确认 @新人 @邀请人|H1|放行 H1|作废 H1]",
    example="/邀请 放行 H1",
    help="待确认的邀请和可疑的一批：看、确认、放行、作废",
    for_members=("我的邀请",),
)
async def decide(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    verb, _, rest = call.text.partition(" ")
    if not ctx.named(call) and not verb:
        said = await _open(ctx)
    elif verb in ("确认", "confirm"):
        said = await _confirm(call, ctx)
    elif verb in _RELEASE or verb in _VOID:
        one = await _undecided(ctx, rest)
        if verb in _VOID and not call.confirmed:
            yield await ctx.ask_first(call, await _preview(ctx, one))
            return
        said = await _settle(call, ctx, one, verb in _RELEASE)
    else:
        said = await hold.tree(ctx, await _hold(ctx, call.text))
    yield ctx.reply(call.event, said, mention=False)


async def _open(ctx: Ctx) -> str:
    guesses = await store.guessed(ctx.db, group=ctx.group.id, limit=ctx.settings.listed)
    lines = [ctx.text("guess_line", 昵称=one.invitee_name, 邀请人=one.guess_name) for one in guesses]
    if lines:
        lines = [ctx.text("guess_head"), *lines, ctx.text("guess_how", 昵称=guesses[0].invitee_name)]
    for one in await book.open_holds(ctx.db, ctx.group.id):
        lines.append(ctx.text("hold_line", 编号=one.label, 昵称=one.inviter_name))
    return "\n".join(lines) or ctx.text("nothing_open")


async def _confirm(call: Call, ctx: Ctx) -> str:
    if not 1 <= len(call.members) <= 2:
        raise CommandError(ctx.text("confirm_how"))
    newcomer = call.members[0]
    one = await store.here(ctx.db, ctx.group.id, newcomer.id)
    if one is None or one.state is not State.UNKNOWN:
        key = "confirm_settled" if one is not None and one.inviter else "confirm_nobody"
        raise CommandError(ctx.text(key, 昵称=clean_name(newcomer.name), 邀请人=one.inviter_name if one else ""))
    wanted = call.members[1].id if len(call.members) == 2 else one.guess
    profile = await ctx.members.get(wanted) if wanted else None
    if profile is None:
        raise CommandError(ctx.text("confirm_how"))
    void = await reward.attribute(ctx, one, profile.member, Source.ADMIN)
    values = {"昵称": clean_name(newcomer.name), "邀请人": clean_name(profile.name)}
    return ctx.text("confirm_void", **values, 原因=ctx.text(f"why_{void}")) if void else ctx.text("confirmed", **values)


async def _hold(ctx: Ctx, text: str) -> Hold:
    found = _NUMBER.fullmatch(text.strip())
    one = await book.hold(ctx.db, int(found[1])) if found else None
    if one is None or one.group != ctx.group.id:
        raise CommandError(ctx.text("hold_which"))
    return one


async def _undecided(ctx: Ctx, text: str) -> Hold:
    one = await _hold(ctx, text)
    if one.state != "open":
        raise CommandError(ctx.text(f"hold_{one.state}", 编号=one.label))
    return one


async def _preview(ctx: Ctx, one: Hold) -> str:
    """What voiding would do; it cannot be taken back."""
    states = [invitation.state for invitation, _ in await hold.branch(ctx, one.no)]
    waits, paid = states.count(State.PENDING), states.count(State.COUNTED)
    return ctx.text("void_preview", 编号=one.label, 昵称=one.inviter_name, 不计=waits, 扣回=paid)


async def _settle(call: Call, ctx: Ctx, one: Hold, release: bool) -> str:
    await book.settle_hold(ctx.db, one.no, "released" if release else "voided", ctx.now, call.asker.id)
    await ctx.timers.cancel(f"hold:{one.no}")
    if release:
        paid, waits = await reward.release(ctx, one.no)
        return ctx.text("released", 编号=one.label, 到账=paid, 待到账=waits)
    void, taken = await reward.void_branch(ctx, one.no)
    return ctx.text("voided", 编号=one.label, 不计=void, 扣回=taken)
