"""Engine room: what keeps the storage in shape while the bot lives: old rows go, the index follows, copies are made."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from bot.alarm import Alarm
from bot.clock import Clock
from bot.errors import StorageError
from bot.housekeeping import Housekeeping
from bot.nightly import Nightly
from bot.settings import Settings
from bot.storage.schema import size_of
from bot.storage.search import CHUNK, index_more
from bot.storage.server import Server
from bot.storage.soundness import Inspection
from bot.storage.writer import Writer
from bot.text import clip

log = logging.getLogger(__name__)


@dataclass(slots=True, repr=False)
class Upkeep:
    """The storage's own work. Each part may fail and is tried again; nothing here stops the bot."""

    database: Path
    writer: Writer
    clock: Clock
    settings: Settings
    server: Server | None
    found_damage: Callable[[], None]
    size: int = 0
    """Bytes that a server keeps for us, looked up now and then."""
    backup_trouble: str = ""
    """Why the last daily copy of the database could not be made."""
    damage: str = ""
    """What a look at a large database file found broken, in one sentence."""
    _old: Housekeeping = field(init=False)

    def __post_init__(self) -> None:
        self._old = Housekeeping(self.writer, self.clock, self.settings.storage)

    def ring(self, alarm: Alarm) -> None:
        """Have the alarm ring for each part."""
        alarm.every("housekeeping", timedelta(hours=6), self.tidy)
        alarm.every("search", timedelta(minutes=1), self.index)
        alarm.every("backup", timedelta(minutes=5), self.back_up)

    async def tidy(self) -> None:
        """Delete what retention says."""
        try:
            await self._old.sweep()
        except (SQLAlchemyError, OSError) as error:
            log.error("housekeeping failed: %s", error)

    async def index(self) -> None:
        """Bring the full-text index of the archive in step, a chunk at a time, others in between."""
        try:
            while await self.writer.run(index_more) == CHUNK:
                pass
            if self.server is not None:
                self.size = await self.writer.run(size_of)
        except (SQLAlchemyError, OSError) as error:
            log.error("the archive's index could not be kept up: %s", error)

    async def inspect(self) -> None:
        """A file too large to be looked at before the start is looked at now."""
        if self.server is not None or self.database.stat().st_size <= self.settings.storage.checked_first_mb << 20:
            return
        try:
            broken = await Inspection(self.database).run()
        except (StorageError, OSError) as error:
            log.error("the database could not be looked at: %s", error)
            return
        if broken:
            self.damage = clip(
                f"数据库损坏：{broken}。停掉机器人，shequn doctor 会说用哪份备份恢复 (the database is damaged)", 300
            )
            log.error("%s", self.damage)
            self.found_damage()

    async def back_up(self) -> None:
        """Make the daily copy once it is due."""
        kept, now = self.settings.storage, self.clock.now()
        if kept.backup_at is None:
            return
        copies = Nightly(self.database, kept.backup_at, self.settings.bot.zone, kept.backups_kept, self.server)
        if not copies.is_due(now):
            return
        try:
            await copies.make(now)
            self.backup_trouble = ""
        except (StorageError, OSError) as error:
            if self.backup_trouble != str(error):
                log.error("每日备份没做成：%s (daily backup failed)", error)
            self.backup_trouble = str(error)

    def bytes_kept(self) -> int:
        """How large the database is."""
        return self.database.stat().st_size if self.server is None and self.database.exists() else self.size
