"""Plugin: points: sign in every day, see what you have, see who leads; admins may add and take."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action
from bot.errors import CommandError
from bot.model import Role
from bot.plugin import Call, Context, Field, Plugin, PluginSettings
from bot.text import clean_name, clip
from plugins.points import store
from plugins.points.reward import checkin_reward, read_grant
from plugins.points.tables import checkins


class Settings(PluginSettings):
    checkin: int = Field(5, ge=1, le=10_000, description="每天签到得多少积分")
    streak_every: int = Field(7, ge=0, le=366, description="每连续签到几天另有奖励；0 表示没有")
    streak_bonus: int = Field(10, ge=0, le=10_000, description="连续签到奖励多少积分")
    most_granted: int = Field(10_000, ge=1, le=1_000_000, description="管理员一次最多加减多少积分")
    top: int = Field(10, ge=3, le=20, description="排行榜列几个人")
    lines: int = Field(5, ge=1, le=10, description="/积分 显示最近几笔")


plugin = Plugin("points", Settings, help="积分：每天签到，随时查看，比比谁最多", tables=(checkins,))

Ctx = Context[Settings]
_REASON_LENGTH = 60
_MEDALS = ("🥇", "🥈", "🥉")


@plugin.command("签到", "checkin", usage="", example="/签到", help="每天签到得积分，连续签到有奖")
async def check_in(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    me, settings = call.asker.id, ctx.settings
    streak = await store.streak_on(ctx.db, me, ctx.today)
    if streak:
        balance = await ctx.ledger.balance(me)
        yield ctx.reply(call.event, ctx.text("checked_in_already", 连续=streak, 积分=balance))
        return
    streak = await store.streak_on(ctx.db, me, ctx.today - timedelta(days=1)) + 1
    points, left = checkin_reward(streak, settings.checkin, settings.streak_every, settings.streak_bonus)
    await store.keep(ctx.db, me, ctx.today, ctx.group.id, streak, points, ctx.now)
    await ctx.ledger.post(me, points, ctx.text("reason_checkin", 连续=streak), f"checkin:{me}:{ctx.today}", actor=me)
    key = "checked_in_bonus" if points > settings.checkin else "checked_in_more" if left else "checked_in"
    values = {"得分": points, "连续": streak, "积分": await ctx.ledger.balance(me), "还差": left}
    yield ctx.reply(call.event, ctx.text(key, **values, 奖励=settings.streak_bonus))


@plugin.command("积分", "points", usage="[@名]", example="/积分", help="我的积分和最近几笔")
async def show(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    if call.unknown:
        raise CommandError(ctx.text("unknown_member", 昵称=call.unknown[0]))
    whose = call.members[0] if call.members else call.asker
    if whose.id != call.asker.id and await ctx.members.role_of(call.asker.id) < Role.ADMIN:
        raise CommandError(ctx.text("only_own"))
    lines = [ctx.text("balance", 昵称=clean_name(whose.name), 积分=await ctx.ledger.balance(whose.id))]
    for entry in await ctx.ledger.lines(whose.id, ctx.settings.lines):
        local = entry.at.astimezone(ctx.group.zone)
        values = {"月": local.month, "日": local.day, "得分": f"{entry.points:+d}", "原因": clip(entry.reason, 30)}
        lines.append(ctx.text("line", **values))
    if len(lines) == 1:
        lines.append(ctx.text("no_lines"))
    yield ctx.reply(call.event, "\n".join(lines), mention=False)


@plugin.command("排行榜", "top", usage="", example="/排行榜", help="群里积分最多的人")
async def top(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    best = await ctx.ledger.top(ctx.settings.top)
    lines = [ctx.text("top_head")]
    for place, (member_id, points) in enumerate(best):
        profile = await ctx.members.get(member_id)
        name = clean_name(profile.name) if profile else member_id
        mark = _MEDALS[place] if place < len(_MEDALS) else f"{place + 1}."
        lines.append(ctx.text("top_line", 名次=mark, 昵称=name, 积分=points))
    yield ctx.reply(call.event, "\n".join(lines) if best else ctx.text("top_empty"), mention=False)


@plugin.command(
    "加分",
    "grant",
    role=Role.ADMIN,
    usage="@名 N [理由]",
    example="/加分 @小王 10 分享好文",
    help="给人加积分，负数是扣",
)
async def grant(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    if call.unknown:
        raise CommandError(ctx.text("unknown_member", 昵称=call.unknown[0]))
    if not call.members:
        raise CommandError(ctx.text("grant_whom"))
    try:
        points, reason = read_grant(call.text)
    except ValueError as error:
        raise CommandError(ctx.text("grant_how_many")) from error
    if not 0 < abs(points) <= ctx.settings.most_granted:
        raise CommandError(ctx.text("grant_range", 最多=ctx.settings.most_granted))
    for member in call.members:
        balance = await ctx.ledger.balance(member.id)
        if balance + points < 0:
            raise CommandError(ctx.text("grant_below_zero", 昵称=clean_name(member.name), 积分=balance))
    why = clip(reason, _REASON_LENGTH) or ctx.text("reason_grant")
    lines = []
    for member in call.members:
        key = f"grant:{call.event.id}:{member.id}"
        await ctx.ledger.post(member.id, points, why, key, actor=call.asker.id)
        values = {"昵称": clean_name(member.name), "得分": f"{points:+d}", "原因": why}
        lines.append(ctx.text("granted", **values, 积分=await ctx.ledger.balance(member.id)))
    yield ctx.reply(call.event, "\n".join(lines), mention=False)
