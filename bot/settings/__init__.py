"""Core: the configuration: what may be set, where a value comes from, and what is wrong with it."""

from __future__ import annotations

from bot.settings.load import DEFAULT, PLAYGROUND, Settings, load_settings, section_models
from bot.settings.override import group_keys, resolve_key, validate_override
from bot.settings.sections import (
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
from bot.settings.window import Window

__all__ = [
    "DEFAULT",
    "PLAYGROUND",
    "AssistantSection",
    "BotSection",
    "FetchSection",
    "LogSection",
    "PacingSection",
    "PolicySection",
    "Settings",
    "StorageSection",
    "WatchSection",
    "WebSection",
    "Window",
    "group_keys",
    "load_settings",
    "resolve_key",
    "section_models",
    "validate_override",
]
