"""Web: 日志: what was decided, changed and broken, by whom, with its reason; newest first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import desc, select

from bot.storage.tables import audit
from bot.storage.work import Work
from bot.web.console.frame import Page, Visit

SHOWN = 100
KINDS = {
    "": "全部",
    "policy": "处置",
    "setting": "设置",
    "case": "案件",
    "console": "控制台",
    "plugin": "出错",
    "job": "定时",
    "group": "群",
    "member": "成员",
}


async def load(visit: Visit) -> Mapping[str, Any]:
    kind, before = visit.word("kind"), visit.number("before", 0, 1 << 62) if visit.word("before") else 0
    kind = kind if kind in KINDS else ""
    newest = select(audit).order_by(desc(audit.c.id)).limit(SHOWN)
    if kind:
        newest = newest.where(audit.c.what.startswith(f"{kind}."))
    if visit.group:
        newest = newest.where(audit.c.group == visit.group)
    if before:
        newest = newest.where(audit.c.id < before)

    async def ask(work: Work) -> list[dict[str, Any]]:
        return [dict(row._mapping) for row in await work.execute(newest)]

    rows = await visit.house.read(ask)
    topics = {info.id: info.topic or info.id for info in visit.house.groups()}
    lines = [
        {
            "id": row["id"],
            "at": row["at"],
            "what": row["what"],
            "actor": row["actor"],
            "topic": topics.get(row["group"], row["group"]),
            "case": row["case"],
            "detail": "；".join(f"{key}={_short(value)}" for key, value in (row["detail"] or {}).items()),
        }
        for row in rows
    ]
    return {"kinds": KINDS, "kind": kind, "lines": lines, "more": len(rows) == SHOWN}


def _short(value: object) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 120 else f"{text[:120]}…"


PAGES = (Page("journal", "日志", "journal.html", load),)
