"""Engine room: presets: ready-made settings for kinds of groups, one file each in `config/presets`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bot.errors import ConfigError
from bot.records import Preset

_KEYS = frozenset({"name", "about", "settings"})


def load_presets(folder: Path) -> dict[str, Preset]:
    """Every preset by its name; `[settings.moderation] grace = "5m"` stands for `moderation.grace`.

    Whether the values fit is seen when one is used. Raises ConfigError, all problems at once, for files of another
    form.
    """
    problems: list[str] = []
    found: dict[str, Preset] = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            data = tomllib.loads(path.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            problems.append(f"{path}：不是合法的 TOML：{error} (not TOML)")
            continue
        preset = _preset(data)
        if preset is None:
            problems.append(f"{path}：要写 name、about 和 [settings.节] (needs name, about and settings)")
        elif preset.name in found:
            problems.append(f"{path}：预设“{preset.name}”有两个 (two presets of one name)")
        else:
            found[preset.name] = preset
    if problems:
        raise ConfigError(*problems)
    return found


def _preset(data: Mapping[str, Any]) -> Preset | None:
    sections = data.get("settings")
    if set(data) != _KEYS or not isinstance(sections, dict):
        return None
    if not all(isinstance(data[key], str) and data[key] for key in ("name", "about")):
        return None
    if not all(isinstance(section, dict) for section in sections.values()):
        return None
    values = {f"{section}.{key}": value for section, keys in sections.items() for key, value in keys.items()}
    return Preset(data["name"], data["about"], values)
