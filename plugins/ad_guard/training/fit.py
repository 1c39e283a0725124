"""Plugin: ad_guard, training: rows to numbers, numbers to weights, weights to a small file."""

from __future__ import annotations

import json
import math
from array import array
from collections.abc import Iterable, Sequence
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
from plugins.ad_guard.pieces import PLACES, place_of, places, written
from plugins.ad_guard.trade import trades
from plugins.ad_guard.training.rows import SEED, Row
from plugins.ad_guard.traits import traits
from plugins.ad_guard.wording import LEAST, TENFOLD, streams, windows

STRENGTH = 0.1
"""Of the fit; weak, so that many words bear a little each. 1.5, 0.5, 0.2 and 0.07 were tried: model.md."""
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
    rarity: Any
    traits: list[str]


class _Lines:
    """A sparse matrix while it grows, line by line."""

    def __init__(self) -> None:
        self._columns, self._values, self._ends = array("i"), array("f"), array("q", [0])

    def add(self, columns: Iterable[int], values: Iterable[float]) -> None:
        self._columns.extend(columns)
        self._values.extend(values)
        self._ends.append(len(self._columns))

    def matrix(self, width: int) -> Any:
        parts = (np.frombuffer(self._values, np.float32), np.frombuffer(self._columns, np.int32))
        ends = np.frombuffer(self._ends, np.int64)
        return sparse.csr_matrix((*parts, ends), shape=(len(ends) - 1, width))


def tabulate(rows: Sequence[Row]) -> Table:
    """Number every row."""
    words, shapes, row_of, masked = _Lines(), _Lines(), array("i"), array("b")
    names: dict[str, int] = {}
    random = Random(SEED)
    for number, row in enumerate(rows):
        text = heard().reread(Folded(row.text))
        characters = heard().characters_of(text)
        shape = traits([*offences(text, _CONTEXT), *extenuations(text)], text)
        spans = windows(characters)
        variants = [_described(span) for span in spans]
        if not row.kind and random.random() < (MASKED if row.ad else MASKED / 2):
            variants.append(_masked(spans[0], random))
        for place, (at, count, sold) in enumerate(variants):
            value = 1 / math.sqrt(count + LEAST)
            words.add(sorted(at), [value] * len(at))
            described = sorted((shape | sold).items())
            shapes.add([names.setdefault(name, len(names)) for name, _ in described], (v for _, v in described))
            row_of.append(number)
            masked.append(place >= len(spans))
    of = np.frombuffer(row_of, np.int32)
    counted = words.matrix(PLACES)
    rarity = _rarity(counted)
    matrix = sparse.hstack([counted @ sparse.diags(rarity), shapes.matrix(len(names))], format="csr", dtype=np.float32)
    first = np.r_[True, of[1:] != of[:-1]]
    return Table(matrix, of, first, np.frombuffer(masked, np.int8) > 0, rarity, list(names))


def _described(span: str) -> tuple[set[int], int, dict[str, float]]:
    """The places of a span, how many there are, and its words of trade."""
    found = places(*streams(span))
    return found, len(found), trades(span, found)


def _masked(span: str, random: Random) -> tuple[set[int], int, dict[str, float]]:
    """The same of a span some or all of whose characters cannot be read, only heard."""
    characters, sounds = streams(span)
    share = random.choice((0.3, 0.6, 1.0))
    hidden = "".join(MASK if "\u3400" <= c <= "\u9fff" and random.random() < share else c for c in characters)
    found = set(written(hidden, sounds))
    known = {place_of(piece) for piece in found if MASK not in piece}
    return known, len(found), trades(hidden, known)


def _rarity(counted: Any) -> Any:
    """How rare each place is: in how few of the lines."""
    seen = np.maximum(counted.getnnz(axis=0), 1)
    return ((np.log(counted.shape[0] / seen) + 1) ** RARITY * SCALE).astype(np.float32)


def fit(table: Table, rows: Sequence[Row], chosen: Any) -> tuple[Any, float]:
    """Weights and bias from the chosen rows. Of an ad only the first span counts: the rest may be good words."""
    ad = np.array([row.ad for row in rows])
    weight = np.array([row.weight for row in rows])
    lines = chosen[table.row] & (table.first | table.masked | ~ad[table.row])
    weight = weight[table.row] * np.where(table.masked, 0.5, 1.0)
    machine = LogisticRegression(C=STRENGTH, solver="liblinear", tol=2e-3, max_iter=60, random_state=0)
    machine.fit(table.matrix[lines], ad[table.row][lines], sample_weight=weight[lines])
    return machine.coef_[0], float(machine.intercept_[0])


def scores(table: Table, weights: Any, bias: float, count: int) -> Any:
    """The highest sum of any span of each row."""
    found = np.full(count, -99.0)
    np.maximum.at(found, table.row, np.where(table.masked, -99.0, table.matrix @ weights + bias))
    return found


def write(table: Table, weights: Any, bias: float, limits: tuple[float, float], made: str) -> bytes:
    """The model file: facts as JSON in the first line, then a byte for each place: its weight from -127 to 127."""
    plain = weights[:PLACES] * table.rarity
    step = float(np.quantile(np.abs(plain[plain != 0]), 0.9995)) / 127
    warn, act = limits
    facts = {
        "made": made,
        "bias": round(warn - bias, 5),
        "slope": round(TENFOLD / (act - warn), 5),
        "step": round(step, 7),
        "traits": {
            name: round(float(weight), 4) for name, weight in zip(table.traits, weights[PLACES:], strict=True) if weight
        },
    }
    head = json.dumps(facts, ensure_ascii=False, sort_keys=True).encode()
    steps: bytes = np.clip(np.rint(plain / step), -127, 127).astype(np.int8).tobytes()
    return head + b"\n" + steps
