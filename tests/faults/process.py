"""Test: the bot as a real process (`python -m bot run`) on a folder of its own, against a real gateway."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import socket
import sys
from pathlib import Path
from typing import Self

import aiohttp

from tests.gateway.client import Gateway

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 30.0

QUICK = {
    "BOT__MANAGE": '["*"]',
    "BOT__MODE": "enforce",
    "BOT__OWNERS": '["wxid_owner"]',
    "MODERATION__GRACE": "3s",
    "WELCOME__DELAY": "1s",
    "PACING__GAP": "0s",
    "PACING__JITTER": "0s",
    "PACING__GROUP_GAP": "0s",
    "PACING__PER_MINUTE": "600",
    "PACING__BACKOFF": "200ms",
    "PACING__EVIDENCE": "1s",
    "WECHATY__START_GRACE": "400ms",
    "WECHATY__BACKOFF_FIRST": "50ms",
    "WECHATY__BACKOFF_LONGEST": "300ms",
    "WECHATY__KEEPALIVE": "1s",
    "WECHATY__CALL_TIMEOUT": "5s",
    "WECHATY__LOOKUPS_PER_SECOND": "1000",
    "WECHATY__TAKEOVER_AFTER": "2s",
}
"""Settings under which a story takes seconds; everything else is as delivered."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class BotProcess:
    """One bot, killed and started again at will on the same folder."""

    def __init__(self, data: Path, gateway: Gateway, *, tls: bool = False, **settings: str) -> None:
        self.data = data
        self.port = free_port()
        self._process: asyncio.subprocess.Process | None = None
        self._log = data / "bot.log"
        self._environment = {
            **{
                key: value
                for key, value in os.environ.items()
                if not key.startswith(("SHEQUN_", "WECHATY_", "DATABASE_URL"))
            },
            "PYTHONPATH": str(ROOT),
            "WECHATY_PUPPET_SERVICE_ENDPOINT": gateway.endpoint,
            "WECHATY_PUPPET_SERVICE_TOKEN": gateway.token,
            **({} if tls else {"WECHATY_PUPPET_SERVICE_NO_TLS_INSECURE_CLIENT": "true"}),
            **{f"SHEQUN_{key}": value for key, value in {**QUICK, **settings}.items()},
        }

    async def start(self, *, ready: bool = True) -> Self:
        """Start, and wait until it says it is ready (connected and logged in)."""
        self.data.mkdir(parents=True, exist_ok=True)
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "bot", "--data", str(self.data), "run", "--port", str(self.port),
                cwd=ROOT, env=self._environment, stdout=log, stderr=log,
            )  # fmt: skip
        if ready:
            await self.ready()
        return self

    async def ready(self) -> None:
        """Ask /readyz until it is green; the log is in the failure."""
        loop = asyncio.get_running_loop()
        end = loop.time() + READY_WITHIN
        answer = ""
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as http:
            while loop.time() < end:
                try:
                    async with http.get(f"http://127.0.0.1:{self.port}/readyz") as response:
                        answer = await response.text()
                        if response.status == 200:
                            return
                except (aiohttp.ClientError, TimeoutError):
                    answer = "no answer"
                if self._process is not None and self._process.returncode is not None:
                    break
                await moments()
        raise AssertionError(f"the bot is not ready: {answer}\n{self.log()[-3000:]}")

    async def kill(self) -> None:
        """kill -9."""
        await self._end(signal.SIGKILL)

    def hang(self) -> None:
        """SIGSTOP: it does nothing and lets go of nothing."""
        self._tell(signal.SIGSTOP)

    def wake(self) -> None:
        """SIGCONT."""
        self._tell(signal.SIGCONT)

    def _tell(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    async def says(self, path: str) -> tuple[int, str]:
        """Status and body of one of its pages; (0, "") when it does not answer."""
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=2)) as http,
                http.get(f"http://127.0.0.1:{self.port}{path}") as response,
            ):
                return response.status, await response.text()
        except (aiohttp.ClientError, TimeoutError):
            return 0, ""

    async def stop(self) -> int:
        """SIGTERM; returns the exit code."""
        return await self._end(signal.SIGTERM)

    async def ended(self) -> int:
        """Wait until it ends by itself; returns the exit code."""
        assert self._process is not None
        async with asyncio.timeout(READY_WITHIN):
            return await self._process.wait()

    async def _end(self, number: signal.Signals) -> int:
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return process.returncode or 0 if process else 0
        process.send_signal(number)
        return await process.wait()

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace") if self._log.exists() else ""


async def moments(seconds: float = 0.05) -> None:
    """Let other processes get on: between two looks at what they did, or until a random moment to kill one."""
    await asyncio.to_thread(select.select, [], [], [], seconds)
