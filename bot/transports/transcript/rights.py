"""Transport: what the far side of a script can do, in which group, and what each action needs of it."""

from __future__ import annotations

from bot.actions import (
    Action,
    Announce,
    InviteMember,
    NotifyAdmins,
    RecallMessage,
    RemoveMember,
    SendImage,
    SendText,
    SetTopic,
)
from bot.model import Capability
from bot.transports.transcript.lines import Can

NEEDS: dict[type[Action], Capability] = {
    SendImage: Capability.IMAGE,
    RemoveMember: Capability.REMOVE,
    NotifyAdmins: Capability.ADMIN_CHANNEL,
    InviteMember: Capability.INVITE,
    Announce: Capability.ANNOUNCE,
    SetTopic: Capability.TOPIC,
    RecallMessage: Capability.RECALL,
}


def needed_for(action: Action) -> Capability | None:
    """What the far side must be able to do for this; None for a word in the group, which it always can."""
    if isinstance(action, SendText | SendImage) and action.to:
        return Capability.PRIVATE
    return NEEDS.get(type(action))


class Rights:
    """Everything in every group, until a script takes something away."""

    def __init__(self) -> None:
        self._can: dict[str, frozenset[Capability]] = {"": frozenset(Capability)}

    def of(self, group: str) -> frozenset[Capability]:
        return self._can.get(group, self._can[""])

    def allow(self, change: Can) -> None:
        """Give or take, in one group or, which forgets what groups had of their own, in all."""
        now = (self.of(change.group) | change.give) - change.take
        if not change.group:
            self._can.clear()
        self._can[change.group] = now
