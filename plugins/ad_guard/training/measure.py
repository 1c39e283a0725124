"""Plugin: ad_guard, training: what the model does with sources that it has not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from plugins.ad_guard.training.fit import Table, fit, scores
from plugins.ad_guard.training.rows import Row

RATES = (3e-3, 1e-3, 3e-4, 1e-4)
WARN, ACT = 8e-4, 1e-4
"""A little under one in 1,000: groups have more messages that look like ads than the sources measured here."""
ALONE = 4000
"""Rows of a source that is held out by itself."""


@dataclass(frozen=True, slots=True)
class Figures:
    """limits: sums that one ordinary message in 1,250 and in 10,000 of an unseen source lies above."""

    limits: tuple[float, float]
    ordinary: int
    recall: dict[str, tuple[int, tuple[float, ...]]]
    alarms: dict[str, tuple[int, float, float]]

    def text(self) -> str:
        """As it stands in `model.md`."""
        warn, act = self.limits
        lines = [
            f"ordinary rows held out: {self.ordinary}; sums at the limits: {warn:.3f}, {act:.3f}",
            "recall at " + ", ".join(f"{rate:g}" for rate in RATES),
        ]
        lines += [
            "\t".join([source, str(count), *(f"{share:.3f}" for share in found)])
            for source, (count, found) in self.recall.items()
        ]
        lines.append("ordinary sources: share above warn, above act")
        lines += [f"{source}\t{count}\t{warn:.5f}\t{act:.5f}" for source, (count, warn, act) in self.alarms.items()]
        return "\n".join(lines) + "\n"


def folds(rows: Sequence[Row]) -> list[set[str]]:
    """Sources that are held out together: each alone, those of few rows together; seeds stay in."""
    sizes = Counter(row.source for row in rows if not row.by_hand)
    alone = [{source} for source in sorted(sizes) if sizes[source] >= ALONE]
    return [*alone, {source for source in sizes if sizes[source] < ALONE}]


def held_out(table: Table, rows: Sequence[Row], plain: int) -> Any:
    """For each of the first `plain` rows its sum by a model that saw nothing of its source; NaN for seeds."""
    source = np.array([row.source for row in rows])
    found = np.full(plain, np.nan)
    for fold in folds(rows[:plain]):
        out = np.isin(source, sorted(fold))
        weights, bias = fit(table, rows, ~out)
        measured = scores(table, weights, bias, len(rows))[:plain]
        found[out[:plain]] = measured[out[:plain]]
    return found


def figures(rows: Sequence[Row], measured: Any) -> Figures:
    """Thresholds from the ordinary rows held out, and what lies above them."""
    source = np.array([row.source for row in rows])
    ad = np.array([row.ad for row in rows])
    known = ~np.isnan(measured)
    ordinary = np.sort(measured[known & ~ad])[::-1]
    at = {rate: float(ordinary[int(len(ordinary) * rate)]) for rate in (*RATES, WARN, ACT)}
    limits = (at[WARN], at[ACT])
    recall = {}
    alarms = {}
    for name in sorted(set(source[known])):
        ads, others = measured[known & ad & (source == name)], measured[known & ~ad & (source == name)]
        if len(ads):
            recall[name] = (len(ads), tuple(float((ads >= at[rate]).mean()) for rate in RATES))
        if len(others):
            alarms[name] = (len(others), float((others >= limits[0]).mean()), float((others >= limits[1]).mean()))
    return Figures(limits, len(ordinary), recall, alarms)
