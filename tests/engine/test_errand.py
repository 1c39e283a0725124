"""Test: errands end in an event for whoever asked, whatever the web, the model or a computation does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.actions import Action, Ask, Compute, Fetch, SendImage, SendText
from bot.download import Answer, Web, is_public
from bot.encoding import decode
from bot.events import ErrandDone, MessageReceived
from bot.obstacle import NotAllowed
from bot.plugin import Context, Plugin
from tests.engine.stage import make_plugin, running_app

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Pages:
    """A web server on loopback that counts how often each path was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.seen: list[dict[str, Any]] = []
        self.answers: dict[str, Callable[[web.Request], Any]] = {}
        self.address = ""

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path)
        self.seen.append({"headers": dict(request.headers), "body": await request.text(), "method": request.method})
        answer = self.answers[request.path](request)
        return await answer if asyncio.iscoroutine(answer) else answer


@pytest.fixture
async def pages() -> AsyncIterator[Pages]:
    found = Pages()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", found.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.address = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield found
    await runner.cleanup()


@pytest.fixture
async def browser() -> AsyncIterator[Web]:
    found = Web(allowed={"127.0.0.1"}, limit=100_000, timeout=5.0)
    yield found
    await found.close()


def errander(**made: Any) -> Plugin[Any]:
    """Yields what `made` holds under the first word of a message; says how each errand ended."""
    plugin = make_plugin("errander")

    @plugin.on(MessageReceived, when=lambda event: event.text in made)
    async def begin(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        yield made[event.text]

    @plugin.on(ErrandDone)
    async def end(event: ErrandDone, ctx: Context[Any]) -> AsyncIterator[Action]:
        if event.path:
            yield SendImage(group=event.group, path=event.path)
        word = event.payload.get("word", "")
        yield SendText(
            group=event.group, text=f"{event.name}{word}:{event.error or event.text}:{int(event.age.total_seconds())}"
        )

    return plugin


class TestWeb:
    async def test_follows_a_few_redirects_and_leaves_secrets_behind(self, pages: Pages, browser: Web):
        elsewhere = pages.address.replace("127.0.0.1", "localhost")
        browser.allowed = {"127.0.0.1", "localhost"}
        pages.answers["/a"] = lambda _: web.Response(status=302, headers={"Location": f"{elsewhere}/b"})
        pages.answers["/b"] = lambda _: web.Response(text="到了")
        answer = await browser.ask(f"{pages.address}/a", headers={"Authorization": "Bearer s3cret", "Accept": "x/y"})
        assert (answer.text, answer.url) == ("到了", f"{elsewhere}/b")
        assert pages.seen[0]["headers"]["Authorization"] == "Bearer s3cret"
        assert "Authorization" not in pages.seen[1]["headers"]
        assert pages.seen[1]["headers"]["Accept"] == "x/y"

    async def test_refuses_endless_redirects_and_private_ones(self, pages: Pages, browser: Web):
        pages.answers["/round"] = lambda _: web.Response(status=301, headers={"Location": "/round"})
        pages.answers["/in"] = lambda _: web.Response(status=302, headers={"Location": "http://169.254.169.254/meta"})
        pages.answers["/nowhere"] = lambda _: web.Response(status=302, headers={"Location": "http://[broken/"})
        pages.answers["/local"] = lambda r: web.Response(
            status=302, headers={"Location": f"http://localhost:{r.url.port}/x"}
        )
        with pytest.raises(NotAllowed, match="redirects"):
            await browser.ask(f"{pages.address}/round")
        assert pages.asked.count("/round") == 4
        with pytest.raises(NotAllowed, match="public"):
            await browser.ask(f"{pages.address}/in")
        with pytest.raises(NotAllowed, match="no address"):
            await browser.ask(f"{pages.address}/nowhere")
        with pytest.raises(OSError, match="public"):
            await browser.ask(f"{pages.address}/local")
        assert "/x" not in pages.asked

    @pytest.mark.parametrize(
        "url",
        [
            "http://127.0.0.2/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://10.0.0.1/", "http://2130706433/",
            "http://0x7f000001/", "http://0177.0.0.1/", "ftp://example.org/", "file:///etc/passwd", "http://a:b@example.org/",
            "http://", "nonsense", "http://[broken/", "http://example.org:99999/",
        ],
    )  # fmt: skip
    async def test_asks_no_address_it_may_not(self, url: str, browser: Web):
        with pytest.raises(NotAllowed):
            await browser.ask(url)

    async def test_bounds_size_and_time(self, pages: Pages, browser: Web):
        async def slow(_: web.Request) -> web.Response:
            await asyncio.Event().wait()
            raise AssertionError

        async def bomb(_: web.Request) -> web.Response:
            response = web.Response(body=b"0" * 5_000_000)
            response.enable_compression()
            return response

        pages.answers |= {"/huge": lambda _: web.Response(body=b"x" * 100_001), "/slow": slow, "/bomb": bomb}
        for path in ("/huge", "/bomb"):
            with pytest.raises(NotAllowed, match="larger"):
                await browser.ask(pages.address + path)
        with pytest.raises(TimeoutError):
            await browser.ask(f"{pages.address}/slow", within=0.05)

    async def test_a_lie_about_the_length_is_an_error(self, browser: Web):
        async def lie(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nshort")
            await writer.drain()
            writer.close()

        server = await asyncio.start_server(lie, "127.0.0.1", 0)
        async with server:
            with pytest.raises(OSError, match="Payload"):
                await browser.ask(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/")

    @pytest.mark.parametrize(
        ("content", "kind"),
        [
            ("早安".encode("gbk"), "text/xml; charset=gb2312"),
            ('<?xml version="1.0" encoding="GBK"?><a>早安</a>'.encode("gbk"), ""),
            ('<html><meta charset="gbk">早安'.encode("gbk"), "text/html"),
            ("早安".encode("gb18030"), ""),
            ("早安".encode(), "text/plain; charset=no-such"),
            ("早安".encode("big5"), "text/html; charset=Big5"),
            ("早安".encode("euc-jp"), "text/html; charset=EUC-JP"),
            ("早安".encode("utf-8-sig"), "text/plain; charset=gbk"),
            ("早安".encode("utf-16"), ""),
        ],
    )
    def test_reads_what_is_declared_and_what_is_not(self, content: bytes, kind: str):
        assert "早安" in decode(content, kind)
        assert "\ufeff" not in decode(content, kind)

    @pytest.mark.parametrize("name", ["punycode", "idna", "unicode_escape", "rot13", "hex", "undefined"])
    def test_what_no_page_is_written_in_is_not_tried(self, name: str):
        """Of these, punycode takes ten seconds for 160 kB and a hundred times that for ten times as much."""
        assert decode(b"bcher-kva \\u65e9 0a", f"text/html; charset={name}") == "bcher-kva \\u65e9 0a"

    def test_never_fails_to_read(self):
        assert decode(b"\xff\xfe\x00\xd8\x41", "text/plain; charset=utf-8")
        assert Answer(200, {}, bytes(range(256)), "").text
        assert not is_public("::ffff:10.0.0.1")
        inside = ("64:ff9b::a00:1", "64:ff9b:1::a00:1", "::7f00:1", "::ffff:0:7f00:1", "fec0::1", "192.0.0.192")
        assert not [address for address in (*inside, "168.63.129.16") if is_public(address)]
        assert is_public("2606:4700:4700::1111")


class TestFetch:
    async def test_is_cached_conditional_and_falls_back_with_its_age(self, pages: Pages, tmp_path: Path):
        def news(request: web.Request) -> web.Response:
            if request.headers.get("If-None-Match") == '"1"':
                return web.Response(status=304)
            return web.Response(text="新闻", headers={"ETag": '"1"'})

        pages.answers["/news"] = news
        errand = Fetch(group="g1", name="news", url=f"{pages.address}/news", fresh=600, payload=(("word", "·"),))
        options = {"fetch__allow_hosts": ["127.0.0.1"]}
        async with running_app(tmp_path, errander(go=errand), **options) as stage:
            await stage.say("go")
            await stage.after(minutes=5)
            await stage.say("go")
            assert len(pages.asked) == 1
            await stage.after(minutes=10)
            await stage.say("go")
            assert pages.seen[1]["headers"]["If-None-Match"] == '"1"'
            pages.answers["/news"] = lambda _: web.Response(status=500)
            await stage.after(minutes=20)
            await stage.say("go")
            assert stage.far.texts() == ["news·:新闻:0"] * 3 + ["news·:新闻:1200"]

    async def test_a_failure_is_an_outcome_and_one_line(
        self, pages: Pages, tmp_path: Path, caplog: pytest.LogCaptureFixture
    ):
        pages.answers["/x"] = lambda _: web.Response(status=500)
        errand = Fetch(group="g1", name="x", url=f"{pages.address}/x?key=s3cret")
        async with running_app(tmp_path, errander(go=errand), fetch__allow_hosts=["127.0.0.1"]) as stage:
            await stage.say("go")
            assert stage.far.texts() == ["x:127.0.0.1/x HTTP 500:0"]
        lines = [record.getMessage() for record in caplog.records if "errander" in record.getMessage()]
        assert len(lines) == 1
        assert "s3cret" not in caplog.text

    async def test_a_broken_address_is_an_outcome(self, tmp_path: Path):
        async with running_app(tmp_path, errander(go=Fetch(group="g1", name="x", url="http://[broken/"))) as stage:
            await stage.say("go")
            assert stage.far.texts() == ["x: not an http address:0"]


class TestAsk:
    async def test_without_a_model_says_so_at_once(self, tmp_path: Path):
        async with running_app(tmp_path, errander(go=Ask(group="g1", name="q", system="s", question="q"))) as stage:
            await stage.say("go")
            assert "没有配置" in stage.far.texts()[0]

    async def test_speaks_the_common_form_within_a_daily_budget(self, pages: Pages, tmp_path: Path):
        def model(_: web.Request) -> web.Response:
            return web.json_response({"choices": [{"message": {"content": " 是广告 "}}]})

        pages.answers["/v1/chat/completions"] = model
        options = {
            "assistant__url": f"{pages.address}/v1", "assistant__key": "sk-1", "assistant__per_day": 2,
        }  # fmt: skip
        errand = Ask(group="g1", name="q", system="判断", question="加微信", json_answer=True)
        async with running_app(tmp_path, errander(go=errand), **options) as stage:
            await stage.say("go")
            await stage.restart()
            await stage.say("go")
            await stage.say("go")
            texts = stage.far.texts()
            assert texts[:2] == ["q:是广告:0"] * 2
            assert "到上限" in texts[2]
            await stage.after(days=1)
            await stage.say("go")
            assert stage.far.texts()[3] == "q:是广告:0"
        asked = json.loads(pages.seen[0]["body"])
        assert [message["role"] for message in asked["messages"]] == ["system", "user"]
        assert asked["messages"][1]["content"] == "加微信"
        assert pages.seen[0]["headers"]["Authorization"] == "Bearer sk-1"

    @pytest.mark.parametrize("body", ["", "[]", '{"choices": []}', '{"choices": [{"message": {"content": null}}]}'])
    async def test_nonsense_is_no_answer(self, body: str, pages: Pages, tmp_path: Path):
        pages.answers["/chat/completions"] = lambda _: web.Response(text=body)
        errand = Ask(group="g1", name="q", system="s", question="q")
        async with running_app(tmp_path, errander(go=errand), assistant__url=pages.address) as stage:
            await stage.say("go")
            assert "模型" in stage.far.texts()[0]


class TestCompute:
    async def test_text_picture_and_failure_come_back(self, tmp_path: Path):
        plugin = errander(
            up=Compute(group="g1", name="up", argument="abc"),
            draw=Compute(group="g1", name="draw"),
            fail=Compute(group="g1", name="fail"),
            none=Compute(group="g1", name="none"),
        )
        plugin.compute("up")(str.upper)
        plugin.compute("draw")(lambda _: b"\x89PNG")

        @plugin.compute("fail")
        def fail(argument: str) -> str:
            raise ValueError("没有字可画")

        async with running_app(tmp_path, plugin) as stage:
            for word in ("up", "draw", "fail", "none"):
                await stage.say(word)
            assert stage.far.texts() == ["up:ABC:0", "draw::0", "fail:没有字可画:0", "none:no computation none:0"]
            (picture,) = [action for action in stage.far.actions if isinstance(action, SendImage)]
            assert await asyncio.to_thread(Path(picture.path).read_bytes) == b"\x89PNG"

    async def test_nothing_is_begun_for_an_event_that_was_not_kept(self, tmp_path: Path):
        plugin = make_plugin("errander")
        begun: list[str] = []

        @plugin.compute("up")
        def up(argument: str) -> str:
            begun.append(argument)
            return argument

        @plugin.on(MessageReceived)
        async def begin(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
            yield Compute(group=event.group, name="up", argument=event.text)
            if event.text == "bad":
                raise RuntimeError("after the errand")

        async with running_app(tmp_path, plugin) as stage:
            await stage.say("bad")
            await stage.say("good")
        assert begun == ["good"]

    async def test_time_may_run_on_before_it_ends(self, tmp_path: Path):
        """Virtual time waits for an errand, so that what follows from it has the hour at which it was asked for."""
        plugin = errander(up=Compute(group="g1", name="up", argument="a"))
        plugin.compute("up")(str.upper)
        async with running_app(tmp_path, plugin) as stage:
            asked_at = stage.clock.now()
            await stage.say("up")
            await stage.after(hours=1)
            assert [at - asked_at for at, _ in stage.far.sent] == [timedelta(0)]
