"""Web: the sandbox page: a group chat in the browser, played by one person in all parts."""

from __future__ import annotations

from aiohttp import web

from bot.transports.sandbox import SandboxTransport
from bot.web.board import Board
from bot.web.sandbox.pages import Pages
from bot.web.sandbox.play import Player
from bot.web.sandbox.posts import Posts
from bot.web.sandbox.view import View
from bot.web.sse import Streams

__all__ = ["PLAYER", "add_sandbox"]

PLAYER = web.AppKey("player", Player)


def add_sandbox(app: web.Application, board: Board, transport: SandboxTransport, streams: Streams, pace: float) -> None:
    """Routes `/` and `/sandbox/…`. A scene still running is ended on shutdown."""
    player = app[PLAYER] = Player(board, transport.stage, pace)
    view = View(board, transport, player)
    Pages(view, streams).add_to(app)
    Posts(board, transport, player, view.gate).add_to(app)

    async def stop(_app: web.Application) -> None:
        await player.stop()

    app.on_shutdown.append(stop)
