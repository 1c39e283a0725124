"""Plugin: ad_guard, training: labelled rows and seeds as one list, and what is added: other words, and disguises."""

from __future__ import annotations

import hashlib
import lzma
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from random import Random

from plugins.ad_guard.training.disguise import KINDS, NEVER_BY_CHANCE, SPARED, good_words
from plugins.ad_guard.training.seeds import grown, names
from plugins.ad_guard.training.substitute import dictionary

SEED = 20240601
SEED_TIMES = 4
SEED_WEIGHT, ORDINARY_WEIGHT = 36.0, 30.0
AGAINST, AGAINST_SHARE = ("hidden", "counter", "market", "circle", "daily"), 0.15
"""Files written against an earlier model, sentence by sentence where it was wrong: hard cases, few of them in life.
With their full weight the usual ones are recognised less well."""

VARIED, VARIED_WEIGHT = 3, 0.5
"""So many copies of every seed, and of a labelled row a share of them, are about other things; each counts half."""
VARIED_AD, VARIED_ORDINARY = 0.3, 0.5
"""The share of words that are others: an ad must stay one."""
LABELLED_SHARE = 0.2
DISGUISED_EVERY = 2
"""Of so many rows with other words one is disguised as well."""
NONSENSE = 20_000
"""Rows of mere words, common ones oftener: a word is no sign of an ad because few ordinary rows have it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One text: an ad or not, where it is from, how much it counts, how it was disguised (kinds joined by +)."""

    ad: bool
    source: str
    text: str
    weight: float = 1.0
    kind: str = ""

    @property
    def by_hand(self) -> bool:
        """Whether it is a reading of one of the project's own sentences."""
        return self.source.startswith("seed")


def _mislabelled() -> frozenset[str]:
    return frozenset(files("plugins.ad_guard.training").joinpath("mislabelled.txt").read_text("utf-8").split("\n")[1:])


def labelled(folder: Path) -> Iterator[Row]:
    """The rows of every `*.tsv.xz` and `*.tsv` of a folder: label, source, text; without those known to be wrong."""
    wrong = _mislabelled()
    for path in sorted((*folder.glob("*.tsv.xz"), *folder.glob("*.tsv"))):
        data = lzma.decompress(path.read_bytes()) if path.suffix == ".xz" else path.read_bytes()
        for line in data.decode("utf-8").split("\n"):
            label, _, rest = line.partition("\t")
            source, _, text = rest.partition("\t")
            if text and label in ("ad", "ok") and _hash(text) not in wrong:
                yield Row(label == "ad", source, text.replace("\\n", "\n"))


def _hash(text: str) -> str:
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def seeds() -> Iterator[Row]:
    """The hand-written sentences, each in several readings that count the same together."""
    for name in names():
        for texts in grown(name, SEED_TIMES, SEED):
            ad = name.startswith("ads")
            weight = (SEED_WEIGHT if ad else ORDINARY_WEIGHT) / max(len(texts), 3)
            if name.removesuffix(".tsv").endswith(AGAINST):
                weight *= AGAINST_SHARE
            for text in texts:
                yield Row(ad, f"seed_{name[:-4]}", text, weight)


def added(plain: list[Row]) -> list[Row]:
    """All that is learned beside the rows themselves."""
    other = varied(plain)
    return [*other, *disguised(plain), *disguised(other[::DISGUISED_EVERY])]


def varied(rows: list[Row]) -> list[Row]:
    """More rows: the same with other words in it, of both kinds alike, and mere words."""
    random, words = Random(SEED), dictionary()
    found: list[Row] = []
    for row in rows:
        for _ in range(VARIED):
            if row.by_hand or random.random() < LABELLED_SHARE:
                text = words.substituted(row.text, VARIED_AD if row.ad else VARIED_ORDINARY, random)
                if text != row.text:
                    found.append(Row(row.ad, row.source, text, row.weight * VARIED_WEIGHT, "words"))
    return found + [Row(False, "dictionary", words.nonsense(random), 1.0, "words") for _ in range(NONSENSE)]


def disguised(rows: list[Row], without: frozenset[str] = frozenset()) -> list[Row]:
    """More rows: ads in every disguise, ordinary rows in what ordinary people do too, and some in the rest."""
    random = Random(SEED)
    kinds = [kind for kind in KINDS if kind not in without]
    spared = [kind for kind in SPARED if kind not in without]
    mistyped = [kind for kind in kinds if kind not in NEVER_BY_CHANCE]
    ordinary = [row.text for row in rows if not row.ad and 8 <= len(row.text) <= 120]
    found: list[Row] = []
    for row in rows:
        for _ in range((2 if row.by_hand else 1) if row.ad else random.random() < (0.35 if row.by_hand else 0.12)):
            if row.ad or random.random() < 0.4:
                chosen = random.sample(kinds if row.ad else mistyped, random.choice((1, 1, 2, 3)))
            else:
                chosen = random.sample(spared, 1)
            text = row.text
            for kind in chosen:
                text = KINDS[kind](text, random)
            weight = row.weight * (0.5 if row.ad else 1.0)
            found.append(Row(row.ad, row.source, text, weight, "+".join(chosen)))
        if row.ad and "good_words" not in without and random.random() < (0.5 if row.by_hand else 0.3):
            text = good_words(row.text, random.choice(ordinary), random)
            found.append(Row(True, row.source, text, row.weight * 0.5, "good_words"))
    return found
