"""Engine room: finding plugins: every module in `plugins`, and the entry points `shequn.plugins`."""

from __future__ import annotations

import importlib
import importlib.util
import pkgutil
import sys
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from bot.errors import ConfigError
from bot.plugin import Plugin

ENTRY_POINTS = "shequn.plugins"


def find_plugins(package: str = "plugins", extra: Path | None = None) -> list[Plugin[Any]]:
    """Every plugin, by name. `extra` is a folder of the deployer's own.

    Raises ConfigError, all problems at once, for a module without `plugin` and for two of one name.
    """
    found: dict[str, Plugin[Any]] = {}
    problems: list[str] = []
    for origin, module in (*_packaged(package), *_installed(), *_own(extra)):
        plugin = getattr(module, "plugin", None)
        if not isinstance(plugin, Plugin):
            problems.append(f"插件 {origin} 没有定义 plugin = Plugin(…) (defines no plugin)")
        elif plugin.name in found and found[plugin.name] is not plugin:
            problems.append(f"两个插件都叫 {plugin.name}：请改名 {origin} (two plugins of one name)")
        else:
            found[plugin.name] = plugin
    if problems:
        raise ConfigError(*problems)
    return [found[name] for name in sorted(found)]


def load_plugin(name: str, package: str = "plugins") -> Plugin[Any]:
    """One plugin by name, for the command line."""
    plugin = importlib.import_module(f"{package}.{name}").plugin
    assert isinstance(plugin, Plugin)
    return plugin


def _packaged(package: str) -> Iterator[tuple[str, Any]]:
    root = importlib.import_module(package)
    for module in pkgutil.iter_modules(root.__path__):
        yield f"{package}.{module.name}", importlib.import_module(f"{package}.{module.name}")


def _installed() -> Iterator[tuple[str, Any]]:
    for entry in entry_points(group=ENTRY_POINTS):
        yield entry.value, importlib.import_module(entry.module)


def _own(folder: Path | None) -> Iterator[tuple[str, Any]]:
    if folder is None or not folder.is_dir():
        return
    for path in sorted(folder.iterdir()):
        source = path / "__init__.py" if path.is_dir() else path
        if source.suffix != ".py" or not source.is_file() or path.name.startswith(("_", ".")):
            continue
        name = f"shequn_own_{path.stem}"
        if name in sys.modules:  # found before in this process; its tables exist once
            yield str(path), sys.modules[name]
            continue
        spec = importlib.util.spec_from_file_location(name, source)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            # Somebody else's file: whatever is wrong with it is for its owner to read, in one sentence.
            del sys.modules[name]
            where = f"第 {error.lineno} 行" if isinstance(error, SyntaxError) else type(error).__name__
            raise ConfigError(f"插件 {path} 读不进来：{where} {error} (this plugin cannot be loaded)") from error
        yield str(path), module
