"""Core: a sheet to draw on: boxes, lines of text, a PNG in the end. Measures are those of a small phone's screen."""

from __future__ import annotations

import io
import re

from PIL import Image, ImageDraw

from bot.paint.font import EMOJI, drawable, font, runs

SCALE = 2
"""Pixels for one unit, so that letters are sharp when the picture is opened."""
_EMOJI_SIZE = 0.86
"""Emoji are drawn this much smaller, as high as the characters beside them."""
_WORD = re.compile(r"[A-Za-z0-9_'’.,:;!?%#@&/+\-]+\s*|\s+|.", re.DOTALL)
_CLOSING = "，。、；：？！）》」』”’…％·～!?,.;:)]}"
"""No line begins with these."""


def width_of(text: str, size: float) -> float:
    """How wide the text is when drawn at this size; both in units."""
    return sum(font(name, _pixels(name, size)).getlength(piece) for name, piece in runs(drawable(text))) / SCALE


def fit(text: str, size: float, width: float) -> str:
    """The text on one line of at most `width`, cut with … when longer."""
    line = drawable(" ".join(text.split()))
    if width_of(line, size) <= width:
        return line
    low, high = 0, len(line)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width_of(line[:middle] + "…", size) <= width else (low, middle - 1)
    return line[:low].rstrip() + "…"


def wrap(text: str, size: float, width: float, lines: int = 100) -> list[str]:
    """The text in lines of at most `width`; after `lines` of them it is cut with …."""
    found: list[str] = []
    for paragraph in drawable(text).split("\n"):
        line = ""
        for word in _WORD.findall(paragraph):
            for part in _parts(word, size, width):
                if width_of(line + part.rstrip(), size) > width and line.strip() and part not in _CLOSING:
                    found.append(line.rstrip())
                    line = ""
                line += part if line or part.strip() else ""
        found.append(line.rstrip())
        if len(found) > lines:
            break
    if len(found) > lines:
        return [*found[: lines - 1], fit(found[lines - 1] + "……", size, width)]
    return found


def _parts(word: str, size: float, width: float) -> list[str]:
    """A word longer than the line is broken where it must be."""
    return [word] if width_of(word, size) <= width else list(word)


def _pixels(name: str, size: float) -> int:
    return round(size * SCALE * (_EMOJI_SIZE if name == EMOJI else 1))


class Sheet:
    """A picture under way. Coordinates are in units from the upper left corner, colours are `#rrggbb`."""

    def __init__(self, width: int, height: int, ground: str = "#ffffff") -> None:
        self.width, self.height = width, height
        self._image = Image.new("RGB", (width * SCALE, height * SCALE), ground)
        self._draw = ImageDraw.Draw(self._image)

    def box(self, x: float, y: float, width: float, height: float, colour: str, *, radius: float = 0) -> None:
        corners = (x * SCALE, y * SCALE, (x + width) * SCALE - 1, (y + height) * SCALE - 1)
        self._draw.rounded_rectangle(corners, radius * SCALE, fill=colour)

    def text(
        self, x: float, y: float, text: str, size: float, colour: str, *, bold: bool = False, align: str = "left"
    ) -> None:
        """One line; `y` is the line on which the letters stand. align: where `x` is in it: left, middle, right."""
        line = drawable(text)
        left = x - {"left": 0.0, "middle": 0.5, "right": 1.0}[align] * width_of(line, size)
        at = left * SCALE
        for name, piece in runs(line):
            face = font(name, _pixels(name, size))
            stroke = size * SCALE / 45 if bold else 0
            self._draw.text((at, y * SCALE), piece, colour, font=face, anchor="ls", stroke_width=stroke)
            at += face.getlength(piece)

    def png(self) -> bytes:
        """The finished picture."""
        out = io.BytesIO()
        # A palette is enough for flat colours and a third of the size.
        flat = self._image.quantize(64, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        flat.save(out, "PNG", compress_level=6)
        return out.getvalue()
