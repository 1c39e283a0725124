"""Web: a table as a file for owners: CSV that a spreadsheet opens without surprises, never more than it can hold."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from aiohttp import web
from sqlalchemy import desc, select

from bot.errors import CommandError
from bot.storage.export import safe_cell
from bot.storage.tables import cases, members, messages, postings, transfers
from bot.storage.work import Work
from bot.web.console.frame import Visit

MOST = 100_000
"""Rows of one file, the newest; everything there is comes from `shequn db export`."""
STEP = 500
"""Rows read and written at once, so that neither memory nor others wait."""
_ledger = select(
    transfers.c.id, transfers.c.at, transfers.c.group, postings.c.account, postings.c.points, transfers.c.reason,
    transfers.c.actor,
).join(postings, postings.c.transfer_id == transfers.c.id)  # fmt: skip
FILES: Mapping[str, tuple[str, Any, Any]] = {
    "members": ("成员", select(members), members.c.id),
    "cases": ("案件", select(cases), cases.c.no),
    "ledger": ("积分账", _ledger, postings.c.id),
    "messages": ("聊天记录", select(messages), messages.c.no),
}


async def download(visit: Visit) -> web.StreamResponse:
    """`?table=members&group=`."""
    name = visit.word("table")
    if name not in FILES:
        raise CommandError("没有这个表 (no such table)")
    if visit.word("group") and not visit.group:
        raise CommandError("没有这个群 (no such group)")
    await visit.house.audit(visit.who.name, "console.exported", {"table": name}, visit.group)
    day = f"{visit.house.now().astimezone(visit.house.zone):%Y%m%d}"
    answer = web.StreamResponse(
        headers={
            "Content-Type": "text/csv; charset=utf-8",
            "Content-Disposition": f'attachment; filename="{name}-{day}.csv"',
        }
    )
    await answer.prepare(visit.request)
    await answer.write(b"\xef\xbb\xbf")

    async def send(work: Work) -> None:
        await _send(work, answer, name, visit.group)

    await visit.house.read(send)
    await answer.write_eof()
    return answer


async def _send(work: Work, answer: web.StreamResponse, name: str, group: str) -> None:
    _, wanted, order = FILES[name]
    wanted = wanted.order_by(desc(order)).limit(MOST)
    if group:
        wanted = wanted.where(wanted.selected_columns["group"] == group)
    async with work.streaming(wanted, STEP) as rows:
        await answer.write(_lines([list(rows.keys())]))
        async for some in rows.partitions():
            await answer.write(_lines([[_cell(value) for value in row] for row in some]))


def _lines(rows: list[list[Any]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return safe_cell(json.dumps(value, ensure_ascii=False) if isinstance(value, list | dict) else value)
