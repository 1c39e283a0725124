"""Web: 账号: who may use the console, in which of three roles; everybody's own password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.errors import CommandError
from bot.storage import console as store
from bot.storage.work import Work
from bot.web.console.frame import SESSION, Act, Page, Visit, is_secure
from bot.web.console.gate import RANKS, TITLES, Rank, Refused, clean


async def load(visit: Visit) -> Mapping[str, Any]:
    known = await visit.house.read(store.users)
    fields = ("name", "role", "created_at", "login_at")
    people = [{field: getattr(user, field) for field in fields} for user in known]
    return {"users": people if visit.rank is Rank.OWNER else [p for p in people if p["name"] == visit.who.name]}


async def invite(visit: Visit, form: Mapping[str, str]) -> str:
    """A one-time link with which somebody sets their own password."""
    try:
        name = clean(form.get("name", ""))
    except Refused as error:
        raise CommandError(error.said(visit.say)) from error
    role = form.get("role", "")
    if role not in RANKS:
        raise CommandError("没有这种身份 (no such role)")
    path = await visit.gate.make_link(name, role)
    await visit.house.audit(visit.who.name, "console.invited", {"name": name, "role": role})
    scheme = "https" if is_secure(visit.request) else "http"
    address = f"{scheme}://{visit.request.host}{path}"
    said = "把这个链接发给 {名}（{身份}，24 小时内有效，只能用一次）：{链接}"
    return visit.say(said, 名=name, 身份=visit.say(TITLES[role]), 链接=address)


async def set_role(visit: Visit, form: Mapping[str, str]) -> str:
    name, role = form.get("name", ""), form.get("role", "")
    if role not in RANKS:
        raise CommandError("没有这种身份 (no such role)")

    async def write(work: Work) -> None:
        await _must_exist(work, name)
        await store.set_role(work, name, role)
        await _must_keep_an_owner(work)

    await visit.house.write(write)
    await visit.house.audit(visit.who.name, "console.role", {"name": name, "role": role})
    return visit.say("{名} 现在是{身份}", 名=name, 身份=visit.say(TITLES[role]))


async def drop(visit: Visit, form: Mapping[str, str]) -> str:
    name = form.get("name", "")

    async def write(work: Work) -> None:
        await _must_exist(work, name)
        await store.drop_user(work, name)
        await _must_keep_an_owner(work)

    await visit.house.write(write)
    await visit.house.audit(visit.who.name, "console.dropped", {"name": name})
    return visit.say("{名} 不能再登录了", 名=name)


async def change_password(visit: Visit, form: Mapping[str, str]) -> str:
    if form.get("new", "") != form.get("again", ""):
        raise CommandError(visit.say("两次写的密码不一样"))
    try:
        await visit.gate.change_password(visit.who, form.get("old", ""), form.get("new", ""))
    except Refused as error:
        raise CommandError(error.said(visit.say)) from error
    now = visit.house.now()
    await visit.house.write(lambda work: store.end_sessions(work, visit.who.name, but=visit.request[SESSION]))
    await visit.house.audit(visit.who.name, "console.password", {"at": now.isoformat()})
    return visit.say("密码改好了，别处的登录都退出了")


async def _must_exist(work: Work, name: str) -> None:
    if await store.user(work, name) is None:
        raise CommandError(f"没有叫“{name[:32]}”的账号 (no such user)")


async def _must_keep_an_owner(work: Work) -> None:
    """Inside the transaction, so that two owners cannot remove each other at once."""
    if await store.count_owners(work) == 0:
        raise CommandError("至少要留一位站长 (one owner must stay)")


PAGES = (Page("users", "账号", "users.html", load),)
ACTS = (
    Act("user-invite", invite, Rank.OWNER),
    Act("user-role", set_role, Rank.OWNER),
    Act("user-drop", drop, Rank.OWNER),
    Act("password", change_password, Rank.VIEWER),
)
