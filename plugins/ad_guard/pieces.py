"""Plugin: the short pieces of a text, one to four characters, two and three sounds, each as the number of its place.

A model is one row of small weights with `PLACES` places, whatever pieces there are in the world: the few that come to
the same place share its weight. A place is the same in every process.
"""

from __future__ import annotations

from collections.abc import Iterator

PLACES = (1 << 21) - 9
"""The largest prime below 2^21: remainders by a prime spread evenly, and it is above every code point."""
_BASE = 1_000_003


def places(characters: str, sounds: str) -> set[int]:
    """The places of all pieces."""
    signs, heard = _codes(characters), _codes(sounds)
    pairs = _longer(signs, signs[1:])
    triples = _longer(pairs, signs[2:])
    spoken = _longer(heard, heard[1:])
    return {*signs, *pairs, *triples, *_longer(triples, signs[3:]), *spoken, *_longer(spoken, heard[2:])}


def shortest_places(characters: str) -> list[int]:
    """The places of the single characters and the pairs; what stands there twice comes twice."""
    signs = _codes(characters)
    return signs + _longer(signs, signs[1:])


def place_of(piece: str) -> int:
    """The place of one piece."""
    place = 0
    for sign in piece:
        place = (place * _BASE + ord(sign)) % PLACES
    return place


def written(characters: str, sounds: str) -> Iterator[str]:
    """All pieces as text; what stands there twice comes twice."""
    for text, lengths in ((characters, (1, 2, 3, 4)), (sounds, (2, 3))):
        for length in lengths:
            yield from (text[start : start + length] for start in range(len(text) - length + 1))


def _codes(text: str) -> list[int]:
    return memoryview(text.encode("utf-32-le", "surrogatepass")).cast("I").tolist()


def _longer(pieces: list[int], signs: list[int]) -> list[int]:
    """The places of pieces that are one sign longer: as many as there are signs."""
    return [(piece * _BASE + sign) % PLACES for piece, sign in zip(pieces, signs, strict=False)]
