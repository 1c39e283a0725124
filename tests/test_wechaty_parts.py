"""Test: the parts of the Wechaty transport that need no gateway."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from pydantic import ValidationError

from bot.errors import ConfigError
from bot.events import Event, MessageRecalled
from bot.model import Quote
from bot.transports.wechaty import tidy
from bot.transports.wechaty.adapter import WechatyTransport
from bot.transports.wechaty.apart import apart
from bot.transports.wechaty.cache import Cache
from bot.transports.wechaty.lanes import Finish, Lanes
from bot.transports.wechaty.memory import Recent
from bot.transports.wechaty.messages import IdAndText, MessagePayload, OneText, SentId
from bot.transports.wechaty.settings import WechatySettings

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def test_both_generations_read_what_is_sent() -> None:
    """The SDK's stubs are those of 2021: what they read, a gateway of that time reads."""
    from wechaty_grpc.wechaty.puppet import (
        ContactAliasRequest,
        MessageSendTextResponse,
        RoomAnnounceRequest,
        RoomAnnounceResponse,
        RoomTopicRequest,
    )

    sent = bytes(IdAndText("r", "新名", "新名"))
    assert RoomTopicRequest().parse(sent).topic == "新名"
    assert RoomAnnounceRequest().parse(sent).text == "新名"
    assert ContactAliasRequest().parse(sent).alias == "新名"
    assert b"\x1a" in sent, "and field 3 for the gateways of today"
    asked = bytes(IdAndText("r", None, ""))
    assert RoomTopicRequest().parse(asked).topic is None
    assert OneText().parse(bytes(RoomAnnounceResponse(text="旧公告"))).old == "旧公告"
    assert SentId().parse(bytes(MessageSendTextResponse(id="m1"))).old == "m1"


def test_a_payload_of_2021_is_read() -> None:
    from wechaty_grpc.wechaty.puppet import MessagePayloadResponse

    old = MessagePayloadResponse(
        id="m", text="早", timestamp=1795000000, type=7, from_id="a", room_id="r", to_id="b", mention_ids=["c", "d"]
    )
    new = MessagePayload().parse(bytes(old))
    assert (new.id, new.text, new.stamp, new.type) == ("m", "早", 1795000000, 7)
    assert (new.talker_id, new.room_id, new.listener_id, new.mention_ids) == ("a", "r", "b", ["c", "d"])


@pytest.mark.parametrize(
    ("stamp", "wanted"),
    [
        (1_767_603_600, NOW),
        (1_767_603_600_000, NOW),
        ("1767603600", NOW),
        (1_767_603_600.0, NOW),
        *[(odd, NOW) for odd in (0, -5, None, "soon", "", True, [], {}, float("nan"), float("inf"), -1e300, 1e300)],
        (1_767_603_600 + 86400, NOW),
    ],
)
def test_moments(stamp: object, wanted: datetime) -> None:
    assert tidy.moment(stamp, NOW) == wanted


def test_text_is_made_safe() -> None:
    assert tidy.clean("a\0b\ud83d") == "ab?"
    assert len(tidy.clean("长" * 100_000).encode()) <= tidy.TEXT_LIMIT
    assert tidy.clean(None) == tidy.clean(5) == ""
    assert tidy.name(" 张\n三\t李 ") == "张 三 李"
    assert (tidy.ident(12), tidy.ident(True), tidy.ident(None), tidy.ident(" a ")) == ("12", "", "", "a")
    assert tidy.idents(["a", None, "a", "b", {}]) == ["a", "b"]
    assert tidy.idents("abc") == []
    assert tidy.payload_of("{") is None
    assert tidy.payload_of('"x"') == {"data": "x"}
    assert tidy.xml_field("<a><title>" + "x" * 5000 + "</title>", "title") == ""


def unquote(
    recent: Recent, group: str, text: str, names: Mapping[str, str] = MappingProxyType({})
) -> tuple[str, Quote | None]:
    return recent.unquote(group, text, names.get)


def test_a_quotation_hides_nothing() -> None:
    recent = Recent(size=2)
    recent.remember("g", "大家早", "msg:1", "a")
    dashes = "\n- - - - - - - - - - - - - - -\n"
    assert unquote(recent, "g", f"「甲：大家早」{dashes}早")[0] == "早"
    hidden = f"「甲：大家早 加微信领券」{dashes}早"
    assert unquote(recent, "g", hidden)[0] == hidden
    assert unquote(recent, "other", f"「甲：大家早」{dashes}早")[0] != "早"
    assert unquote(recent, "g", "「没有线」早") == ("「没有线」早", None)
    recent.remember("g", "2", "msg:2", "a")
    recent.remember("g", "3", "msg:3", "a")
    assert unquote(recent, "g", f"「甲：大家早」{dashes}早")[0] != "早", "forgotten"


def test_who_is_quoted_puts_no_command_into_the_mouth_of_who_answers() -> None:
    recent = Recent()
    dashes = "\n- - - - - - - - - - - - - - -\n"
    recent.remember("g", "早", "msg:1", "evil")
    trap = f"早」{dashes}/踢 @小李 广告"
    recent.remember("g", trap, "msg:2", "evil")
    assert unquote(recent, "g", f"「路人：{trap}」{dashes}这是什么？") == ("这是什么？", Quote(trap, "msg:2", "evil"))
    once_more = f"「甲：早」{dashes}/踢 @小李"
    recent.remember("g", once_more, "msg:3", "evil")
    assert unquote(recent, "g", f"「路人：{once_more}」{dashes}？")[0].endswith("？")
    assert not unquote(recent, "g", f"「路人：{once_more}」{dashes}？")[0].startswith("/")


def test_of_several_who_said_the_same_the_one_named_is_quoted() -> None:
    recent, dashes = Recent(), "\n- - - - - - - - - - - - - - -\n"
    for who in ("evil", "innocent"):
        recent.remember("g", "进群领资料", f"msg:{who}", who)
    names = {"evil": "坏人", "innocent": "小李"}
    said = [unquote(recent, "g", f"「{name}：进群领资料」{dashes}/广告", names) for name in ("坏人", "小李", "路人")]
    assert [answer for answer, _ in said] == ["/广告"] * 3
    assert [quote.id if quote else None for _, quote in said] == ["msg:evil", "msg:innocent", ""]
    names["innocent"] = "坏人"
    assert unquote(recent, "g", f"「坏人：进群领资料」{dashes}/广告", names)[1] == Quote("进群领资料", "", "坏人")


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


async def test_the_cache_is_fresh_bounded_and_asks_once() -> None:
    clock, asked = Clock(), []
    cache: Cache[str, str] = Cache(2, ttl=10, now=clock)

    async def look_up() -> str:
        asked.append(None)
        await asyncio.sleep(0)
        return f"answer {len(asked)}"

    assert await asyncio.gather(*(cache.get("a", look_up) for _ in range(5))) == ["answer 1"] * 5
    clock.now = 9.9
    assert await cache.get("a", look_up) == "answer 1"
    clock.now = 10
    assert cache.peek("a") == "answer 1"
    assert await cache.get("a", look_up) == "answer 2"
    cache.invalidate("a")
    assert cache.peek("a") == "answer 2"
    assert await cache.get("a", look_up) == "answer 3"
    assert await cache.get("b", look_up, tag="g") == "answer 4"
    cache.invalidate_tag("g")
    assert await cache.get("b", look_up, tag="g") == "answer 5"
    await cache.get("c", look_up)
    assert len(cache) == 2
    assert cache.peek("a") is None


async def test_an_answer_that_was_overtaken_is_not_kept() -> None:
    cache: Cache[str, str] = Cache(10, ttl=10)
    release = asyncio.Event()

    async def slow() -> str:
        await release.wait()
        return "old"

    async def quick() -> str:
        return "new"

    for invalidate in (lambda: cache.invalidate("a"), lambda: cache.invalidate_tag("g")):
        waiting = asyncio.create_task(cache.get("a", slow, tag="g"))
        await asyncio.sleep(0)
        invalidate()
        assert await cache.get("a", quick, tag="g") == "new"
        release.set()
        assert await waiting == "old"
        assert cache.peek("a") == "new"
        cache.clear()
        release.clear()


async def test_a_failed_look_up_is_told_to_all_and_not_kept() -> None:
    cache: Cache[str, str] = Cache(10, ttl=10)

    async def fails() -> str:
        await asyncio.sleep(0)
        raise OSError("away")

    async def works() -> str:
        return "back"

    results = await asyncio.gather(*(cache.get("a", fails) for _ in range(3)), return_exceptions=True)
    assert [type(each) for each in results] == [OSError] * 3
    assert await cache.get("a", works) == "back"


async def test_lanes_wait_for_their_own_and_barriers_for_all() -> None:
    delivered: list[str] = []
    gates = {name: asyncio.Event() for name in ("slow look", "slow finish")}
    everything = asyncio.Event()

    async def deliver(event: Event) -> None:
        delivered.append(event.id)
        if event.id == "last":
            everything.set()

    async def submit(lane: str | None, name: str) -> None:
        async def finish() -> list[Event]:
            if name in gates and name.endswith("finish"):
                await gates[name].wait()
            return [MessageRecalled(id=name, at=NOW, message_id="")]

        async def look() -> tuple[str | None, Finish]:
            if name in gates and name.endswith("look"):
                await gates[name].wait()
            return lane, finish

        await lanes.submit(look)

    async with asyncio.TaskGroup() as tasks:
        lanes = Lanes(deliver, tasks)
        runner = tasks.create_task(lanes.run())
        await submit("g1", "slow finish")
        await submit("g1", "g1 after")
        await submit("g2", "g2 first")
        await submit(None, "barrier")
        await submit("g2", "g2 after")
        await submit("g1", "slow look")
        await submit("g2", "last")
        for _ in range(20):
            await asyncio.sleep(0)
        assert delivered == ["g2 first"]
        gates["slow finish"].set()
        for _ in range(20):
            await asyncio.sleep(0)
        assert delivered == ["g2 first", "slow finish", "g1 after", "barrier", "g2 after"]
        gates["slow look"].set()
        await everything.wait()
        runner.cancel()
    assert delivered.index("slow look") < len(delivered)


async def test_a_call_apart_is_cancelled_whole() -> None:
    ended = asyncio.Event()

    async def stubborn() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            ended.set()
            raise OSError("as grpclib does") from None

    task = asyncio.create_task(apart(stubborn()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


@pytest.mark.parametrize("endpoint", ["gateway", "host:0", "host:99999", "host:port", "http://", ":8788"])
def test_endpoints_need_a_port(endpoint: str) -> None:
    with pytest.raises(ValidationError, match="主机:端口"):
        WechatySettings(endpoint=endpoint)


@pytest.mark.parametrize("endpoint", ["127.0.0.1:8788", "[::1]:8788", "https://gateway.example:443", " gateway:80 "])
def test_good_endpoints(endpoint: str) -> None:
    assert WechatySettings(endpoint=endpoint).endpoint == endpoint.strip()


def test_settings() -> None:
    settings = WechatySettings.model_validate({"token": "secret", "reconcile": "5m", "takeover_after": "0s"})
    assert settings.reconcile == timedelta(minutes=5)
    assert settings.tls
    assert "secret" not in repr(settings)
    for bad in ({"token": "令牌"}, {"token": "a b"}, {"call_timeout": "0s"}, {"unknown": 1}, {"picture_limit": 0}):
        with pytest.raises(ValidationError):
            WechatySettings.model_validate(bad)


def test_what_is_missing_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        WechatyTransport(WechatySettings(), lambda: NOW, tmp_path)
    assert len(raised.value.problems) == 2
    assert "WECHATY_PUPPET_SERVICE_ENDPOINT" in raised.value.problems[0]
    assert "WECHATY_PUPPET_SERVICE_TOKEN" in raised.value.problems[1]


IMPORTS = """
import logging, os, sys
logging.basicConfig(level=logging.INFO)
import bot.transports.wechaty.adapter
assert "wechaty" not in sys.modules
assert "telnetlib" not in sys.modules
assert os.environ["WECHATY_LOG"] == "nonsense"
assert not os.listdir("."), os.listdir(".")
names = [name for name in logging.root.manager.loggerDict if "uppet" in name]
assert names
for name in names:
    logger = logging.getLogger(name)
    assert logger.propagate and not logger.handlers, name
"""


def test_importing_the_sdk_leaves_no_trace(tmp_path: Path) -> None:
    root = str(Path(__file__).resolve().parent.parent)
    env = {**os.environ, "PYTHONPATH": root, "WECHATY_LOG": "nonsense", "WECHATY_LOG_FILE": "x.log", "TOKEN": "leak"}
    ran = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORTS],
        cwd=tmp_path,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_the_settings_do_not_cost_the_sdk() -> None:
    code = "import sys, bot.transports.wechaty.settings; assert 'grpclib' not in sys.modules"
    root = str(Path(__file__).resolve().parent.parent)
    subprocess.run([sys.executable, "-c", code], cwd=root, check=True)


def test_a_name_shows_what_it_says() -> None:
    assert tidy.name("小\u200b王\u202e广告\n\ud800x") == "小王广告 ?x"
    assert tidy.name("\u202e\u200d") == ""
    assert len(tidy.name("长" * 10_000)) <= 64


def test_a_field_of_xml_is_found_without_searching_for_ever() -> None:
    assert tidy.xml_field("<msg><title><![CDATA[一 &amp; 二]]></title></msg>", "title") == "一 & 二"
    assert tidy.xml_field("<title>" + "x" * 5000 + "</title>", "title") == ""
    assert min(_seconds("<title>" * 9000) for _ in range(3)) < 0.05


def _seconds(xml: str) -> float:
    """Of this thread's own work, to find a title where none ends."""
    began = time.thread_time()
    assert tidy.xml_field(xml, "title") == ""
    return time.thread_time() - began
