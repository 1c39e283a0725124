"""Core: QR codes in pictures that strangers send; the size is checked before anything is decoded."""

from __future__ import annotations

import warnings
from pathlib import Path

import zxingcpp
from PIL import Image, UnidentifiedImageError

from bot.model import Signal
from bot.text import clip

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 24_000_000
"""A phone's largest photo has about 12 million; more is a decompression bomb or no chat picture."""
SIDE = 1280
"""Longer pictures are scaled down first: a code that a phone can read survives it, and the worst takes 0.2 s."""
TALL = 2.5
"""A picture so many times longer than wide is looked at in parts, each nearly square."""
PARTS = 4
PART_SIDE = 1024
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP")
_BROKEN = (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError)


class PictureError(Exception):
    """The file is no picture, broken, or too large to be looked at."""


SHOWN_BYTES = 5 * 1024 * 1024
"""Of a picture that the bot sends; larger ones are slow on a phone."""


def find_picture(folder: Path, name: str) -> Path:
    """The picture of that name in the folder. Raises PictureError with a Chinese sentence when there is none."""
    path = folder / name
    if name != path.name or name.startswith("."):
        raise PictureError(f"“{name[:40]}”应是一个文件名，如 welcome.png，不带目录 (a plain file name)")
    if not path.is_file():
        raise PictureError(f"没有“{name[:40]}”这张图片，请先把它放进数据目录的 files 文件夹 (no such picture)")
    if path.stat().st_size > SHOWN_BYTES:
        raise PictureError(f"“{name[:40]}”超过 5 MB，手机上打开太慢，请换一张小的 (larger than 5 MB)")
    try:
        with Image.open(path, formats=FORMATS):
            return path
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise PictureError(f"“{name[:40]}”不是图片，请用 png 或 jpg (not a picture)") from error


def see(path: Path) -> tuple[Signal, ...]:
    """What a picture shows: a `qr_code` signal per code, its text as the detail, and its `picture_hash`.

    Raises PictureError. Takes 10–100 ms, a picture full of half codes 0.3 s; call it in a thread.
    """
    grey = _open(path)
    looks = difference_hash(grey)
    return (*_codes(grey), *([Signal("picture_hash", looks, 0.0)] if looks else []))


def qr_codes(path: Path) -> tuple[Signal, ...]:
    """The `qr_code` signals alone. Raises PictureError."""
    return _codes(_open(path))


def open_small(path: Path, width: int) -> Image.Image:
    """The picture in colour, at most so wide and four times as high, for reading its text. Raises PictureError."""
    return _open(path, "RGB", (width, 4 * width), whole=True)


def _open(path: Path, mode: str = "L", draft: tuple[int, int] = (SIDE, SIDE), *, whole: bool = False) -> Image.Image:
    """The picture in grey (or colour), decoded only if its size is that of a chat picture."""
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PictureError("larger than 20 MB")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise PictureError("more than 24 million pixels")
                if whole or max(picture.size) < TALL * min(picture.size):
                    picture.draft(mode, draft)
                found = picture.convert(mode)
                if whole:
                    found.thumbnail(draft)
                return found
    except _BROKEN as error:
        raise PictureError(f"not a picture: {type(error).__name__}") from error


def _codes(grey: Image.Image) -> tuple[Signal, ...]:
    found: dict[str, None] = {}
    for part in _parts(grey):
        read = zxingcpp.read_barcodes(part, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
        found |= dict.fromkeys(code.text for code in read if code.text)
    return tuple(Signal("qr_code", clip(text, 200), 0.6) for text in found)


def _parts(grey: Image.Image) -> list[Image.Image]:
    """The picture small enough to be searched; a very long one in overlapping parts."""
    width, height = grey.size
    long, short = max(width, height), min(width, height)
    if long < TALL * short:
        grey.thumbnail((SIDE, SIDE))
        return [grey]
    length = max(2 * short, -(-long * 5 // (PARTS * 4)))
    starts = sorted({round(i * (long - length) / (PARTS - 1)) for i in range(PARTS)}) if long > length else [0]
    parts = []
    for start in starts:
        box = (0, start, width, start + length) if height > width else (start, 0, start + length, height)
        part = grey.crop(box)
        part.thumbnail((PART_SIDE, PART_SIDE))
        parts.append(part)
    return parts


def difference_hash(grey: Image.Image) -> str:
    """16 hexadecimal digits, of which few bits change when a picture is scaled or saved anew; empty for a plain one."""
    small = grey.resize((9, 8), Image.Resampling.BOX).tobytes()
    bits = 0
    for row in range(8):
        for column in range(8):
            at = row * 9 + column
            bits = bits << 1 | (small[at] > small[at + 1] + 1)
    return f"{bits:016x}" if 6 <= bits.bit_count() <= 58 else ""
