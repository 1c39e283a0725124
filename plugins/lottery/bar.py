"""Plugin: who may not take part in lotteries here, as admins decide it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action
from bot.context import Context
from bot.errors import CommandError
from bot.model import Member, Role
from bot.plugin import Call
from bot.text import clean_name, say_many
from plugins.lottery import shelf
from plugins.lottery.settings import Settings, plugin

Ctx = Context[Settings]


@plugin.command(
    "抽奖黑名单",
    "lotterybar",
    role=Role.ADMIN,
    usage="[加|删 @名 …]",
    example="/抽奖黑名单 加 @小王",
    help="谁不能参加抽奖；不写名字就列出来",
)
async def bar(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    verb = call.text
    listed = await shelf.barred_in(ctx.db, [ctx.group.id])
    if not verb and not call.members and not call.unknown:
        names = say_many(list(listed.values())) or ctx.text("nobody_barred")
        yield ctx.reply(call.event, ctx.text("barred_list", 昵称=names), mention=False)
        return
    gone = [Member(key, name) for key, name in listed.items() if name in call.unknown] if verb == "删" else []
    who = [*call.members, *gone]
    if verb not in ("加", "删") or not who or len(gone) < len(call.unknown):
        raise CommandError(ctx.text("bar_how"))
    changed = []
    for member in who:
        plain = Member(member.id, clean_name(member.name) or member.id)
        if await _change(ctx, verb, plain, call.asker.id):
            changed.append(plain.name)
    key = ("barred" if verb == "加" else "unbarred") if changed else "bar_unchanged"
    yield ctx.reply(call.event, ctx.text(key, 昵称="、".join(changed or [member.name for member in who])))


async def _change(ctx: Ctx, verb: str, member: Member, by: str) -> bool:
    if verb == "加":
        return await shelf.bar(ctx.db, ctx.group.id, member, ctx.now, by)
    return await shelf.unbar(ctx.db, ctx.group.id, member.id)
