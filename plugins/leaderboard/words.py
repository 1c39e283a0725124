"""Plugin: which words a group uses: cut, counted, without those that everybody uses everywhere."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from importlib.resources import files

MOST = 90
_LATIN = re.compile(r"[A-Za-z][A-Za-z+#.-]{1,19}")
_HAN = re.compile(r"[\u3400-\u9fff]{2,8}")
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|@\S+|\[[^\[\]]{1,8}\]|[A-Za-z]*\d[\w-]*")
"""Addresses, names after an @, WeChat's own [emoji], numbers and account names: nobody's words."""
_FEW = 8
"""From so many speakers on, a word that only one of them says is theirs, not the group's."""


def stop_words() -> frozenset[str]:
    """The list beside this file: words that say nothing about what a group talks about."""
    text = files("plugins.leaderboard").joinpath("stop_words.txt").read_text("utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())


def frequent(said: Iterable[tuple[int, str]]) -> list[tuple[str, int]]:
    """The words used most, with how often, from (speaker, text) pairs.

    A word counts once a message, so that nobody types one to the top.
    """
    import rjieba  # its dictionary costs a quarter of a second: only who paints pays

    stop = stop_words()
    times: Counter[str] = Counter()
    speakers: dict[str, set[int]] = {}
    everybody: set[int] = set()
    shown: dict[str, str] = {}
    """Latin words as they were first written."""
    for speaker, text in said:
        everybody.add(speaker)
        for form in set(rjieba.cut(_ADDRESS.sub(" ", text))):
            word = form.lower()
            if word not in stop and (_HAN.fullmatch(word) or _LATIN.fullmatch(word)):
                shown.setdefault(word, form)
                times[word] += 1
                speakers.setdefault(word, set()).add(speaker)
    shared = 2 if len(everybody) >= _FEW else 1
    best = [pair for pair in times.most_common(MOST * 4) if len(speakers[pair[0]]) >= shared]
    return [(shown[word], number) for word, number in best[:MOST]]
