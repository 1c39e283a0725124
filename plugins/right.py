"""Plugin: right: `/权限 为什么 /踢 @名`: may I, would it work, and what would hold it back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action
from bot.commands import Command
from bot.errors import CommandError
from bot.model import Capability, Member, Mode, Role
from bot.plugin import Call, Context, Plugin, PluginSettings
from bot.text import clip

HOUR = timedelta(hours=1)
_WHY = frozenset({"为什么", "why"})
_ROLES = (Role.MEMBER, Role.HELPER, Role.MODERATOR, Role.ADMIN, Role.OWNER, Role.KEEPER)
_NEEDS = {
    "踢": Capability.REMOVE, "拉黑": Capability.REMOVE, "公告": Capability.ANNOUNCE, "撤销": Capability.INVITE,
    "误判": Capability.INVITE, "通过": Capability.INVITE,
}  # fmt: skip
"""What the transport must be able to do for a command to have its whole effect."""
_REMOVES = frozenset({"踢", "拉黑"})
_ORDERED = frozenset({"kick", "ban"})


class Settings(PluginSettings):
    """Nothing to set."""


Ctx = Context[Settings]
plugin = Plugin("right", Settings, help="说明一条命令谁能用，现在会不会真的做")


@plugin.command(
    "权限",
    "right",
    usage="为什么 /命令 [@名]",
    example="/权限 为什么 /踢 @小王",
    help="一条命令谁能用，我能不能用，会不会真的做",
    role=Role.MODERATOR,
)
async def explain(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Role needed and had, mode, what the account can do, the brake, and whether the member named is spared."""
    command = _command(call, ctx)
    named = [ctx.one_named(call, "usage")] if call.members or call.unknown else []
    mine = max(call.asker.role, await ctx.members.role_of(call.asker.id))
    lines = [_role_line(command, mine, "mine", ctx), _mode_line(command, ctx)]
    if (needed := _NEEDS.get(command.name)) is not None:
        able = needed in ctx.capabilities
        lines.append(ctx.text("able" if able else "unable", 能力=ctx.text(f"can_{needed.value}")))
    if command.name in _REMOVES:
        lines.append(await _brake_line(ctx))
    for member in named:
        lines.append(await _spared_line(member, ctx))
        lines.append(_role_line(command, await ctx.members.role_of(member.id), "theirs", ctx, 昵称=member.name))
    yield ctx.reply(call.event, "\n".join(lines), mention=False)


def _command(call: Call, ctx: Ctx) -> Command:
    """The command asked about, by any of its names. Raises CommandError."""
    words = [word for word in call.words if word not in _WHY]
    if len(words) != 1:
        raise CommandError(ctx.text("usage"))
    bare = words[0].lstrip(ctx.commands.prefixes)
    line = ctx.commands.parse(f"{ctx.commands.prefixes[0]}{bare}")
    if line is None or line.command is None:
        raise CommandError(ctx.text("unknown", 词=clip(bare, 20)))
    return line.command


def _role_line(command: Command, role: Role, whose: str, ctx: Ctx, **values: object) -> str:
    key = f"{whose}_yes" if role >= command.role else f"{whose}_no"
    needed, had = _name(command.role, ctx), _name(role, ctx)
    return ctx.text(key, 命令=command.name, 需要=needed, 身份=had, **values)


def _name(role: Role, ctx: Ctx) -> str:
    """A role between two names is called by the lower."""
    known = max(each for each in _ROLES if each <= role)
    return ctx.text(f"role_{known.name.lower()}")


def _mode_line(command: Command, ctx: Ctx) -> str:
    """What an order does in each mode: only a rehearsal holds back what an admin orders."""
    mode = ctx.group.mode
    key = "mode_acts" if mode is not Mode.DRY or command.name not in _NEEDS else "mode_holds"
    return ctx.text(key, 模式=ctx.text(f"mode_{mode.value}"))


async def _brake_line(ctx: Ctx) -> str:
    since = ctx.now - HOUR
    removed = sum(
        case.state in ("removing", "removed") and case.opened_at >= since and case.verdict not in _ORDERED
        for case in await ctx.cases.recent(100)
    )
    return ctx.text("brake", 移出=removed, 上限=ctx.section("policy").removals_per_hour)


async def _spared_line(member: Member, ctx: Ctx) -> str:
    """Whether the command, or any rule, may hit them."""
    if await ctx.members.role_of(member.id) >= Role.HELPER:
        return ctx.text("spared_role", 昵称=member.name, 身份=_name(await ctx.members.role_of(member.id), ctx))
    if await ctx.members.is_exempt(member.id):
        return ctx.text("spared_exempt", 昵称=member.name)
    return ctx.text("not_spared", 昵称=member.name)
