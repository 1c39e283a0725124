"""Cli: where this call works: its configuration and data folders, and what it does with them first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.storage.server import Server


@dataclass(frozen=True, slots=True)
class Place:
    """The options before the verb."""

    config: Path
    data: Path
    log_level: str = ""

    @property
    def database(self) -> Path:
        return self.data / "shequn.db"

    @property
    def sandbox(self) -> Path:
        return self.data / "sandbox.db"

    def server(self) -> Server | None:
        """Where the tables are, when the configuration names a server. Raises ConfigError."""
        from bot.storage.server import Server

        storage = self.settings().storage
        return Server.of(storage.url.get_secret_value(), storage.account)

    def settings(
        self, *, presets: Mapping[str, Any] | None = None, overrides: Mapping[str, Any] | None = None
    ) -> Settings:
        """The configuration with every plugin's section. Raises ConfigError with all problems."""
        from bot.loader import find_plugins
        from bot.settings import load_settings

        level = {"log.level": self.log_level} if self.log_level else {}
        return load_settings(
            self.config,
            find_plugins(extra=self.data / "plugins"),
            presets=presets,
            overrides={**level, **(overrides or {})},
        )

    def start(
        self, *, presets: Mapping[str, Any] | None = None, overrides: Mapping[str, Any] | None = None
    ) -> Settings:
        """`settings`, then logging and the data folder, and lines that say what was read and from where.

        Raises StorageError when the data folder cannot be written.
        """
        from bot.log import set_up_logging

        settings = self.settings(presets=presets, overrides=overrides)
        set_up_logging(settings.log)
        self.make_data()
        for line in read_from(settings):
            click.echo(line, err=True)
        return settings

    def make_data(self) -> None:
        """The data folder, made when missing and tried for writing. Raises StorageError with what to do."""
        from bot.errors import StorageError
        from bot.storage.trouble import explain

        probe = self.data / ".writable"
        try:
            # What members say lies here: nobody else's business on a shared machine.
            self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
            probe.touch()
            probe.unlink()
        except FileNotFoundError as error:
            raise StorageError(f"{self.data}：这里建不了文件夹，用 --data 换一个地方 (cannot be made)") from error
        except OSError as error:
            raise explain(self.data, error) from error


def read_from(settings: Settings) -> list[str]:
    """`配置：config/bot.toml；环境变量 2 项`: what a start prints."""
    lines = list(settings.notes)
    parts = []
    if settings.files:
        parts.append("、".join(settings.files))
    if settings.variables:
        parts.append(f"环境变量 {len(settings.variables)} 项：{'、'.join(settings.variables)}")
    return lines + ([f"配置：{'；'.join(parts)}"] if parts else [])


place = click.make_pass_decorator(Place)
"""Gives a verb its Place as the first argument."""
