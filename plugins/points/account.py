"""Plugin: what stands on the accounts: mine, the best, and what admins add, take and correct."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action
from bot.context import Context, Entry
from bot.errors import CommandError
from bot.model import Role
from bot.number import read_number
from bot.plugin import Call
from bot.text import clean_name, clip
from plugins.points.reward import read_grant
from plugins.points.settings import Settings, plugin

Ctx = Context[Settings]
_REASON_LENGTH = 60
_MEDALS = ("🥇", "🥈", "🥉")
_GRANT = "grant:"


@plugin.command("积分", "points", usage="[@名]", example="/积分", help="我的积分和最近几笔")
async def show(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    named = ctx.named(call)
    whose = named[0] if named else call.asker
    is_admin = await ctx.members.role_of(call.asker.id) >= Role.ADMIN
    if whose.id != call.asker.id and not is_admin:
        raise CommandError(ctx.text("only_own"))
    lines = [ctx.text("balance", 昵称=clean_name(whose.name), 积分=await ctx.ledger.balance(whose.id))]
    for entry in await ctx.ledger.lines(whose.id, ctx.settings.lines):
        lines.append(_line(ctx, entry, numbered=is_admin and entry.key.startswith(_GRANT)))
    if len(lines) == 1:
        lines.append(ctx.text("no_lines"))
    yield ctx.reply(call.event, "\n".join(lines), mention=False)


def _line(ctx: Ctx, entry: Entry, *, numbered: bool) -> str:
    local = entry.at.astimezone(ctx.group.zone)
    values = {"月": local.month, "日": local.day, "得分": f"{entry.points:+d}", "原因": clip(entry.reason, 30)}
    return ctx.text("line_numbered", **values, 编号=entry.no) if numbered else ctx.text("line", **values)


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
    if not ctx.named(call):
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
        key = f"{_GRANT}{call.event.id}:{member.id}"
        await ctx.ledger.post(member.id, points, why, key, actor=call.asker.id)
        values = {"昵称": clean_name(member.name), "得分": f"{points:+d}", "原因": why}
        lines.append(ctx.text("granted", **values, 积分=await ctx.ledger.balance(member.id)))
    yield ctx.reply(call.event, "\n".join(lines), mention=False)


@plugin.command(
    "冲正",
    "correct",
    role=Role.ADMIN,
    usage="#编号 [理由]",
    example="/冲正 #12 加错人了",
    help="加错的一笔用反向的一笔冲回（编号见 /积分 @名）",
)
async def correct(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    number, _, why = call.text.removeprefix("#").strip().partition(" ")
    try:
        found = await ctx.ledger.entry(read_number(number))
    except ValueError as error:
        raise CommandError(ctx.text("correct_which")) from error
    if found is None or not found[1].key.startswith(_GRANT):
        raise CommandError(ctx.text("correct_unknown", 编号=clip(number, 12)))
    member, entry = found
    profile = await ctx.members.get(member)
    name = clean_name(profile.name) if profile else member
    reason = ctx.text("reason_correct", 编号=entry.no, 原因=clip(why, _REASON_LENGTH) or clip(entry.reason, 30))
    try:
        done = await ctx.ledger.reverse(entry.key, reason, actor=call.asker.id)
    except ValueError as error:
        balance = await ctx.ledger.balance(member)
        raise CommandError(ctx.text("grant_below_zero", 昵称=name, 积分=balance)) from error
    if not done:
        raise CommandError(ctx.text("correct_again", 编号=entry.no))
    values = {"昵称": name, "得分": f"{-entry.points:+d}", "编号": entry.no}
    yield ctx.reply(call.event, ctx.text("corrected", **values, 积分=await ctx.ledger.balance(member)), mention=False)
