"""Plugin: painting a word cloud: big words in the middle, others round them on a spiral, none over another."""

from __future__ import annotations

import json
import math

from bot.paint import Sheet, drawable, width_of
from plugins.leaderboard.plugin import plugin
from plugins.leaderboard.words import frequent

WIDTH, HEAD, FIELD, FOOT = 390, 84, 400, 34
LARGEST, SMALLEST = 54.0, 12.0
COLOURS = ("#d86f0b", "#3f6fb5", "#2f8f6b", "#a3476f", "#6b5bb0", "#8a6d1f")
_GAP, _TURN, _STEPS = 4.0, 0.35, 1400

Box = tuple[float, float, float, float]


@plugin.compute("cloud")
def paint(argument: str) -> bytes:
    """A PNG. argument: JSON with title, below, foot and said: pairs of a speaker's number and a text."""
    wanted = json.loads(argument)
    words = frequent((speaker, text) for speaker, text in wanted["said"])
    if not words:
        raise ValueError("no words")
    sheet = Sheet(WIDTH, HEAD + FIELD + FOOT, "#fffdf8")
    sheet.text(20, 42, wanted["title"], 22, "#33302b", bold=True)
    sheet.text(20, 68, wanted["below"], 13.5, "#8a8275")
    for number, (word, size, x, y) in enumerate(place(words)):
        sheet.text(x, HEAD + y, word, size, COLOURS[number % len(COLOURS)], bold=size > 26)
    sheet.text(WIDTH / 2, sheet.height - 14, wanted["foot"], 12, "#8a8275", align="middle")
    return sheet.png()


def place(words: list[tuple[str, int]]) -> list[tuple[str, float, float, float]]:
    """Word, size, and where it stands; what finds no room is left out."""
    most, least = words[0][1], words[-1][1]
    taken: list[Box] = []
    found = []
    for word, times in words:
        share = 1.0 if most == least else (math.sqrt(times) - math.sqrt(least)) / (math.sqrt(most) - math.sqrt(least))
        size = SMALLEST + (LARGEST - SMALLEST) * share**0.9 if most > 1 else 18.0
        text = drawable(word)
        width = width_of(text, size)
        if width > WIDTH - 24:
            size, width = size * (WIDTH - 24) / width, WIDTH - 24
        if (at := _room(width + _GAP, size * 1.08 + _GAP, taken)) is not None:
            taken.append((at[0], at[1], width + _GAP, size * 1.08 + _GAP))
            found.append((text, size, at[0] + _GAP / 2, at[1] + size * 0.92 + _GAP / 2))
    return found


def _room(width: float, height: float, taken: list[Box]) -> tuple[float, float] | None:
    """The upper left corner of the first free place on a spiral from the middle."""
    for step in range(_STEPS):
        angle = step * _TURN
        reach = 1.1 * angle
        x = WIDTH / 2 + reach * math.cos(angle) - width / 2
        y = FIELD / 2 + reach * math.sin(angle) * 0.95 - height / 2
        if x < 8 or y < 0 or x + width > WIDTH - 8 or y + height > FIELD:
            continue
        if not any(x < bx + bw and bx < x + width and y < by + bh and by < y + height for bx, by, bw, bh in taken):
            return x, y
    return None
