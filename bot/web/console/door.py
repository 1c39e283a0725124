"""Web: the pages before the console: log in, follow a one-time link, log out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from aiohttp import web

from bot.web.console.frame import SESSION, Frame, back_to, is_secure, tongue
from bot.web.console.gate import COOKIE, LASTS, Gate, Refused, clean
from bot.web.console.tongue import COOKIE as LANGUAGE
from bot.web.console.tongue import LANGUAGES

DEVICE, DEVICE_LASTS = "shequn_device", timedelta(days=365)


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
                web.post("/console/language", self.speak),
            ]
        )

    async def login(self, request: web.Request) -> web.Response:
        return await self._ask(request)

    async def enter(self, request: web.Request) -> web.Response:
        form = await request.post()
        name, given = str(form.get("name", "")), str(form.get("password", ""))
        try:
            key = await self.gate.login(name, given, request.remote or "", request.cookies.get(DEVICE, "")[:100])
        except Refused as error:
            return await self._ask(request, error, name)
        return await self._come_in(request, name.strip(), key)

    async def _ask(self, request: web.Request, error: Refused | None = None, name: str = "") -> web.Response:
        said, status = ("", 200) if error is None else (self._said(request, error), 403)
        known = await self.gate.is_set_up()
        return self.frame.answer(request, "login.html", status, set_up=known, error=said, name=name[:40])

    async def welcome(self, request: web.Request) -> web.Response:
        return await self._offer(request)

    async def settle_in(self, request: web.Request) -> web.Response:
        secret, form = request.match_info["secret"], await request.post()
        name, chosen = str(form.get("name", "")), str(form.get("password", ""))
        try:
            if chosen != str(form.get("again", "")):
                raise Refused("两次写的密码不一样")
            key = await self.gate.accept(secret, name, chosen)
        except Refused as error:
            return await self._offer(request, error, name)
        return await self._come_in(request, clean(name), key)

    async def _offer(self, request: web.Request, error: Refused | None = None, name: str = "") -> web.Response:
        """The page of a one-time link, or why it is none any more."""
        try:
            meant, role = await self.gate.invited(request.match_info["secret"])
        except Refused as over:
            said = self._said(request, over)
            return self.frame.answer(request, "welcome.html", 403, name="", role="", error=said, usable=False)
        said, status = ("", 200) if error is None else (self._said(request, error), 403)
        shown = name[:40] or meant
        return self.frame.answer(request, "welcome.html", status, name=shown, role=role, error=said, usable=True)

    def _said(self, request: web.Request, error: Refused) -> str:
        return error.said(tongue(self.gate.house, request))

    async def leave(self, request: web.Request) -> web.Response:
        if key := request.cookies.get(COOKIE, ""):
            await self.gate.logout(key)
        answer = web.HTTPSeeOther("/console/login")
        answer.del_cookie(COOKIE, path="/console")
        raise answer

    async def speak(self, request: web.Request) -> web.Response:
        """The console in another language, in this browser."""
        form = await request.post()
        wanted, back = str(form.get("language", "")), str(form.get("back", ""))
        answer = web.Response(status=303, headers={"Location": back_to({"back": back})})
        if wanted in LANGUAGES:
            _give(request, answer, LANGUAGE, wanted, "/console", DEVICE_LASTS)
        return answer

    async def _come_in(self, request: web.Request, name: str, key: str) -> web.Response:
        answer = web.Response(status=303, headers={"Location": "/console/"})
        _give(request, answer, COOKIE, key, "/console", LASTS)
        if not await self.gate.knows(request.cookies.get(DEVICE, "")[:100], name):
            device = await self.gate.remember_device(name)
            _give(request, answer, DEVICE, device, "/console/login", DEVICE_LASTS)
        return answer


def _give(request: web.Request, answer: web.Response, name: str, value: str, path: str, lasts: timedelta) -> None:
    answer.set_cookie(
        name,
        value,
        path=path,
        max_age=int(lasts.total_seconds()),
        httponly=True,
        samesite="Strict",
        secure=is_secure(request),
    )


__all__ = ["SESSION", "Door"]
