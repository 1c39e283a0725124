"""Plugin: ad_guard, training: rows to numbers, numbers to weights, weights to a small file."""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.linear_model import LogisticRegression

from bot.fold import Folded
from plugins.ad_guard.evidence import extenuations, offences
from plugins.ad_guard.heard import heard
from plugins.ad_guard.message import JudgeContext
from plugins.ad_guard.trade import trades
from plugins.ad_guard.training.rows import SEED, Row
from plugins.ad_guard.traits import traits
from plugins.ad_guard.wording import LEAST, pieces, pieces_of, streams, windows

RAREST = 4
"""Pieces in fewer spans than this are not learned."""
KEPT = 200_000
STRENGTH = 1.5
RARITY, SCALE = 0.25, 3.8
"""How much a rare piece counts above a common one: the power of its inverse frequency."""
MASKED, MASK = 0.5, "\uf8ff"
"""Half the ads (and a quarter of the rest) are learned once more with characters hidden, so that sounds bear weight."""
_CONTEXT = JudgeContext()


@dataclass(frozen=True, slots=True)
class Table:
    """Rows as numbers: one line a span; `row` says which row a span is of, `first` whether it is its first.

    `masked` lines are there to be learned from, not to be scored.
    """

    matrix: Any
    row: Any
    first: Any
    masked: Any
    pieces: list[str]
    rarity: Any
    traits: list[str]


class _Lines:
    """A sparse matrix while it grows: line by line, columns numbered as their names are met."""

    def __init__(self) -> None:
        self.numbers: dict[str, int] = {}
        self._columns, self._values, self._ends = array("i"), array("f"), array("q", [0])

    def add(self, names: Iterable[str], values: Iterable[float]) -> None:
        numbers = self.numbers
        self._columns.extend([numbers.setdefault(name, len(numbers)) for name in names])
        self._values.extend(values)
        self._ends.append(len(self._columns))

    def matrix(self) -> Any:
        parts = (np.frombuffer(self._values, np.float32), np.frombuffer(self._columns, np.int32))
        ends = np.frombuffer(self._ends, np.int64)
        return sparse.csr_matrix((*parts, ends), shape=(len(ends) - 1, len(self.numbers)))


def tabulate(rows: Sequence[Row], learned: int) -> Table:
    """Number every row; pieces and traits are those of the first `learned` ones."""
    words, shapes, row_of, masked = _Lines(), _Lines(), array("i"), array("b")
    random = Random(SEED)
    for number, row in enumerate(rows):
        text = heard().reread(Folded(row.text))
        characters = heard().characters_of(text)
        shape = traits([*offences(text, _CONTEXT), *extenuations(text)], text)
        spans = windows(characters)
        variants = [pieces(span) for span in spans]
        if not row.kind and random.random() < (MASKED if row.ad else MASKED / 2):
            variants.append(_masked(spans[0], random))
        for place, found in enumerate(variants):
            value = 1 / math.sqrt(len(found) + LEAST)
            # Sorted, so that the numbers are the same in every process.
            known = sorted(piece for piece in found if MASK not in piece)
            words.add(known, [value] * len(known))
            described = sorted((shape | trades(found)).items())
            shapes.add((name for name, _ in described), (value for _, value in described))
            row_of.append(number)
            masked.append(place >= len(spans))
    of = np.frombuffer(row_of, np.int32)
    counted, names, rarity = _common(words, of < learned)
    matrix = sparse.hstack([counted @ sparse.diags(rarity), shapes.matrix()], format="csr", dtype=np.float32)
    first = np.r_[True, of[1:] != of[:-1]]
    return Table(matrix, of, first, np.frombuffer(masked, np.int8) > 0, names, rarity, list(shapes.numbers))


def _masked(span: str, random: Random) -> set[str]:
    """The pieces of a span some or all of whose characters cannot be read, only heard."""
    written, sounds = streams(span)
    share = random.choice((0.3, 0.6, 1.0))
    hidden = (MASK if "\u3400" <= c <= "\u9fff" and random.random() < share else c for c in written)
    return pieces_of("".join(hidden), sounds)


def _common(words: _Lines, learned: Any) -> tuple[Any, list[str], Any]:
    """The columns of pieces met often enough, their names in order, and how rare they are."""
    matrix = words.matrix()
    seen = matrix[learned].getnnz(axis=0)
    names = np.array(list(words.numbers), dtype=object)
    kept = np.flatnonzero(seen >= RAREST)
    kept = kept[np.argsort(names[kept], kind="stable")]
    rarity = ((np.log(learned.sum() / seen[kept]) + 1) ** RARITY * SCALE).astype(np.float32)
    return matrix[:, kept], list(names[kept]), rarity


def fit(table: Table, rows: Sequence[Row], chosen: Any, columns: Any = None) -> tuple[Any, float]:
    """Weights and bias from the chosen rows. Of an ad only the first span counts: the rest may be good words."""
    ad = np.array([row.ad for row in rows])
    weight = np.array([row.weight for row in rows])
    lines = chosen[table.row] & (table.first | table.masked | ~ad[table.row])
    weight = weight[table.row] * np.where(table.masked, 0.5, 1.0)
    matrix = table.matrix[lines]
    if columns is not None:
        matrix = matrix @ sparse.diags(columns.astype(np.float32))
    machine = LogisticRegression(C=STRENGTH, solver="liblinear", tol=2e-3, max_iter=60, random_state=0)
    machine.fit(matrix, ad[table.row][lines], sample_weight=weight[lines])
    return machine.coef_[0], float(machine.intercept_[0])


def scores(table: Table, weights: Any, bias: float, count: int) -> Any:
    """The highest sum of any span of each row."""
    found = np.full(count, -99.0)
    np.maximum.at(found, table.row, np.where(table.masked, -99.0, table.matrix @ weights + bias))
    return found


def heaviest(table: Table, weights: Any, keep: int) -> Any:
    """Which columns stay: all traits, and the pieces that move scores most."""
    count = len(table.pieces)
    moved = np.abs(weights[:count]) * np.sqrt(np.asarray(table.matrix[:, :count].power(2).sum(axis=0)).ravel())
    kept = np.zeros(len(weights), dtype=bool)
    kept[count:] = True
    kept[np.argsort(-moved, kind="stable")[:keep]] = True
    return kept & (weights != 0)


def write(table: Table, weights: Any, bias: float, limits: tuple[float, float], made: str) -> str:
    """The model file: facts as JSON in the first line, then `weight <tab> pieces` for each of 255 weights."""
    count = len(table.pieces)
    plain = weights[:count] * table.rarity
    step = float(np.quantile(np.abs(plain[plain != 0]), 0.9995)) / 127
    steps = np.clip(np.rint(plain / step), -127, 127).astype(int)
    warn, act = limits
    facts = {
        "made": made,
        "bias": round(warn - bias, 5),
        "slope": round(math.log(4) / (act - warn), 5),
        "step": round(step, 7),
        "traits": {
            name: round(float(weight), 4) for name, weight in zip(table.traits, weights[count:], strict=True) if weight
        },
    }
    return "\n".join([json.dumps(facts, ensure_ascii=False, sort_keys=True), *_lines(table.pieces, steps)]) + "\n"


def _lines(names: Sequence[str], steps: Any) -> Iterator[str]:
    by_weight: dict[int, list[str]] = {}
    for name, step in zip(names, steps.tolist(), strict=True):
        if step:
            by_weight.setdefault(step, []).append(name)
    for step in sorted(by_weight):
        yield f"{step}\t{' '.join(by_weight[step])}"
