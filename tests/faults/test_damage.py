"""Test: a page of a real bot's database goes bad: found at the start or, in a large file, soon after; then restored."""

from __future__ import annotations

import asyncio
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from tests.faults.process import ROOT, BotProcess, moments
from tests.gateway.client import GROUP, Gateway
from tests.test_soundness import MARK, break_a_page

pytestmark = pytest.mark.faults


async def shequn(*arguments: str) -> str:
    """The command as somebody types it; what it says."""
    command, pipe = [sys.executable, "-m", "bot", *arguments], asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(*command, cwd=ROOT, stdout=pipe, stderr=asyncio.subprocess.STDOUT)
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()
    return said.decode()


def talk(data: Path) -> None:
    """Enough for pages that nobody reads at a start."""
    with closing(sqlite3.connect(data / "shequn.db")) as db:
        rows = [(f"old{number}", GROUP, f"{MARK}{number}") for number in range(60_000)]
        db.executemany(
            "INSERT INTO messages (id, \"group\", sender, at, kind, text) VALUES (?, ?, 'w', 1000, 'text', ?)", rows
        )
        db.commit()


async def a_bot_with_a_broken_file(data: Path, gateway: Gateway, **settings: str) -> tuple[BotProcess, Path]:
    """A bot that has worked, a copy of its file, and the file with noise in the middle. The bot is not running."""
    bot = await BotProcess(data, gateway, **settings).start()
    await gateway.say("wxid_owner", "/抽奖 咖啡券 x2 满9人")
    await gateway.wait_action("messageSendText", conversationId=GROUP, text="L1")
    assert await bot.stop() == 0
    talk(data)
    copy = data / "backups" / "daily" / "shequn-20260105T043000.db"
    await shequn("--data", str(data), "db", "backup", str(copy))
    break_a_page(data / "shequn.db")
    return bot, copy


async def test_found_at_the_start_nothing_is_written_and_a_copy_brings_the_bot_back(
    tmp_path: Path, gateway: Gateway
) -> None:
    data = tmp_path / "data"
    bot, copy = await a_bot_with_a_broken_file(data, gateway)
    before = (data / "shequn.db").read_bytes()
    await gateway.forget_calls()
    await bot.start(ready=False)
    assert await bot.ended() == 3
    command = f"shequn --data {data} db restore {copy}"
    for said in ("已经损坏", "表 messages：", "MB", command):
        assert said in bot.log()
    assert "Traceback" not in bot.log()
    assert (data / "shequn.db").read_bytes() == before
    assert await gateway.calls() == {}, "a bot that does not start asks nobody"
    await shequn(*command.split()[1:])
    await bot.start()
    try:
        await gateway.mark()
        await gateway.say("wxid_owner", "/抽奖 第二个 x2 满9人")
        await gateway.wait_action("messageSendText", conversationId=GROUP, text="L2")
    finally:
        assert await bot.stop() == 0


async def test_a_large_file_is_looked_at_while_the_bot_works(tmp_path: Path, gateway: Gateway) -> None:
    bot, _ = await a_bot_with_a_broken_file(tmp_path / "data", gateway, STORAGE__CHECKED_FIRST_MB="0")
    await bot.start(ready=False)
    try:
        reasons = await _unready(bot, "数据库损坏：表 messages")
        assert "shequn doctor" in reasons
        await gateway.mark()
        await gateway.say("wxid_owner", "/状态")
        await gateway.wait_action("messageSendText", conversationId=GROUP, text="有问题：数据库损坏")
    finally:
        assert await bot.stop() == 0


async def _unready(bot: BotProcess, reason: str) -> str:
    """Wait until /readyz is red for this reason."""
    async with aiohttp.ClientSession() as http:
        for _ in range(400):
            try:
                async with http.get(f"http://127.0.0.1:{bot.port}/readyz") as response:
                    said = await response.text()
                    if response.status == 503 and reason in said:
                        return said
            except aiohttp.ClientError:
                said = bot.log()[-2000:]
            await moments()
    raise AssertionError(f"/readyz never said {reason}: {said}")


async def test_the_deployer_is_told_once_however_often_it_is_started_again(tmp_path: Path, gateway: Gateway) -> None:
    told: list[str] = []

    async def take(request: web.Request) -> web.Response:
        told.append(await request.text())
        return web.Response(text='{"errcode": 0}')

    app = web.Application()
    app.router.add_post("/hook", take)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    hook = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    data = tmp_path / "data"
    bot, copy = await a_bot_with_a_broken_file(data, gateway, WATCH__WEBHOOK=hook)
    told.clear()
    try:
        for _ in range(2):
            await bot.start(ready=False)
            assert await bot.ended() == 3
        (news,) = told
        assert "已经损坏" in news
        await shequn("--data", str(data), "db", "restore", str(copy))
        await bot.start()
        assert await bot.stop() == 0
        assert not (data / "shequn.damaged").exists()
    finally:
        await runner.cleanup()
