"""Plugin: admin: what `/设置 欢迎 关` means: a feature by the name people call it, not by its key."""

from __future__ import annotations

import re
from typing import Any

from bot.commands import OFF, ON, Command
from bot.errors import CommandError
from bot.plugin import Context
from bot.text import clip, normalise

CALLED = {
    "ad_guard": ("广告", "防广告", "广告识别"),
    "ban_guard": ("黑名单", "拉黑"),
    "faq": ("问答", "自动回答", "自动问答"),
    "flood_guard": ("刷屏", "防刷屏"),
    "introduction": ("自我介绍", "介绍"),
    "newcomer": ("新人提醒",),
    "nickname": ("群昵称", "昵称"),
    "overflow": ("分群",),
    "wave_guard": ("进群潮",),
    "welcome": ("欢迎", "欢迎语", "迎新", "新人欢迎"),
    "word_guard": ("禁词", "敏感词", "违禁词"),
}
"""What people call the features that `enabled` switches; one that brings no name here goes by its section's."""
_TITLED = frozenset(
    (
        "bot", "policy", "ad_guard", "ban_guard", "brief", "flood_guard", "help", "introduction", "invite", "lottery",
        "moderation", "points", "rule", "welcome", "word_guard", "announce", "appeal", "broadcast", "checkin",
        "digest", "entry", "faq", "leaderboard", "newcomer", "nickname", "overflow", "quiet", "report", "schedule",
        "shop", "stats", "task", "topic", "wave_guard",
    )
)  # fmt: skip
"""Sections that have a title in the catalogue; others go by their name."""


def feature_key(key: str, value: str, ctx: Context[Any]) -> tuple[str, object]:
    """`欢迎`, `关` as `welcome.enabled`, False; whatever is no feature stays as it was typed.

    Also the other way round, `关 欢迎`. Raises CommandError with the command to use, where a feature has one instead.
    """
    if key in ON | OFF and value and "\n" not in value:
        key, value = normalise(value), key
    if "." in key or any(key in keys_of(model) for model in ctx.sections.values()):
        return key, value
    wanted = _on_or_off(value)
    section = section_of(key, ctx)
    if wanted is not None and section and "enabled" in keys_of(ctx.sections[section]):
        return f"{section}.enabled", wanted
    if section and section == key:
        return key, value
    # A command speaks for one group; for all of them there is only the key.
    if ctx.group.id and (command := _command(key, ctx)):
        raise CommandError(_instead(command, value, wanted, ctx))
    if section:
        raise CommandError(ctx.text("set_which", 词=clip(key, 20), 节=section))
    return key, value


def section_of(word: str, ctx: Context[Any]) -> str:
    """The section that has this name, title or nickname; "" when none has."""
    lower = word.lower()
    named = (name for name in ctx.sections if lower in (name, *CALLED.get(name, ()), title_of(name, ctx).lower()))
    return next(named, "")


def title_of(name: str, ctx: Context[Any]) -> str:
    """What a section is called for people; "" when only its name is known."""
    return ctx.text(f"section_{name}") if name in _TITLED else ""


def keys_of(model: Any) -> list[str]:
    """The keys of a section that a group may have its own value of."""
    keys: list[str] = type(model).group_keys() if hasattr(type(model), "group_keys") else []
    return keys


def _on_or_off(value: str) -> bool | None:
    word = normalise(value).lower()
    return True if word in ON | {"true"} else False if word in OFF | {"false"} else None


def _command(word: str, ctx: Context[Any]) -> Command | None:
    word = word.lstrip(ctx.commands.prefixes).lower()
    gone = (one for one in ctx.commands.off if word in (one.name, *one.aliases))
    return ctx.commands.by_name.get(word) or next(gone, None)


def _instead(command: Command, value: str, wanted: bool | None, ctx: Context[Any]) -> str:
    """The sentence with the command that does it: its own `开` or `关`, or the one that takes it out of use."""
    name = _said(command, ctx)
    parts = [part.strip() for part in re.split(r"[|]", command.usage)]
    if command in ctx.commands.off:
        return ctx.text("set_command_gone", 命令=name)
    if wanted is None or command.personal:
        return ctx.text("set_command", 命令=name)
    if ("开" if wanted else "关") in parts:
        return ctx.text("set_command_on" if wanted else "set_command_off", 命令=name)
    return ctx.text("set_command" if wanted else "set_command_out", 命令=name)


def _said(command: Command, ctx: Context[Any]) -> str:
    if ctx.group.language == "zh-CN" or command.shown:
        return command.title
    return next((alias for alias in command.aliases if alias.isascii()), command.name)
