"""Test: the console's door: only with a link or a password, no way around, no guessing, nothing from other sites."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import aiohttp
import pytest

from bot.web.console import GATE, password
from bot.web.console.frame import back_to
from tests.sandbox import Sandbox, open_sandbox

PASSWORD = "correct horse 电池"


class Visitor:
    """A browser with cookies of its own."""

    def __init__(self, it: Sandbox) -> None:
        self.it = it
        self.client = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.base = str(it.client.make_url("/")).rstrip("/")

    async def get(self, path: str, **headers: str) -> tuple[int, str, str]:
        async with self.client.get(self.base + path, allow_redirects=False, headers=headers) as answer:
            return answer.status, answer.headers.get("Location", ""), await answer.text()

    async def post(
        self, path: str, form: dict[str, str] | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, str, str]:
        sent = {"Origin": self.base} if headers is None else headers
        async with self.client.post(self.base + path, data=form or {}, headers=sent, allow_redirects=False) as answer:
            return answer.status, answer.headers.get("Location", ""), await answer.text()

    async def come_in(self, name: str = "小林", role: str = "owner") -> None:
        path = await self.it.client.app[GATE].make_link(name, role)
        status, place, page = await self.post(path, {"name": name, "password": PASSWORD, "again": PASSWORD})
        assert (status, place) == (303, "/console/"), page

    @property
    def key(self) -> str:
        return next(cookie.value for cookie in self.client.cookie_jar if cookie.key == "shequn_console")


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cost of a guess is measured elsewhere; here it would only take time."""
    monkeypatch.setattr(password, "N", 1 << 10)


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with open_sandbox(tmp_path) as found:
        yield found


@pytest.fixture
async def visitor(it: Sandbox) -> AsyncIterator[Visitor]:
    found = Visitor(it)
    yield found
    await found.client.close()


async def test_nobody_comes_in_without_a_key(it: Sandbox, visitor: Visitor):
    for path in ("/console/", "/console/users", "/console?x=1"):
        status, place, _ = await visitor.get(path)
        assert (status, place) in ((303, "/console/login"), (303, "/console/"))
    assert (await visitor.get("/console/users.json"))[0] == 401
    assert (await visitor.post("/console/do/user-drop", {"name": "小林"}))[:2] == (303, "/console/login")
    assert "一次性链接" in (await visitor.get("/console/login"))[2]


async def test_a_link_works_once_and_for_a_day(it: Sandbox, visitor: Visitor):
    gate = it.client.app[GATE]
    first, second = await gate.make_link(), await gate.make_link()
    assert (await visitor.get(first))[0] == 403
    assert (await visitor.get(second))[0] == 200
    await it.app.advance(it.clock.now() + timedelta(hours=25))
    assert (await visitor.get(second))[0] == 403
    third = await gate.make_link()
    form = {"name": "小林", "password": PASSWORD, "again": PASSWORD}
    assert (await visitor.post(third, {**form, "again": "another one!"}))[0] == 403
    assert (await visitor.post(third, {**form, "password": "short", "again": "short"}))[0] == 403
    assert (await visitor.post(third, {**form, "name": "  "}))[0] == 403
    assert (await visitor.post(third, form))[:2] == (303, "/console/")
    assert (await visitor.post(third, form))[0] == 403
    status, _, page = await visitor.get("/console/")
    assert status == 200
    assert "小林" in page


async def test_a_password_is_needed_afterwards_and_sessions_end(it: Sandbox, visitor: Visitor):
    await visitor.come_in()
    old = visitor.key
    await visitor.post("/console/logout")
    assert (await visitor.get("/console/"))[0] == 303
    visitor.client.cookie_jar.update_cookies({"shequn_console": old}, it.client.make_url("/console/"))
    assert (await visitor.get("/console/"))[0] == 303
    assert (await visitor.post("/console/login", {"name": "小林", "password": PASSWORD}))[:2] == (303, "/console/")
    assert visitor.key != old
    await it.app.advance(it.clock.now() + timedelta(days=15))
    assert (await visitor.get("/console/"))[0] == 303


async def test_a_planted_key_is_worth_nothing(it: Sandbox, visitor: Visitor):
    planted = "A" * 43
    visitor.client.cookie_jar.update_cookies({"shequn_console": planted}, it.client.make_url("/console/"))
    await visitor.come_in()
    stranger = Visitor(it)
    stranger.client.cookie_jar.update_cookies({"shequn_console": planted}, it.client.make_url("/console/"))
    assert (await stranger.get("/console/"))[0] == 303
    for forged in ("", "x" * 5000, "' OR 1=1 --"):
        assert (await stranger.get("/console/", Cookie=f"shequn_console={forged}"))[0] == 303
    await stranger.client.close()


async def test_the_file_opens_no_door(it: Sandbox, visitor: Visitor, tmp_path: Path):
    link = await it.client.app[GATE].make_link()
    await visitor.come_in()
    with closing(sqlite3.connect(it.app.database)) as file:
        content = "\n".join(file.iterdump())
    assert visitor.key not in content
    assert PASSWORD not in content
    assert link.rsplit("/", 1)[1] not in content
    assert "scrypt$1024$8$1$" in content


async def test_guessing_gets_slower_and_says_the_same_for_names_unknown(it: Sandbox, visitor: Visitor):
    await visitor.come_in()
    await visitor.post("/console/logout")
    answers = [await visitor.post("/console/login", {"name": name, "password": "wrong"}) for name in ("小林", "没有")]
    assert {re.search(r'role="alert">([^<]*)', page)[1] for _, _, page in answers} == {"名字或密码不对"}  # type: ignore[index]
    for _ in range(3):
        await visitor.post("/console/login", {"name": "小林", "password": "wrong"})
    status, _, page = await visitor.post("/console/login", {"name": "小林", "password": PASSWORD})
    assert status == 403
    assert "秒后再试" in page
    await it.app.advance(it.clock.now() + timedelta(minutes=16))
    assert (await visitor.post("/console/login", {"name": "小林", "password": PASSWORD}))[0] == 303


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "https://evil.example"},
    ],
)
async def test_forms_of_other_sites_do_nothing(headers: dict[str, str], it: Sandbox, visitor: Visitor):
    await visitor.come_in()
    form = {"name": "新人", "role": "owner"}
    assert (await visitor.post("/console/do/user-invite", form, headers))[0] == 403
    assert (await visitor.post("/console/login", {"name": "小林", "password": PASSWORD}, headers))[0] == 403
    assert (await visitor.get("/console/"))[0] == 200


async def test_the_cookie_is_for_the_browser_alone(it: Sandbox, visitor: Visitor):
    path = await it.client.app[GATE].make_link()
    form = {"name": "小林", "password": PASSWORD, "again": PASSWORD}
    url, sent = visitor.base + path, {"Origin": visitor.base}
    async with visitor.client.post(url, data=form, headers=sent, allow_redirects=False) as answer:
        cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Strict" in cookie
    assert "Path=/console" in cookie


async def test_three_roles_and_one_owner_stays(it: Sandbox, visitor: Visitor):
    await visitor.come_in()
    viewer, operator = Visitor(it), Visitor(it)
    await viewer.come_in("小看", "viewer")
    await operator.come_in("小运", "operator")
    assert (await viewer.post("/console/do/user-invite", {"name": "x", "role": "owner"}))[0] == 403
    assert (await operator.post("/console/do/user-role", {"name": "小运", "role": "owner"}))[0] == 403
    assert "小林" not in (await viewer.get("/console/users.json"))[2]
    for act, form in (("user-drop", {"name": "小林"}), ("user-role", {"name": "小林", "role": "viewer"})):
        await visitor.post(f"/console/do/{act}", {**form, "back": "/console/users"})
        assert "至少要留一位站长" in (await visitor.get("/console/users"))[2]
    await visitor.post("/console/do/user-drop", {"name": "小看"})
    assert (await viewer.get("/console/"))[0] == 303
    await viewer.client.close()
    await operator.client.close()


async def test_changing_the_password_ends_the_other_sessions(it: Sandbox, visitor: Visitor):
    await visitor.come_in()
    elsewhere = Visitor(it)
    await elsewhere.post("/console/login", {"name": "小林", "password": PASSWORD})
    assert (await elsewhere.get("/console/"))[0] == 200
    form = {"old": PASSWORD, "new": "another good one", "again": "another good one"}
    await visitor.post("/console/do/password", {**form, "old": "wrong"})
    assert "原来的密码不对" in (await visitor.get("/console/"))[2]
    await visitor.post("/console/do/password", form)
    assert "密码改好了" in (await visitor.get("/console/"))[2]
    assert (await elsewhere.get("/console/"))[0] == 303
    await elsewhere.client.close()


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/console/", "//evil.example/console/", "/\\evil.example", "javascript:x", "/", ""]
)
def test_a_deed_returns_into_the_console(wanted: str):
    assert back_to({"back": wanted}) == "/console/"
    assert back_to({"back": "/console/users?group=g1"}) == "/console/users?group=g1"


async def test_a_guess_costs_what_it_should():
    kept = await password.make(PASSWORD)
    assert await password.fits(PASSWORD, kept)
    assert not await password.fits(PASSWORD + "x", kept)
    assert kept != await password.make(PASSWORD)
