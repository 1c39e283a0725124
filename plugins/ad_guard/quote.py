"""Plugin: what a signal quotes of the original, read back from its detail (`label：quote（note）`). Pure."""

from __future__ import annotations

from collections.abc import Iterable

from bot.fold import fold, tighten
from bot.model import Signal
from plugins.ad_guard.family import family_of


def quotes(signal: Signal) -> tuple[str, ...]:
    """The words of the original that a signal shows: as they stand, and without a note behind them."""
    quote = signal.detail.partition("：")[2].removesuffix("…")
    short = quote.rpartition("（")[0]
    return tuple(part for part in (quote, short) if part)


def contacts(signals: Iterable[Signal]) -> list[str]:
    """The ways to be reached that signals quote, each in the tight view."""
    found = [quotes(s)[-1:] for s in signals if s.weight > 0 and family_of(s.name) in ("contact", "link", "qr")]
    return [tight for (quote,) in filter(None, found) if (tight := tighten(fold(quote)))]
