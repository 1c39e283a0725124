"""Core: text as it was meant: width, case, script, look-alikes and hidden characters folded away, positions kept.

Two views of one text: `plain` keeps spaces and punctuation (for addresses and ids), `tight` keeps only
letters, digits and 汉字 (for words that somebody pulled apart with symbols).
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from importlib.resources import files

from bot.letter import FILLERS, LETTER_SIGNS, LETTERS, PICTURES, WORDLESS

LONGEST = 1500
"""Characters of a text that are looked at unless one asks for more: once runs in it are short, three quarters from its
head, the rest from its tail."""

_SIGNS = re.compile(f"[\\W_{FILLERS}]{{4,}}")
_LETTER_SIGN = re.compile(f"[{LETTER_SIGNS}]")
_REPEATED = re.compile(r"((.)\2{11})\2+", re.DOTALL)
"""What pads a text: a run of signs that are no letters, the same letter a dozen times and more."""

_PICTURE = "".join(PICTURES)
_BETWEEN = re.compile(f"([{_PICTURE}])\ufe0f?(?:[^{_PICTURE}]{{1,2}}\\1\ufe0f?){{2,}}")
"""One picture behind every character or two (兼💰职💰招💰人): it only stands between them."""
_NOT_TIGHT = re.compile(r"[^0-9a-z+√\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]+")


def _parts() -> dict[str, str]:
    """`fold_parts.txt`: what a character looks like that somebody took apart (亻言), and the character."""
    lines = files("bot").joinpath("fold_parts.txt").read_text("utf-8").splitlines()
    written = (line.split() for line in lines if not line.startswith("#"))
    return {parts: whole for whole, *ways in written for parts in ways}


_WHOLE = _parts()
_APART = re.compile(
    f"[{''.join(sorted({parts[0] for parts in _WHOLE}))}](?=[{''.join(sorted({parts[1] for parts in _WHOLE}))}])"
)


def fold(text: str) -> str:
    """The plain view: lower case, half width, simplified; hidden characters gone, emoji a space or a word."""
    return text.translate(LETTERS)


def tighten(plain: str) -> str:
    """The tight view of a plain one: only letters, digits, 汉字, kana, + and √; 汉字 in parts put together."""
    return put_together(_NOT_TIGHT.sub("", plain))


def _apart(text: str) -> list[tuple[int, int]]:
    """Where in a tight view one character stands in parts: start, end."""
    found: list[tuple[int, int]] = []
    after = 0
    for match in _APART.finditer(text):
        start = match.start()
        if start >= after:
            after = next(
                (start + n for n in (3, 2) if text[start : start + n] in _WHOLE and start + n <= len(text)), after
            )
            if after > start:
                found.append((start, after))
    return found


def squeezed(text: str) -> str:
    """A text whose runs of signs are short: three of them, or those that stand for a letter; of one letter twelve."""
    return _REPEATED.sub(r"\1", _SIGNS.sub(_shrunk, text))


def _shrunk(run: re.Match[str]) -> str:
    return "".join(_LETTER_SIGN.findall(run[0])) or run[0][:3]


def put_together(text: str) -> str:
    """A text without symbols, its 汉字 in parts (亻言) made whole."""
    found = _apart(text)
    if not found:
        return text
    pieces: list[str] = []
    after = 0
    for start, end in found:
        pieces += (text[after:start], _WHOLE[text[start:end]])
        after = end
    return "".join(pieces) + text[after:]


def fingerprint(text: str) -> str:
    """The same for two texts that differ only in what folding takes away; empty for a text of symbols alone."""
    tight = tighten(fold(text))
    return hashlib.blake2b(tight.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest() if tight else ""


class Folded:
    """A text with both views; `original` is what was looked at of it: all, unless it is longer than `longest`."""

    __slots__ = ("_at_plain", "_at_tight", "_loose", "_table", "original", "plain", "tight")

    def __init__(self, text: str, longest: int = LONGEST) -> None:
        if len(text) > longest:
            text = squeezed(text)
        if len(text) > longest:
            text = text[: longest * 3 // 4] + "\n" + text[-longest // 4 + 1 :]
        self.original = text
        self._table = LETTERS if _BETWEEN.search(text) is None else WORDLESS
        self.plain = text.translate(self._table)
        self._loose = _NOT_TIGHT.sub("", self.plain)
        self.tight = put_together(self._loose)
        self._at_plain: list[int] | None = None
        self._at_tight: list[tuple[int, int]] | None = None

    @property
    def apart(self) -> int:
        """How many characters stood in parts (亻言)."""
        return len(_apart(self._loose)) if self.tight != self._loose else 0

    def span(self, start: int, end: int, *, tight: bool = True) -> tuple[int, int]:
        """Where in the original the part of a view between two positions stood (`start` < `end`)."""
        if tight:
            within = self._tight_positions()
            return within[start][0], within[end - 1][1] + 1
        where = self._plain_positions()
        return where[start], where[end - 1] + 1

    def letters_before(self, place: int) -> int:
        """How many signs of the tight view (as it is written) stand before a place of the original."""
        return bisect_left(self._tight_positions(), (place, 0))

    def _plain_positions(self) -> list[int]:
        if self._at_plain is None:
            self._at_plain = [i for i, c in enumerate(self.original) for _ in self._table[ord(c)]]
        return self._at_plain

    def _tight_positions(self) -> list[tuple[int, int]]:
        """First and last place in the original of each character; one that stood in parts has several."""
        if self._at_tight is None:
            plain = self._plain_positions()
            kept = [plain[i] for i, c in enumerate(self.plain) if not _NOT_TIGHT.match(c)]
            places = [(place, place) for place in kept]
            if self.tight != self._loose:
                for start, end in reversed(_apart(self._loose)):
                    places[start:end] = [(kept[start], kept[end - 1])]
            self._at_tight = places
        return self._at_tight
