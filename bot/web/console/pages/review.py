"""Web: 审核: cases that wait for somebody's word, and all others, with why; a box to try a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from sqlalchemy import Row, desc, func, select

from bot.errors import CommandError
from bot.storage.search import find
from bot.storage.tables import cases
from bot.storage.work import Work
from bot.web.console.frame import Page, Visit

SHOWN = 50
WAITING = ("open", "warned", "removing")
STATES = {
    "open": "刚立案",
    "warned": "已提醒，等结果",
    "removing": "正在移出",
    "removed": "已移出",
    "paid": "补了红包",
    "withdrawn": "已撤回",
    "undone": "已撤销",
    "closed": "已了结",
    "dropped": "不再追究",
    "left": "自己离开了",
    "failed": "没能移出",
}
VERDICTS = {
    "ad": "广告",
    "suspect": "像广告",
    "flood": "刷屏",
    "word": "禁词",
    "warn": "警告",
    "kick": "移出",
    "ban": "拉黑",
    "name": "昵称像广告",
    "report": "被举报",
    "vote": "投票移出",
}
CHOICES = {"waiting": "待定", "removed": "已移出", "undone": "撤销过", "": "全部"}


def line(row: Row[Any], topics: Mapping[str, str]) -> dict[str, Any]:
    """One case as plain data."""
    return {
        "no": row.no,
        "group": row.group,
        "topic": topics.get(row.group, row.group),
        "member": row.member,
        "name": row.name,
        "what": VERDICTS.get(row.verdict, row.verdict),
        "state": STATES.get(row.state, row.state),
        "waiting": row.state in WAITING,
        "undone": row.state == "undone",
        "is_ad": row.plugin == "ad_guard",
        "is_ban": row.verdict == "ban",
        "opened_at": row.opened_at,
        "closed_at": row.closed_at,
        "mode": row.mode,
        "text": row.text,
        "signals": [{"name": name, "detail": detail, "weight": weight} for name, detail, weight in row.signals],
    }


async def load(visit: Visit) -> Mapping[str, Any]:
    choice, before = visit.word("state"), visit.number("before", 0, 1 << 62) if visit.word("before") else 0
    choice = choice if choice in CHOICES else "waiting"
    choice = "waiting" if "state" not in visit.request.query else choice
    newest = select(cases).order_by(desc(cases.c.no)).limit(SHOWN)
    if choice:
        newest = newest.where(cases.c.state.in_(WAITING if choice == "waiting" else (choice,)))
    if visit.group:
        newest = newest.where(cases.c.group == visit.group)
    if before:
        newest = newest.where(cases.c.no < before)

    async def ask(work: Work) -> list[Any]:
        return list(await work.execute(newest))

    rows = await visit.house.read(ask)
    tried = visit.word("try", 2000)
    return {
        "choices": CHOICES,
        "choice": choice,
        "cases": [line(row, _topics(visit)) for row in rows],
        "more": len(rows) == SHOWN,
        "tried": tried,
        "judgement": await _judge(visit, tried) if tried else None,
    }


async def _judge(visit: Visit, text: str) -> Mapping[str, Any]:
    try:
        return await visit.house.judge({"text": text})
    except CommandError as error:
        return {"error": str(error)}


async def one(visit: Visit) -> Mapping[str, Any]:
    """One case: `?no=`."""
    number = visit.number("no", 0, 1 << 62)

    async def ask(work: Work) -> tuple[Any, int]:
        row = (await work.execute(select(cases).where(cases.c.no == number))).first()
        theirs = select(func.count()).select_from(cases)
        if row is not None:
            theirs = theirs.where(cases.c.group == row.group, cases.c.member == row.member)
        return row, int((await work.execute(theirs)).scalar_one())

    row, count = await visit.house.read(ask)
    if row is None:
        raise web.HTTPNotFound(text="没有这个案件 (no such case)\n")
    said = await visit.house.read(lambda work: find(work, "", group=row.group, sender=row.member, limit=8))
    return {
        "case": line(row, _topics(visit)),
        "why": await visit.house.board.why(number),
        "cases_of_member": count,
        "messages": [{"at": one.at, "text": one.text, "kind": one.kind} for one in said],
    }


def _topics(visit: Visit) -> dict[str, str]:
    return {info.id: info.topic or info.id for info in visit.house.groups()}


PAGES = (Page("review", "审核", "review.html", load), Page("case", "", "case.html", one))
