"""Test: many strange inputs for one target: how many, how long the slowest took, how much memory stayed."""

from __future__ import annotations

import ctypes
import gc
import os
import sys
from collections.abc import Callable
from time import thread_time
from typing import TypeVar

import psutil
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

T = TypeVar("T")
TOTAL = max(int(os.environ.get("FUZZ", "20000")), 1000)
"""Inputs over all targets; the long run takes a million (`FUZZ=1000000 pytest -s tests/fuzz`)."""
ROUND = 2_000
"""Hypothesis remembers what it has tried, so that a long run is many short ones, each with a seed of its own."""
FOR_EVER = 2.0
"""Seconds of this thread that only something that hangs needs; 0.1 is what an input should take at most."""
GROWTH_MB = 80
"""Between the first round and any later one. Ids of events and the database's own cache fill up to a bound (25 MB),
a roster grows with its people, and Hypothesis keeps 1 MB of what it met in 6,000 inputs."""
WARM = 50
"""Inputs after which caches are filled and dictionaries loaded: what took longest is looked for from there."""

LETTERS = st.characters(codec="utf-8", exclude_characters="\x00")
TEXT = st.text(LETTERS, max_size=120)
_REPEATED = st.builds(lambda text, times: (text * times)[:20_000], st.text(LETTERS, max_size=4), st.integers(1, 6000))


def talk(*words: str) -> st.SearchStrategy[str]:
    """These words in any order and number, with anything between them, or one thing over and over."""
    piece = st.one_of(st.sampled_from(words), st.sampled_from(words), TEXT.map(lambda text: text[:8]))
    glued = st.lists(piece, max_size=16).flatmap(lambda pieces: st.sampled_from([" ".join(pieces), "".join(pieces)]))
    return st.one_of(glued, glued, glued, TEXT, _REPEATED)


@st.composite
def damaged(draw: st.DrawFn, whole: tuple[bytes, ...]) -> bytes:
    """One of these files with some bytes changed, left out, doubled, or cut off."""
    content = bytearray(draw(st.sampled_from(whole)))
    for _ in range(draw(st.integers(0, 6))):
        place = draw(st.integers(0, max(len(content) - 1, 0)))
        match draw(st.integers(0, 3)):
            case 0:
                content[place : place + 1] = draw(st.binary(min_size=1, max_size=1))
            case 1:
                content[place : place + draw(st.integers(1, 40))] = b""
            case 2:
                content[place:place] = draw(st.binary(max_size=30))
            case _:
                content[place:place] = content[place : place + 60]
    return bytes(content[: draw(st.integers(0, len(content)))]) if draw(st.booleans()) else bytes(content)


def fuzz(name: str, share: float, strategy: st.SearchStrategy[T], target: Callable[[T], None]) -> None:
    """Give the target its share (0–1) of all inputs. It raises for what must not be; a traceback is such a thing."""
    # A collection would be taken for a slow input: there is one after each round instead.
    gc.collect()
    gc.disable()
    try:
        _fuzz(name, share, strategy, target)
    finally:
        gc.enable()


def held_mb() -> float:
    """What this process holds. Memory that threads have given back goes to the system first: it is nobody's."""
    gc.collect()
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    return float(psutil.Process().memory_info().rss / 1e6)


def _fuzz(name: str, share: float, strategy: st.SearchStrategy[T], target: Callable[[T], None]) -> None:
    count, worst, before, seen = int(TOTAL * share), (0.0, ""), 0.0, 0
    for start in range(0, count, ROUND):

        @seed(start)
        @settings(
            max_examples=min(ROUND, count - start),
            deadline=None,
            database=None,
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
            suppress_health_check=list(HealthCheck),
        )
        @given(strategy)
        def once(value: T) -> None:
            nonlocal worst, seen
            began, seen = thread_time(), seen + 1
            target(value)
            took = thread_time() - began
            assert took < FOR_EVER, f"{took:.1f} s"
            if seen > WARM:
                worst = max(worst, (took, repr(value)[:200]))

        once()
        held = held_mb()
        # The first round fills the caches.
        before = before or held
        assert held - before < GROWTH_MB, f"{name} keeps {held - before:.0f} MB"
    sys.stdout.write(f"fuzz {name}: {count} inputs, the slowest {worst[0] * 1000:.1f} ms: {worst[1]}\n")
