"""Transport: the sandbox writes down what happens in it, line by line, as a `.chat` script says it."""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.clock import Clock
from bot.model import Role
from bot.transports.sandbox.store import WorldStore
from bot.transports.sandbox.things import HEADER_LINES, Group, ScriptLine
from bot.transports.transcript.names import always_quote, quote

_SECOND = timedelta(seconds=1)


class Journal:
    """The lines so far, kept in the world's file."""

    def __init__(self, store: WorldStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._heard_at: datetime | None = None

    def now(self) -> datetime:
        """The present second: a script knows no smaller time, and what happens here must fit into one."""
        return self._clock.now().replace(microsecond=0)

    def write(self, text: str, group: str = "") -> str:
        """Add a line: what happened in `group` now.

        Returns the id that a player of the script gives to what happens in this line. What happened here bears the
        same, so that whatever is drawn by lot comes out the same in a replay.
        """
        self._heard_at = self.now()
        return self._add(ScriptLine(text, group, self._heard_at))

    def write_deed(self, text: str, group: str = "") -> None:
        """Add what the bot did. An answer that took until the next minute began still belongs to what it answers."""
        at, exact, asked = self.now(), self._clock.now(), self._heard_at
        if asked is not None and exact.second == 0 < exact.microsecond and at - asked == _SECOND:
            at = asked
        self._add(ScriptLine(text, group, at))

    def remark(self, text: str) -> str:
        """Add a line without a time: a comment about what a script cannot say, or a directive before anything else."""
        return self._add(ScriptLine(text))

    def direct(self, text: str, group: str) -> None:
        """Add a directive that takes effect now: a player obeys it right after the line above it."""
        self.write("waits", group)
        self.remark(text)

    def lines(self) -> list[ScriptLine]:
        return [ScriptLine.from_json(line) for line in self._store.lines()]

    @property
    def has_begun(self) -> bool:
        """Whether anything happened yet."""
        return any(line.at is not None for line in self.lines())

    def _add(self, line: ScriptLine) -> str:
        return f"chat:{HEADER_LINES + self._store.add_line(line.to_json())}"


def group_line(group: Group) -> str:
    """The directive that says who is in the group, as it is now."""
    roles = {role: [quote(seat.person) for seat in group.people() if seat.role == role] for role in Role}
    parts = [f"@group {group.id} {always_quote(group.topic)}"]
    parts += [f"owner={name}" for name in roles[Role.OWNER][:1]]
    for word, role in (("admins", Role.ADMIN), ("members", Role.MEMBER)):
        if names := roles[role]:
            parts.append(f"{word}={','.join(names)}")
    return " ".join(parts)
