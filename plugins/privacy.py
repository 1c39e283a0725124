"""Plugin: privacy: `/我的数据` says what is kept of the asker, `/忘记我` removes what can be removed."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action, Declare, Purpose, SendText
from bot.errors import CommandError
from bot.events import MemberForgotten
from bot.model import Capability, Member
from bot.plugin import Call, Context, Plugin, PluginSettings
from bot.text import clip

LINES = 12
GROUPS_SHOWN = 3
_NAMED = frozenset(
    (
        "messages", "cases", "postings", "introduction", "checkin", "points", "invite", "nickname", "quiet", "entry",
        "leaderboard", "report", "appeal", "lottery", "shop", "stats", "ad",
    )
)  # fmt: skip
_CORE = frozenset({"messages", "cases", "postings"})


class Settings(PluginSettings):
    """Nothing to set: everybody may ask."""


Ctx = Context[Settings]
plugin = Plugin("privacy", Settings, help="看自己存了些什么，也可以请机器人忘掉")


@plugin.command(
    "我的数据", "mydata", usage="", example="/我的数据", help="存了我的什么，留多久（私聊告诉你）", personal=True
)
async def show(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """Over all groups; the answer is nobody else's business."""
    if not call.event.group:
        yield ctx.reply(call.event, await _say_all(call.asker, ctx))
    elif Capability.PRIVATE in ctx.capabilities:
        text = await _say_all(call.asker, ctx)
        yield SendText(group=ctx.group.id, to=call.asker.id, text=text, purpose=Purpose.REPLY)
        yield ctx.reply(call.event, ctx.text("told_in_private"))
    else:
        raise CommandError(ctx.text("ask_in_private"))


async def _say_all(asker: Member, ctx: Ctx) -> str:
    lines = [ctx.text("head"), *await _groups(asker, ctx)]
    kept: dict[str, int] = {}
    for table, count in (await ctx.members.traces(asker.id)).items():
        what = table if table in _CORE else table.partition("_")[0]
        kept[what] = kept.get(what, 0) + count
    parts = [ctx.text(f"what_{what}", 数量=count) for what, count in kept.items() if what in _NAMED]
    lines.append(ctx.text("kept", 名单=ctx.text("comma").join(parts) if parts else ctx.text("nothing")))
    balance = await ctx.ledger.balance(asker.id)
    if balance:
        lines.append(ctx.text("balance", 积分=balance))
    if (banned := await ctx.members.banned(asker.id)) is not None:
        lines.append(ctx.text("banned", 编号=banned))
    lines.append(ctx.text("retention", 天数=ctx.section("storage").archive_days))
    return "\n".join([*lines[: LINES - 1], ctx.text("how")])


async def _groups(asker: Member, ctx: Ctx) -> list[str]:
    """Where they are or were, since when, and how much they said."""
    lines: list[str] = []
    for group in await ctx.groups():
        profile = await ctx.inside(group).members.get(asker.id)
        if profile is None:
            continue
        since = (profile.joined_at or profile.first_seen_at).astimezone(group.zone)
        lines.append(
            ctx.text(
                "group" if profile.present else "group_left",
                群名=clip(group.topic or group.id, 20),
                昵称=clip(profile.name, 16),
                日期=f"{since:%Y-%m-%d}",
                条数=profile.message_count,
            )
        )
    more = len(lines) - GROUPS_SHOWN
    return lines if more <= 0 else [*lines[:GROUPS_SHOWN], ctx.text("groups_more", 数量=more)]


@plugin.command(
    "忘记我", "forgetme", usage="", example="/忘记我", help="删掉我的介绍、聊天原文、打卡等，积分归零", personal=True
)
async def forget(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """What somebody did is theirs to have forgotten, once nothing of it is under way."""
    if (case := await _under_way(call.asker, ctx)) is not None:
        raise CommandError(ctx.text("case_open", 编号=case))
    if not call.confirmed:
        balance = await ctx.ledger.balance(call.asker.id)
        points = ctx.text("points_lost", 积分=balance) if balance and not call.event.group else ""
        yield await ctx.ask_first(call, ctx.text("preview", 积分=points))
        return
    alias = f"~{ctx.random.getrandbits(48):012x}"
    groups = await ctx.members.forget(call.asker.id, alias, by=alias)
    yield ctx.reply(call.event, ctx.text("forgotten"))
    for group in groups:
        fact = MemberForgotten(id=f"{ctx.event.id}:forgotten:{group}", at=ctx.now, group=group, member=call.asker)
        yield Declare(fact=fact)


async def _under_way(asker: Member, ctx: Ctx) -> int | None:
    """A case of theirs that is not settled."""
    for group in await ctx.groups():
        for case in await ctx.inside(group).cases.open_of(asker.id):
            return case.no
    return None
