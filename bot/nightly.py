"""Engine room: the daily copy of the database, verified, the newest few kept."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.errors import StorageError
from bot.storage.backup import backup, free_space, keep_newest
from bot.storage.dump import SUFFIX, dump
from bot.storage.server import Server

log = logging.getLogger(__name__)

ROOM = 1.2
"""A copy needs at most as much as the file; this much more must be free, or the copy would be what fills the disk."""


@dataclass(frozen=True, slots=True)
class Nightly:
    """Copies into `backups/daily` beside the file; copies made before a migration lie elsewhere and are not counted.

    at: local time of day; kept: how many copies stay; server: where the tables are, when not in the file.
    """

    database: Path
    at: time
    zone: ZoneInfo
    kept: int
    server: Server | None = None

    @property
    def suffix(self) -> str:
        return self.database.suffix if self.server is None else SUFFIX

    @property
    def copies(self) -> list[Path]:
        """Those there are, oldest first."""
        return sorted(self.folder.glob(f"{self.database.stem}-*{self.suffix}"))

    @property
    def folder(self) -> Path:
        return self.database.parent / "backups" / "daily"

    def is_due(self, now: datetime) -> bool:
        """Whether the last time of day that was due has no copy yet; a bot that was off makes it up once."""
        local = now.astimezone(self.zone)
        due = datetime.combine(local.date(), self.at, self.zone)
        if due > local:
            due -= timedelta(days=1)
        stem = self.database.stem
        newest = max((path.stem for path in self.copies), default="")
        return newest < f"{stem}-{due.astimezone(self.zone):%Y%m%dT%H%M}"

    async def make(self, now: datetime) -> Path:
        """Copy, verify, and let the oldest go. Raises StorageError; then everything is as it was."""
        target = self.folder / f"{self.database.stem}-{now.astimezone(self.zone):%Y%m%dT%H%M%S}{self.suffix}"
        size = await asyncio.to_thread(self._make, target)
        log.info("每日备份 %s（%.1f MB）", target, size / 1_048_576)
        return target

    def _make(self, target: Path) -> int:
        if self.server is not None:
            size = dump(self.server, target)
            keep_newest(self.folder, self.kept, self.suffix)
            return size
        needed = self.database.stat().st_size * ROOM
        if free_space(target) < needed:
            raise StorageError(f"磁盘放不下一份备份，需要 {needed / 1_048_576:.0f} MB (not enough room)")
        size = backup(self.database, target)
        keep_newest(self.folder, self.kept)
        return size
