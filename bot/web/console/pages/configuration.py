"""Web: 设置: every value in force with where it comes from, the commands, and the database's copies and files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any

from aiohttp import web
from pydantic import SecretStr
from sqlalchemy import select

from bot.errors import CommandError
from bot.settings.decode import kinds
from bot.storage.export import safe_cell
from bot.storage.tables import cases, members
from bot.storage.work import Work
from bot.web.console.frame import Act, Page, Visit
from bot.web.console.gate import Rank

HIDDEN = "••••"
FILES = {"members": (members, "成员"), "cases": (cases, "案件")}


async def load(visit: Visit) -> Mapping[str, Any]:
    house = visit.house
    sections = []
    for name, model in house.sections(visit.group).items():
        plain = model.model_dump(mode="json")
        lines = []
        for key, info in type(model).model_fields.items():
            secret = SecretStr in kinds(info.annotation)
            value = HIDDEN if secret else _say(plain[key])
            full = f"{name}.{key}"
            lines.append(
                {"key": full, "value": value, "origin": house.origin(visit.group, full), "about": info.description}
            )
        sections.append({"name": name, "about": house.plugin_help(name), "lines": lines})
    return {"sections": sections, "commands": house.commands(), "copies": house.copies(), "files": FILES,
            "version": house.version}  # fmt: skip


def _say(value: object) -> str:
    if value is None:
        return "off"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


async def back_up(visit: Visit, _form: Mapping[str, str]) -> str:
    """A copy of the database, now."""
    path = await visit.house.back_up()
    await visit.house.audit(visit.who.name, "console.backup", {"file": path})
    return f"备份好了：{path}"


async def download(visit: Visit) -> web.Response:
    """`?table=members&group=`: a table as CSV that a spreadsheet opens without surprises."""
    table, _ = FILES.get(visit.word("table"), (None, ""))
    if table is None:
        raise CommandError("没有这个表 (no such table)")
    wanted = select(table).where(table.c.group == visit.group) if visit.group else select(table)

    async def ask(work: Work) -> tuple[list[str], list[Any]]:
        result = await work.execute(wanted)
        return list(result.keys()), list(result)

    columns, rows = await visit.house.read(ask)
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([safe_cell(value) for value in row])
    await visit.house.audit(visit.who.name, "console.exported", {"table": table.name, "rows": len(rows)}, visit.group)
    name = f"{table.name}-{visit.house.now().astimezone(visit.house.zone):%Y%m%d}.csv"
    return web.Response(
        body=("\ufeff" + text.getvalue()).encode("utf-8"),
        headers={"Content-Type": "text/csv; charset=utf-8", "Content-Disposition": f'attachment; filename="{name}"'},
    )


PAGES = (Page("settings", "设置", "settings.html", load),)
ACTS = (Act("backup", back_up, Rank.OWNER),)
