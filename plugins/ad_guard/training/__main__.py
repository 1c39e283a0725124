"""Plugin: ad_guard, training: `python -m plugins.ad_guard.training FOLDER` makes the model and says how good it is."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from plugins.ad_guard.heard import heard
from plugins.ad_guard.training.fit import fit, tabulate, write
from plugins.ad_guard.training.homophones import words
from plugins.ad_guard.training.measure import Figures, figures, held_out
from plugins.ad_guard.training.rows import added, labelled, seeds

MODEL = Path(__file__).parent.parent / "model.bin"
WORDS = MODEL.with_name("heard.txt")


def main(folder: Path, made: str) -> Figures:
    """Train on every `*.tsv` and `*.tsv.xz` of a folder and the seeds; write `heard.txt` and `model.bin`; measure."""
    plain = [*labelled(folder), *seeds()]
    WORDS.write_text(words(plain), "utf-8")
    heard.cache_clear()
    rows = [*plain, *added(plain)]
    table = tabulate(rows)
    found = figures(plain, held_out(table, rows, len(plain)))
    weights, bias = fit(table, rows, np.ones(len(rows), dtype=bool))
    MODEL.write_bytes(write(table, weights, bias, found.limits, made))
    return found


if __name__ == "__main__":
    if len(sys.argv) != 3:
        raise SystemExit("python -m plugins.ad_guard.training 数据目录 日期（YYYY-MM-DD）")
    sys.stdout.write(main(Path(sys.argv[1]), sys.argv[2]).text())
