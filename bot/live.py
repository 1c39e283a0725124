"""Top: a bot that lives: on WeChat or in the sandbox, with its web pages, until it is told to stop."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import logging
import signal
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import click
from aiohttp import web

from bot.account import LOST, claim, serve
from bot.alert import Alerts
from bot.app import App
from bot.board import AppBoard
from bot.build import build_app
from bot.clock import Clock, SandboxClock, SystemClock
from bot.desk import Desk
from bot.download import Web
from bot.errors import ConfigError, DamagedError
from bot.loader import find_plugins
from bot.readiness import reasons
from bot.scan import LoginCode
from bot.settings import Settings
from bot.storage.hold import hold
from bot.storage.lease import Lease
from bot.storage.server import Server
from bot.storage.soundness import must_be_whole
from bot.storage.trouble import in_plain_words
from bot.web.app import make_web
from bot.web.console import GATE
from bot.web.console.gate import Gate

log = logging.getLogger(__name__)

DATABASE, SANDBOX = "shequn.db", "sandbox.db"
WORLD, MEDIA = "sandbox_world.db", "media"
LOOK = timedelta(seconds=30)
"""How often the bot looks at itself for something worth an alert."""
GLANCE = timedelta(seconds=2)
"""How often it looks whether the gateway asks for another scan; a code lives a few minutes."""
STOP_WITHIN = 4.0
"""Seconds for pages to end; a container is killed ten seconds after SIGTERM."""


async def run_bot(settings: Settings, data_dir: Path) -> int:
    """The bot on WeChat, through the gateway that the settings name. Returns the exit code once told to stop."""
    from bot.transports.wechaty.adapter import WechatyTransport
    from bot.transports.wechaty.settings import WechatySettings

    server, database = Server.of(settings.storage.url.get_secret_value(), settings.storage.account), data_dir / DATABASE

    async def work(lease: Lease | None = None) -> int:
        clock = SystemClock()
        gateway = settings.sections["wechaty"]
        assert isinstance(gateway, WechatySettings)
        if lease is not None and gateway.takeover_after:
            # Nobody else serves the account: a stream that the gateway still believes in belongs to one that hangs.
            soon = min(gateway.takeover_after, settings.storage.lease)
            gateway = gateway.model_copy(update={"takeover_after": soon})
        with in_plain_words(database if server is None else server.place):
            app = await build_app(
                settings,
                transport=WechatyTransport(gateway, clock.now, data_dir / MEDIA, heir=lease is not None),
                clock=clock,
                database=database,
                plugins=find_plugins(extra=data_dir / "plugins"),
                config_dir=settings.folder,
                server=server,
                lease=lease,
            )
        log.info("正在连接网关 %s", gateway.endpoint)
        board = AppBoard(app)
        pages = make_web(board, house=Desk(board), hosts=settings.web.hosts, listens=settings.web.host)
        return await _live(Life(app), pages, settings)

    if server is not None:
        await asyncio.to_thread(claim, data_dir, server.account)
        return await serve(server, settings, lambda runner: _listen(runner, settings.web.host, settings.web.port), work)
    with hold(database, page_of(settings)):
        with in_plain_words(database):
            await _look_first(database, settings)
        return await work()


async def run_sandbox(settings: Settings, data_dir: Path) -> int:
    """The bot in a group in the browser, on files of its own. Returns the exit code once told to stop."""
    with hold(data_dir / SANDBOX, page_of(settings)):
        return await _sandbox(settings, data_dir)


async def _sandbox(settings: Settings, data_dir: Path) -> int:
    from bot.transports.sandbox import SandboxTransport

    clock = SandboxClock()
    transport = SandboxTransport(data_dir / WORLD, clock, media=data_dir / "sandbox_media")
    plugins = find_plugins(extra=data_dir / "plugins")

    async def build() -> App:
        app = await build_app(
            settings,
            transport=transport,
            clock=clock,
            database=data_dir / SANDBOX,
            plugins=plugins,
            config_dir=settings.folder,
        )
        app.drain = transport.stage.events.join
        return app

    with in_plain_words(data_dir / SANDBOX):
        await _look_first(data_dir / SANDBOX, settings)
        life = Life(await build())

    async def begin_again() -> App:
        await life.end()
        for name in (SANDBOX, f"{SANDBOX}-wal", f"{SANDBOX}-shm"):
            (data_dir / name).unlink(missing_ok=True)
        transport.reset()
        life.app = await build()
        await life.begin()
        return life.app

    board = AppBoard(life.app, begin_again)
    pages = make_web(board, transport, house=Desk(board), hosts=settings.web.hosts, listens=settings.web.host)
    return await _live(life, pages, settings)


async def _look_first(database: Path, settings: Settings) -> None:
    """Nothing is written to a file that turns out to be broken; a large one is looked at by the app as it works.

    The alert goes out once, however often a supervisor starts the bot again.
    """
    told = database.with_suffix(".damaged")
    try:
        await asyncio.to_thread(must_be_whole, database, settings.storage.checked_first_mb << 20)
    except DamagedError as error:
        if not await asyncio.to_thread(told.exists):
            alerts = _alerts(settings, SystemClock())
            await alerts.tell(f"机器人没有启动：数据库 {error.path} 已经损坏。日志里有能用的备份和恢复的命令")
            await alerts.web.close()
            if alerts.sent:
                await asyncio.to_thread(told.touch)
        raise
    await asyncio.to_thread(told.unlink, missing_ok=True)


class Life:
    """One app and the task it lives in; the sandbox may exchange it for a new one."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.alerts = _alerts(app.settings, app.clock)
        # To the terminal, not to the log: a picture of many lines, and who reads logs elsewhere needs no login.
        self.code = LoginCode(app.transport, click.echo)
        self._telling: set[asyncio.Task[None]] = set()
        self.task: asyncio.Task[None] | None = None
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def begin(self) -> None:
        await self.app.start()
        # What is there now stays: a full collection that walks through all of it holds up the loop for 90 ms.
        gc.collect()
        gc.freeze()
        self.app.alarm.every("watch", LOOK, self._look)
        self.app.alarm.every("scan", GLANCE, self._glance)
        self.app.dispatcher.boundary.on_rest.append(self._rests)
        self.app.courier.on_brake.append(self._braked)
        self.task = asyncio.create_task(self.app.run(), name="bot")
        self.task.add_done_callback(self._over)

    async def _glance(self) -> None:
        self.code.look()

    async def _look(self) -> None:
        await self.alerts.look(reasons(self.app))

    def _rests(self, name: str, until: datetime) -> None:
        local = until.astimezone(self.app.settings.bot.zone)
        self._tell(f"插件 {name} 总是出错，停用到 {local:%H:%M}，其余照常。请看日志")

    def _braked(self, error: str, until: datetime) -> None:
        local = until.astimezone(self.app.settings.bot.zone)
        self._tell(f"微信说发得太频繁（{error}）：到 {local:%H:%M} 只发处置和回答，速度减半")

    def _tell(self, news: str) -> None:
        """By the webhook, or for want of one in WeChat."""
        way = self.alerts.tell(news) if self.alerts.on else self.app.tell_keepers(news)
        task = asyncio.get_running_loop().create_task(way)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    def _over(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None and not self.ended.done():
            self.ended.set_exception(error)

    async def end(self) -> None:
        """Stop living; everything accepted is on disk afterwards."""
        task, self.task = self.task, None
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, BaseExceptionGroup):
                await task
        for telling in self._telling:
            telling.cancel()
        await self.alerts.web.close()
        await (self.app.let_go() if self.app.lost else self.app.stop())


def _alerts(settings: Settings, clock: Clock) -> Alerts:
    host = urlsplit(settings.watch.webhook.get_secret_value()).hostname
    return Alerts(settings.watch, Web({host} if host else ()), clock, settings.bot.name)


def page_of(settings: Settings) -> str:
    """Where the pages are, for people on this machine."""
    host = settings.web.host.replace("0.0.0.0", "127.0.0.1")  # noqa: S104  told, not bound
    return f"http://{f'[{host}]' if ':' in host else host}:{settings.web.port}/"


async def _live(life: Life, pages: web.Application, settings: Settings) -> int:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, told.set)
    runner = web.AppRunner(pages, access_log=None, shutdown_timeout=STOP_WITHIN)
    try:
        with in_plain_words(life.app.place):
            await life.begin()
        life.app.on_lost.append(told.set)
        await runner.setup()
        await _listen(runner, settings.web.host, settings.web.port)
        log.info("网页 %s 开好了，Ctrl-C 停止", page_of(settings))
        await _offer_console(pages[GATE], settings)
        life.ended.add_done_callback(lambda _: told.set())
        await told.wait()
        if life.ended.done() and not life.app.lost:
            life.ended.result()
    finally:
        await runner.cleanup()
        await life.end()
    return LOST if life.app.lost else 0


async def _offer_console(gate: Gate, settings: Settings) -> None:
    """Until somebody has a password, the way in is a link that only whoever sees this terminal knows."""
    if not await gate.is_set_up():
        address = page_of(settings).rstrip("/") + await gate.make_link()
        # To the terminal, not to the log: whoever reads logs elsewhere must not get in.
        click.echo(f"控制台还没有密码，用这个链接设一个（24 小时内有效，只能用一次）：\n  {address}")


async def _listen(runner: web.AppRunner, host: str, port: int) -> None:
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as error:
        reason = _REFUSALS.get(error.errno or 0, error.strerror)
        raise ConfigError(
            f"网页端口 {host}:{port} 打不开：{reason}。换一个端口：make run PORT=9000，shequn … --port 9000，"
            "或者配置 [web] port (cannot listen)"
        ) from error


_REFUSALS = {
    errno.EADDRINUSE: "已经被别的程序占用 (address in use)",
    errno.EACCES: "没有权限，1024 以下的端口要 root (permission denied)",
    errno.EADDRNOTAVAIL: "这台机器没有这个地址 (no such address here)",
}
