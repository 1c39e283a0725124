"""Web: runs a one-click scene, one at a time, while the page looks on."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

import structlog

from bot.errors import BotError
from bot.transports.sandbox.scenes import SCENES, Scene
from bot.transports.sandbox.stage import Stage
from bot.transports.sandbox.things import NotPossible
from bot.web.board import Board

log = structlog.get_logger(__name__)


class Player:
    """Gives scenes their time (`scenes.Play`). pace: how long a second lasts; 0 pushes the clock instead of waiting."""

    def __init__(self, board: Board, stage: Stage, pace: float) -> None:
        self._board = board
        self._stage = stage
        self._pace = pace
        self._task: asyncio.Task[None] | None = None
        self.running = ""

    def start(self, key: str, group: str) -> Scene:
        """Begin a scene in a group. Raises NotPossible when another one still runs."""
        if (scene := SCENES.get(key)) is None:
            raise NotPossible("没有这个场景")
        if self.running:
            raise NotPossible(f"「{SCENES[self.running].title}」还没演完，稍等一下")
        self._stage.world.group(group)
        self.running = key
        self._stage.world.ring()
        self._task = asyncio.create_task(self._run(scene, group))
        return scene

    async def stop(self) -> None:
        """End the scene that runs, wherever it is."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def finished(self) -> None:
        """Returns when no scene runs."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def beat(self, seconds: float = 1.0) -> None:
        await self._stage.heard()
        if self._pace:
            await asyncio.sleep(seconds * self._pace)
        else:
            await self._board.advance(self._board.now() + timedelta(seconds=seconds))

    async def skip(self, time: timedelta) -> None:
        await self._stage.heard()
        await self._board.advance(self._board.now() + time)
        self._stage.world.keep_time()

    async def _run(self, scene: Scene, group: str) -> None:
        try:
            await scene.story(self._stage, group, self)
        except BotError as error:
            self._stage.world.tell(group, f"「{scene.title}」演到一半停了：{error}")
            log.warning("scene stopped", scene=scene.key, error=str(error))
        finally:
            self.running = ""
            self._stage.world.ring()
