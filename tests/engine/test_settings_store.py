"""Test: settings of groups: versions over versions, each step back, none lost by a restart."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import Field

from bot.actions import Action
from bot.book import Book
from bot.errors import CommandError
from bot.events import MessageReceived
from bot.model import Mode
from bot.plugin import Context, PluginSettings, template
from bot.storage import settings as versions
from bot.storage.tables import audit
from bot.storage.tables import settings as table
from bot.storage.work import Work
from plugins.ad_guard import plugin as ad_guard
from tests.engine.stage import G, Stage, make_plugin, running_app

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)


class Greeting(PluginSettings):
    text: str = template("欢迎 {昵称}", "昵称", description="欢迎语")
    count: int = Field(3, ge=1, le=10, description="几次")
    words: tuple[str, ...] = Field((), description="词")
    path: str = Field("x", description="路径", json_schema_extra={"installation": True})


def greeter():
    """`撤销` takes back the last change; anything else changes nothing."""
    plugin = make_plugin("greeting", Greeting)

    @plugin.on(MessageReceived, when=lambda event: event.text == "undo")
    async def undo(event: MessageReceived, ctx: Context[Greeting]) -> AsyncIterator[Action]:
        await ctx.notes.set("undone", str(await ctx.group_settings.undo(by=event.sender.id)))
        return
        yield

    return plugin


def now_in(stage: Stage, group: str = G) -> Any:
    return stage.app.book.sections(group)["greeting"]


async def test_a_setting_of_one_group(tmp_path: Path):
    async with running_app(tmp_path, greeter()) as stage:
        await stage.app.set_setting(G, "greeting.count", 5, by="admin")
        await stage.app.set_setting(G, "words", "甲，乙", by="admin")
        assert (now_in(stage).count, now_in(stage).words) == (5, ("甲", "乙"))
        assert now_in(stage, "g2").count == 3
        await stage.restart()
        assert (now_in(stage).count, now_in(stage).words) == (5, ("甲", "乙"))
        assert [row["what"] for row in await stage.rows(audit)] == ["setting.set"] * 2


async def test_a_group_s_own_value_wins_over_that_of_all(tmp_path: Path):
    async with running_app(tmp_path, greeter()) as stage:
        await stage.app.set_setting(G, "greeting.count", 5)
        await stage.app.set_setting("", "greeting.count", 7)
        assert (now_in(stage).count, now_in(stage, "g2").count) == (5, 7)


async def test_each_step_back(tmp_path: Path):
    async with running_app(tmp_path, greeter()) as stage:
        for value in (4, 5, 6):
            await stage.app.set_setting(G, "greeting.count", value)
        seen = []
        for _ in range(4):
            await stage.say("undo")
            seen.append(now_in(stage).count)
        assert seen == [5, 4, 3, 3]
        await stage.app.set_setting(G, "greeting.count", 9)
        await stage.say("undo")
        await stage.restart()
        assert now_in(stage).count == 3
        assert await stage.count(table) == 8


@pytest.mark.parametrize(
    "text", ['"带引号"', "[甲]", "off", "1", "true", "“你好”", " 两 边 ", "{昵称}\n第二行", "'x'", '"""', "null", ""]
)
async def test_a_text_comes_back_as_it_was_saved(tmp_path: Path, text: str):
    """What an admin wrote is read once; what is in the file is not read again as if somebody had typed it."""
    async with running_app(tmp_path, greeter()) as stage:
        await stage.app.set_setting(G, "greeting.text", text)
        saved = (await stage.rows(table))[0]["value"]
        assert now_in(stage).text == saved
        await stage.restart()
        assert now_in(stage).text == saved


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("greeting.count", 11),
        ("greeting.count", "很多"),
        ("greeting.count", None),
        ("greeting.path", "/etc"),
        ("greeting.nope", 1),
        ("nope", 1),
        ("greeting.text", "{不认识}"),
        ("bot.owners", ["me"]),
        ("bot.timezone", "Mars/Base"),
        ("bot.mode", "wild"),
    ],
)
async def test_what_is_not_allowed_changes_nothing(tmp_path: Path, key: str, value: object):
    async with running_app(tmp_path, greeter()) as stage:
        before = now_in(stage)
        with pytest.raises(CommandError):
            await stage.app.set_setting(G, key, value)
        assert now_in(stage) == before
        assert await stage.count(table) == 0


async def test_the_mode_of_a_group_is_in_force_at_once(tmp_path: Path):
    async with running_app(tmp_path, greeter()) as stage:
        await stage.app.set_setting(G, "bot.mode", "观察")
        assert stage.app.book.info(G).mode is Mode.SHADOW
        assert stage.app.book.info("g2").mode is Mode.ENFORCE
        await stage.app.set_setting(G, "bot.timezone", "Europe/Berlin")
        assert stage.app.book.info(G).zone.key == "Europe/Berlin"


async def test_an_undone_unit_leaves_the_old_value_in_force(tmp_path: Path):
    async with running_app(tmp_path, greeter()) as stage:
        await stage.app.set_setting(G, "greeting.count", 5)

        async def unit(work: Work) -> None:
            for value in (6, 7):
                await versions.save(work, G, "greeting.count", value, at=NOW, by="")
                stage.app.book.override(work, G, "greeting.count", value)
            assert now_in(stage).count == 7
            raise LookupError

        with pytest.raises(LookupError):
            await stage.app.writer.run(unit)
        assert now_in(stage).count == 5


async def test_overrides_are_read_back_in_order(tmp_path: Path):
    async with running_app(tmp_path, greeter()) as stage:
        book: Book = stage.app.book

        async def unit(work: Work) -> versions.Overrides:
            for group, value in ((G, 4), ("", 8), (G, 5), ("", None)):
                await versions.save(work, group, "greeting.count", value, at=NOW, by="")
            return await versions.current(work)

        assert await stage.app.writer.run(unit) == {G: {"greeting.count": 5}, "": {}}
        assert book.overrides == {}


@pytest.mark.parametrize(
    ("of_all", "own", "limits"),
    [
        # Each alone does not fit beside what the file says (0.5, 0.8), both together do.
        ({}, {"ad_guard.act_at": 0.3, "ad_guard.warn_at": 0.2}, (0.2, 0.3)),
        ({}, {"ad_guard.warn_at": 0.85, "ad_guard.act_at": 0.9}, (0.85, 0.9)),
        ({"ad_guard.warn_at": 0.2}, {"ad_guard.act_at": 0.3}, (0.2, 0.3)),
        # Where they cannot hold together, the group's own wins.
        ({"ad_guard.warn_at": 0.7}, {"ad_guard.act_at": 0.6}, (0.5, 0.6)),
    ],
)
async def test_two_saved_settings_that_bound_each_other_hold_together(
    tmp_path: Path, of_all: dict[str, float], own: dict[str, float], limits: tuple[float, float]
):
    async with running_app(tmp_path, ad_guard) as stage:
        book: Book = stage.app.book
        book.overrides = {"": dict(of_all), G: dict(own)}
        book.forget()
        found: Any = book.sections(G)["ad_guard"]
        assert (found.warn_at, found.act_at) == limits
