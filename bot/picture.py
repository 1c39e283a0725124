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
SIDE = 1920
"""Longer pictures are scaled down first: a code that a phone can read survives it, and time stays bounded."""
FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP")


class PictureError(Exception):
    """The file is no picture, broken, or too large to be looked at."""


def qr_codes(path: Path) -> tuple[Signal, ...]:
    """One `qr_code` signal per code, its text as the detail. Raises PictureError.

    Takes 10–100 ms, a picture full of half codes 2 s; call it in a thread.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise PictureError("larger than 20 MB")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=FORMATS) as picture:
                if picture.width * picture.height > MAX_PIXELS:
                    raise PictureError("more than 24 million pixels")
                picture.draft("L", (SIDE, SIDE))
                grey = picture.convert("L")
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise PictureError(f"not a picture: {type(error).__name__}") from error
    grey.thumbnail((SIDE, SIDE))
    found = zxingcpp.read_barcodes(grey, formats=zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode))
    return tuple(Signal("qr_code", clip(code.text, 200), 0.6) for code in found if code.text)
