"""Plugin: what the words of a text say, for and against whoever wrote them."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from bot.fold import Folded
from plugins.ad_guard.contact import contact_hits
from plugins.ad_guard.link import link_hits
from plugins.ad_guard.message import JudgeContext
from plugins.ad_guard.rule import Hit, Index, find, load, without_accidents

_EXTENUATING = load("mild.txt")
_OFFENCES = Index(load("phrases.txt"))
_EXTENUATIONS = Index(_EXTENUATING)
_QUESTIONS = Index([rule for rule in _EXTENUATING if rule.name == "question"])


def offences(text: Folded, context: JudgeContext) -> list[Hit]:
    """What in a text speaks against its sender."""
    characters = frozenset(text.plain).union(text.tight)
    hits = [hit for rule in _OFFENCES.candidates(characters) if (hit := find(rule, text)) is not None]
    hits = [hit for hit in hits if hit.name != "trade_word" or not _is_inside(hit, hits)]
    hits = without_accidents([*hits, *contact_hits(text, characters)])
    if "." in characters or "。" in characters or "/" in characters:
        hits += link_hits(text, context.allow_domains)
    return hits


def offences_named(text: Folded, names: Collection[str]) -> list[Hit]:
    """Only those of these names, without links."""
    characters = frozenset(text.plain).union(text.tight)
    rules = [rule for rule in _OFFENCES.candidates(characters) if rule.name in names]
    hits = [hit for rule in rules if (hit := find(rule, text)) is not None]
    return without_accidents([*hits, *(hit for hit in contact_hits(text, characters) if hit.name in names)])


def _is_inside(hit: Hit, hits: Sequence[Hit]) -> bool:
    """Whether a stronger offer was found in the same words."""
    return any(o.family == "offer" and o is not hit and o.start <= hit.start and hit.end <= o.end for o in hits)


def extenuations(text: Folded) -> list[Hit]:
    """What in a text speaks for its sender."""
    candidates = _EXTENUATIONS.candidates(frozenset(text.plain))
    return [hit for rule in candidates if (hit := find(rule, text)) is not None and not hit.torn]


def is_question(text: str) -> bool:
    """Whether a (quoted) text asks something."""
    folded = Folded(text[:200])
    return any(find(rule, folded) for rule in _QUESTIONS.candidates(frozenset(folded.plain)))


_CARD = re.compile(
    r"(?:^|[\s，,；;、|｜/])(?:姓名|称呼|昵称|名字|坐标|城市|地区|所在地|家乡|职业|行业|工作|年龄|爱好|兴趣|需要|需求|能提供|可提供|资源)"
    r"[:：]"
)
_CARD_LABELS = 3
_LOOKED_AT = 2000


def is_card(text: str) -> bool:
    """Whether it is a filled-in form about oneself, as groups ask newcomers for: 姓名：… 坐标：… 职业：…"""
    return len(set(_CARD.findall(text[:_LOOKED_AT]))) >= _CARD_LABELS
