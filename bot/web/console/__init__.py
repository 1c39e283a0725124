"""Web: the console: one door, a page for each concern, deeds that are written down with who did them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from bot.errors import BotError
from bot.web.console.door import Door
from bot.web.console.frame import SESSION, WHO, Act, Frame, Page, Visit, back_to
from bot.web.console.gate import COOKIE, Gate, Rank
from bot.web.console.house import House
from bot.web.console.pages import ACTS, PAGES
from bot.web.console.pages.download import download
from bot.web.guard import OPEN

__all__ = ["GATE", "add_console", "to_console"]

GATE = web.AppKey("gate", Gate)
_OUTSIDE = ("/console/login", "/console/welcome/", "/console/logout", "/console/language")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def add_console(app: web.Application, house: House, *, is_near: bool = True) -> None:
    """Routes `/console/…`. The gate is `app[GATE]`.

    is_near: only this machine reaches the pages. Else nothing but the door and what machines ask for (health) is
    served until somebody has a password.
    """
    gate = app[GATE] = Gate(house)
    frame = Frame(house, gate, PAGES)
    if not is_near:
        app.middlewares.append(_shut_until_set_up(gate))
    app.middlewares.append(_guard(gate))
    Door(gate, frame).add_to(app)
    for page in PAGES:
        show = _shower(frame, house, page)
        path = f"/console/{page.path}"
        twin = f"/console/{page.path or 'overview'}.json"
        app.router.add_get(path, show)
        app.router.add_get(twin, show)
    app.router.add_get("/console/export.csv", _exporter(house, frame))
    acts = {act.name: act for act in ACTS}
    app.router.add_post("/console/do/{name:[a-z-]{1,40}}", _doer(frame, house, acts))
    app.router.add_get("/console", to_console)


async def to_console(_request: web.Request) -> web.Response:
    """For addresses that stand for the console."""
    raise web.HTTPSeeOther("/console/")


def _shut_until_set_up(gate: Gate) -> Any:
    """A middleware for a page that others can reach: without a password it is nobody's yet."""
    is_set_up = False

    @web.middleware
    async def shut(request: web.Request, handler: Handler) -> web.StreamResponse:
        nonlocal is_set_up
        if not is_set_up and request.path not in OPEN and not request.path.startswith((*_OUTSIDE, "/static/")):
            is_set_up = await gate.is_set_up()
            if not is_set_up:
                raise web.HTTPForbidden(
                    text="还没有人设过密码：先打开启动时终端里印的一次性链接，或者在服务器上运行 shequn console link"
                    " (no password yet, follow the one-time link first)\n"
                )
        return await handler(request)

    return shut


def _guard(gate: Gate) -> Any:
    """A middleware: whoever is not logged in comes to the door; a form without an origin does nothing."""

    @web.middleware
    async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
        if not request.path.startswith("/console"):
            return await handler(request)
        if request.method == "POST" and not {"Origin", "Sec-Fetch-Site"} & set(request.headers):
            raise web.HTTPForbidden(text="只接受本页面发出的请求 (the request names no origin)\n")
        if request.path.startswith(_OUTSIDE):
            return await handler(request)
        key = request.cookies.get(COOKIE, "")
        who = await gate.visitor(key)
        if who is None:
            if request.path.endswith(".json"):
                raise web.HTTPUnauthorized(text='{"error": "请先登录 (log in first)"}', content_type="application/json")
            raise web.HTTPSeeOther("/console/login")
        request[WHO], request[SESSION] = who, key
        return await handler(request)

    return guard


def _shower(frame: Frame, house: House, page: Page) -> Handler:
    async def show(request: web.Request) -> web.StreamResponse:
        return await frame.show(page, Visit(house, frame.gate, request, request[WHO]))

    return show


def _exporter(house: House, frame: Frame) -> Handler:
    async def export(request: web.Request) -> web.StreamResponse:
        visit = Visit(house, frame.gate, request, request[WHO])
        if visit.rank < Rank.OWNER:
            raise web.HTTPForbidden(text="只有站长能导出 (not allowed)\n")
        try:
            return await download(visit)
        except BotError as error:
            raise web.HTTPNotFound(text=f"{error}\n") from error

    return export


def _doer(frame: Frame, house: House, acts: dict[str, Act]) -> Handler:
    async def do(request: web.Request) -> web.StreamResponse:
        act, visit = acts.get(request.match_info["name"]), Visit(house, frame.gate, request, request[WHO])
        if act is None:
            raise web.HTTPNotFound(text="没有这个操作 (no such deed)\n")
        if visit.rank < act.rank:
            raise web.HTTPForbidden(text="你的身份不能做这件事 (not allowed)\n")
        form = {key: str(value) for key, value in (await request.post()).items() if isinstance(value, str)}
        try:
            said = await act.do(visit, form)
        except BotError as error:
            said = str(error)
        frame.tell(visit, said)
        return web.Response(status=303, headers={"Location": back_to(form)})

    return do
