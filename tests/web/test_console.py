"""Test: the console in a real browser: every page in each role, at desk and phone, stories, and no barrier."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, StorageState, expect

from bot.web.console.pages import PAGES
from tests.web.fixtures import SIZES, running_sandbox

pytestmark = pytest.mark.web
AXE = Path(__file__).parents[1] / "gateway/node_modules/axe-core/axe.min.js"
PASSWORD = "correct horse battery"
AD = "诚招代理，日结 300，名额有限，加薇 abc12345"


class Desk:
    """One sandbox with a console, and people who log in to it."""

    def __init__(self, browser: Browser, url: str, data: Path) -> None:
        self.browser, self.url, self.data = browser, url, data
        self.wrong: list[str] = []
        self.contexts: list[BrowserContext] = []
        self.sessions: dict[str, StorageState] = {}

    def enter(self, role: str, size: str, *, scripts: bool = True) -> Page:
        """Somebody of this role: the first time by a one-time link, then with the session from there."""
        width, height = SIZES[size]
        context = self.browser.new_context(
            viewport={"width": width, "height": height},
            locale="zh-CN",
            java_script_enabled=scripts,
            storage_state=self.sessions.get(role),
        )
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.wrong.append(str(error)))
        page.on("dialog", lambda dialog: dialog.accept())
        if role in self.sessions:
            page.goto(f"{self.url}/console/")
        else:
            self._join(role, page)
            self.sessions[role] = context.storage_state()
        expect(page.get_by_role("heading", name="概览")).to_be_visible()
        return page

    def _join(self, role: str, page: Page) -> None:
        asked = [sys.executable, "-m", "bot", "--data", str(self.data), "console", "link", "--sandbox", "--role", role]
        link = subprocess.run([*asked, "--user", role], check=True, capture_output=True, text=True).stdout
        page.goto(self.url + re.sub(r"^https?://[^/]+", "", link.strip()))
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_label("再写一次").fill(PASSWORD)
        page.get_by_role("button", name="进控制台").click()
        page.wait_for_url("**/console/")

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"{message.type}: {message.text}")


@pytest.fixture(scope="module")
def one_desk(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A group in which something happened, for all tests here; a story that changes something takes it back."""
    data = tmp_path_factory.mktemp("console") / "data"
    with running_sandbox(data) as url:
        found = Desk(browser, url, data)
        _live_a_little(browser, url)
        yield found


@pytest.fixture
def desk(one_desk: Desk) -> Iterator[Desk]:
    yield one_desk
    for context in one_desk.contexts:
        context.close()
    one_desk.contexts.clear()
    assert one_desk.wrong == []


def _live_a_little(browser: Browser, url: str) -> None:
    page = browser.new_page()
    page.goto(url)
    page.get_by_role("button", name="知道了，收起").click()
    for who, text in (("老王", AD), ("小李", "/签到"), ("小美", "/抽奖 咖啡券 x2 30分钟")):
        page.locator("#roster").get_by_role("button", name=re.compile(f"^{who}")).first.click()
        page.locator("#text").fill(text)
        page.get_by_role("button", name="发送", exact=True).click()
        expect(page.locator("#posts li.own").last).to_contain_text(text[:8])
    page.close()


def barriers(page: Page) -> list[str]:
    """What axe finds that is serious."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:120]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]


def walk(desk: Desk, page: Page, size: str, paths: list[str], *, axe: bool) -> None:
    width, height = SIZES[size]
    page.set_viewport_size({"width": width, "height": height})
    group = page.locator("select[name=group] option").nth(1).get_attribute("value")
    for path in paths:
        more = "&id=老王" if path == "member" else "&no=1" if path == "case" else ""
        page.goto(f"{desk.url}/console/{path}?group={group}{more}")
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{path} is {wide} px too wide at {width} px"
        assert not axe or barriers(page) == [], path


def test_every_page_reads_well_for_the_owner(desk: Desk) -> None:
    page = desk.enter("owner", "desktop")
    everything = [one.path for one in PAGES]
    walk(desk, page, "desktop", everything, axe=True)
    walk(desk, page, "phone", everything, axe=False)
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accounts")
    walk(desk, page, "phone", ["", "groups", "review", "users"], axe=True)


@pytest.mark.parametrize(("role", "size"), [("operator", "phone"), ("viewer", "phone")])
def test_who_may_less_sees_less(desk: Desk, role: str, size: str) -> None:
    page = desk.enter(role, size)
    for path in (one.path for one in PAGES):
        walk(desk, page, size, [path], axe=path in ("", "case", "member"))
        buttons = page.locator("main form[method=post] button").count()
        assert role != "viewer" or path == "users" or buttons == 0, path
    expect(page.get_by_role("link", name="CSV")).to_have_count(0)


def test_a_decision_is_one_tap_without_scripts(desk: Desk) -> None:
    """The whole console is forms and links; scripts only spare a click."""
    page = desk.enter("operator", "phone", scripts=False)
    waiting = page.locator("article.wait").first
    expect(waiting).to_contain_text("abc12345")
    expect(waiting.get_by_role("button", name="放行")).to_be_visible()
    page.get_by_role("link", name="数据", exact=True).click()
    page.get_by_text("看表格").click()
    expect(page.get_by_role("columnheader", name="说话的人")).to_be_visible()
    page.get_by_label("群").select_option(index=1)
    page.get_by_role("button", name="看", exact=True).click()
    assert "group=" in page.url


def test_a_setting_is_changed_and_taken_back(desk: Desk) -> None:
    page = desk.enter("operator", "phone")
    page.locator("select[name=group]").select_option(index=1)
    page.get_by_role("link", name="群", exact=True).click()
    page.get_by_role("link", name="群规执行").click()
    field = page.locator("form.field", has=page.locator("code", has_text="moderation.grace")).first
    field.locator("[name=value]").fill("5m")
    field.get_by_role("button", name="保存").click()
    expect(page.get_by_role("status")).to_contain_text("改好了")
    expect(page.locator("main")).to_contain_text("本群")
    page.get_by_role("button", name="撤销最后一次改动").click()
    expect(page.get_by_role("status")).to_contain_text("改回去了")


def test_a_case_is_understood_and_taken_back(desk: Desk) -> None:
    page = desk.enter("operator", "desktop")
    page.get_by_role("link", name="审核").click()
    expect(page.locator("article").first).to_contain_text("abc12345")
    page.get_by_role("link", name="W1", exact=True).click()
    expect(page.locator("main pre")).to_contain_text("W1")
    page.get_by_role("button", name="这不是广告").first.click()
    expect(page.get_by_role("status")).to_be_visible()
    page.get_by_role("link", name="审核").click()
    expect(page.locator("main")).to_contain_text("没有等着决定的案件")
    page.get_by_label("消息").fill("招代理，加微信 abc99887 日赚三百")
    page.get_by_role("button", name="看看会怎么判").click()
    expect(page.locator("#try")).to_contain_text("广告")


def test_keys_alone_are_enough(desk: Desk) -> None:
    page = desk.enter("owner", "desktop")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#content")).to_be_focused()
    page.get_by_role("link", name="日程").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("日程")
