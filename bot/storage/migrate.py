"""Storage: bringing the database file to this program's form, after a backup of it; forward only."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.errors import StorageError
from bot.shipped import shipped
from bot.storage.revision import is_current
from bot.storage.trouble import explain

if TYPE_CHECKING:
    from alembic.config import Config

KEPT = 7

# alembic is imported where it is used: most starts find the file as it should be and never need it.


def configuration(path: Path | None = None) -> Config:
    """What alembic is told: our revisions, and the file; without one the caller hands a connection over."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(shipped("migrations")).replace("%", "%%"))
    if path is not None:
        config.set_main_option("sqlalchemy.url", f"sqlite:///{path}".replace("%", "%%"))
    config.attributes["configure_logger"] = False
    return config


def head() -> str:
    """The revision this program works with."""
    from alembic.script import ScriptDirectory

    found = ScriptDirectory.from_config(configuration()).get_current_head()
    assert found is not None
    return found


def revision_of(path: Path) -> str | None:
    """The revision the file is at; None for an empty or absent one.

    Raises StorageError when the file is no database or cannot be read.
    """
    from alembic.migration import MigrationContext
    from sqlalchemy import create_engine
    from sqlalchemy.exc import DatabaseError

    if not path.exists() or path.stat().st_size == 0:
        return None
    engine = create_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            return MigrationContext.configure(connection).get_current_revision()
    except DatabaseError as error:
        raise explain(path, error) from error
    finally:
        engine.dispose()


def waiting(path: Path) -> list[str]:
    """The revisions that `upgrade` would apply, oldest first.

    Raises StorageError for a file that is damaged or from a newer version.
    """
    if is_current(path):
        return []
    from alembic.script import ScriptDirectory

    current, script = revision_of(path), ScriptDirectory.from_config(configuration(path))
    if current is not None and current not in {revision.revision for revision in script.walk_revisions()}:
        raise StorageError(
            f"数据库 {path} 来自更新的版本（{current}），请升级程序，或用 shequn db restore 换回旧备份 "
            "(the database is from a newer version)"
        )
    return [revision.revision for revision in script.iterate_revisions("head", current or "base")][::-1]


def upgrade(path: Path) -> list[str]:
    """Migrate the file to `head()`; returns the revisions applied, oldest first.

    A file that needs migrating is first copied to `backups/` beside it. Raises StorageError for a damaged, newer,
    read-only or full file; the file is then as it was, and the backup stays.
    """
    applied = waiting(path)
    if not applied:
        return []
    from alembic import command
    from sqlalchemy.exc import DatabaseError

    _check_writable(path)
    kept = f"；升级前的备份是 {back_up(path)}" if revision_of(path) is not None else ""
    try:
        command.upgrade(configuration(path), "head")
    except (DatabaseError, OSError) as error:
        raise StorageError(f"升级失败：{explain(path, error)}{kept} (upgrade failed)") from error
    return applied


def back_up(path: Path) -> Path:
    """A consistent copy in `backups/` beside the file; keeps the newest few."""
    folder = path.parent / "backups"
    target = folder / f"{path.stem}-{datetime.now(UTC):%Y%m%dT%H%M%S}.db"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if target.exists():
            return target
        # Under its name only when it is whole: a process may be killed in the middle of the copy.
        part = target.with_suffix(".part")
        part.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as source:
            source.execute("VACUUM INTO ?", (str(part),))
        with part.open("rb") as copy:
            os.fsync(copy.fileno())
        part.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise StorageError(f"升级前的备份写不了 {target}：{explain(path, error)} (backup failed)") from error
    for old in sorted(folder.glob(f"{path.stem}-*.db"))[:-KEPT]:
        old.unlink()
    return target


def _check_writable(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
    except (sqlite3.Error, OSError) as error:
        raise explain(path, error) from error
