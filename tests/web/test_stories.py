"""Test: the sandbox's stories in a real browser, at desktop and phone width."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.web.fixtures import SIZES, OpenPage

pytestmark = pytest.mark.web
AD = "诚招代理，日结 300，名额有限，加薇 abc12345"


@pytest.fixture(params=SIZES)
def page(request: pytest.FixtureRequest, open_page: OpenPage) -> Page:
    page = open_page(request.param)
    page.get_by_role("button", name="知道了，收起").click()
    return page


def test_the_red_packet_story(page: Page, tmp_path: Path) -> None:
    _be(page, "老王")
    _say(page, AD)
    own = page.locator("#posts li.own").last
    expect(own).to_contain_text("abc12345")
    expect(_bot(page).last).to_contain_text("红包")
    _jump(page, "+1分")
    page.get_by_role("button", name="发红包").click()
    expect(page.locator("#posts .packet-card")).to_be_visible()
    _jump(page, "+3分")
    _be(page, "小赵")
    _say(page, AD)
    expect(_bot(page).last).to_contain_text("小赵")
    _jump(page, "+3分")
    expect(page.locator("#posts")).to_contain_text("“群管家”将“小赵”移出了群聊")
    expect(page.locator("#absent")).to_contain_text("已经不在群里")
    expect(page.locator("#roster .people")).to_contain_text("老王")
    expect(page.locator("#roster .people")).not_to_contain_text("小赵")
    _look(page, tmp_path, "red_packet")
    _open(page, "动作")
    page.get_by_role("button", name="为什么").first.click()
    expect(page.locator("#why-text")).to_contain_text("abc12345")
    page.get_by_role("button", name="知道了", exact=True).click()
    _look(page, tmp_path, "actions")


def test_the_lottery_story(page: Page, tmp_path: Path) -> None:
    _be(page, "小美")
    _say(page, "/抽奖 咖啡券 x2 10分钟")
    expect(_bot(page).last).to_contain_text("L1")
    for who in ("阿强", "老王", "小李"):
        _be(page, who)
        _say(page, "参与")
    # The first is answered at once, the others together.
    expect(_bot(page).last).to_contain_text("小李", timeout=20_000)
    _open(page, "动作")
    page.get_by_role("tab", name="接下来").click()
    expect(page.locator("#scheduled")).to_contain_text("开奖")
    _open(page, "群聊")
    _jump(page, "+1时")
    expect(page.locator("#posts")).to_contain_text("恭喜")
    expect(page.locator("#who")).to_have_value("小李")
    _look(page, tmp_path, "lottery")


def test_scenes_are_one_click(page: Page, tmp_path: Path) -> None:
    _open(page, "场景")
    page.get_by_role("button", name=re.compile("^发广告不补红包")).click()
    expect(page.locator("#posts")).to_contain_text("“群管家”将“老王”移出了群聊", timeout=15_000)
    _open(page, "场景")
    page.get_by_role("button", name=re.compile("^一次进 5 人")).click()
    expect(page.locator("#posts")).to_contain_text("小雨、阿杰、婷婷、大鹏、小满")
    expect(page.locator("#roster .people li")).to_have_count(13, timeout=15_000)
    _look(page, tmp_path, "scenes")


def test_everything_that_can_be_sent(page: Page, tmp_path: Path) -> None:
    _be(page, "晓芳")
    _say(page, "这本书真好看")
    for what, title in (("发链接", "新人 1 元购"), ("发名片", "兼职小助手"), ("发小程序", "砍一刀")):
        page.get_by_role("button", name=what).click()
        page.get_by_role("dialog").get_by_role("button", name="发送").click()
        expect(page.locator("#posts")).to_contain_text(title)
    page.get_by_role("button", name="发二维码海报").click()
    expect(page.locator("#posts .picture img")).to_be_visible()
    with page.expect_file_chooser() as chooser:
        page.get_by_role("button", name="发图片").click()
    poster = Path(__file__).parents[2] / "bot" / "web" / "static" / "poster.png"
    chooser.value.set_files(poster)
    expect(page.locator("#posts .picture img")).to_have_count(2)
    text = page.locator("#text")
    text.press_sequentially("@小")
    expect(page.locator("#at-menu li")).not_to_have_count(0)
    text.press("ArrowDown")
    text.press("Enter")
    expect(text).to_have_value(re.compile(r"^@小\S+ $"))
    text.press_sequentially("你好")
    text.press("Enter")
    expect(text).to_have_value("")
    text.press("ArrowUp")
    expect(text).to_have_value(re.compile("你好$"))
    text.press("ArrowDown")
    first = page.locator("#posts li.text").first
    _hover(page, first)
    # Not a click by mouse: the list may be drawn anew under it, and then nothing hovers.
    first.get_by_role("button", name="引用").dispatch_event("click")
    _say(page, "我也觉得")
    expect(page.locator("#posts blockquote")).to_contain_text("这本书真好看")
    _hover(page, first)
    first.get_by_role("button", name="撤回").dispatch_event("click")
    expect(page.locator("#posts li").first).to_contain_text("你撤回了一条消息")
    _look(page, tmp_path, "sent")


def test_people_come_go_and_change(page: Page) -> None:
    _open(page, "成员")
    page.get_by_role("button", name="加人进群").click()
    page.get_by_role("dialog").get_by_label("名字").fill("小雨 <b>阿杰</b>")
    page.get_by_role("button", name="加进来").click()
    people = page.locator("#roster .people")
    expect(people).to_contain_text("<b>阿杰</b>")
    _menu(page, "小李", "改群昵称")
    page.get_by_role("dialog").get_by_label("新的群昵称").fill("小李-郑州-设计")
    page.get_by_role("button", name="改名").click()
    expect(people).to_contain_text("小李-郑州-设计")
    _menu(page, "大刘", "设为管理员")
    expect(people.locator("li[data-person=大刘] .tag")).to_have_text("管理员")
    _menu(page, "晓芳", "退群")
    expect(people).not_to_contain_text("晓芳")
    _open(page, "群聊")
    expect(page.locator("#posts")).to_contain_text("“晓芳”退出了群聊")
    expect(page.locator("#head")).to_contain_text("(10)")


def test_an_open_menu_stays_open_when_the_roster_is_drawn_anew(page: Page) -> None:
    _open(page, "成员")
    row = page.locator("#roster li[data-person='小李']")
    row.hover()
    row.locator("summary").click()
    page.evaluate("""() => fetch("/sandbox/join", {
        method: "POST",
        body: new URLSearchParams({ chat: document.body.dataset.chat, names: "新来的", who: "大刘" }),
    })""")
    expect(page.locator("#roster .people")).to_contain_text("新来的")
    expect(row.get_by_role("button", name="改群昵称")).to_be_visible()


def test_two_groups_and_a_private_chat(page: Page) -> None:
    _be(page, "阿强")
    _open(page, "成员")
    page.get_by_role("link", name=re.compile("^2群")).click()
    expect(page.locator("#head")).to_contain_text("2群")
    _open(page, "成员")
    expect(page.locator("#roster .people")).to_contain_text("云姐")
    page.get_by_role("link", name=re.compile("^私聊")).click()
    expect(page.locator("#head")).to_contain_text("私聊")
    _say(page, "在 金万家郑州读书会2群 /帮助")
    expect(_bot(page).last).to_contain_text("/签到")


def test_the_page_comes_back_by_itself_and_reset_begins_anew(page: Page) -> None:
    _be(page, "阿强")
    _say(page, "重置之前")
    expect(page.locator("#posts")).to_contain_text("重置之前")
    before = page.locator("body").get_attribute("data-birth")
    page.get_by_role("button", name="重置").click()
    page.get_by_role("dialog").get_by_role("button", name="重置").click()
    expect(page.locator("body")).not_to_have_attribute("data-birth", before or "", timeout=15_000)
    expect(page.locator("#posts")).not_to_contain_text("重置之前")
    _be(page, "阿强")
    _say(page, "/签到")
    expect(_bot(page).last).to_contain_text("签到")


def test_it_fits_and_can_be_read_by_a_screen_reader(page: Page) -> None:
    for tab in ("成员", "场景", "动作", "群聊"):
        _open(page, tab)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.locator("#composer")).to_be_in_viewport()
    nameless = page.evaluate(
        """() => [...document.querySelectorAll('button, a, input:not([type=hidden]), textarea')]
            .filter(e => !e.getAttribute('aria-label') && !e.textContent.trim() && !e.labels?.length)
            .map(e => e.outerHTML.slice(0, 80))"""
    )
    assert nameless == []


def _is_phone(page: Page) -> bool:
    return page.locator(".tabs").is_visible()


def _open(page: Page, tab: str) -> None:
    if _is_phone(page):
        page.locator(".tabs").get_by_role("button", name=tab).click()


def _be(page: Page, who: str) -> None:
    _open(page, "成员")
    page.locator(f"#roster [data-pick='{who}']").click()
    expect(page.locator("#who")).to_have_value(who)
    _open(page, "群聊")


def _menu(page: Page, who: str, what: str) -> None:
    row = page.locator(f"#roster li[data-person='{who}']")
    row.hover()
    row.locator("summary").click()
    row.get_by_role("button", name=what).click()


def _say(page: Page, text: str) -> None:
    field = page.locator("#text")
    field.fill(text)
    field.press("Enter")
    expect(field).to_have_value("")


def _jump(page: Page, title: str) -> None:
    before = int(page.locator("#now").get_attribute("data-ms") or 0)
    page.get_by_role("button", name=title, exact=True).click()
    page.wait_for_function("before => Number(document.getElementById('now').dataset.ms) > before + 50000", arg=before)


def _hover(page: Page, post: object) -> None:
    bubble = post.locator(".bubble")  # type: ignore[attr-defined]
    if _is_phone(page):
        bubble.click()
    else:
        bubble.hover()


def _bot(page: Page) -> object:
    return page.locator("#posts li[data-sender=bot]")


def _look(page: Page, folder: Path, name: str) -> None:
    """Keep a picture for whoever wants to see it."""
    size = "phone" if _is_phone(page) else "desktop"
    page.screenshot(path=folder / f"{name}-{size}.png")
