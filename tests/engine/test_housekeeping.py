"""Test: housekeeping: what is old goes, what is needed stays, and the writer is never held up for long."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.housekeeping import CHUNK, Housekeeping
from bot.storage.tables import audit, handled, messages, notes, outbox
from bot.storage.work import Work
from tests.engine.stage import G, Stage, running_app

pytestmark = pytest.mark.usefixtures("both")


def keeper(stage: Stage) -> Housekeeping:
    return Housekeeping(stage.app.writer, stage.clock, stage.app.settings.storage)


async def fill(stage: Stage, table, rows) -> None:
    async def write(work: Work) -> None:
        await work.execute(insert(table), rows)

    await stage.app.writer.run(write)


def message(number: int, at) -> dict:
    return {"id": f"x{number}", "group": G, "sender": "w", "at": at, "kind": "text", "text": "x"}


async def test_retention(tmp_path: Path):
    async with running_app(tmp_path, storage__archive_days=30, storage__handled_days=7) as stage:
        now = stage.clock.now()
        ages = {"new": now, "week": now - timedelta(days=8), "month": now - timedelta(days=31)}
        await fill(stage, messages, [message(n, at) for n, at in enumerate(ages.values())])
        await fill(stage, handled, [{"id": f"h-{name}", "at": at} for name, at in ages.items()])
        base = {"plugin": "p", "group": G, "value": "v"}
        await fill(stage, notes, [{**base, "key": n, "expires_at": at} for n, at in ages.items()])
        await fill(stage, notes, [{**base, "key": "kept", "expires_at": None}])
        line = {"group": G, "actor": "", "what": "x", "detail": {}, "case": None, "event_id": ""}
        await fill(stage, audit, [{**line, "at": now - timedelta(days=d)} for d in (1, 360, 370)])
        for number, state in enumerate(("done", "unknown", "failed", "waiting", "refused"), 1):
            old = now - timedelta(days=61)
            row = {"id": number, "event_id": "", "plugin": "", "group": G, "kind": "say", "payload": {"text": "x"}}
            times = {"created_at": old, "not_before": old, "settled_at": None if state == "waiting" else old}
            await fill(stage, outbox, [{**row, **times, "state": state, "priority": 30}])
        counts = await keeper(stage).sweep()
        assert counts["messages"] == 1
        assert {row["id"] for row in await stage.rows(handled) if row["id"].startswith("h-")} == {"h-new"}
        assert {row["key"] for row in await stage.rows(notes)} == {"kept", "new"}
        assert await stage.count(audit) == 2
        assert {row["state"] for row in await stage.rows(outbox)} == {"waiting"}
        assert not any((await keeper(stage).sweep()).values())


async def test_much_goes_in_pieces_while_others_write(tmp_path: Path):
    async with running_app(tmp_path) as stage:
        long_ago = stage.clock.now() - timedelta(days=400)
        await fill(stage, messages, [message(n, long_ago) for n in range(CHUNK * 2 + 10)])
        begun = stage.app.writer.commits
        sweeping = asyncio.create_task(keeper(stage).sweep())
        await stage.say("say 你好")
        assert not sweeping.done()
        assert (await sweeping)["messages"] == CHUNK * 2 + 10
        assert stage.app.writer.commits - begun >= 4
        assert stage.far.texts() == ["你好"]
        assert await stage.count(messages) == 1


async def test_a_repetition_after_its_mark_is_gone_is_news_again(tmp_path: Path):
    """The limit of `handled_days`, on purpose: nothing repeats after a week."""
    async with running_app(tmp_path) as stage:
        event = await stage.say("say 你好")
        await stage.after(days=8)
        await keeper(stage).sweep()
        await stage.restart()
        await stage.handle(event)
        await stage.app.settle()
        assert stage.far.texts() == ["你好", "你好"]
