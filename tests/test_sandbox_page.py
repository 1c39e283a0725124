"""Test: the sandbox page: escaping, headers, other sites, bodies, pictures, and the stream of changes."""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from html.parser import HTMLParser
from pathlib import Path

import aiohttp
import pytest

from bot.transports.sandbox import talk
from tests.sandbox import Sandbox, open_sandbox, replay

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


async def test_names_and_words_are_escaped_and_nothing_comes_from_elsewhere(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        evil = "<img src=x onerror=alert(1)>"
        await it.post("join", who="群主", names=evil.replace(" ", "\u3000"))
        await it.post("rename", person="阿强", name=evil)
        await it.post("say", who="阿强", text=f"{evil} '\" &amp; </script>")
        await it.post("link", who="小李", title=evil, url='https://example.com/?q="><script>')
        await it.post("card", who="小李", name=evil)
        await it.post("topic", who="群主", topic=evil)
        await it.post("packet", who="小李", wish=evil)
        page = await it.get("/")
        assert "<img src=x" not in page
        assert "<script>" not in page
        assert "&lt;img src=x onerror=alert(1)&gt;" in page
        sources = re.findall(r'(?:src|href|action|hx-\w+)="([^"]*)"', page)
        outside = {source for source in sources if "//" in source}
        assert outside == {"https://example.com/?q=&#34;&gt;&lt;script&gt;"}
        tags = _Tags()
        tags.feed(page)
        assert not [name for _, name in tags.attributes if name.startswith("on") or name == "style"]
        assert {tag for tag, name in tags.attributes if name == "src"} == {"script"}


async def test_headers_are_strict(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        for path in ("/", "/static/sandbox.css", "/sandbox/export", "/nowhere"):
            answer = await it.client.get(path)
            policy = answer.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Host": "evil.example:8080"},
    ],
    ids=lambda headers: "-".join(*headers.items()),
)
async def test_other_sites_cannot_act(tmp_path: Path, headers: dict[str, str]) -> None:
    async with open_sandbox(tmp_path) as it:
        form = {"chat": "g1", "who": "阿强", "text": "别的网站"}
        assert (await it.client.post("/sandbox/say", data=form, headers=headers)).status == 403
        assert it.said() == []
        own = f"http://{it.client.host}:{it.client.port}"
        accepted = await it.client.post(
            "/sandbox/say", data=form, headers={"Origin": own, "Sec-Fetch-Site": "same-origin"}
        )
        assert accepted.status == 204


async def test_bodies_are_bounded(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        form = {"chat": "g1", "who": "阿强", "text": "x" * 300_000}
        assert (await it.client.post("/sandbox/say", data=form)).status == 413
        assert it.said() == []


async def test_only_pictures_are_taken(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        for body in (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"", b"\x89PNG\r\n\x1a\n" + bytes(5 * 1024 * 1024)):
            assert "只收" in await _upload(it, body)
        assert await _upload(it, PNG) == ""
        post = it.transport.world.posts[-1]
        shown = await it.client.get(f"/sandbox/media/{post.media}")
        assert (shown.status, shown.content_type, await shown.read()) == (200, "image/png", PNG)
        for name in ("..%2fworld.db", "world.db", "nothing.png"):
            assert (await it.client.get(f"/sandbox/media/{name}")).status == 404


async def test_a_picture_with_a_code_is_judged_and_travels_with_the_script(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.post("poster", who="老王")
        await it.until(lambda: any("W1" in line for line in it.said()))
        name = it.transport.world.find_last("老王").media
        answer = await it.client.get("/sandbox/export")
        assert answer.content_type == "application/zip"
        with zipfile.ZipFile(io.BytesIO(await answer.read())) as archive:
            script = next(each for each in archive.namelist() if each.endswith(".chat"))
            archive.extractall(tmp_path / "out")
        assert (tmp_path / "out" / name).read_bytes() == (it.transport.media / name).read_bytes()
    text = (tmp_path / "out" / script).read_text(encoding="utf-8")
    assert (await replay(text, tmp_path / "out"))[0] == []


async def test_the_stream_tells_what_is_new_and_goes_on_where_it_broke_off(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.post("say", who="阿强", text="第一句")
        first = it.transport.world.posts[-1]
        async with it.client.get("/sandbox/events", params={"chat": "g1", "after": "0"}) as stream:
            assert "第一句" in await _until(stream, "event: post")
            assert "data-ms" in await _until(stream, "event: clock")
        await it.post("say", who="阿强", text="第二句")
        headers = {"Last-Event-ID": str(first.seq)}
        async with it.client.get("/sandbox/events", params={"chat": "g1"}, headers=headers) as stream:
            seen = await _until(stream, "event: clock")
            assert "第二句" in seen
            assert "第一句" not in seen
            talk.recall(it.stage, it.transport.world.find_last("阿强").id)
            assert 'hx-swap-oob="outerHTML"' in await _until(stream, "撤回了一条消息")


async def test_a_page_of_another_world_is_told_to_renew(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it, it.client.get("/sandbox/events?birth=elsewhere") as stream:
        await _until(stream, "event: renew")


async def test_open_streams_do_not_hold_up_the_end(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        stream = await it.client.get("/sandbox/events")
        await _until(stream, "event: clock")
        async with asyncio.timeout(3):
            await it.client.server.close()
            assert await stream.content.read() is not None


class _Tags(HTMLParser):
    """Which attributes a page really has."""

    def __init__(self) -> None:
        super().__init__()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name) for name, _ in attrs]


async def _upload(it: Sandbox, body: bytes) -> str:
    form = aiohttp.FormData({"chat": "g1", "who": "阿强"})
    form.add_field("image", io.BytesIO(body), filename="x.png", content_type="image/png")
    answer = await it.client.post("/sandbox/image", data=form)
    assert answer.status in (200, 204)
    return await answer.text()


async def _until(stream: aiohttp.ClientResponse, wanted: str) -> str:
    """Everything up to the end of the event in which `wanted` stands."""
    seen = ""
    async with asyncio.timeout(10):
        while wanted not in seen or not seen.endswith("\n\n"):
            seen += (await stream.content.readline()).decode()
    return seen
