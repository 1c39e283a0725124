"""Plugin: introductions as a card of name, region and job in any order: `张三-上海-设计`, `财税顾问｜李明｜郑州`."""

from __future__ import annotations

import re

from plugins.introduction.introduction import Introduction
from plugins.introduction.job import is_job
from plugins.introduction.name import FAMOUS, looks_like_name, may_be_name
from plugins.introduction.region import is_place

_STRONG = re.compile(r"\s*[-—–_/|｜丨+·＋]+\s*")
_WEAK = re.compile(r"[\s,，、]+")
_HEADER = re.compile(r"^\s*(?:姓名|称呼|名称|昵称|名字)[^:：]{2,14}[:：]\s*")
LONGEST = 40


def read_card(text: str) -> Introduction | None:
    """The card that the whole text is, else None.

    The name must look like one, or `北京｜餐饮｜选址攻略` would be a card.
    """
    header = _HEADER.match(text.strip())
    line = text.strip()[header.end() if header else 0 :].strip("。.!！~～ ")
    if "\n" in line or not 5 <= len(line) <= LONGEST:
        return None
    strong = [part for part in _STRONG.split(line) if part]
    if len(strong) == 3:
        return _of(strong, sure=header is not None)
    weak = [part for part in _WEAK.split(line) if part]
    return _of(weak, sure=header is not None) if len(weak) == 3 else None


def _of(parts: list[str], *, sure: bool) -> Introduction | None:
    regions = [part for part in parts if is_place(part.removesuffix("人"))]
    if len(regions) != 1:
        return None
    others = [part for part in parts if part not in regions]
    named = [part for part in others if (may_be_name if sure else looks_like_name)(part)]
    jobs = [part for part in others if is_job(part)]
    for name in sorted(named, key=lambda part: (part in jobs, not looks_like_name(part))):
        job = next((part for part in jobs if part != name), "")
        if job and name not in FAMOUS:
            return Introduction(name=name, region=regions[0], job=job)
    return None
