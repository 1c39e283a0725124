"""Test: the archive is read by the group's newest hours, never by its whole history."""

from __future__ import annotations

from dataclasses import fields
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.context import ArchivedMessage
from bot.loader import find_plugins
from bot.model import Quote
from bot.storage import archive as archive_store
from bot.storage.archive import ArchiveStore, own_since, store_message
from tests.engine.stage import ADMIN, OWNER, XIAOLI, XIAOWANG, running_app

G = "g1"


def test_rows_come_in_the_order_of_the_record():
    assert [column.key for column in archive_store._columns] == [field.name for field in fields(ArchivedMessage)]


async def test_what_a_member_said_lately_is_found_by_time(tmp_path: Path):
    async with running_app(tmp_path) as stage:
        now = stage.clock.now()

        async def fill(work):
            for number in range(3000):
                at = now - timedelta(minutes=number)
                sender = "quiet" if number in (1, 2999) else "loud"
                store_message(work, f"m{number}", G, sender, at, "text", f"第 {number} 句", None)

        await stage.app.writer.run(fill)

        async def look(work):
            archive, since = ArchiveStore(work, G), now - timedelta(hours=1)
            plan = await work.execute(
                text(
                    'EXPLAIN QUERY PLAN SELECT * FROM messages WHERE "group" = :g AND at >= :t AND sender = :s '
                    "ORDER BY at DESC LIMIT 5"
                ),
                {"g": G, "t": 0, "s": "quiet"},
            )
            found = await archive.search("第 2 句", since=since)
            return await archive.last_of("quiet", since=since), found, " ".join(row[3] for row in plan)

        said, found, plan = await stage.app.writer.run(look)
        assert [message.id for message in said] == ["m1"]
        assert [message.id for message in found] == ["m2"]
        assert "ix_messages_group_at" in plan
        assert "at>?" in plan


async def test_a_start_looks_for_its_own_messages_at_the_end_of_the_archive_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(archive_store, "WALKED", 10)
    async with running_app(tmp_path) as stage:
        now = stage.clock.now()

        async def fill(work):
            for number in range(20):
                kind = "own" if number in (3, 12, 19) else "text"
                store_message(work, f"m{number}", G, "bot", now, kind, "好", None)

        await stage.app.writer.run(fill)
        found = await stage.app.writer.run(lambda work: own_since(work, now))
        assert [message.id for message in found] == ["m12", "m19"]
        assert await stage.app.writer.run(lambda work: own_since(work, now + timedelta(seconds=1))) == []


async def test_a_quotation_without_an_id_means_who_said_those_words_and_nobody_else(tmp_path: Path):
    async with running_app(tmp_path, *find_plugins()) as stage:
        await stage.roster(OWNER, ADMIN, XIAOWANG, XIAOLI)
        ad = "加我进群领资料啦"
        await stage.say(ad, by=XIAOWANG)
        await stage.say(f"别理他，{ad}这种都是骗子", by=XIAOLI)
        await stage.say("/广告", by=ADMIN, quote=Quote(ad, "", "谁也不是"))
        assert [text for text in stage.far.texts() if "@小王" in text and "W1" in text]
        await stage.say("大家晚上好呀朋友们", by=XIAOWANG)
        await stage.say("大家晚上好呀朋友们", by=XIAOLI)
        for who, command in ((ADMIN, "/广告"), (ADMIN, "/举报")):
            await stage.say(command, by=who, quote=Quote("大家晚上好呀朋友们", "", "谁也不是"))
            await stage.after(seconds=30)
            assert "找不到这条消息是谁发的" in stage.far.texts()[-1]
        await stage.after(minutes=30)
        assert stage.far.removed == [XIAOWANG.id]


async def test_of_those_who_said_the_same_the_one_named_is_quoted(tmp_path: Path):
    async with running_app(tmp_path) as stage:
        await stage.roster(OWNER, XIAOWANG, XIAOLI)
        for who in (XIAOWANG, XIAOLI):
            await stage.say("大家晚上好", by=who)
        since = stage.clock.now() - timedelta(hours=1)

        async def look(work):
            archive = ArchiveStore(work, G)
            quotes = [Quote("大家晚上好", "", name) for name in (XIAOWANG.name, XIAOLI.id, "路人")]
            return [await archive.quoted(quote, since=since) for quote in quotes]

        meant = await stage.app.writer.run(look)
        assert [said and said.sender_id for said in meant] == [XIAOWANG.id, XIAOLI.id, None]
