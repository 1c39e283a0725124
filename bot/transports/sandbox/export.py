"""Transport: what happened in the sandbox, written as a `.chat` script that `shequn play` reproduces."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, tzinfo

from bot.transports.sandbox.things import HEADER_LINES, ScriptLine

_EXPLAINED = (
    "这是沙盒里发生过的事：每行一件，按群里的时间。以 bot 开头的行是机器人做过的事，重放时必须一样。",
    "重放：shequn play 本文件；想看整段聊天：shequn play --show 本文件",
    "改一改就是新的测试：换一句话、换一个时间、删掉期望，再放一遍看差别。",
    "bot.seed 让抽签和当时一样；开头的空行请留着，抽签也认行号。",
)
_END = ("# 导出以后的事不作数。", "@loose")


def write_script(
    lines: Iterable[ScriptLine], *, now: datetime, zone: tzinfo, first_group: str, settings: Mapping[str, str]
) -> str:
    """The whole script, with one last line that lets time pass until `now`.

    settings: `@set` lines that a replay needs, key to TOML value. zone: the groups' zone, in which lines are timed.
    """
    kept = list(lines)
    begin = next((line.at for line in kept if line.at is not None), now).astimezone(zone)
    head = [f"# 社群沙盒，导出于 {now.astimezone(zone):%Y-%m-%d %H:%M:%S}", *(f"# {line}" for line in _EXPLAINED), ""]
    head += [f"@day {begin:%Y-%m-%d}", *(f"@set {key} = {value}" for key, value in settings.items())]
    head += [""] * (HEADER_LINES - len(head))
    end = ScriptLine("waits", first_group, now.replace(microsecond=0))
    return "\n".join([*head, *_timed([*kept, end], begin, zone, first_group), *_END]) + "\n"


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
