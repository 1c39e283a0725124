"""Web: 日程: what will happen by itself and when; a daily job run now or skipped once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from bot.errors import CommandError
from bot.storage.tables import jobs
from bot.storage.work import Work
from bot.web.console.frame import Act, Page, Visit

SHOWN = 100
OUTCOMES = {"done": "按时做了", "missed": "错过了", "skipped": "跳过了", "": "还没到过"}


async def load(visit: Visit) -> Mapping[str, Any]:
    house, group = visit.house, visit.group
    wanted = select(jobs).order_by(jobs.c.next_at).limit(SHOWN)
    if group:
        wanted = wanted.where(jobs.c.group == group)

    async def ask(work: Work) -> list[Any]:
        return list(await work.execute(wanted))

    topics = {info.id: info.topic or info.id for info in house.groups()}
    daily = [
        {
            "plugin": row.plugin,
            "name": row.name,
            "group": row.group,
            "topic": topics.get(row.group, row.group),
            "next_at": row.next_at,
            "last_at": row.last_at,
            "outcome": OUTCOMES.get(row.last_outcome or "", row.last_outcome),
            "title": house.board.plan_title(row.plugin, row.name),
        }
        for row in await house.read(ask)
    ]
    return {"daily": daily, "soon": await house.board.scheduled(group, SHOWN)}


async def run_now(visit: Visit, form: Mapping[str, str]) -> str:
    await visit.house.run_job(*_job(form), by=visit.who.name)
    return visit.say("好的，现在就做")


async def skip(visit: Visit, form: Mapping[str, str]) -> str:
    await visit.house.skip_job(*_job(form), by=visit.who.name)
    return visit.say("好的，下一次跳过")


def _job(form: Mapping[str, str]) -> tuple[str, str, str]:
    plugin, name, group = (form.get(key, "") for key in ("plugin", "name", "group"))
    if not (plugin and name and group):
        raise CommandError("没有这个定时任务 (no such job)")
    return plugin, name, group


PAGES = (Page("schedule", "日程", "schedule.html", load),)
ACTS = (Act("job-run", run_now), Act("job-skip", skip))
