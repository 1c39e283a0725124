"""Plugin: words of trade that are written by their sound (兼值, jianzhi, jz) and the characters that are meant.

`heard.txt` has a word a line, then what else is written with the same sound and means something else. It is made by
`plugins.ad_guard.training`. A form that ordinary people write stays as it is. A word
after ~ is read from pinyin alone: its characters sound like too much else.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files
from operator import add

from bot.fold import Folded
from plugins.ad_guard.sound import LATIN, sounds_in_place, sounds_of
from plugins.ad_guard.wording import characters_of

_RUN = re.compile("[a-z]+|[^a-z]+")
_HAS_LATIN = re.compile("[a-z+]")
_LONGEST, _SHORT = 4, 4


class Heard:
    """The words and their sounds."""

    __slots__ = ("_keys", "_others", "_spelled", "_words")

    def __init__(self, text: str) -> None:
        self._words: dict[str, str] = {}
        spelled: set[str] = set()
        self._others: dict[str, frozenset[str]] = {}
        for line in text.splitlines():
            if line and not line.startswith("#"):
                written, *others = line.split()
                word = written.lstrip("~")
                if word != written:
                    spelled.add(word)
                self._words[sounds_of(word)] = word
                self._others[word] = frozenset(others)
        self._spelled = frozenset(spelled)
        self._keys = frozenset(sounds[:2] for sounds in self._words)

    def characters_of(self, text: Folded) -> str:
        """A text as the model reads it, the words that are written by their sound as they are meant."""
        characters = characters_of(text.plain)
        return self.meant(characters) if isinstance(text, Reread) else characters

    def meant(self, characters: str) -> str:
        """The characters, with the words that are written by their sound as they are meant."""
        return "".join(self._read(characters)[0])

    def reread(self, text: Folded) -> Folded:
        """A text whose tight view has these words as they are meant; the text itself where there are none."""
        written, places = self._read(text.tight)
        # What is not changed is given back as it is: most texts.
        unchanged = written is text.tight or "".join(written) == text.tight
        return text if unchanged else Reread(text, written, places)

    def _read(self, characters: str) -> tuple[Sequence[str], Sequence[tuple[int, int]]]:
        """What is meant, syllable by syllable, and from where to where each stands."""
        if LATIN.search(characters) is None:
            sounds = sounds_in_place(characters)
            starts = self._starts(sounds)
            if not starts:
                return characters, ()
            written = list(characters)
            places = [(place, place + 1) for place in range(len(written))]
        else:
            sounds, written, places = _syllables(characters)
            starts = self._starts(sounds)
        after = 0
        for at in starts:
            if at >= after:
                after = at + self._word(sounds, written, places, characters, at)
        return written, places

    def _starts(self, sounds: str) -> list[int]:
        """Where a word may begin."""
        keys = self._keys
        if keys.isdisjoint(map(add, sounds, sounds[1:])):
            return []
        return [at for at, pair in enumerate(map(add, sounds, sounds[1:])) if pair in keys]

    def _word(
        self, sounds: str, written: list[str], places: Sequence[tuple[int, int]], characters: str, at: int
    ) -> int:
        """Write the longest word heard at a place as it is meant; the number of its syllables, 1 if there is none."""
        for length in range(min(_LONGEST, len(sounds) - at), 1, -1):
            word = self._words.get(sounds[at : at + length])
            if word is None:
                continue
            found = "".join(written[at : at + length])
            stands = characters[places[at][0] : places[at + length - 1][1]]
            if found != word and word in self._spelled and not _HAS_LATIN.search(stands):
                continue
            if found != word and found not in self._others[word]:
                for place in range(at, at + length):
                    start, end = places[place]
                    if characters[start:end].isascii():
                        _break_up(written, places, place)
                    written[place] = word[place - at]
            return length
        return 1


class Reread(Folded):
    """A text whose tight view is what was meant; places still lead back to the original."""

    __slots__ = ("_of", "_places", "changed")

    def __init__(self, text: Folded, written: Sequence[str], places: Sequence[tuple[int, int]]) -> None:
        # Nothing is folded again: what is not read here is asked of the text itself.
        self.original, self.plain = text.original, text.plain
        self._of = text
        self._places = [place for sign, place in zip(written, places, strict=True) for _ in sign]
        self.tight = "".join(written)
        self.changed = sum(
            sign != "" and sign != text.tight[start:end] for sign, (start, end) in zip(written, places, strict=True)
        )
        """How many characters are read otherwise than they are written."""

    def span(self, start: int, end: int, *, tight: bool = True) -> tuple[int, int]:
        """As of any text; a word in pinyin is one place."""
        if not tight:
            return self._of.span(start, end, tight=False)
        return self._of.span(self._places[start][0], self._places[end - 1][1])

    def letters_before(self, place: int) -> int:
        """As of any text."""
        return self._of.letters_before(place)

    @property
    def apart(self) -> int:
        """As of any text."""
        return self._of.apart

    @property
    def as_written(self) -> Folded:
        """The text without its words by sound."""
        return self._of

    def is_other(self, start: int, end: int) -> bool:
        """Whether this part of the tight view is not what is written there."""
        return self._of.tight[self._places[start][0] : self._places[end - 1][1]] != self.tight[start:end]


def _syllables(characters: str) -> tuple[str, list[str], list[tuple[int, int]]]:
    """One sound, what is written for it, and from where to where that stands.

    What has no sound is a gap. A Latin word stands whole at its first syllable.
    """
    all_sounds: list[str] = []
    written: list[str] = []
    places: list[tuple[int, int]] = []
    for found in _RUN.finditer(characters):
        run, (start, end) = found[0], found.span()
        if not _is_word(run):
            all_sounds.append(sounds_in_place(run))
            written += run
            places += zip(range(start, end), range(start + 1, end + 1), strict=True)
            continue
        sounds = " " if _is_of_an_account(characters, start, end) else sounds_of(run) or " "
        all_sounds.append(sounds)
        written += [run, *[""] * (len(sounds) - 1)]
        places += [(start, end)] * len(sounds)
    return "".join(all_sounds), written, places


def _is_word(run: str) -> bool:
    return "a" <= run[0] <= "z"


def _is_of_an_account(characters: str, start: int, end: int) -> bool:
    """Whether these are the few letters of an account (jz6688), no word."""
    if end - start > _SHORT:
        return False
    return characters[max(start - 1, 0) : start].isdigit() or characters[end : end + 1].isdigit()


def _break_up(written: list[str], places: Sequence[tuple[int, int]], place: int) -> None:
    """Drop the letters of a Latin word of which a part is read; parts that were read already stay."""
    first = place
    while first and places[first - 1] == places[place]:
        first -= 1
    if written[first].isascii():
        written[first] = ""


@lru_cache(maxsize=1)
def heard() -> Heard:
    """The shipped words, read once."""
    return Heard(files("plugins.ad_guard").joinpath("heard.txt").read_text("utf-8"))
