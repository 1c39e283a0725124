"""Plugin: announce: the group's announcement, seen by its author first."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action, Announce, Purpose, SendText
from bot.commands import Call
from bot.errors import CommandError
from bot.model import Capability, Role
from bot.plugin import Context, Field, Plugin, PluginSettings
from bot.text import clean_text


class Settings(PluginSettings):
    longest: int = Field(600, ge=50, le=2000, description="公告最多几个字")


plugin = Plugin("announce", Settings, help="公告：先给发的人看一遍，确认了再通知所有人")

Ctx = Context[Settings]


@plugin.command(
    "公告",
    "announce",
    usage="内容",
    example="/公告 周六下午两点读书会，图书馆三楼见",
    help="发群公告，所有人都会收到通知；先预览再确认",
    role=Role.ADMIN,
)
async def announce(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    text = clean_text(call.raw).strip()
    if not text:
        raise CommandError(ctx.text("empty"))
    if len(text) > ctx.settings.longest:
        raise CommandError(ctx.text("long", 最多=ctx.settings.longest, 字数=len(text)))
    can = Capability.ANNOUNCE in ctx.capabilities
    if not call.confirmed:
        key = "preview" if can else "preview_message"
        yield await ctx.ask_first(call, ctx.text(key, 群名=ctx.group.topic, 人数=ctx.group.size, 内容=text))
        return
    if can:
        yield Announce(group=ctx.group.id, text=text)
        yield ctx.reply(call.event, ctx.text("done"))
        return
    # Without the right to announce it is at least said.
    yield SendText(group=ctx.group.id, text=ctx.text("message", 内容=text), purpose=Purpose.SERVICE)
    if not call.event.group:
        yield ctx.reply(call.event, ctx.text("done_message"))
