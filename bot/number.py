"""Core: whole numbers as people write them in a Chinese chat: `20`, `三`, `两百`, `一百零五`, `1万`."""

from __future__ import annotations

import re

NUMBER = r"(?:\d+(?:\s?[百千万])?|[零〇一二两三四五六七八九十百千万]+)"
"""What a number may look like, for other patterns. What it finds may still be no number (`万三`)."""

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1000, "万": 10000}
_MIXED = re.compile(r"(\d+)\s?([百千万])")
_SPOKEN = re.compile(
    r"(?:(?P<whole>.+?)万)?(?P<rest>(?:[一二两三四五六七八九]千)?零?(?:[一二两三四五六七八九]百)?零?"
    r"(?:[一二两三四五六七八九]?十)?零?[一二两三四五六七八九]?)"
)
_CASE = re.compile(r"[wW]?\s?(\d{1,9})")
LONGEST_DIGITS = 12
LONGEST = 24
"""Characters; the longest number of twelve digits that people write out has fewer."""


def read_number(text: str) -> int:
    """`"两百"` → 200. Raises ValueError for what is no whole number of at most twelve digits."""
    plain = text.strip()
    if len(plain) > LONGEST:
        raise ValueError(f"“{plain[:20]}…”太长，不是数字 (not a number)")
    if plain.isascii() and plain.isdigit() and len(plain) <= LONGEST_DIGITS:
        return int(plain)
    if mixed := _MIXED.fullmatch(plain):
        return read_number(mixed[1]) * _UNITS[mixed[2]]
    if plain and all(char in _DIGITS for char in plain):
        # A row of digits read one by one: 二〇二六.
        return read_number("".join(str(_DIGITS[char]) for char in plain))
    found = _SPOKEN.fullmatch(plain)
    if not plain or not found or not (found["whole"] or found["rest"]):
        raise ValueError(f"“{text[:20]}”不是数字 (not a number)")
    if not found["whole"]:
        return _below_ten_thousand(found["rest"])
    rest = found["rest"]
    # 两万五 is 25000, 两万零五 is 20005.
    tail = _DIGITS[rest] * 1000 if len(rest) == 1 and rest in _DIGITS else _below_ten_thousand(rest)
    return read_number(found["whole"]) * 10000 + tail


def _below_ten_thousand(text: str) -> int:
    total, digit, unit = 0, 0, 1
    zero = False
    for char in text:
        if char in _UNITS:
            unit = _UNITS[char]
            total += (digit or 1) * unit
            digit, zero = 0, False
        else:
            digit = _DIGITS[char]
            zero = zero or digit == 0
    # 三百五 is 350; after 零 (三百零五) or 十 the last digit stands for itself.
    return total + digit * (unit // 10 if unit > 10 and not zero else 1)


def case_digits(text: str) -> str:
    """The digits of a case as people name it (`W34`, `w 34`, `34`); empty when the whole text names none."""
    found = _CASE.fullmatch(text)
    return found[1] if found else ""
