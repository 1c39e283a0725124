"""Storage: a file whose data lives on a server now: put aside under a name that says so, and not begun anew."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

from bot.errors import StorageError


def set_aside(path: Path, now: datetime) -> Path:
    """Give the file a name under which nothing opens it; says which. Raises StorageError with what to do by hand."""
    to = path.with_name(f"{path.stem}.moved-{now:%Y%m%d-%H%M%S}{path.suffix}")
    try:
        os.replace(path, to)
    except OSError as error:
        raise StorageError(
            f"数据都搬过去了，只是 {path} 改不了名（{error.strerror}）：自己来，mv {path} {to} (moved, but not renamed)"
        ) from error
    return to


def aside(path: Path) -> Path | None:
    """Where the file was put last when its data moved; None when it is here, or never moved."""
    if path.exists():
        return None
    return max(path.parent.glob(f"{path.stem}.moved-*{path.suffix}"), default=None)


def must_not_be_gone(path: Path) -> None:
    """Raises StorageError where a new, empty file would take the place of one whose data is on a server."""
    if (there := aside(path)) is not None:
        raise StorageError(gone(path, there))


def gone(path: Path, there: Path) -> str:
    return (
        f"{path} 的数据已经搬到 PostgreSQL，这里却没有设地址：设 DATABASE_URL；要回到文件：mv {there} {path} "
        "(moved to a server)"
    )
