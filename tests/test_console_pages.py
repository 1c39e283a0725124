"""Test: every console page, as HTML and as its JSON twin, in each role; what strangers wrote stays text."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.web.console import password
from bot.web.console.pages import ACTS, PAGES
from tests.sandbox import G, Sandbox, open_sandbox
from tests.test_console_door import Visitor

EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password, "N", 1 << 10)


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with open_sandbox(tmp_path) as found:
        await found.post("join", who="群主", names=EVIL.replace(" ", "\u3000"))
        await found.post("rename", person="阿强", name=EVIL)
        await found.post("say", who="阿强", text=f"{EVIL} </script> 加微信 abc12345 低价代购")
        await found.post("topic", who="群主", topic=EVIL)
        yield found


@pytest.fixture
async def visitor(it: Sandbox) -> AsyncIterator[Visitor]:
    found = Visitor(it)
    yield found
    await found.client.close()


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def addresses(page_path: str) -> list[str]:
    extra = "&id=%E9%98%BF%E5%BC%BA" if page_path == "member" else "&no=1" if page_path == "case" else ""
    bare = [] if extra else [f"/console/{page_path}"]
    return [*bare, f"/console/{page_path}?group={G}{extra}"]


@pytest.mark.parametrize("role", ["viewer", "operator", "owner"])
async def test_every_page_shows_what_strangers_wrote_as_text(role: str, it: Sandbox, visitor: Visitor):
    await visitor.come_in("小林", role)
    for page in PAGES:
        for address in addresses(page.path):
            status, _, html = await visitor.get(address)
            allowed = {"viewer": 0, "operator": 1, "owner": 2}[role] >= page.rank
            assert status == (200 if allowed else 403), (address, html[:300])
            if not allowed:
                continue
            tags = Tags()
            tags.feed(html)
            assert not [tag for tag, _ in tags.found if tag == "img"]
            assert not [name for _, attributes in tags.found for name in attributes if name.startswith("on")]
            assert not [attributes for _, attributes in tags.found if "style" in attributes]
            assert all("src" in attributes for tag, attributes in tags.found if tag == "script")
            if role == "viewer":
                forms = {attributes.get("action") for tag, attributes in tags.found if tag == "form"}
                posts = {form for form in forms if form and form.startswith("/console/do/")}
                assert posts <= {"/console/do/password"}, address


async def test_every_page_has_a_twin_of_plain_data(it: Sandbox, visitor: Visitor):
    await visitor.come_in()
    for page in PAGES:
        address = addresses(page.path)[-1]
        twin = f"/console/{page.path or 'overview'}.json?{address.partition('?')[2]}"
        status, _, text = await visitor.get(twin)
        assert status == 200, twin
        assert isinstance(json.loads(text), dict)


async def test_no_deed_is_open_to_those_who_only_look(it: Sandbox, visitor: Visitor):
    await visitor.come_in("小看", "viewer")
    for act in ACTS:
        if act.rank > 0:
            assert (await visitor.post(f"/console/do/{act.name}", {"group": G}))[0] == 403, act.name


async def test_a_setting_is_changed_told_wrong_and_taken_back(it: Sandbox, visitor: Visitor):
    await visitor.come_in("小运", "operator")
    page = f"/console/groups?group={G}&section=moderation"

    async def deed(name: str, **form: str) -> str:
        assert (await visitor.post(f"/console/do/{name}", {"group": G, "back": page, **form}))[:2] == (303, page)
        return (await visitor.get(page))[2]

    assert "改好了" in await deed("setting", key="moderation.grace", value="5m")
    assert it.app.book.sections(G)["moderation"].grace.total_seconds() == 300
    assert "不是时长" in await deed("setting", key="moderation.grace", value="soon")
    assert "没有 moderation.nothing" in await deed("setting", key="moderation.nothing", value="1")
    assert "moderation.grace 改回去了" in await deed("setting-undo")
    assert it.app.book.sections(G)["moderation"].grace.total_seconds() == 180
    assert "console:小运" in (await visitor.get("/console/journal.json"))[2]
    assert (await visitor.post("/console/do/setting", {"group": "nowhere", "key": "x", "value": "y"}))[0] == 303


async def test_a_command_is_given_in_the_name_of_who_is_logged_in(it: Sandbox, visitor: Visitor):
    await visitor.come_in("小运", "operator")
    await visitor.post("/console/do/order", {"group": G, "line": "/状态", "back": "/console/groups"})
    assert 'role="status"' in (await visitor.get("/console/groups"))[2]
    await visitor.post("/console/do/order", {"group": G, "line": "/停用"})
    assert it.app.book.manages(G)
    await visitor.post("/console/do/order", {"group": G, "line": "不是命令"})
    assert "没有" in (await visitor.get("/console/"))[2]


async def test_words_are_found_in_the_archive(it: Sandbox, visitor: Visitor):
    await visitor.come_in()
    await it.app._index()
    page = (await visitor.get(f"/console/archive?group={G}&q=%E4%BB%A3%E8%B4%AD"))[2]
    assert "低价代购" in page
    assert "没有找到" in (await visitor.get(f"/console/archive?group={G}&q=zzz"))[2]
