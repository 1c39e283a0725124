"""Core: the two fonts shipped beside this file, and which of them can draw a character."""

from __future__ import annotations

import struct
import unicodedata
from functools import cache, lru_cache
from itertools import groupby
from pathlib import Path

from PIL import ImageFont

FOLDER = Path(__file__).parent / "fonts"
SANS, EMOJI = "sans.otf", "emoji.ttf"
MISSING = "〓"
"""What printers set where they have no type for a character."""
_DROPPED = {"Cc", "Cf", "Cs", "Mn", "Me", "Co", "Cn"}
"""Marks that change the character before them, direction signs, joiners: drawn alone they are boxes or nothing."""
_TONES = range(0x1F3FB, 0x1F400)
SIZES = 16
"""Heights kept at once: each is 2 MB of this process, a word cloud has one for every word, and opening takes 0.3 ms."""


@cache
def coverage(name: str) -> frozenset[int]:
    """Every character the font has a drawing for."""
    data = (FOLDER / name).read_bytes()
    tables = {data[at : at + 4]: struct.unpack(">II", data[at + 8 : at + 16]) for at in _records(data)}
    start = tables[b"cmap"][0]
    found: set[int] = set()
    for number in range(struct.unpack(">H", data[start + 2 : start + 4])[0]):
        (offset,) = struct.unpack(">I", data[start + 8 + 8 * number : start + 12 + 8 * number])
        at = start + offset
        (form,) = struct.unpack(">H", data[at : at + 2])
        found |= _segments(data, at) if form == 4 else _groups(data, at) if form == 12 else set()
    return frozenset(found)


def _records(data: bytes) -> range:
    (count,) = struct.unpack(">H", data[4:6])
    return range(12, 12 + 16 * count, 16)


def _segments(data: bytes, at: int) -> set[int]:
    """A table of form 4: ends, a gap of two bytes, starts."""
    (doubled,) = struct.unpack(">H", data[at + 6 : at + 8])
    ends = struct.unpack(f">{doubled // 2}H", data[at + 14 : at + 14 + doubled])
    starts = struct.unpack(f">{doubled // 2}H", data[at + 16 + doubled : at + 16 + 2 * doubled])
    return {code for first, last in zip(starts, ends, strict=True) if last != 0xFFFF for code in range(first, last + 1)}


def _groups(data: bytes, at: int) -> set[int]:
    """A table of form 12: runs of first, last, drawing."""
    (count,) = struct.unpack(">I", data[at + 12 : at + 16])
    runs = struct.iter_unpack(">III", data[at + 16 : at + 16 + 12 * count])
    return {code for first, last, _ in runs for code in range(first, last + 1)}


@lru_cache(maxsize=SIZES)
def font(name: str, pixels: int) -> ImageFont.FreeTypeFont:
    """The font at a height. Pillow's plain layout: the other one needs a library of the system."""
    return ImageFont.truetype(FOLDER / name, pixels, layout_engine=ImageFont.Layout.BASIC)


def drawable(text: str) -> str:
    """The text with nothing in it that cannot be drawn: no box ever stands for a character.

    Fancy letters become plain ones; of a family or a flag its parts remain; what no font here has is one 〓 a run.
    """
    drawn: list[str] = []
    for char in text:
        for plain in _plain(char):
            if plain != MISSING or drawn[-1:] != [MISSING]:
                drawn.append(plain)
    return "".join(drawn)


def _plain(char: str) -> str:
    code = ord(char)
    if char == "\n" or (is_known(code) and unicodedata.category(char) not in _DROPPED):
        return "" if code in _TONES else char
    if unicodedata.category(char) in _DROPPED:
        return " " if char in "\t\v\f" else ""
    folded = unicodedata.normalize("NFKC", char)
    return folded if folded != char and all(is_known(ord(part)) for part in folded) else MISSING


def is_known(code: int) -> bool:
    return code in coverage(SANS) or code in coverage(EMOJI)


def runs(text: str) -> list[tuple[str, str]]:
    """The drawable text cut into pieces of one font each: (font, piece)."""
    return [(name, "".join(part)) for name, part in groupby(text, _font_of)]


def _font_of(char: str) -> str:
    code = ord(char)
    # Signs such as ☀ and ❤ are in both: as people send them they are pictures. Digits and letters are not.
    in_sans = code in coverage(SANS)
    return EMOJI if code in coverage(EMOJI) and (not in_sans or 0x2600 <= code <= 0x27BF) else SANS
