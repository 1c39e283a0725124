"""Web: the pages before the console: log in, follow a one-time link, log out."""

from __future__ import annotations

from dataclasses import dataclass

from aiohttp import web

from bot.web.console.frame import SESSION, Frame
from bot.web.console.gate import COOKIE, LASTS, Gate, Refused


@dataclass(frozen=True, slots=True)
class Door:
    """Routes that need no session."""

    gate: Gate
    frame: Frame

    def add_to(self, app: web.Application) -> None:
        app.add_routes(
            [
                web.get("/console/login", self.login),
                web.post("/console/login", self.enter),
                web.get("/console/welcome/{secret}", self.welcome),
                web.post("/console/welcome/{secret}", self.settle_in),
                web.post("/console/logout", self.leave),
            ]
        )

    async def login(self, _request: web.Request) -> web.Response:
        return self.frame.answer("login.html", set_up=await self.gate.is_set_up(), error="", name="")

    async def enter(self, request: web.Request) -> web.Response:
        form = await request.post()
        name, given = str(form.get("name", "")), str(form.get("password", ""))
        try:
            key = await self.gate.login(name, given, request.remote or "")
        except Refused as error:
            known = await self.gate.is_set_up()
            return self.frame.answer("login.html", 403, set_up=known, error=str(error), name=name[:40])
        return _come_in(request, key)

    async def welcome(self, request: web.Request) -> web.Response:
        try:
            name, role = await self.gate.invited(request.match_info["secret"])
        except Refused as error:
            return self.frame.answer("welcome.html", 403, name="", role="", error=str(error), usable=False)
        return self.frame.answer("welcome.html", name=name, role=role, error="", usable=True)

    async def settle_in(self, request: web.Request) -> web.Response:
        secret, form = request.match_info["secret"], await request.post()
        name, chosen = str(form.get("name", "")), str(form.get("password", ""))
        try:
            if chosen != str(form.get("again", "")):
                raise Refused("两次写的密码不一样")
            key = await self.gate.accept(secret, name, chosen)
        except Refused as error:
            try:
                _, role = await self.gate.invited(secret)
            except Refused as over:
                return self.frame.answer("welcome.html", 403, name="", role="", error=str(over), usable=False)
            return self.frame.answer("welcome.html", 403, name=name[:40], role=role, error=str(error), usable=True)
        return _come_in(request, key)

    async def leave(self, request: web.Request) -> web.Response:
        if key := request.cookies.get(COOKIE, ""):
            await self.gate.logout(key)
        answer = web.HTTPSeeOther("/console/login")
        answer.del_cookie(COOKIE, path="/console")
        raise answer


def _come_in(request: web.Request, key: str) -> web.Response:
    answer = web.Response(status=303, headers={"Location": "/console/"})
    secure = request.secure or request.headers.get("X-Forwarded-Proto", "") == "https"
    answer.set_cookie(
        COOKIE,
        key,
        path="/console",
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=secure,
    )
    return answer


__all__ = ["SESSION", "Door"]
