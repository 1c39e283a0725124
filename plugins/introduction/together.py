"""Plugin: introductions in several short messages: `大家好` / `我叫李娜` / `郑州做餐饮的`."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from plugins.introduction.introduction import Introduction
from plugins.introduction.job import ENDINGS, TRADES
from plugins.introduction.label import read_labels
from plugins.introduction.pattern import one_of
from plugins.introduction.recognise import TOO_LONG, clipped, is_labelled, is_sure
from plugins.introduction.region import NAMES
from plugins.introduction.sentence import read_sentences
from plugins.introduction.veto import AD, OFFER, OTHERS, QUESTION, QUOTED, STORY, TO_ONE

LONGEST = 40
"""Characters of one of several messages."""
_SPOKEN = """
我叫 叫我 我姓 姓 我是 是做 做[^，。?？]{1,10}的?$ 搞[^，。?？]{1,10}的$ 开[^，。?？]{1,8}[店馆厂]的?$ 从事 职业 坐标
来自 家住 住在 人在 老家 base 想找 想认识 需要 希望 能提供 可以提供 可提供 擅长 爱好 喜欢 业余 姓名 称呼 昵称
地区 城市 全职 刚毕业
"""
_PIECE = re.compile(rf"(?:我|也|还|主要|一直|目前|现在|平时)?{one_of(_SPOKEN)}")
_TO_SOMEBODY = re.compile("你(?![们好])|您(?!好)|@")
_TALK = (STORY, QUOTED, AD, OFFER, QUESTION, TO_ONE, _TO_SOMEBODY)


def may_continue(text: str) -> bool:
    """A cheap test that lets every part of such an introduction through and most other messages not."""
    if len(text) > LONGEST:
        return False
    return text[:2] in NAMES or text[:3] in NAMES or text in ENDINGS or text in TRADES or _PIECE.match(text) is not None


def recognise_together(texts: Sequence[str]) -> Introduction | None:
    """The introduction that the last few short messages of one person are together, None when they are none.

    A name must be said as one (我叫 …): several messages may be about several things.
    """
    for count in range(len(texts), 1, -1):
        pieces = texts[-count:]
        # The first may be an introduction by itself, which the others add to.
        own = not any(OTHERS.match(piece) for piece in pieces)
        if own and all(len(piece) <= LONGEST for piece in pieces[1:]):
            found = _read(unicodedata.normalize("NFKC", "\n".join(pieces)).strip())
            if found is not None:
                return found
    return None


def _read(plain: str) -> Introduction | None:
    if len(plain) > TOO_LONG or any(talk.search(plain) for talk in _TALK):
        return None
    labels = read_labels(plain)
    if labels is None:
        return None
    if is_labelled(labels):
        return clipped(Introduction(**labels))
    draft = read_sentences(plain)
    return clipped(draft.finished()) if draft.name_weight >= 1.5 and is_sure(draft) else None
