"""Engine room: the catalogue of sentences: `config/texts/<language>/<plugin>.toml`, one file a plugin."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path

from bot.errors import ConfigError

LANGUAGES = ("zh-CN", "en")
Texts = Mapping[str, Mapping[str, str]]
"""Language → `plugin.key` → sentence."""


def load_texts(folder: Path) -> Texts:
    """Every sentence of every language; a key missing in a language falls back to Chinese.

    Raises ConfigError, all problems at once, for files that are not TOML or values that are not text.
    """
    problems: list[str] = []
    catalogue: dict[str, dict[str, str]] = {}
    for language in LANGUAGES:
        sentences = catalogue[language] = dict(catalogue.get(LANGUAGES[0], {}))
        for path in sorted((folder / language).glob("*.toml")):
            try:
                data = tomllib.loads(path.read_text(encoding="utf-8"))
            except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
                problems.append(f"{path}：不是合法的 TOML：{error} (not TOML)")
                continue
            for key, value in data.items():
                if isinstance(value, str):
                    sentences[f"{path.stem}.{key}"] = value
                else:
                    problems.append(f"{path}：{key} 应是一句文字 (must be text)")
    if problems:
        raise ConfigError(*problems)
    return catalogue
