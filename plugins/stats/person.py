"""Plugin: stats: `/成员`: one member at a glance, and the tags that admins give."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

from bot.actions import Action
from bot.commands import Call
from bot.errors import CommandError
from bot.model import Member, Role
from bot.plugin import Blank, Deed, Panel, PanelRow
from bot.text import clean_name, clip
from plugins.stats import store
from plugins.stats.plugin import Ctx, plugin

MOST_TAGS, LISTED = 10, 20
_TAG = re.compile(r"([+\-]?)([\w·]{1,12})")
_WORD = frozenset(("标签", "tag"))
_ROLES = ((Role.OWNER, "owner"), (Role.ADMIN, "admin"), (Role.HELPER, "helper"), (Role.MEMBER, "member"))


@plugin.command(
    "成员",
    "member",
    usage="@名 [标签 +老师 -学员] | 标签 [老师]",
    example="/成员 @小王",
    help="看一位群友：进群、邀请人、发言、案件、积分；贴标签",
    role=Role.ADMIN,
)
async def show_member(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    ctx.need_group()
    words = call.words
    if not call.members and words and words[0].lower() in _WORD:
        yield ctx.reply(call.event, await _tagged(ctx, words[1:]), mention=False)
        return
    who, rest = await _meant(call, ctx)
    if not rest:
        yield ctx.reply(call.event, await profile(ctx, who), mention=False)
        return
    if rest[0].lower() not in _WORD or len(rest) < 2:
        raise CommandError(ctx.text("person_wrong"))
    yield ctx.reply(call.event, await _tag(call, ctx, who, rest[1:]))


async def _meant(call: Call, ctx: Ctx) -> tuple[Member, list[str]]:
    """Who is meant, with @ or by a name that is one member's, and the words after it."""
    named = ctx.named(call)
    if len(named) == 1:
        return named[0], call.words
    if named or not call.words:
        raise CommandError(ctx.text("person_wrong"))
    found = await ctx.members.find(call.words[0])
    if len(found) != 1:
        names = ctx.text("comma").join(clip(clean_name(one.name), 12) for one in found[:5])
        word = clip(call.words[0], 20)
        raise CommandError(ctx.text("several", 名=word, 名单=names) if found else ctx.text("unknown", 名=word))
    return found[0].member, call.words[1:]


async def profile(ctx: Ctx, who: Member) -> str:
    """What is known of a member, at most ten lines."""
    known = await ctx.members.get(who.id)
    if known is None:
        raise CommandError(ctx.text("unknown", 名=clip(who.name, 20)))
    role = await ctx.members.role_of(who.id)
    about = [ctx.text(f"role_{next(key for least, key in _ROLES if role >= least)}")]
    if await ctx.members.is_exempt(who.id) and role < Role.HELPER:
        about.append(ctx.text("exempt"))
    if await ctx.members.banned(who.id) is not None:
        about.append(ctx.text("banned"))
    inviter = await ctx.members.get(known.inviter_id) if known.inviter_id else None
    joined = ctx.text("joined", 时间=_at(ctx, known.joined_at)) if known.joined_at else ctx.text("old_member")
    lines = [
        ctx.text("person", 名=clean_name(known.name), 身份=ctx.text("comma").join(about)),
        joined + (ctx.text("brought_by", 名=clip(clean_name(inviter.name), 16)) if inviter else ""),
    ]
    if not known.present:
        lines.append(ctx.text("has_left", 时间=_at(ctx, known.left_at)))
    week = await ctx.members.messages_of(who.id, ctx.today - timedelta(days=6), ctx.today)
    spoke = _at(ctx, known.last_spoke_at) if known.last_spoke_at else ctx.text("never")
    lines.append(ctx.text("spoke", 条=known.message_count, 近=week, 时间=spoke))
    lines.append(ctx.text("points", 积分=await ctx.ledger.balance(who.id)))
    cases = await ctx.cases.of(who.id)
    if cases:
        numbers = ctx.text("comma").join(f"W{case.no}" for case in sorted(cases, key=lambda one: -one.no)[:5])
        lines.append(ctx.text("person_cases", 件=len(cases), 编号=numbers))
    tags = await store.of_member(ctx.db, ctx.group.id, who.id)
    lines.append(ctx.text("tags", 标签=ctx.text("comma").join(tags)) if tags else ctx.text("no_tags"))
    return "\n".join(lines)


async def _tag(call: Call, ctx: Ctx, who: Member, words: list[str]) -> str:
    read = [_TAG.fullmatch(word) for word in words]
    mine = await store.of_member(ctx.db, ctx.group.id, who.id)
    added = [one[2] for one in read if one is not None and one[1] != "-" and one[2] not in mine]
    if None in read or len(mine) + len(added) > MOST_TAGS:
        raise CommandError(ctx.text("tag_wrong", 最多=MOST_TAGS))
    for one in filter(None, read):
        if one[1] == "-":
            await store.remove(ctx.db, ctx.group.id, who.id, one[2])
        else:
            await store.add(ctx.db, ctx.group.id, who.id, one[2], call.asker.id, ctx.now)
    tags = await store.of_member(ctx.db, ctx.group.id, who.id)
    said = ctx.text("comma").join(tags) or ctx.text("none")
    return ctx.text("tagged", 名=clip(clean_name(who.name), 16), 标签=said)


async def _tagged(ctx: Ctx, words: list[str]) -> str:
    """The group's tags, or who has one of them."""
    if not words:
        counts = await store.counts(ctx.db, ctx.group.id)
        lines = [ctx.text("tag_count", 标签=tag, 人=times) for tag, times in counts]
        return ctx.text("tags", 标签=ctx.text("comma").join(lines)) if lines else ctx.text("no_tags_here")
    people = [await ctx.members.get(member) for member in await store.with_tag(ctx.db, ctx.group.id, words[0])]
    names = [clip(clean_name(one.name), 12) for one in people if one is not None and one.present]
    if not names:
        raise CommandError(ctx.text("nobody_tagged", 标签=clip(words[0], 12)))
    return ctx.text("who_tagged", 标签=words[0], 人=len(names), 名单=ctx.text("comma").join(names[:LISTED]))


@plugin.panel("member")
async def tags_panel(ctx: Ctx, member_id: str) -> Panel:
    tags = await store.of_member(ctx.db, ctx.group.id, member_id)
    rows = [PanelRow((tag,), (Deed(ctx.text("panel_untag"), f"/成员 标签 -{tag}"),)) for tag in tags]
    blank = Blank(ctx.text("panel_add_tag"), "/成员 标签", ctx.text("panel_tag_example"))
    return Panel(ctx.text("panel_tags"), (ctx.text("panel_tag"),) if rows else (), tuple(rows), blank=blank)


def _at(ctx: Ctx, at: datetime | None) -> str:
    if at is None:
        return ""
    local = at.astimezone(ctx.group.zone)
    return ctx.text("moment", 年=local.year, 月=local.month, 日=local.day, 时刻=f"{local:%H:%M}")
