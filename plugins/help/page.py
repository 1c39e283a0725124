"""Plugin: help: what is shown, written from the registry of commands: at most twelve lines."""

from __future__ import annotations

from collections.abc import Sequence

from bot.commands import Command
from bot.model import Role
from bot.plugin import Context
from bot.text import clip
from plugins.help.plugin import Settings
from plugins.help.topics import Topic, by_topic, topic_of

Ctx = Context[Settings]
LINES = 12
FEW = 7
"""Up to this many commands each gets a line of its own."""
IN_ROW = 4
"""Commands that a topic shows at first; the rest stands behind `/帮助 抽奖`."""
TIERS = ((Role.OWNER, "owner"), (Role.HELPER, "admin"), (Role.MEMBER, "member"))


def usable(ctx: Ctx, role: Role, in_group: bool) -> list[Command]:
    """What somebody with this role may give here."""
    commands = ctx.commands.commands
    return [one for one in commands if one.role <= role and (one.group if in_group else one.private)]


def overview(ctx: Ctx, role: Role, in_group: bool) -> str:
    """What may be used, a line a topic with the most useful commands; few of them with their purpose."""
    commands = usable(ctx, role, in_group)
    footer = clip(ctx.render(ctx.settings.footer), 100)
    if len(commands) <= FEW:
        rows, more = _explained(ctx, commands), "more"
    else:
        rows, more = [_row(ctx, topic, mine) for topic, mine in by_topic(commands)], "more_topics"
    return "\n".join([ctx.text("head"), *rows, ctx.text(more), *([footer] if footer else [])])


def of_topic(ctx: Ctx, word: str, commands: Sequence[Command]) -> str:
    """All commands under a topic's word, with their purposes as far as there is room; empty when it is none."""
    for topic, mine in by_topic(commands):
        if word in (ctx.text(f"about_{topic.key}").lower(), topic.key):
            room = LINES - 2
            if len(mine) <= room:
                rows = _explained(ctx, mine)
            else:
                rows = [*_explained(ctx, mine[: room - 1]), ctx.text("rest", 命令=_names(ctx, mine[room - 1 :]))]
            return "\n".join([ctx.text("head_topic", 类=ctx.text(f"about_{topic.key}")), *rows, ctx.text("more")])
    return ""


def of_one(ctx: Ctx, command: Command, commands: Sequence[Command] = ()) -> str:
    """Form, purpose, example; and where its topic goes by the same name, what else of it is in `commands`."""
    lines = [f"/{command.title} {command.usage}".rstrip(), command.help, ctx.text("example", 例=command.example)]
    if command.aliases:
        lines.append(ctx.text("aliases", 别名=" ".join(f"/{alias}" for alias in command.aliases)))
    if command.role > Role.MEMBER:
        lines.append(ctx.text("who", 谁=ctx.text(who(command))))
    if not (command.private and command.group):
        lines.append(ctx.text("only_group" if command.group else "only_private"))
    others = [one for one in of_its_topic(command, commands) if one != command]
    if others and ctx.text(f"about_{topic_of(command).key}").lower() in (command.name, *command.aliases):
        lines.append(ctx.text("besides", 命令=_names(ctx, others)))
    return "\n".join(lines)


def named(ctx: Ctx, command: Command) -> str:
    """The name to show: the group's own; where the bot speaks English, the English one if there is one."""
    return command.said_in(ctx.group.language)


def of_its_topic(command: Command, commands: Sequence[Command]) -> list[Command]:
    """What belongs to the same topic, what is asked for most first."""
    return next((mine for topic, mine in by_topic(commands) if topic is topic_of(command)), [])


def of_siblings(ctx: Ctx, command: Command, commands: Sequence[Command]) -> list[str]:
    """What of the same plugin may be used instead, each with its purpose."""
    return _explained(ctx, [one for one in commands if one.plugin == command.plugin][:FEW])


def who(command: Command) -> str:
    """The key of the word for those who may give the command."""
    return "keeper" if command.role >= Role.KEEPER else next(key for least, key in TIERS if command.role >= least)


def _row(ctx: Ctx, topic: Topic, commands: Sequence[Command]) -> str:
    key = "row" if len(commands) <= IN_ROW else "row_more"
    return ctx.text(key, 类=ctx.text(f"about_{topic.key}"), 命令=_names(ctx, commands[:IN_ROW]))


def _explained(ctx: Ctx, commands: Sequence[Command]) -> list[str]:
    return [f"/{named(ctx, one)} {one.help}" for one in commands]


def _names(ctx: Ctx, commands: Sequence[Command]) -> str:
    return " ".join(f"/{named(ctx, one)}" for one in commands)
