"""Plugin: wave_guard: the admins' command: how the wave stands, who came in it, end it now."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action
from bot.commands import OFF, Call
from bot.errors import CommandError
from bot.model import Role
from bot.text import clean_name, say_many
from plugins.wave_guard.plugin import Ctx, plugin
from plugins.wave_guard.watch import brought, current, finish
from plugins.wave_guard.wave import MINUTE

_OFF, _LIST = OFF | {"结束"}, {"名单", "list"}
MOST_LISTED = 50


@plugin.command(
    "进群潮",
    "wave",
    usage="[名单|关]",
    example="/进群潮",
    help="一下子进了很多人时：看情况、看名单、马上结束从严",
    role=Role.ADMIN,
)
async def steer(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    word, wave = call.text.lower(), await current(ctx)
    if word in _OFF:
        if wave is not None:
            await finish(ctx, wave, call.asker.id)
        elif ctx.settings.strict:
            await ctx.group_settings.set("wave_guard.strict", False, by=call.asker.id)
        yield ctx.reply(call.event, ctx.text("stopped"))
    elif wave is None and word in (*_LIST, ""):
        key = "strict_by_hand" if ctx.settings.strict else "none"
        yield ctx.reply(call.event, ctx.text(key))
    elif wave is not None and word in _LIST:
        came = await ctx.members.joined_between(wave.began_at - MINUTE, ctx.now + timedelta(seconds=1))
        names = say_many([clean_name(person.name) or ctx.text("unnamed") for person in came], MOST_LISTED)
        yield ctx.reply(call.event, ctx.text("listed", 人数=len(came), 名单=names), mention=False)
    elif wave is not None and not word:
        yield ctx.reply(call.event, ctx.text("going_on", 人数=wave.count, 谁=await brought(ctx, wave)))
    else:
        raise CommandError(ctx.text("usage"))
