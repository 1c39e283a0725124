"""Engine room: what is old goes, a little at a time, so that the writer is never held up."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select

from bot.clock import Clock
from bot.settings import StorageSection
from bot.storage.ledger import DAYS_KEPT, close_day
from bot.storage.tables import audit, handled, messages, notes, outbox
from bot.storage.work import Work
from bot.storage.writer import Writer

log = logging.getLogger(__name__)

CHUNK = 2000
"""Rows per transaction: 26 ms of the writer, where 500,000 at once block it for seconds."""
OUTBOX_KEPT = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class Housekeeping:
    """Deletes what retention says and closes the ledger's day. May be interrupted and repeated at will."""

    writer: Writer
    clock: Clock
    kept: StorageSection

    async def sweep(self) -> Mapping[str, int]:
        """Rows deleted, by table."""
        now = self.clock.now()
        archive, marks = timedelta(days=self.kept.archive_days), timedelta(days=self.kept.handled_days)
        old: list[tuple[Any, Any]] = [
            (messages.c.no, messages.c.at < now - archive),
            (handled.c.id, handled.c.at < now - marks),
            (notes.c.key, notes.c.expires_at < now),
            (outbox.c.id, outbox.c.settled_at < now - OUTBOX_KEPT),
            (audit.c.id, audit.c.at < now - max(archive, timedelta(days=365))),
        ]
        counts: dict[str, int] = {}
        for key, condition in old:
            counts[key.table.name] = await self._delete(key, condition)
        day, oldest = now.date(), now.date() - timedelta(days=DAYS_KEPT)
        await self.writer.run(lambda work: close_day(work, day.isoformat(), oldest.isoformat()))
        if any(counts.values()):
            log.info("housekeeping deleted %s", counts)
        return counts

    async def _delete(self, key: Any, condition: Any) -> int:
        total = 0

        async def some(work: Work) -> int:
            if key.table is notes:
                return (await work.execute(delete(notes).where(condition))).rowcount
            chosen = select(key).where(condition).limit(CHUNK)
            return (await work.execute(delete(key.table).where(key.in_(chosen)))).rowcount

        while (count := await self.writer.run(some)) > 0:
            total += count
            if count < CHUNK:
                break
        return total
