"""Web: 存档: what was said, searched in full text, with a link to go on; the whole of it as a file for owners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from bot.storage.search import find
from bot.web.console.frame import Page, Visit

SHOWN = 50


async def load(visit: Visit) -> Mapping[str, Any]:
    words, sender, before = visit.word("q"), visit.word("sender"), visit.number("before", 0, 1 << 62)
    before = before if visit.word("before") else 0
    found = await visit.house.read(
        lambda work: find(work, words, group=visit.group, sender=sender, before=before, limit=SHOWN)
    )
    topics = {info.id: info.topic or info.id for info in visit.house.groups()}
    lines = [{**asdict(one), "topic": topics.get(one.group, one.group)} for one in found]
    days = visit.house.board.keeps_days
    return {"words": words, "sender": sender, "lines": lines, "more": len(found) == SHOWN, "kept_days": days}


PAGES = (Page("archive", "存档", "archive.html", load),)
