"""Test: starts the scripted Wechaty gateway (a real gateway process) and drives it over its control port."""

from __future__ import annotations

import asyncio
import json
import select
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp

HERE = Path(__file__).resolve().parent
GROUP = "10000000001@chatroom"
OTHER_GROUP = "10000000002@chatroom"
READY_WITHIN = 30
NODE = shutil.which("node")


def missing() -> str:
    """Why the gateway cannot run here, with the command that helps; empty when it can."""
    if NODE is None:
        return "node is missing: apt-get install nodejs"
    if not (HERE / "node_modules" / "wechaty-puppet-service").is_dir():
        return f"the npm gateway is missing: npm install --ignore-scripts --no-audit --no-fund --prefix {HERE}"
    return ""


class GatewayProcess:
    """One `node gateway.mjs`; ends with this process. Start and stop block: use them outside of the event loop."""

    def __init__(self, *options: str) -> None:
        self._options = options
        self._port = self._control = 0
        self._process: subprocess.Popen[str] | None = None
        self.endpoint = self.control = self.token = ""

    def start(self) -> Self:
        """Comes back at the same address when started again."""
        command = [NODE or "node", "--no-deprecation", str(HERE / "gateway.mjs"), "--exit-with-stdin"]
        command += ["--port", str(self._port), "--control", str(self._control), *self._options]
        self._process = subprocess.Popen(
            command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], READY_WITHIN)
        line = self._process.stdout.readline() if ready else ""
        if not line:
            self.kill()
            raise RuntimeError("the gateway did not start")
        told = json.loads(line)
        self.endpoint, self.control, self.token = told["endpoint"], told["control"], told["token"]
        self._port, self._control = (int(told[key].rsplit(":", 1)[1]) for key in ("endpoint", "control"))
        return self

    def kill(self) -> None:
        """kill -9; nothing of it is left, no zombie and no open pipe."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()


class Gateway:
    """`async with Gateway(process) as gw`: the control port of a running gateway."""

    def __init__(self, process: GatewayProcess) -> None:
        self.process = process
        self._http: aiohttp.ClientSession | None = None
        self._mark = 0

    @property
    def endpoint(self) -> str:
        return self.process.endpoint

    @property
    def token(self) -> str:
        return self.process.token

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.close()

    async def get(self, path: str, **query: object) -> Any:
        assert self._http is not None
        params = {key: str(value) for key, value in query.items()}
        async with self._http.get(self.process.control + path, params=params) as response:
            return await _answer(response)

    async def post(self, path: str, **body: object) -> Any:
        assert self._http is not None
        async with self._http.post(self.process.control + path, json=body) as response:
            return await _answer(response)

    async def reset(self) -> None:
        self._mark = (await self.post("/reset"))["last"]

    async def say(self, talker: str, text: str = "", group: str | None = GROUP, **more: object) -> str:
        """A message by somebody, in a group or (None) to the bot alone; returns its id at the gateway."""
        body = {"talkerId": talker, "text": text, **more} | ({"roomId": group} if group else {})
        return str((await self.post("/event/message", **body))["messageId"])

    async def mark(self) -> None:
        """Forget what the bot did until now."""
        self._mark = (await self.get("/actions", since=10**12))["last"]

    async def actions(self, method: str = "") -> list[dict[str, Any]]:
        query = {"method": method} if method else {}
        return list((await self.get("/actions", since=self._mark, **query))["actions"])

    async def wait_action(self, method: str, within: float = 30, **where: object) -> dict[str, Any]:
        """The first thing the bot did (since `mark`) with these arguments; a string may be a part. AssertionError."""
        loop = asyncio.get_running_loop()
        end, since, seen = loop.time() + within, self._mark, []
        while (left := end - loop.time()) > 0:
            answer = await self.get("/actions", since=since, waitMs=int(min(left, 5) * 1000))
            for action in answer["actions"]:
                since = max(since, action["seq"])
                seen.append((action["method"], action["args"]))
                if action["method"] == method and _matches(action["args"], where):
                    return dict(action)
        raise AssertionError(f"no {method} {where} within {within} s; the bot did {seen}")

    async def calls(self) -> dict[str, int]:
        """How often each gRPC method was called since the last reset."""
        return dict(await self.get("/rpc"))

    async def forget_calls(self) -> None:
        await self.post("/rpc/reset")


def _matches(args: dict[str, Any], where: dict[str, object]) -> bool:
    for key, wanted in where.items():
        have = args.get(key)
        if have != wanted and not (isinstance(wanted, str) and isinstance(have, str) and wanted in have):
            return False
    return True


async def _answer(response: aiohttp.ClientResponse) -> Any:
    data = await response.json()
    if response.status != 200:
        raise RuntimeError(f"{response.url.path}: {data}")
    return data
