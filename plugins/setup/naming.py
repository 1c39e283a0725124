"""Plugin: setup: what the commands are called in a group, which it does without, and where notices go."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

from bot.actions import Action
from bot.commands import Call, Command
from bot.errors import CommandError
from bot.model import Role
from bot.text import clip, normalise
from plugins.setup.plugin import Ctx, plugin

NEEDED = frozenset(("命令", "设置", "帮助", "启用", "停用"))
"""Without these nobody could switch anything on again; what is about one's own data stays as well."""
_NAME = re.compile(r"\w{1,10}")
_RENAME, _BACK = frozenset(("改名", "rename")), frozenset(("还原", "reset"))
_OFF, _ON, _LIST = frozenset(("关", "off")), frozenset(("开", "on")), frozenset(("列表", "list"))


@plugin.command(
    "命令",
    "commands",
    usage="改名 <命令> <新名> | 还原 <命令> | 关 <命令> | 开 <命令> | 列表",
    example="/命令 改名 抽奖 抽个奖",
    help="在这个群给命令改名，或关掉不用的",
    role=Role.ADMIN,
)
async def steer_commands(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """The old name of a renamed command still works: other texts speak of it."""
    ctx.need_group()
    words = [word.lstrip(ctx.commands.prefixes) for word in call.words]
    doing = words[0].lower() if words else ""
    if not doing or doing in _LIST:
        yield ctx.reply(call.event, _overview(ctx))
    elif doing in _RENAME and len(words) == 3:
        yield ctx.reply(call.event, await _rename(call, ctx, words[1], words[2]))
    elif doing in _BACK and len(words) == 2:
        yield ctx.reply(call.event, await _reset(call, ctx, words[1]))
    elif doing in _OFF | _ON and len(words) == 2:
        yield ctx.reply(call.event, await _switch(call, ctx, words[1], off=doing in _OFF))
    else:
        raise CommandError(ctx.text("command_wrong"))


def _names(ctx: Ctx) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in ctx.section("bot").renamed if "=" in pair)


def _said(ctx: Ctx, command: Command) -> str:
    """Its own name; where the bot speaks English, the English one if there is one."""
    latin = (alias for alias in command.aliases if alias.isascii())
    return command.name if ctx.group.language == "zh-CN" else next(latin, command.name)


def _overview(ctx: Ctx) -> str:
    renamed = [f"/{_said(ctx, one)} → /{one.shown}" for one in ctx.commands.commands if one.shown]
    off = [f"/{_said(ctx, one)}" for one in ctx.commands.off]
    if not renamed and not off:
        return ctx.text("commands_plain")
    comma = ctx.text("comma")
    lines = [ctx.text("commands_renamed", 名单=comma.join(renamed))] if renamed else []
    return "\n".join([*lines, *([ctx.text("commands_off", 名单=comma.join(off))] if off else [])])


def _known(ctx: Ctx, word: str) -> Command:
    command = ctx.commands.by_name.get(normalise(word).lower())
    if command is None:
        raise CommandError(ctx.text("command_unknown", 词=clip(word, 20)))
    return command


async def _rename(call: Call, ctx: Ctx, old: str, new: str) -> str:
    command = _known(ctx, old)
    if not _NAME.fullmatch(new):
        raise CommandError(ctx.text("name_wrong"))
    if normalise(new).lower() in ctx.commands.by_name or new in ctx.section("bot").switched_off:
        raise CommandError(ctx.text("name_taken", 词=new))
    names = {**_names(ctx), command.name: new}
    await _keep_names(call, ctx, names)
    return ctx.text("renamed", 旧=_said(ctx, command), 新=new)


async def _reset(call: Call, ctx: Ctx, word: str) -> str:
    command, names = _known(ctx, word), _names(ctx)
    if command.name not in names:
        raise CommandError(ctx.text("not_renamed", 词=_said(ctx, command)))
    del names[command.name]
    await _keep_names(call, ctx, names)
    return ctx.text("name_back", 旧=_said(ctx, command))


async def _keep_names(call: Call, ctx: Ctx, names: dict[str, str]) -> None:
    pairs = [f"{old}={new}" for old, new in names.items()]
    await ctx.group_settings.set("bot.renamed", pairs, by=call.asker.id)


async def _switch(call: Call, ctx: Ctx, word: str, *, off: bool) -> str:
    gone = list(ctx.section("bot").switched_off)
    if not off:
        wanted = normalise(word).lower()
        found = [one for one in ctx.commands.off if wanted in (one.name, *one.aliases)]
        if not found:
            raise CommandError(ctx.text("not_off", 词=clip(word, 20)))
        command = found[0]
        gone.remove(command.name)
    else:
        command = _known(ctx, word)
        if command.name in NEEDED or command.personal:
            raise CommandError(ctx.text("needed", 词=_said(ctx, command)))
        gone.append(command.name)
    await ctx.group_settings.set("bot.switched_off", gone, by=call.asker.id)
    return ctx.text("switched_off" if off else "switched_on", 词=_said(ctx, command))


@plugin.command(
    "管理群",
    "control",
    usage="设为本群 | 取消",
    example="/管理群 设为本群",
    help="把这个群当管理群：各群的通知都发到这里，群友看不到",
    role=Role.KEEPER,
)
async def choose_control(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """For all groups of the installation. Without a word: says where notices go."""
    ctx.need_group()
    everywhere = ctx.inside(replace(ctx.group, id=""))
    word = call.text.lower()
    if word in ("设为本群", "这里", "here"):
        await everywhere.group_settings.set("bot.control", [ctx.group.id], by=call.asker.id)
        yield ctx.reply(call.event, ctx.text("control_here"))
    elif word in ("取消", "off"):
        await everywhere.group_settings.set("bot.control", [], by=call.asker.id)
        yield ctx.reply(call.event, ctx.text("control_off"))
    elif not word:
        rooms = {group.id: group.topic or group.id for group in await ctx.groups()}
        chosen = [rooms[one] for one in everywhere.section("bot").control if one in rooms]
        yield ctx.reply(call.event, ctx.text("control_is", 群名=chosen[0]) if chosen else ctx.text("control_none"))
    else:
        raise CommandError(ctx.text("control_wrong"))
