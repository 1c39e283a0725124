"""Plugin: setup: the seven questions, and what an answer sets; pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.duration import parse_duration
from bot.errors import CommandError
from bot.text import normalise
from bot.timeofday import parse_time

LOTTERY, POINTS = frozenset(("lottery",)), frozenset(("points", "shop"))
LONGEST = 200
_MODES = {"1": "dry", "演练": "dry", "2": "shadow", "观察": "shadow", "3": "enforce", "执行": "enforce"}
_YES = frozenset(("1", "要", "是", "好", "开", "可以", "yes", "y"))
_NO = frozenset(("2", "不要", "否", "不", "关", "不用", "no", "n"))


@dataclass(frozen=True, slots=True)
class Here:
    """What an answer may depend on. commands: names of the commands by plugin. asker: who is answering."""

    commands: Mapping[str, tuple[str, ...]]
    asker: str
    off: tuple[str, ...] = ()


Values = dict[str, object]
Read = Callable[[str, Here], Values | None]


def _topic(said: str, here: Here) -> Values | None:
    return {"welcome.topic": said} if len(said) > 1 else None


def _mode(said: str, here: Here) -> Values | None:
    mode = _MODES.get(said)
    return {"bot.mode": mode} if mode else None


def _grace(said: str, here: Here) -> Values | None:
    fixed = {"1": "3m", "可以": "3m", "2": "0s", "不行": "0s", "3": "off", "只提醒": "off"}
    if said in fixed:
        return {"moderation.grace": fixed[said]}
    try:
        grace = parse_duration(said)
    except ValueError:
        return None
    return {"moderation.grace": grace}


def _welcome(said: str, here: Here) -> Values | None:
    return {"welcome.enabled": said in _YES} if said in _YES | _NO else None


def _brief(said: str, here: Here) -> Values | None:
    fixed = {"1": ("08:00", "21:00"), "2": ("08:00", "off"), "3": ("off", "off"), "不要": ("off", "off")}
    times: tuple[object, ...] | None = fixed.get(said)
    if times is None:
        try:
            times = tuple(parse_time(word) for word in re.split(r"[\s,、和]+", said))
        except ValueError:
            return None
    if len(times) not in (1, 2):
        return None
    return {"brief.morning": times[0], "brief.evening": times[1] if len(times) == 2 else "off"}


def _games(said: str, here: Here) -> Values | None:
    unwanted = {"1": frozenset[str](), "2": POINTS, "3": LOTTERY, "4": LOTTERY | POINTS}.get(said)
    if unwanted is None:
        return None
    asked = {name for plugin in LOTTERY | POINTS for name in here.commands.get(plugin, ())}
    gone = [name for plugin in sorted(unwanted) for name in here.commands.get(plugin, ())]
    return {"bot.switched_off": [*(name for name in here.off if name not in asked), *gone]}


def _notices(said: str, here: Here) -> Values | None:
    control: Mapping[str, list[str]] = {"1": ["admins"], "2": [here.asker], "3": []}
    return {"bot.control": control[said]} if said in control else None


QUESTIONS: tuple[tuple[str, Read], ...] = (
    ("topic", _topic),
    ("mode", _mode),
    ("grace", _grace),
    ("welcome", _welcome),
    ("brief", _brief),
    ("games", _games),
    ("notices", _notices),
)


def understood(step: int, answer: str, here: Here) -> Values | None:
    """What the answer to a question sets; None when it cannot be read."""
    name, read = QUESTIONS[step]
    said = answer.strip() if name == "topic" else normalise(answer).lower().rstrip("。.!~")
    try:
        return read(said, here) if 0 < len(said) <= LONGEST else None
    except CommandError:
        return None
