"""Plugin: setup: several settings as one step: shown first, saved together, taken back together."""

from __future__ import annotations

from collections.abc import Mapping

from bot.errors import CommandError
from bot.text import clip
from bot.value import say
from plugins.setup.plugin import Ctx

LINES = 20


def fitting(ctx: Ctx, values: Mapping[str, object]) -> tuple[dict[str, object], list[str]]:
    """The values that can be set here, and the keys of those that cannot (a plugin that is gone, a rule changed)."""
    good: dict[str, object] = {}
    bad: list[str] = []
    for key, value in values.items():
        try:
            ctx.group_settings.compare({key: value})
        except CommandError:
            bad.append(key)
        else:
            good[key] = value
    return good, bad


def changes(ctx: Ctx, values: Mapping[str, object]) -> list[str]:
    """A line for each setting that would change, with its value before and after."""
    found = ctx.group_settings.compare(values)
    lines = [
        ctx.text("change", 键=key, 前=clip(say(before), 24), 后=clip(say(after), 24))
        for key, (before, after) in found.items()
    ]
    more = [ctx.text("more", 数目=len(lines) - LINES)] if len(lines) > LINES else []
    return lines[:LINES] + more
