"""Plugin: overflow: groups of one name with a number: `读书群 1`, `读书1群`, `金粉二群`, `孵化群（3）`. Pure."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass

from bot.fold import fold
from bot.number import read_number
from bot.text import normalise

LONGEST = 64
MOST = 999
_DIGITS = re.compile(r"(\d{1,3})([^\d\w]*|[^\d\w]*[群号组班区部]{1,2}[^\d\w]*)$")
_SPOKEN = re.compile(r"([一二三四五六七八九十百]{1,5})([群号组班区部]{1,2}[^\w]*|[^\w]*)$")
_FIGURES = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Numbered:
    """A group's name taken apart. spoken: whether the number is written in 汉字; width: of a number such as 08."""

    before: str
    number: int
    after: str
    spoken: bool = False
    width: int = 1

    @property
    def family(self) -> tuple[str, str]:
        """The same for all groups of the series, however the number is written."""
        return fold(self.before).strip(), fold(self.after).strip()

    def named(self, number: int) -> str:
        """What the group of the series with this number is called."""
        return f"{self.before}{say_number(number) if self.spoken else str(number).zfill(self.width)}{self.after}"


def parse_topic(topic: str) -> Numbered:
    """A name without a number is the first of its series; the second is then `读书群 2`."""
    name = normalise(topic)[:LONGEST]
    if (found := _DIGITS.search(name)) and found.start():
        return Numbered(name[: found.start()], int(found[1]), found[2], width=len(found[1]))
    found = _SPOKEN.search(name)
    if found and found.start() and (found[2][:1] in "群号组班区部" if found[2] else name[found.start() - 1] in "群第"):
        with suppress(ValueError):
            return Numbered(name[: found.start()], read_number(found[1]), found[2], spoken=True)
    return Numbered(f"{name} ", 1, "")


def same_series(one: str, other: str) -> bool:
    return parse_topic(one).family == parse_topic(other).family


def say_number(number: int) -> str:
    """汉字 for 1–999, as groups are numbered: 二, 十, 十一, 二十, 一百零二."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    said = f"{_FIGURES[hundreds]}百" if hundreds else ""
    if tens:
        said += f"{'' if tens == 1 and not hundreds else _FIGURES[tens]}十"
    elif hundreds and ones:
        said += "零"
    return said + (_FIGURES[ones] if ones else "")
