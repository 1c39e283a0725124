"""Transport: the folder that incoming pictures are kept in, bounded, oldest out first."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

_SIGNATURES = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"GIF8", "gif"),
    (b"BM", "bmp"),
)
_OURS = "wx-"


class MediaFolder:
    """Keeps files under names of their content, so that neither a stranger's file name nor a copy gets in.

    limit: bytes in all; files not written by this class are neither counted nor deleted.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        self._folder, self._limit = folder, limit
        self._one_at_a_time = asyncio.Lock()

    async def keep(self, content: bytes) -> Path:
        """Where it lies now. Raises OSError."""
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._keep, content)

    def _keep(self, content: bytes) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{_OURS}{hashlib.sha256(content).hexdigest()[:32]}.{_ending(content)}"
        if path.exists():
            os.utime(path)
            return path
        fresh = path.with_suffix(".part")
        fresh.write_bytes(content)
        fresh.replace(path)
        self._trim(path)
        return path

    def _trim(self, newest: Path) -> None:
        files = [(entry.stat(), Path(entry.path)) for entry in os.scandir(self._folder) if entry.name.startswith(_OURS)]
        total = sum(stat.st_size for stat, _ in files)
        for stat, path in sorted(files, key=lambda each: each[0].st_mtime_ns):
            if total <= self._limit:
                break
            if path != newest:
                path.unlink(missing_ok=True)
                total -= stat.st_size


def _ending(content: bytes) -> str:
    for start, ending in _SIGNATURES:
        if content.startswith(start):
            return ending
    return "webp" if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else "bin"
