"""Core: the one place that may hold back or soften an action before it leaves. Pure: facts in, verdicts out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType

from bot.actions import (
    Action,
    Announce,
    InviteMember,
    NotifyAdmins,
    Purpose,
    RecallMessage,
    RemoveMember,
    SendImage,
    SendText,
    SetTopic,
)
from bot.model import Capability, Mode

VERSION = 1
"""Of these rules; written into the audit beside every decision."""

NEEDS: Mapping[type[Action], Capability] = {
    RemoveMember: Capability.REMOVE,
    SendImage: Capability.IMAGE,
    InviteMember: Capability.INVITE,
    Announce: Capability.ANNOUNCE,
    SetTopic: Capability.TOPIC,
    RecallMessage: Capability.RECALL,
}


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at, for one group.

    exempt: ids of the members whom no rule may hit. removals: how many the bot decided here within the last hour.
    tell: ids of the people, or of the one control group (`tell_group`), who get notices when the transport has no
    channel of its own for them. quiet_until: end of the group's quiet hours when they are now.
    """

    mode: Mode
    capabilities: frozenset[Capability]
    exempt: frozenset[str]
    removals: int
    removals_limit: int
    now: datetime
    self_id: str = ""
    topic: str = ""
    tell: tuple[str, ...] = ()
    tell_group: str = ""
    quiet_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """An action as a plugin wants it."""

    plugin: str
    action: Action
    asked: bool = False
    """Whether it answers a command of somebody who runs the group: they must hear the bot in every mode."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of an action. refused: the reason it is held back, empty when it may go.

    reason words: dry, shadow, exempt, brake, capability, duplicate.
    """

    plugin: str
    action: Action
    refused: str = ""
    not_before: datetime | None = None


@dataclass(slots=True)
class _Review:
    facts_of: Callable[[str], Facts]
    say: Callable[[str, Mapping[str, object]], str]
    case_modes: Mapping[int, Mode]
    verdicts: list[Verdict] = field(default_factory=list)
    seen: set[Action] = field(default_factory=set)
    removed: dict[str, int] = field(default_factory=dict)
    noticed: set[tuple[str, int | None]] = field(default_factory=set)

    def facts(self, action: Action) -> Facts:
        """Facts of the action's group; what comes of a case goes no further than the case may."""
        facts = self.facts_of(action.group)
        mode = self.case_modes.get(action.case, facts.mode) if action.case is not None else facts.mode
        return facts if mode is facts.mode else replace(facts, mode=facts.mode.milder(mode))

    def refuse(self, proposal: Proposal, reason: str, notice: str = "", /, **values: object) -> None:
        self.verdicts.append(Verdict(proposal.plugin, proposal.action, refused=reason))
        if notice:
            action = proposal.action
            text = self.say(notice, values)
            self.tell(proposal.plugin, NotifyAdmins(group=action.group, case=action.case, text=text))

    def tell(self, plugin: str, notice: NotifyAdmins) -> None:
        """As it is where the transport can; else as private messages or into the control group."""
        facts = self.facts(notice)
        if facts.mode is Mode.DRY:
            self.verdicts.append(Verdict(plugin, notice, refused="dry"))
        elif Capability.ADMIN_CHANNEL in facts.capabilities:
            self.verdicts.append(Verdict(plugin, notice))
        elif facts.tell_group or facts.tell:
            text = f"〔{facts.topic}〕{notice.text}" if facts.topic else notice.text
            message = SendText(case=notice.case, text=text, purpose=Purpose.REPLY)
            people = facts.tell if not facts.tell_group else ()
            told: list[SendText] = [replace(message, group=facts.tell_group)] if facts.tell_group else []
            told += [replace(message, group=notice.group, to=person) for person in people]
            for each in told:
                self.verdicts.append(Verdict(plugin, each))
                if notice.image and Capability.IMAGE in facts.capabilities:
                    shown = SendImage(group=each.group, path=notice.image, to=each.to, purpose=Purpose.REPLY)
                    self.verdicts.append(Verdict(plugin, shown))
        else:
            self.verdicts.append(Verdict(plugin, notice, refused="capability"))


def review(
    proposals: Sequence[Proposal],
    facts_of: Callable[[str], Facts],
    say: Callable[[str, Mapping[str, object]], str],
    case_modes: Mapping[int, Mode] = MappingProxyType({}),
) -> list[Verdict]:
    """Judge the actions of one event together: two rules never punish twice, nobody exempt is removed, brakes hold.

    facts_of: facts by group id. say: a sentence of the catalogue by key, filled. case_modes: by case number.
    """
    state = _Review(facts_of, say, case_modes)
    for proposal in proposals:
        _judge(state, proposal)
    return state.verdicts


def _judge(state: _Review, proposal: Proposal) -> None:
    action = proposal.action
    facts = state.facts(action)
    if action in state.seen:
        state.refuse(proposal, "duplicate")
        return
    state.seen.add(action)
    if isinstance(action, NotifyAdmins):
        state.tell(proposal.plugin, action)
    elif facts.mode is Mode.DRY and not (proposal.asked and _is_reply(action)):
        state.refuse(proposal, "dry")
    elif isinstance(action, RemoveMember):
        _judge_removal(state, proposal, action, facts)
    elif facts.mode is Mode.SHADOW and getattr(action, "purpose", None) is Purpose.ENFORCEMENT:
        _shadow(state, proposal, "would_say", text=getattr(action, "text", "🖼"))
    elif (needs := NEEDS.get(type(action))) is not None and needs not in facts.capabilities:
        state.refuse(proposal, "capability")
    else:
        quiet = isinstance(action, SendText | SendImage) and action.purpose is Purpose.BROADCAST
        state.verdicts.append(Verdict(proposal.plugin, action, not_before=facts.quiet_until if quiet else None))


def _is_reply(action: Action) -> bool:
    return isinstance(action, SendText | SendImage) and action.purpose is Purpose.REPLY


def _judge_removal(state: _Review, proposal: Proposal, action: RemoveMember, facts: Facts) -> None:
    name, key = action.member.name, f"{action.group}\n{action.member.id}"
    about = {"name": name, "reason": action.reason}
    decided_here = state.removed.get(action.group, 0)
    if action.member.id == facts.self_id or action.member.id in facts.exempt:
        state.refuse(proposal, "exempt", "exempt", **about)
    elif key in state.removed:
        state.refuse(proposal, "duplicate")
    elif facts.mode is Mode.SHADOW and not action.by:
        _shadow(state, proposal, "would_remove", **about)
    elif Capability.REMOVE not in facts.capabilities:
        state.refuse(proposal, "capability", "cannot_remove", **about)
    elif not action.by and facts.removals + decided_here >= facts.removals_limit:
        state.refuse(proposal, "brake", "brake", limit=facts.removals_limit, **about)
    else:
        state.removed[key] = 1
        state.removed[action.group] = decided_here + (0 if action.by else 1)
        state.verdicts.append(Verdict(proposal.plugin, action))


def _shadow(state: _Review, proposal: Proposal, notice: str, **values: object) -> None:
    """Tell the admins once per case and kind what would have been done."""
    key = (notice, proposal.action.case)
    state.refuse(proposal, "shadow", "" if key in state.noticed else notice, **values)
    state.noticed.add(key)
