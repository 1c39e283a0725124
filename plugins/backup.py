"""Plugin: backup: `/备份`: a copy of the database now, beside the daily ones, verified."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action, BackUp, NotifyAdmins, Purpose, SendText
from bot.events import ErrandDone
from bot.model import Member, Role
from bot.plugin import Call, Context, Plugin, PluginSettings
from bot.text import clip

NAME = "backup"
MEGABYTE = 1_048_576
CONSOLE = "console:"
"""How the ids of those begin who order from the console and have no chat to be answered in."""


class Settings(PluginSettings):
    """Nothing to set here: how many copies stay is `[storage] backups_kept`."""


Ctx = Context[Settings]
plugin = Plugin("backup", Settings, help="随时备份一次数据，放在每日备份的旁边")


@plugin.command(
    "备份",
    "backup",
    usage="",
    example="/备份",
    help="现在就备份一次数据库，做完核对",
    role=Role.KEEPER,
    cooldown=timedelta(minutes=1),
    wide=True,
)
async def back_up(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """The copy holds what was on disk when it began; the answer says its name and size, nothing of where it lies."""
    payload = {
        "to": "" if call.event.group else call.asker.id,
        "asker": call.asker.id,
        "name": call.asker.name,
    }
    yield BackUp(group=ctx.group.id, name=NAME, payload=tuple(payload.items()))


@plugin.on(ErrandDone)
async def tell(event: ErrandDone, ctx: Ctx) -> AsyncIterator[Action]:
    """How it went."""
    name, _, size = event.text.rpartition(" ")
    if event.error:
        text = ctx.text("failed", 原因=clip(event.error, 100))
    else:
        text = ctx.text("done", 文件=name, 大小=f"{int(size) / MEGABYTE:.1f}")
    asked = event.payload
    if asked["to"].startswith(CONSOLE):
        yield NotifyAdmins(group=ctx.group.id, text=text)
        return
    if asked["to"]:
        yield SendText(group=ctx.group.id, to=asked["to"], text=text, purpose=Purpose.REPLY)
        return
    asker = Member(asked["asker"], asked["name"])
    yield SendText(group=ctx.group.id, text=f"@{asker.name} {text}", mentions=(asker,), purpose=Purpose.REPLY)
