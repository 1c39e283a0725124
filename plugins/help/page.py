"""Plugin: help: what is shown, written from the registry of commands: at most twelve lines."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from bot.commands import Command
from bot.model import Role
from bot.plugin import Context
from bot.text import clip
from plugins.help.plugin import Settings

Ctx = Context[Settings]
LINES = 12
FEW = 7
"""Up to this many commands each gets a line of its own."""
TIERS = ((Role.OWNER, "owner"), (Role.HELPER, "admin"), (Role.MEMBER, "member"))
TOPICS = {
    "points": "about_points",
    "lottery": "about_lottery",
    "invite": "about_invite",
    "introduction": "about_people",
}
"""Plugins whose commands stand together under a word of their own, what is asked for most first."""
_REST = "about_rest"
_FOR_ADMINS = ("lottery", "brief", "welcome", "moderation", "ad_guard", "ban_guard", "word_guard", "points", "admin")


def usable(ctx: Ctx, role: Role, in_group: bool) -> list[Command]:
    """What somebody with this role may give here."""
    commands = ctx.commands.commands
    return [one for one in commands if one.role <= role and (one.group if in_group else one.private)]


def overview(ctx: Ctx, role: Role, in_group: bool) -> str:
    """All that may be used, members' commands first."""
    footer = clip(ctx.render(ctx.settings.footer), 100)
    rows = _rows(ctx, usable(ctx, role, in_group), LINES - 2 - bool(footer))
    return "\n".join([ctx.text("head"), *rows, ctx.text("more"), *([footer] if footer else [])])


def of_one(ctx: Ctx, command: Command) -> str:
    """Form, purpose, example."""
    lines = [f"/{command.name} {command.usage}".rstrip(), command.help, ctx.text("example", 例=command.example)]
    if command.aliases:
        lines.append(ctx.text("aliases", 别名=" ".join(f"/{alias}" for alias in command.aliases)))
    if command.role > Role.MEMBER:
        lines.append(ctx.text("who", 谁=ctx.text(who(command))))
    if not (command.private and command.group):
        lines.append(ctx.text("only_group" if command.group else "only_private"))
    return "\n".join(lines)


def named(ctx: Ctx, command: Command) -> str:
    """The name to show: where the bot speaks English, the English one if there is one."""
    latin = (alias for alias in command.aliases if alias.isascii())
    return command.name if ctx.group.language == "zh-CN" else next(latin, command.name)


def of_siblings(ctx: Ctx, command: Command, commands: Sequence[Command]) -> list[str]:
    """What of the same plugin may be used instead, each with its purpose."""
    return [f"/{named(ctx, one)} {one.help}" for one in commands if one.plugin == command.plugin][:FEW]


def who(command: Command) -> str:
    """The key of the word for those who may give the command."""
    return "keeper" if command.role >= Role.KEEPER else _tier(command)


def _tier(command: Command) -> str:
    return next(key for least, key in TIERS if command.role >= least)


def _rows(ctx: Ctx, commands: Sequence[Command], limit: int) -> list[str]:
    """The commands in at most `limit` lines; few of them with their help, members' by topic, else by who may."""
    if len(commands) <= min(FEW, limit):
        return [f"/{named(ctx, command)} {command.help}" for command in commands]
    if {_tier(command) for command in commands} == {"member"} and len(rows := _by_topic(ctx, commands)) <= limit:
        return rows
    tiers = [
        (key, [f"/{named(ctx, one)}" for one in sorted(commands, key=_for_admins) if _tier(one) == key])
        for _, key in reversed(TIERS)
    ]
    for width in range(5, 100):
        rows = [row for key, names in tiers if names for row in _wrapped(ctx, key, names, width)]
        if len(rows) <= limit:
            break
    return rows


def _by_topic(ctx: Ctx, commands: Sequence[Command]) -> list[str]:
    order = [*TOPICS.values(), _REST]
    topic = {command.name: TOPICS.get(command.plugin, _REST) for command in commands}
    by_topic = sorted(commands, key=lambda one: order.index(topic[one.name]))
    return [
        row
        for key, group in groupby(by_topic, key=lambda one: topic[one.name])
        for row in _wrapped(ctx, key, [f"/{named(ctx, one)}" for one in group], 4)
    ]


def _for_admins(command: Command) -> int:
    """Commands of one errand stand together; `sorted` keeps the rest of the order."""
    return _FOR_ADMINS.index(command.plugin) if command.plugin in _FOR_ADMINS else len(_FOR_ADMINS)


def _wrapped(ctx: Ctx, key: str, names: list[str], width: int) -> list[str]:
    parts = [" ".join(names[start : start + width]) for start in range(0, len(names), width)]
    return [ctx.text("row", 谁=ctx.text(key), 命令=parts[0]), *parts[1:]]
