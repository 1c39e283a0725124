"""Web: the one aiohttp application: health for machines, the sandbox page for people."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from aiohttp import web

from bot.transports.sandbox import SandboxTransport
from bot.web.board import Board
from bot.web.console import add_console, to_console
from bot.web.console.house import House
from bot.web.guard import LARGEST_BODY, add_headers, is_loopback, make_guard
from bot.web.health import add_health
from bot.web.sandbox import add_sandbox
from bot.web.sse import Streams

STATIC = Path(__file__).parent / "static"
STREAMS = web.AppKey("streams", Streams)
_CALM = 3600


def make_web(
    board: Board,
    transport: SandboxTransport | None = None,
    *,
    house: House | None = None,
    hosts: Collection[str] = (),
    listens: str = "127.0.0.1",
    pace: float = 1.0,
) -> web.Application:
    """The application, to be run in the bot's own event loop.

    transport: the sandbox to show; None when the bot runs on a real gateway, then `/` leads to the console.
    house: what the console works on; None for no console.
    hosts: names besides localhost under which it may be asked for. pace: 1 lets scenes be watched, 0 runs them at once.
    listens: the address it will be reached at; beyond this machine a bot on a real gateway shows nothing but the door
    and its health until the console has a password. The sandbox has nothing to hide.
    Open event streams end on the application's shutdown.
    """
    app = web.Application(
        middlewares=[make_guard(hosts, uploads={"/sandbox/image"})],
        client_max_size=LARGEST_BODY,
    )
    app.on_response_prepare.append(add_headers)
    add_health(app, board)
    app[STREAMS] = Streams()
    app.on_shutdown.append(_end_streams)
    app.router.add_get("/static/{name:[\\w.-]{1,80}}", _static)
    if house is not None:
        add_console(app, house, is_near=transport is not None or is_loopback(listens))
    if transport is None:
        app.router.add_get("/", _working if house is None else to_console)
    else:
        add_sandbox(app, board, transport, app[STREAMS], pace)
    return app


async def _end_streams(app: web.Application) -> None:
    app[STREAMS].end()


async def _static(request: web.Request) -> web.FileResponse:
    path = STATIC / request.match_info["name"]
    if not path.is_file():
        raise web.HTTPNotFound(text="没有这个文件 (not found)\n")
    return web.FileResponse(path, headers={"Cache-Control": f"private, max-age={_CALM}"})


async def _working(_request: web.Request) -> web.Response:
    return web.Response(text="社群机器人正在工作。想试玩请运行 shequn sandbox。 (running; try `shequn sandbox`)\n")
