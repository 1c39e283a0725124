"""Plugin: ad_guard, training: which words advertisers write by their sound, and what else sounds the same."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence, Set
from importlib.resources import files

from bot.fold import Folded
from plugins.ad_guard.sound import sounds_of
from plugins.ad_guard.training.rows import Row
from plugins.ad_guard.wording import characters_of

_SPARED = frozenset({"chat", "duty"})
_HIDDEN = frozenset({"contact", "side", "job", "loan", "gamble", "sex", "account", "service", "invest"})
"""What advertisers hide by other characters; two characters of any other trade sound like too much else."""
_LEAST, _TIMES = 20, 10.0


def words(rows: Sequence[Row]) -> str:
    """`heard.txt`: words of `trades.txt` and what ads say much oftener than others, with their ordinary homophones."""
    ads, others = Counter[str](), Counter[str]()
    for row in rows:
        counted = ads if row.ad else others
        counted.update(set(_pieces(characters_of(Folded(row.text[:400]).plain))))
    scale = sum(not row.ad for row in rows) / max(1, sum(row.ad for row in rows))
    chosen = _listed() | {
        piece
        for piece, count in ads.items()
        if count >= _LEAST and count * scale >= _TIMES * (others[piece] + 1) and len(set(piece)) > 1
    }
    by_sound: dict[str, str] = {}
    for word in sorted(chosen, key=lambda word: (-ads[word], word)):
        by_sound.setdefault(sounds_of(word), word)
    same: dict[str, list[str]] = {sound: [] for sound in by_sound}
    for piece, count in others.items():
        sound = sounds_of(piece)
        if count >= (2 if len(piece) == 2 else 3) and sound in same and piece != by_sound[sound]:
            same[sound].append(piece)
    for piece, count in ads.items():
        sound = sounds_of(piece)
        if sound in same and piece != by_sound[sound] and count >= 8 and others[piece] < 3:
            same[sound].append(piece)
    hidden = _listed(_HIDDEN)
    lines = [
        " ".join([word if len(word) > 2 or word in hidden else f"~{word}", *sorted(same[sound])])
        for sound, word in by_sound.items()
    ]
    return "# Words of trade, and what else is written with the same sound.\n" + "\n".join(sorted(lines)) + "\n"


def _listed(families: Set[str] = frozenset()) -> set[str]:
    """The words of these families of `trades.txt`; of all trades if none is named."""
    lines = files("plugins.ad_guard").joinpath("trades.txt").read_text("utf-8").splitlines()
    found = (line.split() for line in lines if not line.startswith("#"))
    return {
        word
        for family, *written in found
        if (family in families if families else family not in _SPARED)
        for word in written
    }


def _pieces(characters: str) -> list[str]:
    return [
        piece
        for length in (2, 3, 4)
        for at in range(len(characters) - length + 1)
        if len(sounds_of(piece := characters[at : at + length])) == length and piece.isalpha() and not piece.isascii()
    ]
