"""Test: chats in which the bot restarts go on to the letter when it comes back on a server that its file moved to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.build import build_app
from bot.cli.company import SEED, Company
from bot.loader import find_plugins
from bot.storage.move import index, move
from bot.storage.moved import aside
from bot.storage.server import Server
from bot.transports.transcript.diff import explain
from bot.transports.transcript.expect import compare
from bot.transports.transcript.stage import Bot, Stage

ROOT = Path(__file__).parent.parent
NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)
CHATS = (
    "ad_guard_lessons",
    "brief_restart",
    "checkin_task",
    "invite_restart",
    "leaderboard_restart",
    "lottery_restart",
    "moderation_restart",
    "points_restart",
    "quiet_restart",
    "schedule_weekly",
    "shop_expire",
    "topic_hour",
)


class Moving(Company):
    """The bot begins on a file; whenever it comes back, it is on the server that the file has moved to."""

    target: Server

    async def _build(self, stage: Stage) -> Bot:
        started_before = stage.database.exists()
        if started_before:
            await move(stage.database, self.target, [], NOW)
            await index(self.target)
        elif aside(stage.database) is None:
            return await super()._build(stage)
        app = await build_app(
            self._load(stage.settings),
            transport=stage.transport,
            clock=stage.clock,
            database=stage.database,
            plugins=self._plugins,
            seed=SEED,
            server=self.target,
        )
        app.outbox.on_refused.append(stage.on_refused)
        return app


@pytest.mark.parametrize("name", CHATS)
async def test_chat(name: str, server: Server) -> None:
    company = Moving(ROOT / "config", find_plugins())
    company.target = replace(server, account="moved")
    played = await company.play(str(ROOT / "tests" / "chats" / f"{name}.chat"))
    outcome = compare(played)
    assert outcome.met, "\n" + "\n".join(explain(played, outcome))
    connection = await company.target.connect()
    assert await connection.fetchval("SELECT count(*) FROM installation WHERE key = 'moved_from'") == 1
    await connection.close()
