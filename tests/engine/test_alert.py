"""Test: what is wrong for a while is told by another way, once, and so is its end; each service in its own form."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiohttp import web

from bot.alert import Alerts
from bot.clock import ManualClock
from bot.download import Web
from bot.settings import WatchSection

START = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


class Hook:
    """A webhook on loopback."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.queries: list[dict[str, list[str]]] = []
        self.status, self.answer = 200, '{"errcode": 0, "errmsg": "ok"}'
        self.url = ""

    async def take(self, request: web.Request) -> web.Response:
        self.got.append(json.loads(await request.text()))
        self.queries.append(parse_qs(urlsplit(str(request.url)).query))
        return web.Response(status=self.status, text=self.answer)


@pytest.fixture
async def hook() -> AsyncIterator[Hook]:
    found = Hook()
    app = web.Application()
    app.router.add_post("/hook", found.take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook?key=s3cret"
    yield found
    await runner.cleanup()


@pytest.fixture
async def far_web() -> AsyncIterator[Web]:
    found = Web({"127.0.0.1"})
    yield found
    await found.close()


def alerts(hook: Hook, far_web: Web, clock: ManualClock, **more: Any) -> Alerts:
    return Alerts(WatchSection.model_validate({"webhook": hook.url, **more}), far_web, clock, "群管家")


async def test_a_flap_wakes_nobody_a_lasting_trouble_is_told_once_and_so_is_its_end(hook: Hook, far_web: Web):
    clock = ManualClock(START)
    watch = alerts(hook, far_web, clock, after="2m", repeat="6h")

    async def look(minutes: float, *reasons: str) -> None:
        clock.set(clock.now() + timedelta(minutes=minutes))
        await watch.look(reasons)

    await look(0, "网关没有连上")
    await look(1)
    await look(1, "网关没有连上")
    assert hook.got == []
    await look(2, "网关没有连上", "定时任务晚了 121 秒")
    await look(1, "网关没有连上", "定时任务晚了 181 秒")
    await look(60, "网关没有连上")
    assert [body["text"] for body in hook.got] == ["【群管家】⚠️ 网关没有连上"]
    await look(300, "网关没有连上")
    await look(1)
    await look(1)
    assert [body["text"] for body in hook.got[1:]] == ["【群管家】⚠️ 网关没有连上", "【群管家】✅ 恢复了：网关没有连上"]


@pytest.mark.parametrize(("status", "answer"), [(500, ""), (200, '{"errcode": 93000, "errmsg": "invalid webhook"}')])
async def test_what_was_not_taken_is_tried_again_and_the_key_stays_out_of_the_log(
    status: int, answer: str, hook: Hook, far_web: Web, caplog: pytest.LogCaptureFixture
):
    clock = ManualClock(START)
    watch = alerts(hook, far_web, clock, after="0s")
    hook.status, hook.answer = status, answer
    await watch.look(["磁盘只剩 3 MB"])
    hook.status, hook.answer = 200, "ok"
    await watch.look(["磁盘只剩 2 MB"])
    await watch.look(["磁盘只剩 1 MB"])
    assert (watch.failed, watch.sent, len(hook.got)) == (1, 1, 2)
    assert "s3cret" not in caplog.text
    assert "webhook" in caplog.text


async def test_news_is_told_at_once_and_not_twice(hook: Hook, far_web: Web):
    clock = ManualClock(START)
    watch = alerts(hook, far_web, clock)
    await watch.tell("发得太频繁")
    await watch.tell("发得太频繁")
    assert len(hook.got) == 1
    clock.set(START + timedelta(minutes=11))
    await watch.tell("发得太频繁")
    assert len(hook.got) == 2


async def test_without_a_webhook_nothing_is_asked(far_web: Web):
    watch = Alerts(WatchSection(), far_web, ManualClock(START), "群管家")
    await watch.look(["网关没有连上"])
    await watch.tell("x")
    assert (watch.sent, watch.failed) == (0, 0)


async def test_each_service_gets_its_form(hook: Hook, far_web: Web):
    clock = ManualClock(START)
    for kind in ("wecom", "dingtalk", "feishu"):
        await alerts(hook, far_web, clock, kind=kind, secret="SEC1").tell("好")
    wecom, dingtalk, feishu = hook.got
    assert wecom == {"msgtype": "text", "text": {"content": "【群管家】ℹ️ 好"}}
    assert dingtalk["text"]["content"] == "【群管家】ℹ️ 好"
    stamp = hook.queries[1]["timestamp"][0]
    signed = hmac.new(b"SEC1", f"{stamp}\nSEC1".encode(), hashlib.sha256).digest()
    assert hook.queries[1] == {"key": ["s3cret"], "timestamp": [stamp], "sign": [base64.b64encode(signed).decode()]}
    assert (feishu["msg_type"], feishu["content"]) == ("text", {"text": "【群管家】ℹ️ 好"})
    expected = hmac.new(f"{feishu['timestamp']}\nSEC1".encode(), b"", hashlib.sha256).digest()
    assert feishu["sign"] == base64.b64encode(expected).decode()


async def test_a_webhook_that_hangs_holds_nothing_up(far_web: Web):
    async def silent(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await hung.wait()
        writer.close()

    hung = asyncio.Event()
    far_web.timeout = 0.05
    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    async with server:
        hook = Hook()
        hook.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        watch = alerts(hook, far_web, ManualClock(START), after="0s")
        await watch.look(["网关没有连上"])
        assert watch.failed == 1
        hung.set()
