"""Plugin: what a judgement rests on, as signals that an admin reads: one a name, each quoting the original."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from bot.fold import Folded
from bot.model import Signal
from bot.text import clean_name, clip
from plugins.ad_guard.label import LABELS, labelled
from plugins.ad_guard.rule import Hit
from plugins.ad_guard.snippet import snippet
from plugins.ad_guard.wording import Words, model


def signals_of(hits: Sequence[Hit]) -> list[Signal]:
    """One a name, strongest first; what speaks for the sender last, with a minus."""
    best: dict[str, Hit] = {}
    for hit in hits:
        if hit.name not in best or hit.weight > best[hit.name].weight:
            best[hit.name] = hit
    order = sorted(best.values(), key=lambda hit: (hit.family == "mild", -hit.weight))
    signals = [
        Signal(hit.name, reason(hit.name, hit.detail), -hit.weight if hit.family == "mild" else hit.weight)
        for hit in order
    ]
    hidden = [hit for hit in hits if hit.hidden and hit.family != "mild"]
    if hidden:
        signals.append(Signal("disguise", reason("disguise", hidden[0].detail), 0.3))
    return signals


def wording(words: Words, text: Folded) -> Signal:
    """What the learned part weighs, quoting the words that weigh most."""
    weight = round(1 - math.exp(-words.value / 4), 2)
    return Signal("wording", reason("wording", clip(snippet(model(), words, text), 40)), weight)


def silent(found: Iterable[Signal]) -> tuple[Signal, ...]:
    """The checks that have no signal among these: what they looked for, with no weight."""
    names = {signal.name for signal in found}
    return tuple(Signal(name, f"{label}：没有", 0.0) for name, label in LABELS.items() if name not in names)


def reason(name: str, quote: str) -> str:
    """Label and quotation on one line. What is quoted comes from a stranger: no control or direction signs."""
    return labelled(name, clean_name(quote, 80))
