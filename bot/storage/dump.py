"""Storage: copies of an account on a server, by PostgreSQL's own tools: made while the bot runs, verified, put back."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from bot.errors import StorageError
from bot.storage.server import Server
from bot.storage.trouble import explain, in_plain_words

SUFFIX = ".dump"


def program(name: str) -> str | None:
    """Where one of the tools is; Debian keeps the newest out of the path."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: path.parent.name, reverse=True)
    return shutil.which(name) or next((str(folder / name) for folder in folders if (folder / name).exists()), None)


def command(server: Server) -> str:
    """What somebody types who makes copies by themselves."""
    return f"pg_dump -Fc -n {server.schema} -f 备份文件 postgresql://用户@主机/库"


def dump(server: Server, to: Path) -> int:
    """Copy the account as it is now to the new file `to`, verify the copy, and say its size in bytes.

    Raises StorageError when `to` exists, the tools are missing or fail, or the copy is not whole.
    """
    if to.exists():
        raise StorageError(f"{to} 已经存在，换个名字 (exists already)")
    part = to.with_name(f"{to.name}.part")
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        _run(server, "pg_dump", "-Fc", "-n", server.schema, "-f", str(part))
        _must_be_ours(server, part)
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(to)
        return to.stat().st_size
    except OSError as error:
        raise explain(to, error) from error
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


async def restore(server: Server, source: Path, now: datetime) -> str:
    """Put a copy in the place of the account; says under which schema the old tables lie now, "" without any.

    Nobody may serve the account meanwhile: the caller holds its lease. Raises StorageError; then all is as it was.
    """
    await asyncio.to_thread(_must_be_ours, server, source)
    aside = f"{server.schema}_before_{now:%Y%m%d_%H%M%S}"
    with in_plain_words(server.place):
        connection = await server.connect()
        try:
            there = await connection.fetchval("SELECT to_regnamespace($1)::text", server.schema)
            if there:
                await connection.execute(f"ALTER SCHEMA {server.schema} RENAME TO {aside}")
            try:
                await asyncio.to_thread(_run, server, "pg_restore", "-1", "--no-owner", "-d", "", str(source))
            except StorageError:
                if there:
                    await connection.execute(f"ALTER SCHEMA {aside} RENAME TO {server.schema}")
                raise
        finally:
            await connection.close()
    return aside if there else ""


def _must_be_ours(server: Server, path: Path) -> None:
    """The list of what is in a copy can be read, and it is this account."""
    if not path.is_file():
        raise StorageError(f"没有备份文件 {path} (no such file)")
    listed = _run(server, "pg_restore", "--list", str(path), far=False)
    if not re.search(rf"TABLE DATA {server.schema} outbox ", listed):
        raise StorageError(f"{path} 不是账户 {server.account} 的备份 (not a copy of this account)")


def _run(server: Server, name: str, *arguments: str, far: bool = True) -> str:
    """What a tool prints. The password goes by the environment: everybody on the machine can read a command line."""
    found = program(name)
    if found is None:
        raise StorageError(
            f"没有 {name}：装 postgresql-client；或者把 storage.backup_at 设成 off，自己备份：{command(server)} "
            f"({name} is missing)"
        )
    parts = urlsplit(server.url.replace("postgresql+asyncpg://", "postgresql://", 1))
    user, _, where = parts.netloc.rpartition("@")
    name_only, _, password = user.partition(":")
    address = urlunsplit(parts._replace(netloc=f"{name_only}@{where}" if name_only else where))
    words = [address if word == "" else word for word in arguments] + ([address] if far and "" not in arguments else [])
    secret = {"PGPASSWORD": unquote(password)} if password else {}
    done = subprocess.run(  # noqa: S603  PostgreSQL's own tool, arguments of ours
        [found, *words], check=False, capture_output=True, text=True, env={**os.environ, **secret}
    )
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise StorageError(f"{name} 没做成：{said[0] if said else done.returncode} ({name} failed)")
    return done.stdout
