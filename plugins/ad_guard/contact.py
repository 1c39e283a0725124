"""Plugin: ways to be reached outside the group: 微信号, QQ, phones, group numbers, Telegram, WhatsApp."""

from __future__ import annotations

import re

from bot.fold import Folded
from plugins.ad_guard.fold import spelled_number
from plugins.ad_guard.rule import Hit, Index, Rule, find, hit, load

_RULES = Index(load("contacts.txt"))
_SPELLED = Rule("spelled_number", "contact", 0.6, frozenset(), re.compile(""))
_HAN_DIGITS = frozenset("零〇一二三四五六七八九幺壹贰叁肆伍陆柒捌玖")


def contact_hits(text: Folded, characters: frozenset[str]) -> list[Hit]:
    """Every way to be reached in a text, once a rule."""
    hits = [found for rule in _RULES.candidates(characters) if (found := find(rule, text)) is not None]
    if len(_HAN_DIGITS & characters) > 2:
        spelled = spelled_number(text.tight)
        if spelled is not None:
            hits.append(hit(_SPELLED, text, spelled[0], spelled[1]))
    return hits
