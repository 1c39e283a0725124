"""Plugin: the ladder: what the third, tenth, thirtieth friend who stays brings besides, as admins write it."""

from __future__ import annotations

import re

_STEP = re.compile(r"(\d{1,4})\s*人?\s*[=:]\s*(\d{1,6})\s*分?")
MOST_STEPS = 10


def read_ladder(text: str) -> dict[int, int]:
    """`"3=20 10=100"` → {3: 20, 10: 100}; empty for none. Raises ValueError with a sentence for anything else."""
    parts = [part for part in re.split(r"[\s,，、;；]+", text.strip()) if part]
    steps: dict[int, int] = {}
    for part in parts:
        found = _STEP.fullmatch(part.replace("：", ":").replace("＝", "="))
        if found is None or int(found[1]) < 1 or not 1 <= int(found[2]) <= 100_000 or int(found[1]) in steps:
            raise ValueError(f"“{part[:20]}”看不懂，请写成 3=20 10=100（几人=几分，每档一次）(not a step)")
        steps[int(found[1])] = int(found[2])
    if len(steps) > MOST_STEPS:
        raise ValueError(f"最多 {MOST_STEPS} 档 (too many steps)")
    return dict(sorted(steps.items()))


def next_step(steps: dict[int, int], counted: int) -> tuple[int, int] | None:
    """How many more friends until the next step, and what it brings; None at the top."""
    return next(((step - counted, points) for step, points in steps.items() if step > counted), None)
