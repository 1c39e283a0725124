"""Test: the sandbox over time: health, cases, restarts, outages, rights, a full group."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from bot.clock import SandboxClock
from bot.model import Member
from bot.transports.sandbox import SandboxTransport, people
from bot.transports.sandbox.scenes import AD
from bot.transports.sandbox.things import NotPossible
from tests.sandbox import open_sandbox, replay


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
