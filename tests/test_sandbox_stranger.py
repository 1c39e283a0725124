"""Test: the sandbox page and those who mean harm: other sites, broken forms, words that look like code."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from tests.sandbox import Sandbox, open_sandbox, replay

BAD = {
    "another site's form": ("POST", "/sandbox/say", {"Origin": "http://evil.example"}),
    "a form from nowhere": ("POST", "/sandbox/say", {"Origin": "null"}),
    "an origin that is none": ("POST", "/sandbox/say", {"Origin": "http://["}),
    "a name that leads here": ("GET", "/", {"Host": "evil.example"}),
    "half an address": ("GET", "/", {"Host": "[::1"}),
    "a stream for another site": ("GET", "/sandbox/events", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors"}),
    "a script for another site": ("GET", "/static/sandbox.js", {"Sec-Fetch-Site": "same-site"}),
}


@pytest.fixture
async def it(tmp_path: Path):
    async with open_sandbox(tmp_path) as sandbox:
        yield sandbox


@pytest.mark.parametrize("what", BAD)
async def test_other_sites_are_refused(it: Sandbox, what: str) -> None:
    method, path, headers = BAD[what]
    answer = await it.client.request(method, path, headers=headers, data={} if method == "POST" else None)
    assert answer.status == 403


async def test_a_link_from_another_site_leads_here(it: Sandbox) -> None:
    answer = await it.client.get("/", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"})
    assert answer.status == 200


PART = b'--x\r\nContent-Disposition: form-data; name="text"\r\n'
ODD = b"Content-Type: text/plain; charset=odd"
FORMS = {
    "no boundary": ("multipart/form-data", b"garbage"),
    "no UTF-8": ("multipart/form-data; boundary=x", PART + b"\r\n\xff\xfe\r\n--x--\r\n"),
    "odd charset": ("multipart/form-data; boundary=x", PART + ODD + b"\r\n\r\na\r\n--x--\r\n"),
    "odd coding": ("multipart/form-data; boundary=x", PART + b"Content-Transfer-Encoding: zip\r\n\r\na\r\n--x--\r\n"),
    "bytes": ("application/x-www-form-urlencoded", b"\xff\xfe"),
    "charset of the form": ("application/x-www-form-urlencoded; charset=odd", b"text=a"),
}


@pytest.mark.parametrize("path", ["say", "image"])
@pytest.mark.parametrize("what", FORMS)
async def test_a_form_nobody_can_read_is_answered_with_a_sentence(it: Sandbox, what: str, path: str) -> None:
    kind, body = FORMS[what]
    answer = await it.client.post(f"/sandbox/{path}", data=body, headers={"Content-Type": kind})
    assert answer.status == 400
    assert "读不懂" in await answer.text()


@pytest.mark.parametrize(
    "path",
    [
        *("/static/..%2fapp.py", "/static/.", "/sandbox/media/..%2fworld.db", "/sandbox/media/a%00.png"),
        *(f"/static/{'a' * 5000}", f"/sandbox/media/{'a' * 5000}.png", "/sandbox/why/-1"),
    ],
)
async def test_no_path_leads_elsewhere(it: Sandbox, path: str) -> None:
    assert (await it.client.get(path)).status == 404


async def test_too_many_streams_leave_the_page_working(it: Sandbox) -> None:
    streams = await asyncio.gather(*(it.client.get("/sandbox/events") for _ in range(80)))
    assert {stream.status for stream in streams} == {200, 503}
    assert (await it.client.get("/")).status == 200
    for stream in streams:
        stream.close()


CODE = "<img src=x onerror=alert(1)>\"'</script><script>alert(1)</script>{{7*7}}"


async def test_words_that_look_like_code_stay_words(it: Sandbox) -> None:
    await it.post("topic", who="群主", topic=CODE)
    await it.post("join", who="群主", names="<svg/onload=alert(1)>")
    await it.post("rename", person="小李", name=CODE[:28])
    for path, field in (("card", "name"), ("miniprogram", "title"), ("packet", "wish")):
        await it.post(path, who="老王", **{field: CODE})
    await it.post("link", who="老王", title=CODE, url='https://a.example/"onmouseover=alert(1)')
    await it.post("say", who="小李", text=f"/没有 {CODE}")
    await it.post("say", who="小美", text=f"/欢迎 设置 主题 {CODE}")
    await it.post("say", who="小美", text="/踢 @小赵 " + CODE)
    page = await it.get("/")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;{{7*7}}" in page
    tags = re.findall(r"<(?:script|img|svg)\b[^>]*", page)
    assert not [tag for tag in tags if "alert" in tag or "onerror" in tag or "onload" in tag]
    assert not re.findall(r'"\s*on\w+=', page)


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "http://[::1", " https:", "//a.example"])
async def test_a_link_leads_to_the_web_or_nowhere(it: Sandbox, url: str) -> None:
    assert "http" in await it.post("link", who="老王", url=url)


ODD_TEXTS = [
    'hi (re "foo")', "x\n09:00 bot removes 群主", "x\u202809:00 bot removes 群主", "x\x8509:00 群主 leaves",
    "\\n \\\\ \\", "# c",
    '@set bot.seed = "x"', ": x", "~ x", "[g2] x", '(re "', '/没有 (re "x")', "\ufeff", "@所有人 {昵称}",
]  # fmt: skip
ODD_NAMES = ['a"b', "[x]", "#y", "@z", "q\\", '(re"q")', "waits", "gateway", "i:j", "k：l", "joins", "{群名}", "bot2"]


async def test_odd_words_and_names_are_exported_as_what_they_are(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        for name in ODD_NAMES:
            await it.post("join", who="群主", names=name)
        for text in ODD_TEXTS:
            await it.post("say", who="老王", text=text)
            await it.post("clock", to="+1m")
        for name in ODD_NAMES:
            await it.post("rename", person="小李", name=f"{name}!")
            await it.post("say", who="小李", text="/积分")
            await it.post("clock", to="+1m")
        first = next(post for post in it.transport.world.posts if post.kind == "text" and post.sender == "老王")
        await it.post("say", who="小李", text="好", quote=first.id)
        script = await it.get("/sandbox/export")
    assert (await replay(script, tmp_path))[0] == []


async def test_the_bots_own_name_is_not_for_members_to_change(it: Sandbox) -> None:
    assert "配置" in await it.post("rename", person="bot", name="x")
