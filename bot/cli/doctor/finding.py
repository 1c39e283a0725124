"""Cli: one line of the doctor's report."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class State(Enum):
    """Well, to be mended (exit code 1), or merely worth knowing."""

    WELL = "✓"
    WRONG = "✗"
    NOTE = "·"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, how it is, and how to mend it."""

    state: State
    text: str
    mend: str = ""

    def __str__(self) -> str:
        return f"{self.state.value} {self.text}" + (f"\n    → {self.mend}" if self.mend else "")


def well(text: str) -> Finding:
    return Finding(State.WELL, text)


def wrong(text: str, mend: str = "") -> Finding:
    return Finding(State.WRONG, text, mend)


def note(text: str, mend: str = "") -> Finding:
    return Finding(State.NOTE, text, mend)
