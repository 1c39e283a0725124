"""Transport: what a script expected beside what happened, as a unified diff one can read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.transports.transcript.expect import Outcome, meets
from bot.transports.transcript.lines import Expects
from bot.transports.transcript.log import Acted, Play
from bot.transports.transcript.place import Place
from bot.transports.transcript.render import Stamper, written
from bot.transports.transcript.times import MINUTE, Moment, minute_of

CONTEXT = 2
WIDEST = 400


@dataclass(frozen=True, slots=True)
class _Row:
    """mark: ` ` as it went and was expected, `-` expected only, `+` happened only."""

    mark: str
    text: str
    at: datetime
    place: Place | None = None
    note: str = ""

    def __str__(self) -> str:
        text = self.text if len(self.text) <= WIDEST else self.text[: WIDEST - 1] + "…"
        return f"{self.mark}{text}{f'    ← {self.note}' if self.note else ''}"


def explain(play: Play, outcome: Outcome) -> Iterator[str]:
    """The lines of the diff, headed by a sentence. Nothing when the outcome is as expected."""
    if outcome.met:
        return
    parts = [f"{len(outcome.missing)} 处没有发生"] if outcome.missing else []
    parts += [f"{len(outcome.extra)} 处没有料到"] if outcome.extra else []
    yield f"{play.script.file} 不符合期望：{'，'.join(parts)} (differs from what was expected)"
    yield "--- 期望 (expected)"
    yield "+++ 实际 (actual)"
    rows = _rows(play, outcome)
    for start, end in _hunks(rows):
        place = next((row.place for row in rows[start:end] if row.place), None)
        yield f"@@ {place or f'{rows[start].at:%Y-%m-%d %H:%M}'} @@"
        yield from (str(row) for row in rows[start:end])


def _rows(play: Play, outcome: Outcome) -> list[_Row]:
    stamper = Stamper(play.script.first_group)
    extra = {id(done) for done in outcome.extra}
    rows = [
        _Row("+", written(entry, stamper), entry.at, note="没有料到")
        if id(entry) in extra
        else _Row(" ", written(entry, stamper), entry.at)
        for entry in play.entries
    ]
    for moment in outcome.missing:
        note = f"{moment.line.place} 没有发生{_elsewhere(moment, outcome.extra)}"
        row = _Row("-", moment.line.source, moment.at, moment.line.place, note)
        rows.insert(_where(rows, moment), row)
    return rows


def _where(rows: Sequence[_Row], moment: Moment) -> int:
    """Before the first surprise of its minute, else after all that happened up to the end of its minute."""
    minute = minute_of(moment.at.astimezone(UTC))
    for n, row in enumerate(rows):
        if row.mark == "+" and minute_of(row.at.astimezone(UTC)) == minute:
            return n
    return next((n for n, row in enumerate(rows) if row.at >= minute + MINUTE), len(rows))


def _elsewhere(moment: Moment, extra: Sequence[Acted]) -> str:
    """When the same thing did happen, only not in that minute."""
    fact = moment.line.fact
    found = [done for done in extra if isinstance(fact, Expects) and meets(fact, moment.line.group, done)]
    if not found:
        return ""
    nearest = min(found, key=lambda done: abs(done.at - moment.at))
    return f"；{nearest.at:%m-%d %H:%M} 倒是有"


def _hunks(rows: Sequence[_Row]) -> Iterator[tuple[int, int]]:
    """Stretches of rows around the differences."""
    start = end = -1
    for n, row in enumerate(rows):
        if row.mark == " ":
            continue
        low, high = max(0, n - CONTEXT), min(len(rows), n + CONTEXT + 1)
        if low <= end:
            end = high
            continue
        if end >= 0:
            yield start, end
        start, end = low, high
    if end >= 0:
        yield start, end
