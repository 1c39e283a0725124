"""Cli: brings scripts of chats and the real application together."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bot.build import build_app
from bot.errors import ConfigError, ScriptError
from bot.plugin import Plugin
from bot.settings import PLAYGROUND, Settings, load_settings
from bot.storage.server import Server
from bot.transports.transcript.lines import Set
from bot.transports.transcript.log import Play
from bot.transports.transcript.place import Place
from bot.transports.transcript.player import play
from bot.transports.transcript.script import Script, parse
from bot.transports.transcript.stage import Bot, Stage

SEED = "play"
"""Draws fall the same way each time a script is played."""


class Company:
    """Plays script after script, each with a bot and a database file of its own.

    Environment variables count as everywhere; what a script sets itself counts more.
    """

    def __init__(self, config: Path, plugins: Sequence[Plugin[Any]], server: Server | None = None) -> None:
        """server: an empty database to play on instead of a file; good for one script."""
        self._config = config
        self._plugins = plugins
        self._server = server

    async def play(self, file: str) -> Play:
        """Play a file (`-` is standard input). Raises ScriptError with `file:line`; ConfigError for the folder."""
        script = parse(read(file), file)
        settings = self._settings_of(script)
        folder = Path() if file == "-" else Path(file).parent
        with tempfile.TemporaryDirectory(prefix="shequn-play-") as place:
            return await play(script, self._build, settings.bot.zone, Path(place) / "play.db", folder)

    async def _build(self, stage: Stage) -> Bot:
        app = await build_app(
            self._load(stage.settings),
            transport=stage.transport,
            clock=stage.clock,
            database=stage.database,
            plugins=self._plugins,
            seed=SEED,
            server=self._server,
        )
        app.outbox.on_refused.append(stage.on_refused)
        return app

    def _load(self, overrides: Mapping[str, object]) -> Settings:
        return load_settings(self._config, self._plugins, presets=PLAYGROUND, overrides=overrides)

    def _settings_of(self, script: Script) -> Settings:
        """The settings at the start. Whose fault an error is, is found by leaving the script's own words out."""
        overrides = script.first_settings()
        try:
            return self._load(overrides)
        except ConfigError:
            self._load({})
        for line in script.lines:
            if isinstance(line.fact, Set) and line.fact.key in overrides:
                self._try(line.place, line.fact)
        raise ScriptError(f"{script.lines[0].place}: 这些设置不能放在一起 (these settings do not go together)")

    def _try(self, place: Place, fact: Set) -> None:
        try:
            self._load({fact.key: fact.value})
        except ConfigError as error:
            raise ScriptError(f"{place}: {error.problems[0].removeprefix('命令行：')}") from None


def read(file: str) -> bytes:
    """The bytes of a script. Raises ScriptError when there are none to be had."""
    place = Place(file, 1)
    try:
        return sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except IsADirectoryError:
        raise place.error("这是一个文件夹，请写里面的文件，例：tests/chats/*.chat", "this is a directory") from None
    except FileNotFoundError:
        raise place.error("没有这个文件", "no such file") from None
    except (OSError, ValueError) as error:
        raise place.error("这个文件读不了", f"cannot be read: {type(error).__name__}") from None
