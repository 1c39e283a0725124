"""Plugin: entry: letting somebody in: into the group they asked for, or the next one when that is full."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action, InviteMember, NotifyAdmins, Purpose, SendText
from bot.model import Capability, Member
from bot.text import clean_name
from plugins.entry import store
from plugins.entry.plugin import Ctx
from plugins.entry.store import Application, State

MOST_GROUPS = 20
AGAIN = timedelta(minutes=30)
"""Who has not come yet may ask for the invitation again, so often."""


async def admit(gate: Ctx, one: Application, by: str = "") -> AsyncIterator[Action]:
    """Invite them, or ask the admins to where the transport cannot. The invitation is good until they have joined."""
    seat = await seat_in(gate)
    if one.state is State.INVITED and not await gate.once(f"invited:{one.no}", lasts=AGAIN):
        yield tell(gate, one.member, gate.text("invited_just_now", 群名=seat.group.topic))
        return
    await gate.timers.cancel(f"expire:{one.no}")
    await store.move(gate.db, one, State.INVITED, gate.now, by=by)
    if Capability.INVITE in seat.capabilities:
        yield InviteMember(group=seat.group.id, member=one.member)
        yield tell(gate, one.member, gate.text("invited", 群名=seat.group.topic))
        return
    yield tell(gate, one.member, gate.text("invited_by_hand", 群名=seat.group.topic))
    text = gate.text("admins_invite", 昵称=clean_name(one.member.name), 编号=one.no, 群名=seat.group.topic)
    yield NotifyAdmins(group=gate.group.id, text=text)


async def seat_in(gate: Ctx) -> Ctx:
    """The group itself, or where the overflow of full groups leads."""
    groups = {group.id: group for group in await gate.groups() if group.enabled}
    seat = gate
    for _ in range(MOST_GROUPS):
        overflow = seat.sections.get("overflow")
        full = overflow is not None and overflow.enabled and seat.group.size >= overflow.at
        following = groups.get(overflow.next) if full and overflow is not None else None
        if following is None:
            break
        seat = gate.inside(following)
    return seat


async def is_barred(person: Member, gate: Ctx) -> bool:
    """Whether they are on the blacklist of all groups, and this group keeps to it."""
    ban_guard = gate.sections.get("ban_guard")
    return ban_guard is not None and ban_guard.enabled and await gate.members.banned(person.id) is not None


def tell(gate: Ctx, person: Member, text: str) -> SendText:
    """Something said to one person alone, as an answer."""
    return SendText(group=gate.group.id, to=person.id, text=text, purpose=Purpose.REPLY)
