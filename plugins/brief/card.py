"""Plugin: the brief as one picture, as wide as a phone."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

from bot.paint import Sheet, fit, width_of, wrap
from plugins.brief.plugin import plugin

WIDTH, MARGIN, PAD = 390, 16, 16
LINE, SIZE = 25, 15.5
_INNER = WIDTH - 2 * (MARGIN + PAD)
_MARK = re.compile(r"· |\d{1,2}\. ")
"""What a line of a list begins with; what is broken off stands under its text."""
_LONGEST = 6
"""Lines of the picture that one line of a block may take."""


@dataclass(frozen=True, slots=True)
class Look:
    """The colours of an edition."""

    head: str
    on_head: str
    ground: str
    paper: str
    ink: str
    soft: str
    accent: str


LOOKS = {
    "morning": Look("#f08a24", "#ffffff", "#fdf3e3", "#ffffff", "#33302b", "#8a8275", "#d86f0b"),
    "evening": Look("#2f3a6b", "#f4f1de", "#e9ebf5", "#ffffff", "#2b2d38", "#7d8194", "#4754a3"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line to be drawn inside a block; the first of a block of several may be its heading."""

    text: str
    heading: bool
    indent: float


def rows_of(text: str) -> list[Row]:
    """The lines of one block, broken to the width of the card."""
    lines = text.split("\n")
    found: list[Row] = []
    for number, line in enumerate(lines):
        heading = number == 0 and len(lines) > 1 and len(line) <= 24 and _MARK.match(lines[1]) is not None
        mark = _MARK.match(line)
        indent = width_of(mark[0], SIZE) if mark else 0.0
        broken = wrap(line, SIZE, _INNER - indent, _LONGEST)
        found += [Row(part, heading, 0.0 if first else indent) for part, first in zip(broken, _firsts(), strict=False)]
    return found


def _firsts() -> list[bool]:
    return [True] + [False] * _LONGEST


@plugin.compute("card")
def paint(argument: str) -> bytes:
    """A PNG of the brief. argument: JSON with edition, title, ending and parts (name, text)."""
    wanted = json.loads(argument)
    look = LOOKS[wanted["edition"]]
    parts = [(name, text) for name, text in wanted["parts"] if text]
    under_title = [text for name, text in parts if name == "date"]
    blocks = [rows_of(text) for name, text in parts if name != "date"]
    dates = [line for text in under_title for line in wrap(text, 13.5, WIDTH - 2 * MARGIN - 8, 3)]
    titles = wrap(wanted["title"], 24, WIDTH - 2 * MARGIN - 8, 2)
    head = 30 + 32 * len(titles) + 20 * len(dates)
    body = sum(LINE * len(rows) + 22 for rows in blocks) - (0 if not blocks else 1)
    foot = 52 if wanted["ending"] else 24
    sheet = Sheet(WIDTH, head + (MARGIN + body + 8 if blocks else 0) + foot, look.ground)
    sheet.box(0, 0, WIDTH, head, look.head)
    y = 20.0
    for line in titles:
        y += 24
        sheet.text(MARGIN + 4, y, line, 24, look.on_head, bold=True)
        y += 8
    for line in dates:
        y += 16
        sheet.text(MARGIN + 4, y, line, 13.5, look.on_head)
        y += 4
    y = head + MARGIN
    if blocks:
        sheet.box(MARGIN, y, WIDTH - 2 * MARGIN, body + 8, look.paper, radius=14)
        _draw_blocks(sheet, y + 4, blocks, look)
    if wanted["ending"]:
        ending = fit(wanted["ending"], 13.5, WIDTH - 2 * MARGIN)
        sheet.text(WIDTH / 2, sheet.height - 22, ending, 13.5, look.soft, align="middle")
    return sheet.png()


def _draw_blocks(sheet: Sheet, top: float, blocks: list[list[Row]], look: Look) -> None:
    y = top
    for number, rows in enumerate(blocks):
        if number:
            sheet.box(MARGIN + PAD, y, _INNER, 1, look.ground)
            y += 1
        y += 10
        for row in rows:
            colour = look.accent if row.heading else look.ink
            sheet.text(MARGIN + PAD + row.indent, y + 18, row.text, SIZE, colour, bold=row.heading)
            y += LINE
        y += 11
