"""Test: who asked to be forgotten is nowhere in the file but where others rely on it, and the ledger stays true."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from bot.loader import find_plugins
from bot.model import Member
from bot.storage.forget import personal_tables
from bot.storage.search import find, index_more
from bot.storage.tables import activity, messages, metadata, postings
from bot.storage.work import Work
from plugins.ad_guard import plugin as ad_guard
from plugins.introduction import plugin as introduction
from plugins.invite import plugin as invite
from plugins.moderation import plugin as moderation
from plugins.points import plugin as points
from plugins.privacy import plugin as privacy
from plugins.report import plugin as report
from tests import stores
from tests.engine.stage import ADMIN, OWNER, XIAOLI, Stage, running_app

pytestmark = pytest.mark.usefixtures("both")

ME = Member("wxid_me_4711", "我自己")
PLUGINS = (ad_guard, introduction, invite, moderation, points, privacy, report)
RELIED_ON = {"members", "handled", "outbox", "audit", "timers", "notes", "lottery_entrants", "lottery_seats"}
"""Who is in the group, what was done when (deleted after a time), and marks of the plugins without any content."""
IDS = {"member", "sender", "person", "inviter", "invitee", "guess", "reporter", "accused"}


async def live(stage: Stage) -> None:
    await stage.say("/签到", ME)
    await stage.say("大家好，我是我自己，坐标上海，做设计，喜欢徒步", ME)
    await stage.say("明天下午三点图书馆见，记得带书", ME)
    await stage.say("/加分 @我自己 30 帮忙", ADMIN)
    await stage.say("/举报 @小李 总是说这个", ME)


async def forget(stage: Stage, me: Member = ME) -> None:
    await stage.say("/忘记我", me, group="")
    await stage.say("确认", me, group="")


def where_is(path: Path, needle: str) -> set[str]:
    """Tables in which any cell contains it."""
    found: set[str] = set()
    for table in metadata.tables:
        for row in stores.ask(path, f'SELECT * FROM "{table}"'):  # noqa: S608  names of our own tables
            if any(needle in str(cell) for cell in row):
                found.add(table)
    return found


async def test_nothing_is_left_but_what_others_rely_on(tmp_path: Path):
    async with running_app(tmp_path, *PLUGINS, members=(OWNER, ADMIN, XIAOLI, ME)) as stage:
        await live(stage)
        before = where_is(stage.database, ME.id)
        assert {"messages", "activity", "postings", "transfers", "points_checkins", "report_entry"} <= before
        await forget(stage)
        assert where_is(stage.database, ME.id) <= RELIED_ON
        assert where_is(stage.database, "图书馆") == set()
        assert where_is(stage.database, "徒步") <= {"outbox"}


async def test_the_sums_stay_true_and_nobodys(tmp_path: Path):
    async with running_app(tmp_path, *PLUGINS, members=(OWNER, ADMIN, XIAOLI, ME)) as stage:
        await live(stage)
        counted = sum(row["messages"] for row in await stage.rows(activity))
        held = {row["account"]: row["points"] for row in await stage.rows(postings)}
        await forget(stage)
        after = await stage.rows(postings)
        assert sum(row["points"] for row in after) == 0
        assert sum(row["points"] for row in after if row["account"] == "house") == sum(
            points for account, points in held.items() if account == "house"
        ) or len(after) > len(held)
        assert {row["account"].startswith(("house", "member:~")) for row in after} == {True}
        assert sum(row["messages"] for row in await stage.rows(activity)) == counted
        assert stores.audit_at(stage.database).problems == ()
        # A new life begins at nothing, and may begin.
        await stage.say("/签到", ME)
        assert stores.audit_at(stage.database).problems == ()


async def test_a_forgotten_word_is_not_found_any_more(tmp_path: Path):
    async with running_app(tmp_path, *PLUGINS, members=(OWNER, ADMIN, XIAOLI, ME)) as stage:
        await live(stage)
        await stage.say("图书馆几点开门", XIAOLI)

        async def look(work: Work) -> list[Any]:
            await index_more(work)
            return [each.sender for each in await find(work, "图书馆", group="g1")]

        assert sorted(await stage.app.writer.run(look)) == sorted([ME.id, XIAOLI.id])
        await forget(stage)
        assert await stage.app.writer.run(look) == [XIAOLI.id]
        mine = [row for row in await stage.rows(messages) if row["sender"].startswith("~")]
        assert mine
        assert {row["text"] for row in mine} == {""}


async def test_only_whose_it_was_may_change_in_the_ledger(tmp_path: Path):
    async with running_app(tmp_path, *PLUGINS, members=(OWNER, ADMIN, XIAOLI, ME)) as stage:
        await live(stage)
        for wrong in (
            "UPDATE postings SET points = points + 1",
            "UPDATE postings SET account = 'member:l' WHERE account <> 'house'",
            "UPDATE postings SET account = 'member:~1' WHERE account = 'house'",
            "UPDATE postings SET account = 'member:~1', points = 99 WHERE account <> 'house'",
            "UPDATE transfers SET reason = 'x'",
            "UPDATE transfers SET actor = 'owner'",
            "UPDATE transfers SET key = 'mine'",
        ):
            with pytest.raises(IntegrityError, match="append-only"):
                await stage.app.writer.run(lambda work, wrong=wrong: work.execute(text(wrong)))


def test_every_table_with_members_says_what_becomes_of_them():
    tables = [table for plugin in find_plugins() for table in plugin.tables]
    known = {table.name for table, _ in personal_tables()}
    for table in tables:
        if IDS & set(table.columns.keys()):
            assert table.name in known, f"{table.name} holds members' ids: say info=personal(…, then=…)"
    for table, kept in personal_tables():
        assert set(kept.columns) <= set(table.columns.keys())
        assert {name for _, name in kept.names} <= set(table.columns.keys())
