"""Test: the gateway that compose starts: it listens, the bot reaches it, it stops cleanly and says what it misses."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.transports.wechaty.adapter import WechatyTransport
from bot.transports.wechaty.settings import WechatySettings
from tests.gateway.client import HERE, NODE
from tests.gateway.fixtures import Session, need_gateway

pytestmark = pytest.mark.gateway
SERVICE = Path(__file__).parent.parent / "bot/transports/wechaty/gateway"
TOKEN = "insecure_11111111-2222-4333-8444-555555555555"


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """The service beside the packages of the test gateway, whose versions are the same."""
    need_gateway()
    (tmp_path / "node_modules").symlink_to(HERE / "node_modules")
    shutil.copy(SERVICE / "server.mjs", tmp_path)
    return tmp_path


@asynccontextmanager
async def running(folder: Path, **env: str) -> AsyncIterator[asyncio.subprocess.Process]:
    kept = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ}
    values = {**kept, "WECHATY_PUPPET": "wechaty-puppet-mock", "WECHATY_LOG": "silent", **env}
    process = await asyncio.create_subprocess_exec(
        NODE or "node", "--no-deprecation", "server.mjs", cwd=folder, env=values, stdout=asyncio.subprocess.PIPE
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def said(process: asyncio.subprocess.Process, what: str) -> dict[str, str]:
    assert process.stdout is not None
    async with asyncio.timeout(30):
        while line := await process.stdout.readline():
            if line.startswith(b"{") and (told := json.loads(line))["what"] == what:
                return told
    raise AssertionError(f"the gateway never said {what}")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


async def test_the_bot_reaches_it_and_it_stops_cleanly(service: Path, tmp_path: Path) -> None:
    token_file, endpoint = tmp_path / "token", f"127.0.0.1:{free_port()}"
    await asyncio.to_thread(token_file.write_text, f"{TOKEN}\n")
    env = {"WECHATY_PUPPET_SERVICE_TOKEN_FILE": str(token_file), "GATEWAY_LISTEN": endpoint}
    async with running(service, **env) as process:
        assert (await said(process, "ready"))["endpoint"] == endpoint
        settings = WechatySettings.model_validate({"endpoint": endpoint, "token": TOKEN, "tls": False})
        session = Session(WechatyTransport(settings, lambda: datetime.now(UTC), tmp_path / "media"))
        async with asyncio.timeout(30):
            while not session.transport.health().connected:  # noqa: ASYNC110
                await asyncio.sleep(0)
        await session.close()
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            assert await process.wait() == 0


@pytest.mark.parametrize(
    ("env", "sentence"),
    [
        ({}, "没有令牌"),
        ({"WECHATY_PUPPET_SERVICE_TOKEN_FILE": "/no/such/token"}, "令牌文件读不了"),
        ({"WECHATY_PUPPET_SERVICE_TOKEN": TOKEN, "WECHATY_PUPPET": "no-puppet"}, "装不上 no-puppet"),
    ],
)
async def test_what_it_misses_is_said(env: dict[str, str], sentence: str, service: Path) -> None:
    async with running(service, **env) as process:
        assert sentence in (await said(process, "error"))["text"]
        assert await process.wait() == 2


def test_its_packages_are_those_of_the_test_gateway() -> None:
    """What the tests prove holds for the same versions only."""
    mine = json.loads((SERVICE / "package.json").read_text())["dependencies"]
    tested = json.loads((HERE / "package-lock.json").read_text())["packages"]
    for name, version in mine.items():
        assert tested[f"node_modules/{name}"]["version"] == version
