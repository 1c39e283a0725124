"""Plugin: whether a message introduces its sender, and what it says. Precision first: when in doubt it does not."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from plugins.introduction.card import read_card
from plugins.introduction.draft import Draft
from plugins.introduction.english import may_be_english, read_english
from plugins.introduction.introduction import LONGEST, Introduction
from plugins.introduction.label import read_labels
from plugins.introduction.name import SURNAMES, may_be_name
from plugins.introduction.pattern import one_of
from plugins.introduction.sentence import read_sentences
from plugins.introduction.veto import AD, OFFER, QUESTION, QUOTED, STORY, TO_ONE

# Each begins with a letter of its own, so that the search skips from one of those letters to the next.
_WORDS = """
我叫 俺叫 叫我 我是 我姓 来自 本人 鄙 敝 坐标 base Base 大家好 各位 自我介绍 介绍.?下 报到 报道 新人 萌新 姓名 大名 名字
称呼 昵称 城市 地区
"""
_WORD = re.compile(one_of(_WORDS))
_BREAK = r"[-—–_/|｜丨+·]"
_PART = r"[^-—–_/|｜丨+·]{2,10}"
_SHAPE = re.compile(
    rf"[{SURNAMES}小老阿][\u4e00-\u9fff]{{1,2}}[,，\s]|{_PART}{_BREAK}{_PART}{_BREAK}"
    r"|[^\s,，]{2,8}[\s,，][^\s,，]{2,8}[\s,，][^\s,，]{2,12}$"
)
"""A card, or a name at the very beginning."""
_OWN_ID = re.compile(r"(?:可以|欢迎)?加我?(?:的?微信|[vV薇]信?)号?\s*[:：]?\s*[A-Za-z0-9][\w-]{4,19}")
"""People who introduce themselves add how to reach them; whether that is an ad is judged elsewhere."""
_CIRCLED = re.compile("[①-⑳❶-❿]")
SHORTEST, TOO_LONG = 6, 600
SURE = 3.0
LONGEST_NAME = 10
LONGEST_READ = 1000
"""Characters of an introduction by command that are read; nobody's is longer, and the patterns look far ahead."""


def may_introduce(text: str) -> bool:
    """A cheap test that lets every introduction through and most other messages not."""
    if not SHORTEST <= len(text) <= TOO_LONG:
        return False
    return _WORD.search(text) is not None or _SHAPE.match(text) is not None or may_be_english(text)


def recognise(text: str) -> Introduction | None:
    """The introduction that the message is, None when it is anything else."""
    plain = _plain(text)
    if not may_introduce(plain):
        return None
    if english := read_english(plain):
        return clipped(english)
    if STORY.search(plain) or QUOTED.search(plain):
        return None
    if card := read_card(plain):
        return card
    labels = read_labels(plain)
    own = _OWN_ID.sub("", plain)
    if labels is None or AD.search(own):
        return None
    if is_labelled(labels):
        return clipped(Introduction(**labels))
    if TO_ONE.search(plain):
        return None
    draft = read_sentences(plain)
    doubtful = QUESTION.search(plain) or OFFER.search(own)
    sure = _is_beyond_doubt(draft) if doubtful else is_sure(draft)
    return clipped(replace(draft.finished(), **labels)) if sure else None


def _plain(text: str) -> str:
    """In half width; `①姓名` stays a bullet and a label rather than `1姓名`."""
    return unicodedata.normalize("NFKC", _CIRCLED.sub(" ", text)).strip()


def read(text: str) -> Introduction:
    """What a text says of its writer when it is known to be meant so; may be empty."""
    plain = _plain(text[:LONGEST_READ])[:LONGEST_READ]
    if card := read_card(plain) or read_english(plain):
        return clipped(card)
    labels = read_labels(plain) or {}
    return clipped(Introduction(**labels) if labels else read_sentences(plain).finished())


def is_labelled(labels: dict[str, str]) -> bool:
    name = labels.get("name", "")
    if {"name", "region", "job"} <= labels.keys() and len(name) <= LONGEST_NAME:
        return True
    return len(labels) >= 3 and may_be_name(name) and ("region" in labels or "job" in labels)


def is_sure(draft: Draft) -> bool:
    region, job = bool(draft.values["region"]), bool(draft.values["job"])
    if draft.name_weight:
        told = region or (job and (draft.intro or draft.name_weight >= 2))
        return told and draft.score >= SURE
    return (draft.greeted or draft.intro) and region and job


def _is_beyond_doubt(draft: Draft) -> bool:
    """All of it is there; then a question or a price at the end takes nothing away."""
    told = draft.values["region"] and draft.values["job"]
    return bool(told) and draft.name_weight >= 1.5 and (draft.greeted or draft.intro)


def clipped(found: Introduction) -> Introduction:
    values = {slot: " ".join(getattr(found, slot).split()) for slot in found.said}
    return Introduction(**{slot: value[:LONGEST] for slot, value in values.items()})
