"""Plugin: regular expressions written as lists of words."""

from __future__ import annotations


def one_of(pieces: str) -> str:
    """A group that matches any of the pieces, which stand with spaces between them, the first that fits."""
    return f"(?:{'|'.join(pieces.split())})"
