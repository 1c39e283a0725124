"""Plugin: admin: how the bot behaves in a group: mode, on and off, settings, who may order it, how it is."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action
from bot.errors import CommandError
from bot.model import Mode, Role
from bot.plugin import Call, Context, Plugin, PluginSettings
from bot.text import clip, normalise
from bot.value import say
from plugins.admin.feature import feature_key
from plugins.admin.setting import current, everywhere, full_key, is_everywhere, show, undone

MODES = {
    "演练": Mode.DRY,
    "dry": Mode.DRY,
    "观察": Mode.SHADOW,
    "shadow": Mode.SHADOW,
    "执行": Mode.ENFORCE,
    "enforce": Mode.ENFORCE,
}


class Settings(PluginSettings):
    """Nothing to set: these commands are the setting."""


plugin = Plugin("admin", Settings, help="管理机器人：模式、开关、设置、管理员、状态")


@plugin.command(
    "模式",
    "mode",
    usage="演练|观察|执行",
    example="/模式 执行",
    help="只记录、只告诉管理员，还是真的处置",
    role=Role.ADMIN,
)
async def set_mode(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """Without a word: says the mode."""
    ctx.need_group()
    if not call.text:
        yield ctx.reply(call.event, ctx.text("mode_is", 模式=ctx.text(f"mode_{ctx.group.mode.value}")))
        return
    mode = MODES.get(call.text.lower())
    if mode is None:
        raise CommandError(ctx.text("mode_wrong", 词=clip(call.text, 20)))
    await ctx.group_settings.set("bot.mode", mode.value, by=call.asker.id)
    yield ctx.reply(call.event, ctx.text("mode_set", 模式=ctx.text(f"mode_{mode.value}")))


@plugin.command("启用", "enable", usage="", example="/启用", help="让机器人照看这个群", role=Role.OWNER)
async def enable(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """From now on this group's messages are handled."""
    ctx.need_group()
    _alone(call, ctx)
    # A group that the file names was looked after before anybody said so.
    changed = await ctx.group_settings.enable(True, by=call.asker.id) and not ctx.group.enabled
    mode = ctx.text(f"mode_{ctx.group.mode.value}")
    yield ctx.reply(call.event, ctx.text("enabled" if changed else "enabled_already", 模式=mode))


@plugin.command("停用", "disable", usage="", example="/停用", help="让机器人不再管这个群", role=Role.OWNER)
async def disable(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """The bot falls silent here until `/启用`."""
    ctx.need_group()
    _alone(call, ctx)
    await ctx.group_settings.enable(False, by=call.asker.id)
    yield ctx.reply(call.event, ctx.text("disabled"))


@plugin.command("状态", "status", usage="", example="/状态", help="看机器人好不好，今天多忙", role=Role.ADMIN)
async def show_status(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """How the installation is, and today's numbers of this group."""
    status = ctx.status
    linked = ctx.text("link_on" if (status["connected"], status["logged_in"]) == ("yes", "yes") else "link_off")
    lines = [
        ctx.text("status_head", 模式=ctx.text(f"mode_{ctx.group.mode.value}"), 版本=status["version"]),
        ctx.text("status_gateway", 通道=status["transport"], 连接=linked, 详情=clip(status["detail"], 60)).rstrip(),
        ctx.text("status_rest", 待发=status["waiting"], 大小=status["database_mb"], 群数=status["groups"]),
    ]
    if ctx.group.id:
        today = await ctx.members.numbers(ctx.today, ctx.today)
        present = await ctx.members.count()
        lines.append(
            ctx.text(
                "status_today",
                人数=present,
                消息=today.messages,
                发言=today.speakers,
                进群=today.joined,
                退群=today.left,
            )
        )
    if status["trouble"]:
        lines.append(ctx.text("status_trouble", 问题=clip(status["trouble"], 80)))
    yield ctx.reply(call.event, "\n".join(lines), mention=False)


@plugin.command(
    "设置",
    "set",
    usage="查看 [键]|<键> <值>|撤销|所有群 <键> <值>",
    example="/设置 moderation.grace 5m",
    help="看或改这个群的设置",
    role=Role.ADMIN,
)
async def change_setting(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """The value is taken as typed: a template keeps its line breaks and full-width punctuation."""
    ctx.need_group()
    words = call.raw.split(maxsplit=1)
    if words and is_everywhere(normalise(words[0])):
        yield ctx.reply(call.event, await everywhere(words[1] if len(words) > 1 else "", call.asker.id, ctx))
        return
    key, value = normalise(words[0]) if words else "", words[1].strip() if len(words) > 1 else ""
    if key in ("", "查看", "show"):
        yield ctx.reply(call.event, await show(normalise(value), ctx), mention=False)
    elif key in ("撤销", "undo"):
        yield ctx.reply(call.event, undone(await ctx.group_settings.undo(by=call.asker.id), ctx))
    elif not value:
        yield ctx.reply(call.event, await show(key, ctx), mention=False)
    else:
        key, wanted = feature_key(key, value, ctx)
        before = await ctx.group_settings.set(key, wanted, by=call.asker.id)
        full = full_key(key, ctx)
        yield ctx.reply(call.event, ctx.text("set_done", 键=full, 前=say(before), 后=current(full, ctx)))


@plugin.command(
    "管理员",
    "operator",
    usage="加|删 @名",
    example="/管理员 加 @小王",
    help="让谁能用管理员的命令",
    role=Role.OWNER,
)
async def name_admin(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """Names an operator of the bot; without a word: says who they are."""
    ctx.need_group()
    if not call.text and not call.members:
        admins = [profile for profile in await ctx.members.present() if profile.role >= Role.ADMIN]
        names = "、".join(clip(profile.name, 20) for profile in admins[:30]) or ctx.text("admins_none")
        yield ctx.reply(call.event, ctx.text("admins_are", 名单=names))
        return
    adding = {"加": True, "add": True, "删": False, "remove": False}.get(call.words[0] if call.words else "")
    if not ctx.named(call) or adding is None:
        raise CommandError(ctx.text("admins_wrong"))
    named: list[str] = []
    kept: list[str] = []
    for member in call.members[:10]:
        await ctx.members.set_role(member.id, Role.ADMIN if adding else None, by=call.asker.id)
        still = not adding and await ctx.members.role_of(member.id) >= Role.ADMIN
        (kept if still else named).append(clip(member.name, 20))
    answers = (("admins_added" if adding else "admins_removed", named), ("admins_of_group", kept))
    yield ctx.reply(call.event, "\n".join(ctx.text(key, 名单="、".join(names)) for key, names in answers if names))


@plugin.command("我是谁", "whoami", usage="", example="/我是谁", help="看自己的编号，写进 owners 用", group=False)
async def tell_id(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """How the deployer learns what to write into `[bot] owners`."""
    yield ctx.reply(call.event, ctx.text("your_id", 编号=call.asker.id))


def _alone(call: Call, ctx: Context[Settings]) -> None:
    """`/停用 签到` was meant for a command; the whole group is not switched off for it."""
    if call.text:
        raise CommandError(ctx.text("alone", 命令=call.command.title))
