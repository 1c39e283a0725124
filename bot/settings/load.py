"""Core: the whole configuration: defaults, files, presets, environment, overrides, in this order of strength."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, Field, ValidationError, create_model
from pydantic_settings import BaseSettings, InitSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

from bot.errors import ConfigError
from bot.plugin import Plugin
from bot.settings.problem import nearest, own_words, what_is_wrong
from bot.settings.sections import (
    CORE,
    AssistantSection,
    BotSection,
    FetchSection,
    LogSection,
    PacingSection,
    PolicySection,
    StorageSection,
    WatchSection,
    WebSection,
)
from bot.settings.source import Source, read_environment, read_files

DEFAULT = "默认"
PLAYGROUND: Mapping[str, Any] = {
    "bot.manage": ["*"],
    "bot.mode": "enforce",
    "pacing.gap": "0s",
    "pacing.jitter": "0s",
    "pacing.group_gap": "0s",
    "pacing.per_minute": 600,
}
"""What the sandbox and `play` set instead of what the files say: every group, for real, and nobody has to wait."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The configuration as it is in force. `sections` maps a section's name to its model's instance.

    folder: where the configuration is, for texts and words (bot.shipped.config_part).
    files: what was read, in order; variables: the environment variables that took part; notes: worth a line at start.
    """

    sections: Mapping[str, BaseModel]
    places: Mapping[tuple[str, ...], str]
    folder: Path
    files: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def origin(self, key: str) -> str:
        """Where `section.key` comes from: `默认`, `config/bot.toml:12` or `环境变量 SHEQUN_…`."""
        section, _, name = key.partition(".")
        return self.places.get((section, name), DEFAULT)

    @property
    def bot(self) -> BotSection:
        return cast(BotSection, self.sections["bot"])

    @property
    def policy(self) -> PolicySection:
        return cast(PolicySection, self.sections["policy"])

    @property
    def pacing(self) -> PacingSection:
        return cast(PacingSection, self.sections["pacing"])

    @property
    def storage(self) -> StorageSection:
        return cast(StorageSection, self.sections["storage"])

    @property
    def fetch(self) -> FetchSection:
        return cast(FetchSection, self.sections["fetch"])

    @property
    def assistant(self) -> AssistantSection:
        return cast(AssistantSection, self.sections["assistant"])

    @property
    def watch(self) -> WatchSection:
        return cast(WatchSection, self.sections["watch"])

    @property
    def web(self) -> WebSection:
        return cast(WebSection, self.sections["web"])

    @property
    def log(self) -> LogSection:
        return cast(LogSection, self.sections["log"])


def section_models(plugins: Iterable[Plugin[Any]]) -> dict[str, type[BaseModel]]:
    """Every section: the bot's own, the gateway's, and one per plugin. Raises ConfigError when two share a name."""
    models: dict[str, type[BaseModel]] = dict(CORE)
    if find_spec("bot.transports.wechaty.settings"):
        models["wechaty"] = import_module("bot.transports.wechaty.settings").WechatySettings
    for plugin in plugins:
        if plugin.name in models:
            raise ConfigError(f"插件 {plugin.name} 的名字已经是配置里的一节，请换个名字 (section name clash)")
        models[plugin.name] = plugin.settings
    return models


def load_settings(
    config_dir: Path,
    plugins: Iterable[Plugin[Any]],
    env: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
    presets: Mapping[str, Any] | None = None,
) -> Settings:
    """Read everything. `overrides` and `presets` are `section.key` → value: what a command line says wins over all,
    what a verb presumes (PLAYGROUND) wins over the files only.

    Raises ConfigError with all problems at once, one sentence each.
    """
    models = section_models(plugins)
    files = read_files(config_dir)
    environment = read_environment(os.environ if env is None else env, models)
    preset, override = _given(presets or {}, "沙盒默认"), _given(overrides or {}, "命令行")
    ranked = (override, environment, preset, files)
    places = {key: place for source in reversed(ranked) for key, place in source.places.items()}
    problems = [*files.problems, *environment.problems, *_misspelt(files, models)]
    root = None
    try:
        root = _root(models, ranked)()
    except ValidationError as error:
        problems += _sentences(error, models, places)
    if problems or root is None:
        raise ConfigError(*dict.fromkeys(problems))
    sections = {name: cast(BaseModel, getattr(root, name)) for name in models}
    notes = () if files.read else (f"没有找到 {config_dir}/*.toml，全部用默认设置 (no config files, using defaults)",)
    return Settings(sections, places, config_dir, tuple(files.read), tuple(environment.read), notes)


def _misspelt(files: Source, models: Mapping[str, type[BaseModel]]) -> list[str]:
    """`[Bot]`: pydantic takes either `[bot]` or this, in silence, and never both."""
    return [
        f"{files.places[(name,)]}：没有 [{name}] 这一节，是不是 {name.lower()}？ (unknown section)"
        for name in files.values
        if name not in models and name.lower() in models
    ]


def _given(values: Mapping[str, Any], place: str) -> Source:
    source = Source()
    for dotted, value in values.items():
        section, _, key = dotted.partition(".")
        source.put(section, key, value, place)
    return source


def _root(models: Mapping[str, type[BaseModel]], ranked: Iterable[Source]) -> type[BaseSettings]:
    """One pydantic-settings model over all sections, fed by our sources, the strongest first."""

    class Root(BaseSettings):
        model_config = SettingsConfigDict(extra="forbid", frozen=True)

        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *_args: Any, **_kwargs: Any
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return tuple(InitSettingsSource(settings_cls, init_kwargs=source.values) for source in ranked)

    fields: dict[str, Any] = {name: (model, Field(default_factory=model)) for name, model in models.items()}
    return create_model("Configuration", __base__=Root, **fields)


def _sentences(
    error: ValidationError, models: Mapping[str, type[BaseModel]], places: Mapping[tuple[str, ...], str]
) -> list[str]:
    sentences = []
    for problem in error.errors(include_url=False):
        location = tuple(str(part) for part in problem["loc"])
        section, model = location[0], models.get(location[0])
        key = location[1] if len(location) > 1 else ""
        if not key and problem["type"] == "value_error":
            key = own_words(dict(problem))[0]
            location = (section, key) if key else location
        place = places.get((section, key)) or places.get((section,)) or f"[{section}]"
        sentences.append(f"{place}：{_sentence(section, key, location, dict(problem), model, models)}")
    return sentences


def _sentence(
    section: str,
    key: str,
    location: tuple[str, ...],
    problem: Mapping[str, Any],
    model: type[BaseModel] | None,
    models: Mapping[str, type[BaseModel]],
) -> str:
    if model is None:
        return f"没有 [{section}] 这一节{nearest(section, models)} (unknown section)"
    if problem["type"] == "extra_forbidden" and len(location) == 2:
        return f"[{section}] 里没有 {key} 这个键{_nearest_key(key, section, models)} (unknown key)"
    if not key:
        own = problem["type"] == "value_error"
        what = what_is_wrong(problem, model) if own else "应是一节，下面写 键 = 值 (expected a table)"
        return f"[{section}] {what}"
    return f"[{section}] {'.'.join(location[1:])}：{what_is_wrong(problem, model)}"


def _nearest_key(key: str, section: str, models: Mapping[str, type[BaseModel]]) -> str:
    """The nearest key of this section; a key of another section is worth naming too."""
    if hint := nearest(key, models[section].model_fields):
        return hint
    elsewhere = [name for name, model in models.items() if key in model.model_fields]
    return f"，是不是 [{elsewhere[0]}] 里的？" if elsewhere else ""
