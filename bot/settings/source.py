"""Core: where settings come from: the files of a folder, and the environment; each value remembers its place."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from bot.errors import ConfigError
from bot.settings.decode import decode
from bot.settings.problem import nearest

PREFIX = "SHEQUN_"
RESERVED = {"SHEQUN_CONFIG", "SHEQUN_DATA"}
"""Names of ours that are not settings: they stand for `--config` and `--data`."""

GATEWAY = {
    "WECHATY_PUPPET_SERVICE_ENDPOINT": "endpoint",
    "WECHATY_PUPPET_SERVICE_TOKEN": "token",
    "WECHATY_PUPPET_SERVICE_NO_TLS_INSECURE_CLIENT": "tls",
}
"""The Wechaty ecosystem's own names, and the keys of `[wechaty]` they stand for."""
DATABASE = "DATABASE_URL"
"""What platforms call the address of the database they hand out; it stands for `[storage] url`."""

_HEADER = re.compile(r"\s*\[\s*([^\[\]]+?)\s*\]\s*(#.*)?$")
_KEY = re.compile(r"""\s*((?:[\w-]+|"[^"]*"|'[^']*')(?:\s*\.\s*(?:[\w-]+|"[^"]*"|'[^']*'))*)\s*=""")
_PLACE = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)")


@dataclass(slots=True)
class Source:
    """Values as section → key → value, where each came from, and what could not be read."""

    values: dict[str, Any] = field(default_factory=dict)
    places: dict[tuple[str, ...], str] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    read: list[str] = field(default_factory=list)

    def put(self, section: str, key: str, value: object, place: str) -> None:
        table = self.values.setdefault(section, {})
        if isinstance(table, dict):
            table[key] = value
        self.places[(section, key)] = place


def read_files(folder: Path) -> Source:
    """Every `*.toml` of the folder, `bot.toml` first, the others by name; the later wins.

    Raises ConfigError only when the folder itself cannot be read.
    """
    source = Source()
    if not folder.exists():
        return source
    try:
        files = sorted(folder.glob("*.toml"), key=lambda path: (path.name != "bot.toml", path.name))
        if not folder.is_dir():
            raise NotADirectoryError
    except OSError as error:
        raise ConfigError(f"读不了配置文件夹 {folder}：{error.strerror or '不是文件夹'} (cannot read)") from error
    for path in files:
        _read_file(path, source)
    return source


def _read_file(path: Path, source: Source) -> None:
    source.read.append(str(path))
    try:
        text = path.read_bytes().decode("utf-8-sig").replace("\r\n", "\n")
        tables = tomllib.loads(text)
    except OSError as error:
        source.problems.append(f"{path}：读不了：{error.strerror} (cannot read)")
    except UnicodeDecodeError:
        source.problems.append(f"{path}：不是 UTF-8 编码，请用 UTF-8 另存 (not UTF-8)")
    except tomllib.TOMLDecodeError as error:
        source.problems.append(_malformed(path, text, str(error)))
    except RecursionError:
        source.problems.append(f"{path}：嵌套太深 (nested too deeply)")
    else:
        _merge(path, text, tables, source)


def _merge(path: Path, text: str, tables: dict[str, Any], source: Source) -> None:
    lines = key_lines(text)
    for section, table in tables.items():
        place = f"{path}:{lines.get((section,), 1)}"
        source.places[(section,)] = place
        if not isinstance(table, dict):
            source.values[section] = table
            continue
        source.values.setdefault(section, {})
        for key, value in table.items():
            line = lines.get((section, key), lines.get((section,), 1))
            source.put(section, key, value, f"{path}:{line}")


def key_lines(text: str) -> dict[tuple[str, ...], int]:
    """On which line each section and key stands; as good as a look at the lines can be, outside long strings."""
    found: dict[tuple[str, ...], int] = {}
    section: tuple[str, ...] = ()
    closing = ""
    for number, line in enumerate(text.split("\n"), 1):
        if closing:
            closing = "" if closing in line else closing
            continue
        if header := _HEADER.match(line):
            section = _parts(header[1])
            found.setdefault(section[:1], number)
        elif key := _KEY.match(line):
            full = (*section, *_parts(key[1]))
            found.setdefault(full[:1], number)
            found.setdefault(full[:2], number)
        closing = next((mark for mark in ('"""', "'''") if line.count(mark) % 2), "")
    return found


def _parts(dotted: str) -> tuple[str, ...]:
    return tuple(part.strip().strip("\"'") for part in dotted.split("."))


def _malformed(path: Path, text: str, message: str) -> str:
    at = _PLACE.search(message)
    lines = text.split("\n")
    line, column = (int(at[1]), int(at[2])) if at and at[1] else (len(lines), len(lines[-1]) + 1)
    reason = _PLACE.sub("", message).strip()
    seen = lines[line - 1].strip()[:60] if line <= len(lines) else ""
    hint = '，文字要加引号，如 mode = "shadow"' if reason.startswith(("Invalid value", "Expected newline")) else ""
    return f"{path}:{line}:{column}：不是合法的 TOML，这一行是“{seen}”{hint} ({reason})"


def read_environment(environment: Mapping[str, str], models: Mapping[str, type[BaseModel]]) -> Source:
    """`SHEQUN_<SECTION>__<KEY>` and the gateway's own names; ours win over theirs.

    A name with `_FILE` behind it stands for the content of that file: how containers hand over secrets.
    """
    source = Source()
    environment = _with_files(environment, models, source)
    for name, key in GATEWAY.items():
        if (text := environment.get(name, "").strip()) and "wechaty" in models:
            value: object = decode(models["wechaty"].model_fields.get(key), text)
            source.put("wechaty", key, not value if value in (True, False) else value, f"环境变量 {name}")
    if (text := environment.get(DATABASE, "").strip()) and "storage" in models:
        source.put("storage", "url", text, f"环境变量 {DATABASE}")
        source.read.append(DATABASE)
    for name in sorted(environment):
        if name.upper().startswith(PREFIX) and name.upper() not in RESERVED:
            _read_variable(name, environment[name], models, source)
    return source


def _with_files(
    environment: Mapping[str, str], models: Mapping[str, type[BaseModel]], source: Source
) -> Mapping[str, str]:
    """The variables, those that name a file replaced by what stands in it; a variable of the plain name wins."""
    found = dict(environment)
    for name, path in environment.items():
        base = name.removesuffix("_FILE")
        if base == name or not path.strip() or not _stands_for_a_file(name.upper(), base.upper(), models):
            continue
        del found[name]
        try:
            found.setdefault(base, Path(path.strip()).read_text("utf-8").strip())
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "不是 UTF-8"
            if isinstance(error, PermissionError):
                reason += "；容器里的用户不是 root，主机上要 chmod 644 这个文件"
            source.problems.append(f"环境变量 {name}：读不了 {path.strip()}：{reason} (cannot read)")
    return found


def _stands_for_a_file(name: str, base: str, models: Mapping[str, type[BaseModel]]) -> bool:
    """`…CA_FILE` is a setting of its own where a section has it."""
    if base in GATEWAY or base == DATABASE:
        return True
    section, _, key = name.removeprefix(PREFIX).lower().partition("__")
    model = models.get(section)
    return name.startswith(PREFIX) and model is not None and key not in model.model_fields


def _read_variable(name: str, text: str, models: Mapping[str, type[BaseModel]], source: Source) -> None:
    section, _, key = name[len(PREFIX) :].lower().partition("__")
    place = f"环境变量 {name}"
    if section not in models:
        known = [f"{PREFIX}{known.upper()}__…" for known in models]
        hint = nearest(f"{PREFIX}{section.upper()}__…", known)
        source.problems.append(f"{place}：没有 [{section}] 这一节{hint} (unknown section)")
    elif not key:
        source.problems.append(f"{place}：应写成 {PREFIX}{section.upper()}__某个键 (a key is missing)")
    else:
        fields = {field_name.lower(): field_name for field_name in models[section].model_fields}
        real = fields.get(key, key)
        source.read.append(name)
        source.put(section, real, decode(models[section].model_fields.get(real), text), place)
