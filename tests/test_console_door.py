"""Test: the console's door: only with a link or a password, no way around, no guessing, nothing from other sites."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote

import aiohttp
import pytest
from aiohttp.test_utils import TestClient, TestServer

from bot.desk import Desk
from bot.web.app import make_web
from bot.web.console import GATE, password
from bot.web.console.frame import back_to
from bot.web.console.patience import REMEMBERED, Patience, TooSoon, network
from tests.sandbox import Sandbox, open_sandbox

PASSWORD = "correct horse 电池"


class Visitor:
    """A browser with cookies of its own."""

    def __init__(self, it: Sandbox) -> None:
        self.it = it
        self.client = aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))
        self.base = str(it.client.make_url("/")).rstrip("/")
        self.others: list[Visitor] = []

    def another(self) -> Visitor:
        """Somebody else's browser."""
        self.others.append(Visitor(self.it))
        return self.others[-1]

    async def go(self) -> None:
        for each in (self, *self.others):
            await each.client.close()

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
    await found.go()


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
    stranger = visitor.another()
    stranger.client.cookie_jar.update_cookies({"shequn_console": planted}, it.client.make_url("/console/"))
    assert (await stranger.get("/console/"))[0] == 303
    for forged in ("", "x" * 5000, "' OR 1=1 --"):
        assert (await stranger.get("/console/", Cookie=f"shequn_console={forged}"))[0] == 303


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
    visitor.client.cookie_jar.clear()
    answers = [await visitor.post("/console/login", {"name": name, "password": "wrong"}) for name in ("小林", "没有")]
    assert {re.search(r'role="alert">([^<]*)', page)[1] for _, _, page in answers} == {"名字或密码不对"}  # type: ignore[index]
    for _ in range(3):
        await visitor.post("/console/login", {"name": "小林", "password": "wrong"})
    status, _, page = await visitor.post("/console/login", {"name": "小林", "password": PASSWORD})
    assert status == 403
    assert "秒后再试" in page
    await it.app.advance(it.clock.now() + timedelta(minutes=16))
    assert (await visitor.post("/console/login", {"name": "小林", "password": PASSWORD}))[0] == 303


async def test_a_stranger_locks_nobody_out(it: Sandbox, visitor: Visitor):
    """The owner has been here before; whoever guesses their name, even from the same address, is another matter."""
    await visitor.come_in()
    await visitor.post("/console/logout")
    assert (await visitor.post("/console/login", {"name": "小林", "password": PASSWORD}))[0] == 303
    await visitor.post("/console/logout")
    stranger = visitor.another()
    guesses = [stranger.post("/console/login", {"name": "小林", "password": f"guess {n}"}) for n in range(40)]
    pages = [page for _, _, page in await asyncio.gather(*guesses)]
    assert sum("名字或密码不对" in page for page in pages) <= 5, "guesses at the same moment are guesses too"
    assert sum("秒后再试" in page for page in pages) >= 35
    assert (await visitor.post("/console/login", {"name": "小林", "password": PASSWORD}))[0] == 303
    await visitor.post("/console/logout")
    for _ in range(6):
        await visitor.post("/console/login", {"name": "小林", "password": "wrong"})
    assert "秒后再试" in (await visitor.post("/console/login", {"name": "小林", "password": PASSWORD}))[2]


async def test_an_invitation_takes_nobody_elses_name(it: Sandbox, visitor: Visitor):
    await visitor.come_in()
    guest, link = visitor.another(), await it.client.app[GATE].make_link("小看", "viewer")
    form = {"name": "小林", "password": PASSWORD, "again": PASSWORD}
    assert "已经有人叫这个名字" in (await guest.post(link, form))[2]
    assert (await guest.post(link, {**form, "name": "小看看"}))[0] == 303
    link = await it.client.app[GATE].make_link("小林", "viewer")
    assert "至少要留一位站长" in (await guest.post(link, form))[2]
    assert (await visitor.get("/console/users.json"))[2].count('"role": "owner"') == 1


def test_patience_is_bounded_and_knows_whose_address_it_is():
    patience, now = Patience(), datetime(2026, 1, 5, tzinfo=UTC)
    for number in range(REMEMBERED + 500):
        patience.spend((f"name:{number}",), now)
    assert len(patience._tries) == REMEMBERED
    assert network("2001:db8::1") == network("2001:db8::ffff:1") != network("2001:db8:1::1")
    assert network("::ffff:10.0.0.1") == "10.0.0.1" != network("10.0.0.2")
    for _ in range(5):
        patience.spend(("from:x",), now)
    with pytest.raises(TooSoon):
        patience.spend(("from:x", "name:fresh"), now)
    assert "name:fresh" not in patience._tries


async def test_beyond_this_machine_nothing_is_shown_before_there_is_a_password(it: Sandbox):
    near, far = (make_web(it.board, house=Desk(it.board), listens=host) for host in ("::1", "0.0.0.0"))  # noqa: S104
    async with TestClient(TestServer(near)) as client:
        assert (await client.get("/console/", allow_redirects=False)).status == 303
    async with TestClient(TestServer(far)) as client:
        for path, status in (("/", 403), ("/console/", 403), ("/console/users.json", 403), ("/healthz", 200),
                             ("/metrics", 200), ("/console/login", 200), ("/static/console.css", 200)):  # fmt: skip
            assert (await client.get(path, allow_redirects=False)).status == status, path
        assert "一次性链接" in await (await client.get("/")).text()
        link, form = await far[GATE].make_link(), {"name": "小林", "password": PASSWORD, "again": PASSWORD}
        origin = str(client.make_url("/")).rstrip("/")
        answer = await client.post(link, data=form, headers={"Origin": origin}, allow_redirects=False)
        assert answer.status == 303
        assert (await client.get("/", allow_redirects=False)).status == 303


async def test_odd_requests_get_nowhere(it: Sandbox, visitor: Visitor):
    await visitor.come_in()
    assert (await visitor.get("/console/", Host="evil.example"))[0] == 403
    for path in ("/static/..%2fapp.py", "/static/%2e%2e%2fapp.py", "/static/....", "/static/a%00b"):
        assert (await visitor.get(path))[0] == 404, path
    for table in ("../../etc/passwd", "installation", "console_users", ""):
        assert (await visitor.get(f"/console/export.csv?table={quote(table)}"))[0] == 404, table
    assert (await visitor.get("/console/export.csv?table=members&group=nowhere"))[0] == 404
    assert (await visitor.post("/console/do/order", {"line": "x" * 300_000}))[0] == 413
    assert (await visitor.post("/console/login", {"name": "x" * 300_000}))[0] == 413
    form = {"group": "g1", "line": "/状态", "back": "/console/users?x=1\r\nSet-Cookie: a=b\r\n\r\n<script>"}
    status, place, _ = await visitor.post("/console/do/order", form)
    assert status == 303
    assert "\n" not in place
    assert not [cookie for cookie in visitor.client.cookie_jar if cookie.key == "a"]
    for number in ("-1", "9" * 30, "１", "NaN", "%00"):
        assert (await visitor.get(f"/console/people?page={quote(number)}"))[0] == 200, number


async def test_two_languages(it: Sandbox, visitor: Visitor):
    assert "还没有人设过密码" in (await visitor.get("/console/login"))[2]
    assert "Nobody has a password" in (await visitor.get("/console/login", **{"Accept-Language": "en-GB,zh"}))[2]
    await visitor.come_in()
    choice = {"language": "en", "back": "/console/users"}
    assert (await visitor.post("/console/language", choice))[:2] == (303, "/console/users")
    page = (await visitor.get("/console/users"))[2]
    assert '<html lang="en">' in page
    assert "Who may log in" in page
    await visitor.post("/console/language", {"language": "xx", "back": "https://evil.example"})
    assert "Who may log in" in (await visitor.get("/console/users"))[2]
    await visitor.post("/console/do/password", {"old": "wrong", "new": "another one!", "again": "another one!"})
    assert "The old password is wrong" in (await visitor.get("/console/"))[2]


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
    viewer, operator = visitor.another(), visitor.another()
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


async def test_changing_the_password_ends_the_other_sessions(it: Sandbox, visitor: Visitor):
    await visitor.come_in()
    elsewhere = visitor.another()
    await elsewhere.post("/console/login", {"name": "小林", "password": PASSWORD})
    assert (await elsewhere.get("/console/"))[0] == 200
    form = {"old": PASSWORD, "new": "another good one", "again": "another good one"}
    await visitor.post("/console/do/password", {**form, "old": "wrong"})
    assert "原来的密码不对" in (await visitor.get("/console/"))[2]
    await visitor.post("/console/do/password", form)
    assert "密码改好了" in (await visitor.get("/console/"))[2]
    assert (await elsewhere.get("/console/"))[0] == 303


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
