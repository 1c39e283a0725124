"""Plugin: near-copies: a 64-bit sketch of a text or picture, and a shelf on which nearly the same is found again. Pure.

The sketch of a text is a simhash over the pairs of its tight view (`bot.fold`), that of a picture its difference
hash. Near sketches only propose; of texts the pairs themselves decide.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from operator import add
from typing import Generic, TypeVar

from bot.fold import fold, tighten

BITS = 64
MOST_BITS = 18
"""So many bits of two sketches may differ in near-copies of a text; the pairs are compared then."""
BLIND_BITS = 8
"""So many may differ where only sketches are known: pictures, and texts from before a restart."""
PICTURE_BITS = 6
_SAMPLED = 1000
"""Of a text with more pairs than this, about so many are sketched, chosen by what they are, not where."""
_ONES = sum(1 << 16 * lane for lane in range(BITS))
_TOPS = _ONES << 15
_BYTES = tuple(sum((byte >> bit & 1) << 16 * bit for bit in range(8)) for byte in range(256))
_DIGITS = bytes(49 if byte else 48 for byte in range(256))

T = TypeVar("T")


@lru_cache(maxsize=16_384)
def _spread(pair: str) -> int:
    """The hash of a pair with each bit in a lane of its own, so that adding numbers counts bits."""
    digest = blake2b(pair.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return sum(_BYTES[byte] << 128 * place for place, byte in enumerate(digest))


def simhash(tight: str) -> int:
    """64 bits, of which few differ between texts that share most of their pairs of characters."""
    pairs: Iterator[str] = map(add, tight, tight[1:])
    count = len(tight) - 1
    if count > _SAMPLED:
        share = count // _SAMPLED + 1
        chosen = [pair for pair in pairs if (ord(pair[0]) * 31 + ord(pair[1])) % share == 0]
        pairs, count = iter(chosen), len(chosen)
    if count < 1:
        return 0
    lanes = sum(map(_spread, pairs)) + _ONES * (0x7FFF - count // 2)
    return int((lanes & _TOPS).to_bytes(128, "little")[1::2].translate(_DIGITS), 2)


def distance(one: int, other: int) -> int:
    """How many bits differ."""
    return (one ^ other).bit_count()


def likeness(one: str, other: str) -> float:
    """How much two tight texts share, 0 to 1: twice the common pairs among all pairs (Dice)."""
    if one == other:
        return 1.0
    pairs, others = Counter(map(add, one, one[1:])), Counter(map(add, other, other[1:]))
    total = pairs.total() + others.total()
    return 2 * (pairs & others).total() / total if total else 0.0


@dataclass(frozen=True, slots=True)
class Sketch:
    """What is compared of a message. text: its tight view, empty for a picture and where it is not known any more."""

    bits: int
    text: str = ""
    picture: bool = False

    def like(self, other: Sketch) -> float:
        """0 to 1; above `NEAR` they are near-copies."""
        apart = distance(self.bits, other.bits)
        if self.picture is not other.picture or apart > MOST_BITS:
            return 0.0
        if self.text and other.text:
            return likeness(self.text, other.text)
        return 1.0 - apart / BITS if apart <= (PICTURE_BITS if self.picture else BLIND_BITS) else 0.0


NEAR = 0.75
"""From here on two texts are nearly the same."""
VERY_NEAR = 0.85


def sketch_text(text: str, shortest: int) -> Sketch | None:
    """The sketch of a text, None when folding leaves fewer than `shortest` characters."""
    tight = tighten(fold(text[:8000]))
    return Sketch(simhash(tight), tight) if len(tight) >= shortest else None


def sketch_picture(digits: str) -> Sketch:
    """From the 16 hexadecimal digits that enrichment found."""
    return Sketch(int(digits, 16), picture=True)


class Shelf(Generic[T]):
    """Things by the sketch of their text or picture; finds the nearest. Bounded: the one unused longest gives way."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._things: OrderedDict[Sketch, T] = OrderedDict()
        self._bands: dict[int, dict[Sketch, None]] = {}

    def __len__(self) -> int:
        return len(self._things)

    def get(self, sketch: Sketch, at_least: float = NEAR) -> tuple[T, float] | None:
        """The thing whose sketch is most like this one, and how like; None when nothing is near."""
        same = self._things.get(sketch)
        if same is not None:
            self._things.move_to_end(sketch)
            return same, 1.0
        best: Sketch | None = None
        best_likeness = at_least
        bits = sketch.bits
        for band in _bands(sketch):
            for other in self._bands.get(band, ()):
                if (other.bits ^ bits).bit_count() <= MOST_BITS and (like := other.like(sketch)) >= best_likeness:
                    best, best_likeness = other, like
        if best is None:
            return None
        self._things.move_to_end(best)
        return self._things[best], best_likeness

    def put(self, sketch: Sketch, thing: T) -> None:
        """Keep a thing; what had exactly this sketch gives way."""
        self._things[sketch] = thing
        self._things.move_to_end(sketch)
        for band in _bands(sketch):
            self._bands.setdefault(band, {})[sketch] = None
        while len(self._things) > self._limit:
            self.drop(next(iter(self._things)))

    def drop(self, sketch: Sketch) -> None:
        if self._things.pop(sketch, None) is None:
            return
        for band in _bands(sketch):
            shelf = self._bands[band]
            shelf.pop(sketch, None)
            if not shelf:
                del self._bands[band]


def _bands(sketch: Sketch) -> list[int]:
    """Sixteen parts of eight bits, each with its place; near sketches share at least one.

    Eight are the rows of the bits laid out in a square, eight its columns.
    """
    rows = sketch.bits.to_bytes(8, "big")
    columns = _turned(sketch.bits).to_bytes(8, "big")
    return [place << 8 | byte for place, byte in enumerate(rows + columns)]


def _turned(bits: int) -> int:
    """The square of 8 by 8 bits with rows and columns exchanged."""
    for step, mask in ((7, 0x00AA00AA00AA00AA), (14, 0x0000CCCC0000CCCC), (28, 0x00000000F0F0F0F0)):
        swapped = (bits ^ bits >> step) & mask
        bits ^= swapped ^ swapped << step
    return bits
