"""Transport: where a line of a script stands, and the time it begins with."""

from __future__ import annotations

from dataclasses import dataclass

from bot.errors import ScriptError


@dataclass(frozen=True, slots=True)
class Place:
    """Where something stands, shown as `file:line`."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"

    def error(self, chinese: str, english: str) -> ScriptError:
        """A ScriptError that points here, to be raised by the caller."""
        return ScriptError(f"{self}: {chinese} ({english})")


@dataclass(frozen=True, slots=True)
class Stamp:
    """The time a line begins with. `days` is the `+2d` before it; `second` None when only minutes were given."""

    hour: int
    minute: int
    second: int | None = None
    days: int = 0
