"""Transport: what happened in the sandbox, written as a `.chat` script that `shequn play` reproduces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo

from bot.transports.sandbox.things import ScriptLine


def write_script(
    lines: Iterable[ScriptLine], *, now: datetime, zone: tzinfo, first_group: str, settings: Mapping[str, str]
) -> str:
    """The whole script, with one last line that lets time pass until `now`.

    settings: `@set` lines that a replay needs, key to TOML value. zone: the groups' zone, in which lines are timed.
    """
    kept = list(lines)
    begin = next((line.at for line in kept if line.at is not None), now).astimezone(zone)
    out = [f"# 社群沙盒导出于 {now.astimezone(zone):%Y-%m-%d %H:%M:%S}，重放：shequn play 本文件"]
    out.append(f"@day {begin:%Y-%m-%d}")
    out += [f"@set {key} = {value}" for key, value in settings.items()]
    out += _timed([*kept, ScriptLine("waits", first_group, now)], begin, zone, first_group)
    return "\n".join(out) + "\n"


def _timed(lines: Iterable[ScriptLine], begin: datetime, zone: tzinfo, first_group: str) -> Iterator[str]:
    last = begin
    for line in lines:
        if line.at is None:
            yield line.text
            continue
        at = max(line.at.astimezone(zone), last)
        days = (at.date() - last.date()).days
        place = f"[{line.group}] " if line.group not in ("", first_group) else ""
        yield f"{f'+{days}d ' if days else ''}{at:%H:%M:%S} {place}{line.text}"
        last = at
