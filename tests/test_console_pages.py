"""Test: every console page, as HTML and as its JSON twin, in each role; what strangers wrote stays text."""

from __future__ import annotations

import csv
import io
import json
import re
import tomllib
from collections.abc import AsyncIterator
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bot.shipped import shipped
from bot.transport import Health
from bot.web.console import password
from bot.web.console.gate import TITLES
from bot.web.console.pages import ACTS, PAGES
from bot.web.console.pages.journal import KINDS
from bot.web.console.pages.review import CHOICES, STATES, VERDICTS
from bot.web.console.pages.schedule import OUTCOMES
from bot.web.console.tongue import LANGUAGES
from tests.sandbox import G, Sandbox, open_sandbox
from tests.test_console_door import Visitor

ROOT = Path(__file__).parents[1]
CATALOGUE = shipped("config") / "texts"
AD = "低价代购，诚招代理，日结 300，名额有限，加薇 abc12345"
SENTENCE = re.compile(r'(?:\b_|say|Refused|said =)\s?\(?\s*"([^"]*[\u4e00-\u9fff][^"]*)"')
EVIL = "<img src=x onerror=alert(1)>"


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password, "N", 1 << 10)


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[Sandbox]:
    async with open_sandbox(tmp_path) as found:
        await found.post("join", who="群主", names=EVIL.replace(" ", "\u3000"))
        await found.post("rename", person="阿强", name=EVIL)
        await found.post("say", who="阿强", text=f"{EVIL} </script> {AD}")
        await found.post("topic", who="群主", topic=EVIL)
        yield found


@pytest.fixture
async def visitor(it: Sandbox) -> AsyncIterator[Visitor]:
    found = Visitor(it)
    yield found
    await found.go()


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


class Words(HTMLParser):
    """What a page's heading and the captions of its tables and fields say."""

    def __init__(self) -> None:
        super().__init__()
        self.titles: list[str] = []
        self._inside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside += tag in ("h1", "thead")

    def handle_endtag(self, tag: str) -> None:
        self._inside -= tag in ("h1", "thead")

    def handle_data(self, data: str) -> None:
        if self._inside and data.strip():
            self.titles.append(data.strip())


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


async def test_every_page_has_a_twin_of_plain_data(both: object, it: Sandbox, visitor: Visitor):
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


async def test_what_is_for_owners_is_not_for_operators(it: Sandbox, visitor: Visitor):
    """A command's own check of who asks must hold for the console too."""
    await visitor.come_in("小运", "operator")
    owner = visitor.another()
    await owner.come_in("站长")

    async def say(who: Visitor, line: str, **more: str) -> str:
        await who.post("/console/do/order", {"group": G, "line": line, "back": "/console/groups", **more})
        page = (await who.get("/console/groups"))[2]
        return page.partition('role="status">')[2].partition("</p>")[0]

    everywhere = "/设置 所有群 moderation.grace 7m"
    await say(visitor, everywhere)
    assert it.app.book.sections(G)["moderation"].grace.total_seconds() == 180
    await say(owner, everywhere)
    assert it.app.book.sections(G)["moderation"].grace.total_seconds() == 420
    assert "更高的身份" in await say(visitor, "/管理员 加", member="小李")
    assert (await visitor.get("/console/export.csv?table=members"))[0] == 403


async def test_what_asks_back_is_confirmed_here_too(it: Sandbox, visitor: Visitor):
    await visitor.come_in("小运", "operator")
    form = {"group": G, "back": "/console/groups"}
    await visitor.post("/console/do/order", {**form, "line": "/公告 周六下午三点线下见"})
    assert "周六下午三点" in (await visitor.get("/console/groups"))[2]
    await it.settle()
    assert not [line for line in it.said() if "线下见" in line]
    await visitor.post("/console/do/order", {**form, "line": "确认"})
    await it.settle()
    assert [line for line in it.said() if "线下见" in line]


async def test_a_long_cell_is_folded_and_every_cell_knows_its_column(it: Sandbox, visitor: Visitor):
    """A proof of a screen's length would push the buttons beside it off a phone."""
    await visitor.come_in("小运", "operator")
    await it.post("say", who="小美", text="/抽奖 书 x1")
    await it.post("say", who="小李", text="参与")
    await it.post("say", who="小美", text="/开奖 L1")
    await it.settle()
    page = (await visitor.get(f"/console/activity?group={G}"))[2]
    (row,) = re.findall(r"<tr><td data-column=\"编号\">L1</td>.*?</tr>", page, re.DOTALL)
    assert re.search(r'<td data-column="证明"><details><summary>看全文</summary><pre>\{', row)
    assert row.count("<td data-column=") == 5


async def test_buttons_about_a_person_mean_that_person(it: Sandbox, visitor: Visitor):
    """By id: their name is markup, or somebody else's too."""
    await visitor.come_in("小运", "operator")
    page = f"/console/member?group={G}&id=%E9%98%BF%E5%BC%BA"
    form = {"group": G, "back": page, "member": "阿强"}
    assert "豁免 7 天" in (await visitor.get(page))[2]
    await visitor.post("/console/do/order", {**form, "line": "/豁免 7天"})
    assert "取消豁免" in (await visitor.get(page))[2]
    await visitor.post("/console/do/order", {**form, "line": "/豁免 取消"})
    await visitor.post("/console/do/order", {**form, "line": "/踢"})
    await it.settle()
    assert "阿强" not in it.transport.world.groups[G].members
    journal = json.loads((await visitor.get("/console/journal.json?kind=console"))[2])
    orders = [line for line in journal["lines"] if line["what"] == "console.order"]
    assert {"line=/踢；member=阿强", "line=/豁免 7天；member=阿强"} <= {line["detail"] for line in orders}
    assert {line["actor"] for line in orders} == {"console:小运"}


async def test_tags_are_given_and_taken_on_the_page_of_a_person(it: Sandbox, visitor: Visitor):
    await visitor.come_in("小运", "operator")
    page = f"/console/member?group={G}&id=%E9%98%BF%E5%BC%BA"
    form = {"group": G, "back": page, "member": "阿强"}
    assert 'value="/成员 标签"' in (await visitor.get(page))[2]
    await visitor.post("/console/do/order", {**form, "line": "/成员 标签", "words": "讲师"})
    shown = (await visitor.get(page))[2]
    assert ">讲师</td>" in shown
    assert 'value="/成员 标签 -讲师"' in shown
    await visitor.post("/console/do/order", {**form, "line": "/成员 标签", "words": "<b>"})
    assert ">&lt;b&gt;</td>" not in (await visitor.get(page))[2]
    await visitor.post("/console/do/order", {**form, "line": "/成员 标签 -讲师"})
    assert ">讲师</td>" not in (await visitor.get(page))[2]


async def test_who_comes_and_goes_and_comes_again_is_one_newcomer(it: Sandbox, visitor: Visitor):
    await visitor.come_in()

    async def counted() -> list[int]:
        today = json.loads((await visitor.get("/console/overview.json"))[2])["today"]
        numbers = json.loads((await visitor.get("/console/numbers.json"))[2])["totals"]
        assert (today["joined"], today["left"]) == (numbers["joined"], numbers["left"])
        return [today["joined"], today["left"]]

    came, went = await counted()
    for step in ("join", "leave", "join", "leave", "join"):
        await it.post(step, who="群主", person="小往", names="小往")
    assert await counted() == [came + 1, went]
    await it.post("leave", person="小往")
    assert await counted() == [came + 1, went + 1]


async def test_the_overview_says_what_is_up(it: Sandbox, visitor: Visitor, monkeypatch: pytest.MonkeyPatch):
    await visitor.come_in()
    operator = visitor.another()
    await operator.come_in("小运", "operator")
    found = json.loads((await visitor.get("/console/overview.json"))[2])
    assert found["light"] == "on"
    assert found["today"]["messages"] >= 1
    assert found["today"]["joined"] >= 1
    assert found["today"]["cases"] == found["waiting_count"] == 1
    assert [case["no"] for case in found["waiting"]] == [1]
    assert found["scheduled"]
    scan = Health(connected=True, logged_in=False, detail="等待扫码", code="https://login.example/l/abc==")
    monkeypatch.setattr(it.transport, "health", lambda: scan)
    assert 'src="data:image/svg+xml;base64,' in (await visitor.get("/console/"))[2]
    page = (await operator.get("/console/"))[2]
    assert "data:image" not in page
    assert "微信没登录" in page
    await visitor.post("/console/do/order", {"group": G, "line": "/撤销 W1"})
    assert json.loads((await visitor.get("/console/overview.json"))[2])["waiting_count"] == 0


async def test_any_version_of_a_setting_comes_back(it: Sandbox, visitor: Visitor):
    await visitor.come_in("小运", "operator")
    page = f"/console/groups?group={G}&section=moderation"
    for value in ("5m", "6m", "7m"):
        form = {"group": G, "key": "moderation.grace", "value": value}
        await visitor.post("/console/do/setting", form)
    history = json.loads((await visitor.get(page.replace("groups?", "groups.json?")))[2])["history"]
    assert [(line["value"], line["now"]) for line in history] == [("7m", True), ("6m", False), ("5m", False)]
    for version in (str(history[2]["version"]), "999999", "x", ""):
        await visitor.post("/console/do/setting-restore", {"group": G, "version": version, "back": page})
    assert it.app.book.sections(G)["moderation"].grace.total_seconds() == 300
    assert "没有这个版本" in (await visitor.get(page))[2]


async def test_a_file_for_spreadsheets_does_nothing_there(both: object, it: Sandbox, visitor: Visitor):
    for formula in ('=HYPERLINK("http://x","红包")', "＝1+1", "@SUM(1)", "-2+3", "\t=1"):
        await it.post("say", who="小李", text=formula)
    await it.post("rename", person="小李", name="=cmd|' /C calc'!A0")
    await visitor.come_in()
    assert "已经" not in (await visitor.get("/console/archive"))[2]
    for table in ("members", "messages", "cases", "ledger"):
        status, _, text = await visitor.get(f"/console/export.csv?table={table}&group={G}")
        assert status == 200
        rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
        assert len(rows) > 1 or table == "ledger"
        cells = [cell for row in rows[1:] for cell in row if not cell.lstrip("-").isdigit()]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "＝", "\t"))], table


async def test_everything_that_is_the_consoles_own_is_said_in_english_too(it: Sandbox, visitor: Visitor):
    await visitor.come_in()
    await visitor.post("/console/language", {"language": "en"})
    for page in PAGES:
        if page.path in ("member", "activity"):
            continue  # the tables of plugins are in the words of the plugins
        html = (await visitor.get(addresses(page.path)[-1]))[2]
        words = Words()
        words.feed(html)
        assert words.titles, page.path
        assert not [title for title in words.titles if re.search("[\u4e00-\u9fff]", title)], page.path


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalogue_knows_every_sentence_of_the_pages(language: str):
    texts = tomllib.loads((CATALOGUE / language / "console.toml").read_text(encoding="utf-8"))
    asked = {
        sentence
        for path in (ROOT / "bot/web/console").rglob("*")
        if path.suffix in (".html", ".py")
        for sentence in SENTENCE.findall(path.read_text(encoding="utf-8"))
    }
    titles = {page.title for page in PAGES if page.title}
    lists = (STATES, VERDICTS, CHOICES, KINDS, OUTCOMES, TITLES)
    assert len(asked) > 150
    assert (asked | titles | {word for each in lists for word in each.values()}) - set(texts) == set()


async def test_words_are_found_in_the_archive(it: Sandbox, visitor: Visitor):
    await visitor.come_in()
    await it.app.upkeep.index()
    page = (await visitor.get(f"/console/archive?group={G}&q=%E4%BB%A3%E8%B4%AD"))[2]
    assert "低价代购" in page
    assert "没有找到" in (await visitor.get(f"/console/archive?group={G}&q=zzz"))[2]
