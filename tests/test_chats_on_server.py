"""Test: chats of every kind of plugin go on a server as they go on a file, to the letter."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.company import Company
from bot.loader import find_plugins
from bot.storage.server import Server
from bot.transports.transcript.diff import explain
from bot.transports.transcript.expect import compare

ROOT = Path(__file__).parent.parent
CHATS = (
    "ad_guard_lessons",
    "brief_workday",
    "digest_day",
    "introduction_week",
    "invite_vest",
    "leaderboard_restart",
    "lottery_several",
    "moderation_kick_case",
    "moderation_restart",
    "overflow_blacklist",
    "points_makeup",
    "privacy_forget",
    "report_vote",
    "schedule_weekly",
    "shop_rush",
    "story_first_day",
    "task_timed",
    "topic_turn",
)


@pytest.mark.parametrize("name", CHATS)
async def test_chat(name: str, server: Server) -> None:
    company = Company(ROOT / "config", find_plugins(), server)
    played = await company.play(str(ROOT / "tests" / "chats" / f"{name}.chat"))
    outcome = compare(played)
    assert outcome.met, "\n" + "\n".join(explain(played, outcome))
