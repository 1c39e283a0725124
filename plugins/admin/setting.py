"""Plugin: admin: settings as they are shown in the chat."""

from __future__ import annotations

import re
from datetime import time, timedelta
from enum import Enum
from typing import Any

from bot.duration import format_duration
from bot.errors import CommandError
from bot.plugin import Context
from bot.text import clip

_TITLED = frozenset(
    (
        "bot", "policy", "ad_guard", "ban_guard", "brief", "flood_guard", "help", "introduction", "invite", "lottery",
        "moderation", "points", "rule", "welcome", "word_guard",
    )
)  # fmt: skip
"""Sections that have a title in the catalogue; others go by their name."""


def show(key: str, ctx: Context[Any]) -> str:
    """All sections, one section's keys, or one key with its description."""
    sections = {name: model for name, model in ctx.sections.items() if _keys(model)}
    titles = {name: ctx.text(f"section_{name}") if name in _TITLED else "" for name in sections}
    if not key:
        named = [ctx.text("section_titled", 节=name, 名=title) if title else name for name, title in titles.items()]
        return ctx.text("set_sections", 名单=ctx.text("comma").join(named))
    key = next((name for name, title in titles.items() if title == key), key)
    if key in sections:
        explained = ctx.group.language == "zh-CN"
        lines = [_line(sections[key], name, explained) for name in _keys(sections[key])]
        return "\n".join([ctx.text("set_section", 节=key), *lines])
    full = full_key(key, ctx)
    section, _, name = full.partition(".")
    if section not in sections or name not in _keys(sections[section]):
        raise CommandError(ctx.text("set_unknown", 键=clip(key, 40)))
    field = type(sections[section]).model_fields[name]
    standard = say(field.get_default(call_default_factory=True))
    return ctx.text("set_one", 键=full, 值=current(full, ctx), 说明=field.description or "", 默认=standard)


def full_key(key: str, ctx: Context[Any]) -> str:
    """`grace` → `moderation.grace` where only one section has it."""
    if "." in key:
        return key
    having = [name for name, model in ctx.sections.items() if key in _keys(model)]
    return f"{having[0]}.{key}" if len(having) == 1 else key


def _keys(model: Any) -> list[str]:
    keys: list[str] = type(model).group_keys() if hasattr(type(model), "group_keys") else []
    return keys


def _line(model: Any, name: str, explained: bool) -> str:
    """A key, its value, and in a few words what it is about: `grace = 3m（发了广告多久内补红包可以留下）`."""
    description = (type(model).model_fields[name].description or "") if explained else ""
    about = clip(re.split(r"[；（，。]", description)[0], 24)
    return f"{name} = {clip(say(getattr(model, name)), 24)}{f'（{about}）' if about else ''}"


def current(full: str, ctx: Context[Any]) -> str:
    section, _, name = full.partition(".")
    return say(getattr(ctx.sections[section], name))


def say(value: object) -> str:
    """A setting's value as one would type it, clipped."""
    match value:
        case None:
            return "off"
        case bool():
            return "开" if value else "关"
        case timedelta():
            return format_duration(value)
        case time():
            return f"{value:%H:%M}"
        case Enum():
            return str(value.value)
        case tuple() | list() | frozenset() | set():
            return clip("、".join(say(item) for item in value) or "（空）", 80)
        case "":
            return "（空）"
        case _:
            return clip(str(value), 80)
