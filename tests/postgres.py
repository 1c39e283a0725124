"""Test: a PostgreSQL server of the tests' own, thrown away at the end; each test that asks gets its own database."""

from __future__ import annotations

import asyncio
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bot.storage.schema import upgrade
from bot.storage.server import Server
from tests import stores

TEMPLATE = "migrated"
NEEDED = ("initdb", "postgres", "pg_isready")
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=32MB", "max_connections=60")
"""Nothing of it outlives the tests."""


def binaries() -> Path | None:
    """Where the server's programs are; Debian keeps them out of the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    found += [Path(path).parent for name in NEEDED if (path := shutil.which(name))]
    return next((folder for folder in found if all((folder / name).exists() for name in NEEDED)), None)


# A database that a test has used is emptied for the next, which takes a tenth of the time of a new one.
RECYCLE = """
CREATE TABLE public.known AS SELECT tablename AS name FROM pg_tables WHERE schemaname = 'shequn_main';
CREATE FUNCTION public.recycle() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    one text;
    holds boolean;
    filled text[] := '{}';
BEGIN
    FOR one IN SELECT nspname FROM pg_namespace WHERE nspname LIKE 'shequn%' AND nspname <> 'shequn_main' LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', one);
    END LOOP;
    FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'shequn_main' LOOP
        IF one NOT IN (SELECT name FROM public.known) THEN
            EXECUTE format('DROP TABLE shequn_main.%I CASCADE', one);
        ELSIF one <> 'alembic_version' THEN
            EXECUTE format('SELECT EXISTS (SELECT 1 FROM shequn_main.%I)', one) INTO holds;
            IF holds THEN filled := filled || format('shequn_main.%I', one); END IF;
        END IF;
    END LOOP;
    IF cardinality(filled) > 0 THEN
        EXECUTE 'TRUNCATE ' || array_to_string(filled, ', ') || ' CASCADE';
    END IF;
    FOR one IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'shequn_main' AND last_value IS NOT NULL LOOP
        EXECUTE format('ALTER SEQUENCE shequn_main.%I RESTART', one);
    END LOOP;
END $$;
"""


@dataclass
class Cluster:
    """A running server. `fresh` lends a database in its first form; `take_back` ends the loans."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes]
    _made: int = 0
    _lent: list[Server] = field(default_factory=list)
    _used: list[Server] = field(default_factory=list)

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    async def fresh(self) -> Server:
        while self._used:
            server = self._used.pop()
            with suppress(asyncpg.PostgresError):
                await self.order("SET lock_timeout = '2s'; SELECT public.recycle()", server)
                self._lent.append(server)
                return server
        self._made += 1
        server = Server(self.url(f"test_{self._made}"))
        await self.order(f"CREATE DATABASE test_{self._made} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        self._lent.append(server)
        return server

    def take_back(self) -> None:
        self._used += self._lent
        self._lent = []

    async def order(self, statement: str, server: Server | None = None) -> None:
        connection = await (server or Server(self.url("postgres"))).connect()
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    async def make_template(self) -> None:
        await self.order(f"CREATE DATABASE {TEMPLATE}")
        server = Server(self.url(TEMPLATE))
        await upgrade(server)
        await self.order(RECYCLE, server)

    def stop(self) -> None:
        """Without ceremony: nothing of it is kept."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)


def start(programs: Path) -> Cluster:
    """Make a server in a folder of its own, and wait until it answers. As root it runs as another user."""
    folder = Path(tempfile.mkdtemp(prefix="shequn-postgres-"))
    user: dict[str, Any] = {}
    if os.getuid() == 0:
        owner = pwd.getpwnam("postgres")
        os.chown(folder, owner.pw_uid, owner.pw_gid)
        user = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"}
    data = folder / "data"
    made = [programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync", "-N"]
    subprocess.run(made, check=True, capture_output=True, cwd=folder, env=environment, **user)
    options = [word for setting in QUICK for word in ("-c", setting)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [programs / "postgres", "-D", data, "-p", str(port), "-h", "127.0.0.1", "-k", folder, *options],
            stdout=log,
            stderr=log,
            cwd=folder,
            env=environment,
            **user,
        )
    asked = [programs / "pg_isready", "-h", "127.0.0.1", "-p", str(port), "-q"]
    while subprocess.run(asked, check=False, capture_output=True).returncode:
        assert process.poll() is None, (folder / "log").read_text()
    return Cluster(folder, port, process)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """The server; without its programs the test is skipped, which CI does not allow (`.ci/postgres` installs them)."""
    programs = binaries()
    if programs is None:
        pytest.skip("no PostgreSQL on this machine: sh .ci/postgres")
    cluster = start(programs)
    try:
        asyncio.run(cluster.make_template())
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture
async def server(postgres: Cluster) -> AsyncIterator[Server]:
    """A database of the test's own, migrated and empty."""
    yield await postgres.fresh()
    postgres.take_back()


@pytest.fixture
def on_server(postgres: Cluster) -> Iterator[Cluster]:
    """Every store of the test is on the server."""
    stores.cluster = postgres
    yield postgres
    stores.forget()


@pytest.fixture(params=["file", "server"])
def both(request: pytest.FixtureRequest) -> Iterator[Cluster | None]:
    """For `pytestmark = pytest.mark.usefixtures("both")`: every test of the module runs on a file and on a server.

    What is about the file itself is marked `file_only`.
    """
    cluster: Cluster | None = request.getfixturevalue("postgres") if request.param == "server" else None
    stores.cluster = cluster
    yield cluster
    stores.forget()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Not skipped: there is nothing to run."""
    moot = [item for item in items if item.get_closest_marker("file_only") and _params(item).get("both") == "server"]
    if moot:
        config.hook.pytest_deselected(items=moot)
        gone = set(map(id, moot))
        items[:] = [item for item in items if id(item) not in gone]


def _params(item: pytest.Item) -> dict[str, Any]:
    return getattr(getattr(item, "callspec", None), "params", {})
