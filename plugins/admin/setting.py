"""Plugin: admin: settings as they are shown in the chat."""

from __future__ import annotations

from datetime import time, timedelta
from enum import Enum
from typing import Any

from bot.duration import format_duration
from bot.errors import CommandError
from bot.plugin import Context
from bot.text import clip


def show(key: str, ctx: Context[Any]) -> str:
    """All sections, one section's keys, or one key with its description."""
    sections = {name: model for name, model in ctx.sections.items() if _keys(model)}
    if not key:
        return ctx.text("set_sections", 名单="、".join(sections))
    if key in sections:
        lines = [f"{name} = {say(getattr(sections[key], name))}" for name in _keys(sections[key])]
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
