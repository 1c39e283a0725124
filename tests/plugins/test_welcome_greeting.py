"""Test: everybody is greeted once, whatever their names, however many come, whatever the bot lives through."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.loader import find_plugins
from bot.model import Member
from plugins.welcome.plugin import PARTS, Settings
from tests.engine.stage import XIAOLI, running_app

WELCOME = next(plugin for plugin in find_plugins() if plugin.name == "welcome")


async def test_names_that_cannot_be_shown_and_names_that_are_the_same(tmp_path: Path):
    async with running_app(tmp_path, WELCOME) as stage:
        for who, name in zip("abcd", ("\u200b\u200d", "小陈", "小陈", "假\n\n冒\u202e名"), strict=True):
            await stage.handle(stage.joined(Member(who, name)))
        await stage.after(seconds=5)
        (text,) = stage.far.texts()
        assert text.startswith("欢迎 新朋友 @小陈 @小陈 @假 冒名 加入")
        assert len(stage.far.actions[0].mentions) == 4  # type: ignore[attr-defined]


@pytest.mark.parametrize("moment", [0, 1, 4, 5, 6, 30])
async def test_exactly_once_through_a_crash_at_any_moment(tmp_path: Path, moment: int):
    async with running_app(tmp_path, WELCOME) as stage:
        await stage.handle(stage.joined(Member("a", "小陈"), inviter=XIAOLI))
        await stage.after(seconds=moment)
        await stage.restart()
        await stage.after(minutes=5)
        assert len(stage.far.texts()) == 1
        assert "@小陈" in stage.far.texts()[0]


async def test_the_same_join_told_twice_is_greeted_once(tmp_path: Path):
    async with running_app(tmp_path, WELCOME) as stage:
        await stage.handle(stage.joined(Member("a", "小陈")))
        await stage.after(minutes=3)
        await stage.handle(stage.joined(Member("a", "小陈"), source="roster"))
        await stage.after(minutes=3)
        assert len(stage.far.texts()) == 1


async def test_a_long_absence_delays_the_greeting_but_does_not_lose_it(tmp_path: Path):
    async with running_app(tmp_path, WELCOME) as stage:
        await stage.handle(stage.joined(Member("a", "小陈")))
        await stage.crash()
        stage.clock.set(stage.clock.now() + timedelta(hours=6))
        await stage.reopen()
        await stage.after(minutes=1)
        assert len(stage.far.texts()) == 1


def test_the_default_welcome_fits_a_phone_screen():
    settings = Settings()
    text = "\n".join([settings.greeting, *(getattr(settings, part) for part in PARTS), settings.introduction])
    assert len(text) <= 200
    assert text.count("\n") <= 6


@pytest.mark.parametrize("part", [*PARTS, "greeting", "introduction", "back"])
def test_unknown_placeholders_and_too_long_texts_are_refused(part: str):
    with pytest.raises(ValidationError, match=r"不认识的占位符 \{姓名\}，可用：\{昵称\}"):
        Settings(**{part: "你好{姓名}"})
    with pytest.raises(ValidationError):
        Settings(**{part: "长" * 2001})
