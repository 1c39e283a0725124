"""Web: 成员: who is here, found by name; one person's page with what plugins know of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web
from sqlalchemy import desc, func, select

from bot.model import Role
from bot.storage.tables import cases, member_history, members
from bot.storage.work import Work
from bot.web.console.frame import Page, Visit
from bot.web.console.pages.review import line as case_line

SHOWN = 100
ROLES = {Role.HELPER: "协管", Role.MODERATOR: "管理", Role.ADMIN: "管理员", Role.OWNER: "群主", Role.KEEPER: "主人"}
ORDERS = {
    "spoke": ("最近发言", desc(members.c.last_spoke_at)),
    "joined": ("最近进群", desc(members.c.joined_at)),
    "messages": ("发言最多", desc(members.c.message_count)),
    "quiet": ("最久没说话", members.c.last_spoke_at),
}


def role_title(number: int) -> str:
    """群主, 管理员, …; empty for an ordinary member."""
    return next((title for role, title in sorted(ROLES.items(), reverse=True) if number >= role), "")


async def load(visit: Visit) -> Mapping[str, Any]:
    words, order = visit.word("q"), visit.word("order")
    order = order if order in ORDERS else "spoke"
    before = visit.number("page", 1, 10_000) - 1
    wanted = select(members).where(members.c.left_at.is_(None))
    if visit.group:
        wanted = wanted.where(members.c.group == visit.group)
    if words:
        wanted = wanted.where(members.c.name.contains(words, autoescape=True) | (members.c.id == words))
    page = wanted.order_by(ORDERS[order][1], members.c.id).limit(SHOWN).offset(before * SHOWN)

    async def ask(work: Work) -> tuple[list[Any], int]:
        count = (await work.execute(select(func.count()).select_from(wanted.subquery()))).scalar_one()
        return list(await work.execute(page)), int(count)

    rows, count = await visit.house.read(ask)
    topics = {info.id: info.topic or info.id for info in visit.house.groups()}
    people = [
        {
            "id": row.id,
            "group": row.group,
            "topic": topics.get(row.group, row.group),
            "name": row.name,
            "role": role_title(row.role),
            "joined_at": row.joined_at,
            "last_spoke_at": row.last_spoke_at,
            "messages": row.message_count,
        }
        for row in rows
    ]
    more = (before + 1) * SHOWN < count
    orders = {key: title for key, (title, _) in ORDERS.items()}
    return {"words": words, "order": order, "orders": orders, "people": people, "count": count, "page_no": before + 1,
            "more": more}  # fmt: skip


async def one(visit: Visit) -> Mapping[str, Any]:
    """One person in one group: `?group=&id=`."""
    member = visit.word("id", 200)

    async def ask(work: Work) -> tuple[Any, list[Any], list[Any]]:
        mine = (members.c.group == visit.group) & (members.c.id == member)
        found = (await work.execute(select(members).where(mine))).first()
        theirs = (cases.c.group == visit.group) & (cases.c.member == member)
        known = list(await work.execute(select(cases).where(theirs).order_by(desc(cases.c.no)).limit(20)))
        past = (member_history.c.group == visit.group) & (member_history.c.member == member)
        steps = select(member_history).where(past).order_by(desc(member_history.c.at)).limit(20)
        return found, known, list(await work.execute(steps))

    found, known, steps = await visit.house.read(ask)
    if found is None:
        raise web.HTTPNotFound(text="这个群里没有这个人 (no such member)\n")
    profile = {key: getattr(found, key) for key in ("id", "name", "joined_at", "left_at", "last_spoke_at")}
    exempt = bool(found.exempt) and (found.exempt_until is None or found.exempt_until > visit.house.now())
    return {
        "profile": {**profile, "role": role_title(found.role), "messages": found.message_count, "exempt": exempt},
        "cases": [case_line(case, {}) for case in known],
        "steps": [dict(step._mapping) for step in steps],
        "panels": await visit.house.panels("member", visit.group, member),
    }


PAGES = (Page("people", "成员", "people.html", load), Page("member", "", "member.html", one))
