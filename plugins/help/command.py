"""Plugin: help: `/帮助`, and one command with its example."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action
from bot.errors import CommandError
from bot.model import Role
from bot.plugin import Call, Context
from bot.text import clip, normalise
from plugins.help.page import of_one, of_siblings, of_topic, overview, usable, who
from plugins.help.plugin import Settings, plugin


@plugin.command(
    "帮助",
    "help",
    "菜单",
    "功能",
    usage="[命令或类别]",
    example="/帮助 签到",
    help="看能用的命令，或一个、一类命令的用法",
)
async def show_help(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """One command with its example, or all that the asker may use here."""
    role = max(call.asker.role, await ctx.members.role_of(call.asker.id))
    in_group = bool(call.event.group)
    wanted = call.text.lstrip(ctx.commands.prefixes).strip()
    if not wanted:
        yield ctx.reply(call.event, overview(ctx, role, in_group), mention=False)
        return
    word = normalise(wanted).split()[0].lower()
    mine = usable(ctx, role, in_group)
    line = ctx.commands.parse(f"{ctx.commands.prefixes[0]}{word}")
    command = line.command if line else None
    if (command is None or command.role > role) and (page := of_topic(ctx, word, mine)):
        yield ctx.reply(call.event, page, mention=False)
        return
    if command is None:
        near = ctx.commands.nearest(word, role)
        hint = ctx.text("near", 命令=near.title) if near else ""
        raise CommandError(ctx.text("unknown", 词=clip(word, 20)) + hint)
    if command.role > role:
        said = ctx.text("not_yours", 命令=command.title, 谁=ctx.text(who(command)))
        siblings = of_siblings(ctx, command, mine) if role < Role.HELPER else []
        raise CommandError("\n".join([said, ctx.text("instead"), *siblings]) if siblings else said)
    yield ctx.reply(call.event, of_one(ctx, command, mine), mention=False)
