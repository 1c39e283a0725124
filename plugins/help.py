"""Plugin: help: `/帮助`, written from the registry of commands: only what the asker may use, at most twelve lines."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

from bot.actions import Action
from bot.commands import Command
from bot.errors import CommandError
from bot.model import Role
from bot.plugin import Call, Context, Plugin, PluginSettings, template
from bot.text import clip, normalise

LINES = 12
FEW = 7
"""Up to this many commands each gets a line of its own."""

TIERS = ((Role.OWNER, "owner"), (Role.HELPER, "admin"), (Role.MEMBER, "member"))


class Settings(PluginSettings):
    """What an admin may add to the help."""

    footer: str = template("", "群名", description="帮助最后加一句，如“其他问题请找群主”；空：不加", max_length=100)


plugin = Plugin("help", Settings, help="告诉群友能用哪些命令，怎么用")


@plugin.command(
    "帮助",
    "help",
    "菜单",
    "功能",
    usage="[命令]",
    example="/帮助 抽奖",
    help="看能用的命令，或一个命令的用法",
)
async def show_help(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """One command with its example, or all that the asker may use here."""
    role = max(call.asker.role, await ctx.members.role_of(call.asker.id))
    if wanted := call.text.lstrip(ctx.commands.prefixes).strip():
        yield ctx.reply(call.event, _one(wanted, role, ctx), mention=False)
        return
    private = not call.event.group
    usable = [
        command
        for command in ctx.commands.commands
        if command.role <= role and (command.private if private else command.group)
    ]
    footer = ctx.render(ctx.settings.footer)
    lines = [ctx.text("head"), *_rows(usable, LINES - 2 - bool(footer), ctx), ctx.text("more")]
    yield ctx.reply(call.event, "\n".join(lines + [clip(footer, 100)] * bool(footer)), mention=False)


def _one(wanted: str, role: Role, ctx: Context[Settings]) -> str:
    word = normalise(wanted).split()[0].lower()
    command = ctx.commands.by_name.get(word)
    if command is None:
        near = ctx.commands.nearest(word, role)
        hint = ctx.text("near", 命令=near.name) if near else ""
        raise CommandError(ctx.text("unknown", 词=clip(word, 20)) + hint)
    if command.role > role:
        raise CommandError(ctx.text("not_yours", 命令=command.name, 谁=ctx.text(_who(command))))
    lines = [
        f"/{command.name} {command.usage}".rstrip(),
        command.help,
        ctx.text("example", 例=command.example),
    ]
    if command.aliases:
        lines.append(ctx.text("aliases", 别名=" ".join(f"/{alias}" for alias in command.aliases)))
    if command.role > Role.MEMBER:
        lines.append(ctx.text("who", 谁=ctx.text(_who(command))))
    if not (command.private and command.group):
        lines.append(ctx.text("only_group" if command.group else "only_private"))
    return "\n".join(lines)


def _tier(command: Command) -> str:
    return next(key for least, key in TIERS if command.role >= least)


def _who(command: Command) -> str:
    return "keeper" if command.role >= Role.KEEPER else _tier(command)


def _rows(usable: Sequence[Command], limit: int, ctx: Context[Settings]) -> list[str]:
    """The commands in at most `limit` lines, members' first; few of them with their help."""
    if len(usable) <= min(FEW, limit):
        return [f"/{command.name} {command.help}" for command in usable]
    tiers = [
        (key, [f"/{command.name}" for command in usable if _tier(command) == key]) for _, key in reversed(TIERS)
    ]
    for width in range(5, 100):
        rows = [row for key, names in tiers if names for row in _wrapped(ctx.text(key), names, width)]
        if len(rows) <= limit:
            break
    return rows


def _wrapped(title: str, names: list[str], width: int) -> list[str]:
    parts = [" ".join(names[start : start + width]) for start in range(0, len(names), width)]
    return [f"{title}：{parts[0]}", *parts[1:]]
