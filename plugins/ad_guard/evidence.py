"""Plugin: what the words of a text say, for and against whoever wrote them."""

from __future__ import annotations

from collections.abc import Sequence

from bot.fold import Folded
from plugins.ad_guard.contact import contact_hits
from plugins.ad_guard.link import link_hits
from plugins.ad_guard.message import JudgeContext
from plugins.ad_guard.rule import Hit, Index, find, load

_EXTENUATING = load("mild.txt")
_OFFENCES = Index(load("phrases.txt"))
_EXTENUATIONS = Index(_EXTENUATING)
_QUESTIONS = Index([rule for rule in _EXTENUATING if rule.name == "question"])


def offences(text: Folded, context: JudgeContext) -> list[Hit]:
    """What in a text speaks against its sender."""
    characters = frozenset(text.plain)
    hits = [hit for rule in _OFFENCES.candidates(characters) if (hit := find(rule, text)) is not None]
    hits = [hit for hit in hits if hit.name != "trade_word" or not _is_inside(hit, hits)]
    hits += contact_hits(text, characters)
    if "." in characters or "。" in characters or "/" in characters:
        hits += link_hits(text, context.allow_domains)
    return hits


def _is_inside(hit: Hit, hits: Sequence[Hit]) -> bool:
    """Whether a stronger offer was found in the same words."""
    return any(o.family == "offer" and o is not hit and o.start <= hit.start and hit.end <= o.end for o in hits)


def extenuations(text: Folded) -> list[Hit]:
    """What in a text speaks for its sender."""
    candidates = _EXTENUATIONS.candidates(frozenset(text.plain))
    return [hit for rule in candidates if (hit := find(rule, text)) is not None]


def is_question(text: str) -> bool:
    """Whether a (quoted) text asks something."""
    folded = Folded(text[:200])
    return any(find(rule, folded) for rule in _QUESTIONS.candidates(frozenset(folded.plain)))
