"""Plugin: why a line was refused, and counting as people write it; shared by the readers of what admins wrote."""

from __future__ import annotations

from bot.number import read_number


class Misread(ValueError):
    """Why the line was refused: the key of a sentence in the catalogue and what fills it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


def read_count(text: str, shown: str, problem: str) -> int:
    """A number of at least 1. Raises Misread: `problem` for 0, `not_understood` for what is no number."""
    try:
        count = read_number(text)
    except ValueError as error:
        raise Misread("not_understood", 原文=shown.strip()) from error
    if count == 0:
        raise Misread(problem, 原文=shown.strip())
    return count
