"""Test: the sandbox through its web routes, with the real app behind it and no browser."""

from __future__ import annotations

import asyncio
import io
import re
import zipfile
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import aiohttp
import pytest

from bot.actions import RemoveMember
from bot.clock import SandboxClock
from bot.model import Member
from bot.transports.sandbox import SandboxTransport, people, talk
from bot.transports.sandbox.scenes import AD, SCENES
from bot.transports.sandbox.things import NotPossible
from tests.sandbox import Sandbox, open_sandbox, replay

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


# stories


async def test_an_unpaid_ad_ends_in_one_removal_and_the_script_replays_it(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.post("say", who="老王", text=AD)
        assert any("红包" in line for line in it.said() if line.startswith("群管家"))
        assert "W1" in await it.get("/")
        await it.post("clock", to="+3m")
        assert ": “群管家”将“老王”移出了群聊" in [line.removeprefix("群管家") for line in it.said()]
        assert "老王" not in it.transport.world.group("g1").seats
        script = await it.get("/sandbox/export")
        assert script.count("bot removes 老王") == 1
    differs, acted = await replay(script, tmp_path)
    assert differs == []
    assert [done.action.member.id for done in acted if isinstance(done.action, RemoveMember)] == ["老王"]


async def test_a_red_packet_in_time_keeps_the_sender(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.post("say", who="老王", text=AD)
        await it.post("clock", to="+1m")
        await it.post("packet", who="老王")
        await it.post("clock", to="+3m")
        assert "老王" in it.transport.world.group("g1").seats
        script = await it.get("/sandbox/export")
        assert "sends red packet" in script
    assert (await replay(script, tmp_path))[0] == []


async def test_a_replayed_lottery_has_the_same_winners(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.post("say", who="小美", text="/抽奖 咖啡券 x2 10分钟")
        for who in ("阿强", "老王", "小李", "小赵", "晓芳", "大刘"):
            await it.post("say", who=who, text="参与")
        await it.post("clock", to="+1h")
        drawn = next(line for line in it.said() if "开奖" in line and "恭喜" in line)
        script = await it.get("/sandbox/export")
    assert drawn.removeprefix("群管家: ").splitlines()[1] in script
    assert (await replay(script, tmp_path))[0] == []
    other = re.sub(r'bot.seed = "test"', 'bot.seed = "another"', script)
    assert other != script
    assert (await replay(other, tmp_path))[0] != []


@pytest.mark.parametrize("key", SCENES)
async def test_each_scene_plays_and_replays(key: str, tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.scene(key)
        assert any(post.sender == "bot" for post in it.transport.world.posts), it.said()
        assert not any("演到一半停了" in line for line in it.said())
        script = await it.get("/sandbox/export")
    assert (await replay(script, tmp_path))[0] == []


async def test_one_scene_at_a_time(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        first = asyncio.create_task(it.client.post("/sandbox/scene", data={"chat": "g1", "scene": "invite"}))
        await first
        assert "还没演完" in await (await it.client.post("/sandbox/scene", data={"chat": "g1", "scene": "ad"})).text()


async def test_the_brief_comes_when_time_flies_past_its_hour(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.post("clock", to="21:00")
        assert any("晚报" in line or "晚上好" in line for line in it.said()), it.said()
        script = await it.get("/sandbox/export")
    assert (await replay(script, tmp_path))[0] == []


# people


async def test_everything_a_member_can_do_is_in_the_script(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.post("say", who="阿强", text="早上好\n今天读第三章 \\n 没有换行")
        quoted = it.transport.world.posts[-1].id
        await it.post("say", who="小李", text="我也读", quote=quoted)
        await it.post("say", who="小李", text="@群管家 /帮助")
        await it.post("link", who="小李", title="书单", url="https://example.com/books")
        await it.post("card", who="小李", name="王老师")
        await it.post("miniprogram", who="小李", title="读书打卡")
        await it.post("recall", post=it.transport.world.find_last("小李").id)
        await it.post("rename", person="小赵", name="小赵 上海 设计", who="小赵")
        await it.post("join", who="阿强", names='新来的 “引号"”')
        await it.post("leave", person="晓芳")
        await it.post("remove", who="群主", person="大刘")
        await it.post("topic", who="群主", topic="读书 1 群 · 春天")
        await it.post("say", who="阿强", chat="p:阿强", text="/积分")
        script = await it.get("/sandbox/export")
    differs, _ = await replay(script, tmp_path)
    assert differs == []


async def test_setup_by_the_director_is_no_event_but_the_list_shows_it(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        said = len(it.said())
        await it.post("admin", person="阿强", on="1")
        assert [line for line in it.said()[said:] if line.startswith("群管家")] == []
        assert "取消管理员" in await it.get("/")
        await it.post("say", who="阿强", text="/抽奖 书签")
        assert any("L1" in line for line in it.said())


async def test_what_cannot_be_is_a_sentence_and_changes_nothing(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        lines = len(it.transport.world.journal.lines())
        assert "不在群里" in await it.post("say", who="没来过", text="在吗")
        assert "先写点什么" in await it.post("say", who="阿强", text="  ")
        assert "最多" in await it.post("say", who="阿强", text="长" * 20_000)
        assert "已经在群里" in await it.post("join", who="阿强", names="老王")
        assert "没有权限" in await it.post("remove", who="阿强", person="老王")
        assert "转让" in await it.post("leave", person="群主")
        assert "http" in await it.post("link", who="阿强", url="javascript:alert(1)")
        assert "http" in await it.post("link", who="阿强", url="http://")
        assert "不能为空" in await it.post("rename", person="阿强", name="\u200b\u202e")
        assert "没有这个时间" not in await it.post("clock", to="+1m")
        assert "不认识" in await it.post("clock", to="99:99")
        assert "只有群主和管理员" in await it.post("topic", who="阿强", topic="我的群")
        assert len(it.transport.world.journal.lines()) == lines
        answer = await it.client.post("/sandbox/say", data={"chat": "g1"})
        assert answer.status == 400


# the page


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


# the stream


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


# health, cases, reset, restart


async def test_health_says_what_is_wrong(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        assert (await it.client.get("/healthz")).status == 200
        assert (await it.client.get("/readyz")).status == 200
        await it.post("wire", on="0")
        answer = await it.client.get("/readyz")
        assert answer.status == 503
        assert "网关" in (await answer.json())["reasons"][0]
        metrics = await it.get("/metrics")
        assert "shequn_ready 0.0" in metrics
        assert "python_info" in metrics


async def test_a_case_can_be_asked_about_and_taken_back(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.post("say", who="老王", text=AD)
        assert "abc12345" in await it.get("/sandbox/why/1")
        assert "没有案件" in await it.get("/sandbox/why/99")
        assert "W1" in await it.post("undo", case="1")
        await it.post("clock", to="+1h")
        assert "老王" in it.transport.world.group("g1").seats


async def test_the_world_outlives_a_restart(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.post("say", who="老王", text=AD)
        await it.post("join", who="阿强", names="小雨")
        clock = it.clock
    async with open_sandbox(tmp_path, clock) as it:
        page = await it.get("/")
        assert AD in page
        assert "小雨" in page
        await it.post("clock", to="+3m")
        assert "老王" not in it.transport.world.group("g1").seats
        script = await it.get("/sandbox/export")
        assert "bot restarts" in script
    assert (await replay(script, tmp_path))[0] == []


def test_time_does_not_run_back_after_a_restart(tmp_path: Path) -> None:
    first = SandboxTransport(tmp_path / "world.db", SandboxClock(timedelta(days=3)))
    first.world.keep_time()
    first.world.close()
    clock = SandboxClock()
    SandboxTransport(tmp_path / "world.db", clock).world.close()
    assert clock.offset == timedelta(days=3)


async def test_what_happens_while_the_bot_is_away_is_found_afterwards(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.post("wire", on="0")
        await it.post("say", who="老王", text=AD)
        await it.post("join", who="小美", names="小雨")
        assert not any(line.startswith("群管家") for line in it.said())
        await it.post("wire", on="1")
        await it.post("clock", to="+1m")
        assert sum("小雨" in line for line in it.said() if line.startswith("群管家: ")) == 1
        assert await it.get("/readyz")


async def test_only_with_rights_can_the_bot_remove(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        await it.post("rights", on="0")
        await it.post("say", who="老王", text=AD)
        await it.post("clock", to="+1h")
        assert "老王" in it.transport.world.group("g1").seats
        assert any(post.kind == "admins" and "老王" in post.text for post in it.transport.world.posts)


async def test_a_full_group_takes_nobody(tmp_path: Path) -> None:
    async with open_sandbox(tmp_path) as it:
        room = people.MOST - len(it.transport.world.group("g1").seats)
        people.join(it.stage, "g1", [f"群友{number}" for number in range(room)])
        with pytest.raises(NotPossible, match="满"):
            people.join(it.stage, "g1", ["最后一个"])
        assert Member("群友0", "群友0") in it.transport.world.group("g1").members


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
