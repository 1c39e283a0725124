"""Test: the archive is read by the group's newest hours, never by its whole history."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.storage import archive as archive_store
from bot.storage.archive import ArchiveStore, own_since, store_message
from tests.engine.stage import running_app

G = "g1"


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
