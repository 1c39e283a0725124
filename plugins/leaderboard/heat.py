"""Plugin: painting a heat map: which hours of which weekdays the group talks in."""

from __future__ import annotations

import json
import math

from bot.paint import Sheet
from plugins.leaderboard.plugin import plugin

WIDTH, LEFT, TOP, CELL, GAP, ROW = 390, 44, 104, 11.6, 2.0, 30
SHADES = ("#f1ece2", "#fbe3c2", "#f7c98b", "#f2a95a", "#e98531", "#cf6413", "#a04508")
_INK, _SOFT = "#33302b", "#8a8275"


@plugin.compute("heat")
def paint(argument: str) -> bytes:
    """A PNG. argument: JSON with title, below, foot, days (seven labels), and hours: seven rows of 24 counts."""
    wanted = json.loads(argument)
    hours = wanted["hours"]
    most = max(max(row) for row in hours)
    sheet = Sheet(WIDTH, TOP + 7 * ROW + 64, "#fffdf8")
    sheet.text(20, 42, wanted["title"], 22, _INK, bold=True)
    sheet.text(20, 68, wanted["below"], 13.5, _SOFT)
    for hour in range(0, 24, 3):
        sheet.text(LEFT + hour * (CELL + GAP), TOP - 10, f"{hour}", 11, _SOFT)
    for number, (label, row) in enumerate(zip(wanted["days"], hours, strict=True)):
        y = TOP + number * ROW
        sheet.text(LEFT - 10, y + 18, label, 12, _SOFT, align="right")
        for hour, times in enumerate(row):
            sheet.box(LEFT + hour * (CELL + GAP), y, CELL, ROW - GAP, shade(times, most), radius=2.5)
    foot = sheet.height - 22
    sheet.text(20, foot, wanted["foot"], 13, _INK)
    for number, colour in enumerate(SHADES):
        sheet.box(WIDTH - 20 - 14 * (len(SHADES) - number), foot - 11, 12, 12, colour, radius=2.5)
    return sheet.png()


def shade(times: int, most: int) -> str:
    """Nothing is pale; the rest goes by the order of magnitude, so that one wild hour does not bleach the others."""
    if times == 0:
        return SHADES[0]
    steps = len(SHADES) - 1
    return SHADES[1 + min(steps - 1, int(steps * math.log1p(times) / math.log1p(most) - 1e-9))]
