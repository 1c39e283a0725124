"""Plugin: what the judge is given and what it answers; plain values, no chat."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from bot.model import Kind, Signal

Verdict = Literal["pass", "warn", "act"]


@dataclass(frozen=True, slots=True)
class Message:
    """What somebody sent. A red packet is no kind of message: it is never judged.

    title, url: of a link card, mini program, contact card or forwarded record; file_name: of a file.
    findings: what enrichment saw in a picture (`qr_code` with its target as detail, `picture_text`).
    quoted: the text this message answers. sender_name: what the group sees.
    """

    text: str = ""
    kind: Kind = Kind.TEXT
    title: str = ""
    url: str = ""
    file_name: str = ""
    sender_name: str = ""
    quoted: str = ""
    findings: tuple[Signal, ...] = ()


@dataclass(frozen=True, slots=True)
class JudgeContext:
    """What the message itself cannot tell; None means unknown.

    messages_before: what the sender said here before this message. admin: speaks for the group.
    newcomer_days, newcomer_messages: who counts as new: fewer days here *and* fewer messages.
    quoting: the message is a command that carries somebody else's words (a report, an appeal).
    """

    days_in_group: float | None = None
    messages_before: int | None = None
    admin: bool = False
    quoting: bool = False
    allow_domains: frozenset[str] = frozenset()
    newcomer_days: float = 7.0
    newcomer_messages: int = 3
    warn_at: float = 0.5
    act_at: float = 0.8

    @property
    def newcomer(self) -> bool:
        if self.days_in_group is None or self.days_in_group >= self.newcomer_days:
            return False
        return self.messages_before is None or self.messages_before < self.newcomer_messages


@dataclass(frozen=True, slots=True)
class Judgement:
    """score: 0–1, finely graded and monotone in every signal. A negative weight speaks for the sender."""

    score: float
    verdict: Verdict
    signals: tuple[Signal, ...] = ()


NOTHING = Judgement(0.0, "pass")
