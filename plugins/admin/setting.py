"""Plugin: admin: settings as they are shown in the chat."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from bot.errors import CommandError
from bot.model import Role
from bot.plugin import Context
from bot.text import clip, normalise
from bot.value import say
from plugins.admin.feature import feature_key, keys_of, section_of, title_of

LINES = 10
_EVERYWHERE = frozenset(("所有群", "全部群", "everywhere"))


def is_everywhere(word: str) -> bool:
    """Whether the setting is meant for all groups."""
    return word.lower() in _EVERYWHERE


async def everywhere(line: str, by: str, ctx: Context[Any]) -> str:
    """`键 值` or `撤销` for all groups at once, below what a group has of its own; only the bot's owner may."""
    if await ctx.members.role_of(by) < Role.KEEPER:
        raise CommandError(ctx.text("set_all_not_yours"))
    words = line.split(maxsplit=1)
    key, value = normalise(words[0]) if words else "", words[1].strip() if len(words) > 1 else ""
    there = ctx.inside(replace(ctx.group, id=""))
    if key in ("撤销", "undo"):
        return undone(await there.group_settings.undo(by=by), there)
    if not value:
        raise CommandError(ctx.text("set_all_wrong"))
    key, wanted = feature_key(key, value, there)
    before = await there.group_settings.set(key, wanted, by=by)
    full = full_key(key, there)
    return ctx.text("set_all_done", 键=full, 前=say(before), 后=current(full, there))


def undone(keys: Sequence[str], ctx: Context[Any]) -> str:
    """What was taken back: one setting, or a step of several."""
    if not keys:
        return ctx.text("set_nothing")
    if len(keys) == 1:
        return ctx.text("set_undone", 键=keys[0], 值=current(keys[0], ctx))
    lines = [ctx.text("set_now", 键=key, 值=clip(current(key, ctx), 30)) for key in keys[:LINES]]
    more = [ctx.text("set_more", 数目=len(keys) - LINES)] if len(keys) > LINES else []
    return "\n".join([ctx.text("set_step_undone", 数目=len(keys)), *lines, *more])


async def show(key: str, ctx: Context[Any]) -> str:
    """All sections, one section's keys, or one key with its description."""
    sections = {name: model for name, model in ctx.sections.items() if keys_of(model)}
    titles = {name: title_of(name, ctx) for name in sections}
    if not key:
        named = [ctx.text("section_titled", 节=name, 名=title) if title else name for name, title in titles.items()]
        return ctx.text("set_sections", 名单=ctx.text("comma").join(named))
    key = section_of(key, ctx) or key
    if key in sections:
        explained = ctx.group.language == "zh-CN"
        lines = [_line(sections[key], name, explained) for name in keys_of(sections[key])]
        return "\n".join([ctx.text("set_section", 节=key), *lines])
    full = full_key(key, ctx)
    section, _, name = full.partition(".")
    if section not in sections or name not in keys_of(sections[section]):
        raise CommandError(ctx.text("set_unknown", 键=clip(key, 40)))
    field = type(sections[section]).model_fields[name]
    standard = say(field.get_default(call_default_factory=True))
    about = {"键": full, "值": current(full, ctx), "说明": field.description or "", "默认": standard}
    return ctx.text("set_one", 来自=await came_from(full, ctx), **about)


async def came_from(full: str, ctx: Context[Any]) -> str:
    """Which layer a value comes from, and who put it there when."""
    origin = await ctx.group_settings.origin(full)
    if origin.at is None:
        return ctx.text(f"from_{origin.level}", 位置=origin.place)
    who = await ctx.members.get(origin.by)
    about = {
        "步骤": ctx.text("from_step", 步骤=origin.step) if origin.step else "",
        "谁": clip(who.name, 20) if who is not None else origin.by.removeprefix("console:"),
        "时间": ctx.say_moment(origin.at),
    }
    return ctx.text(f"from_{origin.level}", **about)


def full_key(key: str, ctx: Context[Any]) -> str:
    """`grace` → `moderation.grace` where only one section has it."""
    if "." in key:
        return key
    having = [name for name, model in ctx.sections.items() if key in keys_of(model)]
    return f"{having[0]}.{key}" if len(having) == 1 else key


def _line(model: Any, name: str, explained: bool) -> str:
    """A key, its value, and in a few words what it is about: `grace = 3m（发了广告多久内补红包可以留下）`."""
    description = (type(model).model_fields[name].description or "") if explained else ""
    about = clip(re.split(r"[；（，。]", description)[0], 24)
    return f"{name} = {clip(say(getattr(model, name)), 24)}{f'（{about}）' if about else ''}"


def current(full: str, ctx: Context[Any]) -> str:
    section, _, name = full.partition(".")
    return say(getattr(ctx.sections[section], name))
