"""Test: weather and news from a far side that is slow, huge, broken, lying or gone; the brief goes out each time."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.loader import load_plugin
from tests.engine.stage import ADMIN, Stage, running_app

BRIEF = load_plugin("brief")
EIGHT = datetime(2026, 1, 6, 0, 0, tzinfo=UTC)
"""Tuesday 08:00 in Shanghai."""
DAY = timedelta(days=1)
WORST = """<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>
<rss><channel><item><title>&b;</title></item></channel></rss>"""


def rss(*titles: str, head: str = '<?xml version="1.0" encoding="utf-8"?>') -> str:
    items = "".join(f"<item><title>{title}</title></item>" for title in titles)
    return f"{head}<rss version='2.0'><channel><title>早知道</title>{items}</channel></rss>"


def open_meteo(first: str = "2026-01-05") -> dict[str, object]:
    start = datetime.fromisoformat(first)
    times = [(start + n * DAY).date().isoformat() for n in range(4)]
    daily = {"time": times, "weather_code": [3, 61, 0, 95], "temperature_2m_min": [1.2, 3.6, 0, -2]}
    daily |= {"temperature_2m_max": [8, 9.5, 7, 4], "precipitation_probability_max": [10, 70, 0, None]}
    return {"daily": daily}


QWEATHER = {
    "code": "200",
    "daily": [{"fxDate": "2026-01-06", "tempMin": "4", "tempMax": "10", "textDay": "多云", "textNight": "小雨"}],
}


@dataclass
class FarAway:
    """A server on this machine that plays weather and feeds, well or badly."""

    url: str = ""
    asked: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    answers: dict[str, web.Response] = field(default_factory=dict)
    gone: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(request.path_qs)
        self.keys.append(request.headers.get("X-QW-Api-Key", ""))
        if self.gone:
            return web.Response(status=503)
        kind = request.path.strip("/").partition("/")[0]
        play = getattr(self, f"play_{kind}", None)
        return await play(request) if play else web.Response(status=404)

    async def play_v1(self, request: web.Request) -> web.StreamResponse:
        if request.path.endswith("search"):
            known = [{"name": "杭州", "latitude": 30.25, "longitude": 120.17}]
            return web.json_response({"results": known} if "name=%E6%9D%AD%E5%B7%9E" in request.path_qs else {})
        return web.json_response(open_meteo())

    async def play_v7(self, request: web.Request) -> web.StreamResponse:
        return web.json_response(QWEATHER)

    async def play_geo(self, request: web.Request) -> web.StreamResponse:
        return web.json_response({"code": "200", "location": [{"name": "杭州", "lat": "30.25", "lon": "120.17"}]})

    async def play_good(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text=rss("好消息一条"), content_type="application/xml")

    async def play_gbk(self, request: web.Request) -> web.StreamResponse:
        text = rss("国标码的新闻", head='<?xml version="1.0" encoding="gb2312"?>')
        return web.Response(body=text.encode("gbk"), content_type="text/xml")

    async def play_slow(self, request: web.Request) -> web.StreamResponse:
        await self.over.wait()
        return web.Response(text=rss("太晚了"))

    async def play_huge(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text=rss("大" * 200_000))

    async def play_broken(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text="<rss><channel><item><title>半截")

    async def play_html(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text="<!doctype html><html><body><p>404<br></body>")

    async def play_bomb(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text=WORST)

    async def play_private(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("http://10.0.0.1/rss.xml")

    async def play_loop(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound("/loop/again")

    async def play_error(self, request: web.Request) -> web.StreamResponse:
        return web.Response(status=500, text="<rss/>")

    async def play_short(self, request: web.Request) -> web.StreamResponse:
        """Says it has more than it sends, and hangs up."""
        response = web.StreamResponse(headers={"Content-Length": "5000"})
        await response.prepare(request)
        await response.write(rss("说到一半").encode())
        assert request.transport is not None
        request.transport.close()
        return response


@asynccontextmanager
async def far_away() -> AsyncIterator[FarAway]:
    here = FarAway()
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", here.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    assert site._server is not None
    here.url = f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[attr-defined]
    try:
        yield here
    finally:
        here.over.set()
        await runner.cleanup()


def settings(here: FarAway, *feeds: str, **more: object) -> dict[str, object]:
    return {
        "fetch__allow_hosts": ("127.0.0.1",),
        "fetch__timeout": timedelta(seconds=0.4),
        "fetch__max_bytes": 200_000,
        "brief__weather_url": here.url,
        "brief__geocoding_url": here.url,
        "brief__evening": "off",
        "brief__feeds": tuple(f"{here.url}/{feed}/rss.xml" for feed in feeds),
        "brief__morning_blocks": ("date", "weather", "news"),
        **more,
    }


def morning(stage: Stage) -> str:
    """The brief, which came when it was due and to the second."""
    sent = [
        (at, action)
        for at, action in stage.far.sent
        if "早安" in getattr(action, "text", "") and not getattr(action, "to", "")
    ]
    assert [at for at, _ in sent] == [EIGHT]
    return str(sent[0][1].text)  # type: ignore[attr-defined]


FAULTS = ["slow", "huge", "broken", "html", "bomb", "private", "loop", "error", "short", "missing"]


@pytest.mark.parametrize("fault", FAULTS)
async def test_the_brief_goes_out_and_the_fault_is_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: str
):
    async with far_away() as here, running_app(tmp_path, BRIEF, **settings(here, fault, "good")) as stage:
        with caplog.at_level(logging.WARNING):
            await stage.app.advance(EIGHT)
        text = morning(stage)
        assert "1月6日 星期二" in text
        assert text.endswith("1. 好消息一条\n新的一天，有事群里说一声～")
        assert [record.getMessage() for record in caplog.records if fault in record.getMessage()] != []
        assert len(caplog.records) == 1, [record.getMessage() for record in caplog.records]
        assert caplog.records[0].exc_info is None


@pytest.mark.parametrize("fault", ["slow", "huge", "html", "private", "loop", "error", "short"])
async def test_weather_that_does_not_come_is_left_out(tmp_path: Path, caplog: pytest.LogCaptureFixture, fault: str):
    async with far_away() as here:
        given = settings(here, "gbk", brief__city="30.25,120.17", brief__weather_url=f"{here.url}/{fault}")
        async with running_app(tmp_path, BRIEF, **given) as stage:
            with caplog.at_level(logging.WARNING):
                await stage.app.advance(EIGHT)
            assert morning(stage).split("\n")[2:4] == ["📰 新闻", "1. 国标码的新闻"]
            assert len(caplog.records) == 1, [record.getMessage() for record in caplog.records]


async def test_weather_comes_before_the_brief_is_due(tmp_path: Path):
    async with (
        far_away() as here,
        running_app(tmp_path, BRIEF, **settings(here, brief__city="30.25,120.17")) as stage,
    ):
        await stage.app.advance(EIGHT - timedelta(minutes=11))
        assert here.asked == []
        await stage.app.advance(EIGHT - timedelta(minutes=10))
        assert len(here.asked) == 1
        assert "latitude=30.2500&longitude=120.1700" in here.asked[0]
        await stage.app.advance(EIGHT)
        assert len(here.asked) == 1
        assert "30.25,120.17今天小雨，4–10°C，下雨概率 70%，记得带伞\n" in morning(stage)


async def test_what_could_not_be_fetched_again_is_told_with_its_age(tmp_path: Path):
    async with far_away() as here:
        given = settings(here, "good", brief__city="30.25,120.17")
        async with running_app(tmp_path, BRIEF, **given) as stage:
            await stage.app.advance(EIGHT)
            here.gone = True
            await stage.crash()
            await stage.reopen()
            await stage.app.advance(EIGHT + DAY)
            assert stage.far.texts()[-1].split("\n")[2] == "30.25,120.17今天晴，0–7°C（24 小时前的）"
            await stage.app.advance(EIGHT + 2 * DAY)
            assert "°C" not in stage.far.texts()[-1], "two days old is too old"
            assert "好消息" not in stage.far.texts()[-1], "told once is told"


async def test_headlines_are_told_once_over_days_and_feeds(tmp_path: Path):
    async with far_away() as here:
        titles = ["国务院发布明年放假安排通知", "今天有雨"]

        async def play_a(request: web.Request) -> web.Response:
            return web.Response(text=rss(*titles))

        async def play_b(request: web.Request) -> web.Response:
            return web.Response(
                text=rss("国务院发布明年放假安排通知！", "国务院发布明年的放假安排通知", "火星发现水冰")
            )

        here.play_a, here.play_b = play_a, play_b  # type: ignore[attr-defined]
        async with running_app(tmp_path, BRIEF, **settings(here, "a", "b")) as stage:
            await stage.app.advance(EIGHT)
            lines = stage.far.texts()[-1].split("\n")[2:-1]
            assert lines[0] == "📰 新闻"
            assert len([line for line in lines if "放假安排" in line]) == 1
            assert {line[3:] for line in lines[1:]} >= {"今天有雨", "火星发现水冰"}
            titles.append("第二天的新闻")
            await stage.app.advance(EIGHT + DAY)
            assert stage.far.texts()[-1].split("\n")[2:-1] == ["📰 新闻", "1. 第二天的新闻"]
            await stage.app.advance(EIGHT + 2 * DAY)
            assert "新闻" not in stage.far.texts()[-1]


@pytest.mark.parametrize(("source", "said"), [("open-meteo", "阴，1–8°C"), ("qweather", "杭州")])
async def test_a_city_is_kept_only_when_the_far_side_knows_it(tmp_path: Path, source: str, said: str):
    async with far_away() as here:
        given = settings(here, brief__weather_source=source, brief__weather_key="secret-key")
        async with running_app(tmp_path, BRIEF, **given) as stage:
            if source == "open-meteo":
                await stage.say("/早报 城市 杭洲", ADMIN)
                assert stage.far.texts()[-1].startswith("@管理员 没有找到“杭洲”")
            await stage.say("/早报 城市 杭州", ADMIN)
            assert stage.far.texts()[-1].startswith("@管理员 好的，天气会写进早报和晚报。")
            assert said in stage.far.texts()[-1]
            assert set(here.keys) == ({"secret-key"} if source == "qweather" else {""})
            await stage.app.advance(EIGHT)
            sky = "小雨，4–10°C，下雨概率 70%，记得带伞" if source == "open-meteo" else "多云转小雨，4–10°C，记得带伞"
            assert f"杭州今天{sky}\n" in morning(stage)
            here.gone = True
            await stage.say("/早报 城市 上海", ADMIN)
            said = "“上海”的天气取不到：对方的服务器出了问题。没有改，过一会儿再试"
            assert stage.far.texts()[-1] == f"@管理员 {said}"
            await stage.say("/早报 城市", ADMIN)
            assert "天气报的是杭州" in stage.far.texts()[-1]


async def test_a_feed_is_added_only_when_it_can_be_read(tmp_path: Path):
    async with far_away() as here, running_app(tmp_path, BRIEF, **settings(here)) as stage:
        for word in ("broken", "error", "loop", "bomb"):
            await stage.say(f"/早报 新闻 加 {here.url}/{word}/rss.xml", ADMIN)
            assert "没有加" in stage.far.texts()[-1]
        await stage.say(f"/早报 新闻 加 {here.url}/gbk/rss.xml", ADMIN)
        assert stage.far.texts()[-1] == "@管理员 加好了：早知道，现在有 1 条，第一条：国标码的新闻"
        await stage.say(f"/早报 新闻 加 {here.url}/gbk/rss.xml", ADMIN)
        assert "已经有了" in stage.far.texts()[-1]
        await stage.say("/早报 新闻", ADMIN)
        assert stage.far.texts()[-1].endswith(f"1. {here.url}/gbk/rss.xml")
        await stage.say("/早报 预览", ADMIN)
        assert "国标码的新闻" in stage.far.texts()[-1]
        await stage.app.advance(EIGHT)
        assert "国标码的新闻" in morning(stage), "a preview does not tell it"


WHY = [
    ("slow", "打不开这个订阅：对方 1 秒没有回应。没有加，过一会儿再试"),
    ("huge", "打不开这个订阅：内容太大了。没有加，{看}"),
    ("private", "打不开这个订阅：这是内网地址，只能取公网上的。没有加，{看}"),
    ("loop", "打不开这个订阅：对方一直转到别的地址。没有加，{看}"),
    ("error", "打不开这个订阅：对方的服务器出了问题。没有加，过一会儿再试"),
    ("short", "打不开这个订阅：连不上对方，或者说到一半断了。没有加，过一会儿再试"),
    ("nothing", "打不开这个订阅：那里什么也没有。没有加，{看}"),
    ("broken", "这里读不出新闻：格式坏了。没有加，{看}"),
    ("bomb", "这里读不出新闻：里面有不安全的写法。没有加，{看}"),
    ("v1", "这里读不出新闻：那里不是 RSS 或 Atom，多半是普通网页。没有加，{看}"),
]


@pytest.mark.parametrize(("fault", "said"), WHY)
async def test_why_a_feed_is_not_added_is_said_in_words(tmp_path: Path, fault: str, said: str):
    async with far_away() as here, running_app(tmp_path, BRIEF, **settings(here)) as stage:
        await stage.say(f"/早报 新闻 加 {here.url}/{fault}/rss.xml", ADMIN)
        look = "看看地址对不对，要的是 RSS 或 Atom 地址"
        assert stage.far.texts()[-1] == f"@管理员 {said.replace('{看}', look)}"


def test_the_server_is_what_the_tests_say_it_is():
    assert json.dumps(open_meteo()).count("2026-01-0") == 4
