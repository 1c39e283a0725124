"""Plugin: counting as people write it; shared by the readers of what admins wrote."""

from __future__ import annotations

from bot.errors import Misread
from bot.number import read_number


def read_count(text: str, shown: str, problem: str) -> int:
    """A number of at least 1. Raises Misread: `problem` for 0, `not_understood` for what is no number."""
    try:
        count = read_number(text)
    except ValueError as error:
        raise Misread("not_understood", 原文=shown.strip()) from error
    if count == 0:
        raise Misread(problem, 原文=shown.strip())
    return count
