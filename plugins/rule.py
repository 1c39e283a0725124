"""Plugin: rule: the group's rules, whenever somebody asks."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action
from bot.commands import Call
from bot.context import Context
from bot.errors import CommandError
from bot.model import Member, Role
from bot.plugin import Plugin, PluginSettings, template

_KNOWN = ("群名", "人数", "日期")
_PARTS = ("topic", "services", "forbidden", "encouraged")
_SET, _DEFAULT = {"设置", "set"}, {"默认", "default"}


class Settings(PluginSettings):
    rules: str = template("", *_KNOWN, description="群规全文；留空就由欢迎语的四部分（主题、服务、请勿、鼓励）组成")


plugin = Plugin("rule", Settings, help="随时查看群规")


@plugin.command(
    "群规", "rules", usage="[设置 内容|设置 默认]", example="/群规", help="看群规；管理员可以改", role=Role.MEMBER
)
async def tell(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    if call.words[:1] and call.words[0].lower() in _SET:
        yield ctx.reply(call.event, await _change(call, ctx))
    elif call.text and await ctx.members.role_of(call.asker.id) >= Role.ADMIN:
        # Meant as new rules; showing the old ones would look as if they had been taken.
        raise CommandError(ctx.text("no_text"))
    else:
        yield ctx.reply(call.event, rules_text(ctx, call.asker), mention=False)


def rules_text(ctx: Context[Settings], reader: Member) -> str:
    """The rules as they stand: the group's own text, else the parts of its welcome."""
    if ctx.settings.rules:
        return ctx.render(ctx.settings.rules)
    try:
        welcome = ctx.section("welcome")
    except KeyError:
        # An installation may do without the welcome; then nobody has written any rules yet.
        return ctx.text("none")
    lines = [ctx.text(key, 内容=text) for key in _PARTS if (text := getattr(welcome, key))]
    if not lines:
        return ctx.text("none")
    return ctx.render("\n".join([ctx.text("title"), *lines]), reader, 邀请人=ctx.text("somebody"))


async def _change(call: Call, ctx: Context[Settings]) -> str:
    if await ctx.members.role_of(call.asker.id) < Role.ADMIN:
        raise CommandError(ctx.text("not_allowed"))
    text = (*call.raw.split(maxsplit=1)[1:], "")[0]
    if not text:
        raise CommandError(ctx.text("no_text"))
    is_default = text in _DEFAULT
    await ctx.group_settings.set("rule.rules", "" if is_default else text, by=call.asker.id)
    return ctx.text("reset" if is_default else "changed")
