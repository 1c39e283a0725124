"""Plugin: commands to write, correct, read and search introductions."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from datetime import timedelta

from bot.actions import Action
from bot.commands import Call
from bot.context import Context
from bot.errors import CommandError
from bot.fold import fold
from bot.model import Role
from bot.text import clean_name
from plugins.introduction import store
from plugins.introduction.fact import first_time
from plugins.introduction.introduction import LONGEST, Introduction
from plugins.introduction.listen import say
from plugins.introduction.plugin import Settings, plugin
from plugins.introduction.recognise import read
from plugins.introduction.veto import AD, CONTACT

_FIELDS = {
    "称呼": "name", "名字": "name", "姓名": "name", "昵称": "name",
    "地区": "region", "城市": "region", "坐标": "region",
    "职业": "job", "行业": "job", "工作": "job",
    "需要": "needs", "需求": "needs",
    "提供": "offers", "能提供": "offers", "资源": "offers",
    "爱好": "hobbies", "兴趣": "hobbies",
    "name": "name", "city": "region", "job": "job", "needs": "needs", "offers": "offers", "hobbies": "hobbies",
}  # fmt: skip
_CHANGE, _DELETE, _NOTHING = {"改", "修改", "change"}, {"删", "删除", "delete"}, {"无", "空", "none"}
MOST_SHOWN = 8
_COLON = re.compile(r"^(\S+\s+[^\s:：]{1,6})[:：=＝]")
"""`改 职业：厨师` is as good as a space."""


@plugin.command(
    "介绍",
    "intro",
    usage="[内容] | @名 | 改 职业 设计师 | 删",
    example="/介绍 我叫李娜，坐标郑州，做餐饮的，想找供应商",
    help="写、看、改自我介绍",
    role=Role.MEMBER,
)
async def introduce(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    words = call.words
    if named := ctx.named(call):
        yield ctx.reply(call.event, await _show(ctx, named[0].id, clean_name(named[0].name)))
    elif not words:
        yield ctx.reply(call.event, await _show(ctx, call.asker.id, ""))
    elif words[0] in _CHANGE:
        yield ctx.reply(call.event, await _change(call, ctx))
        async for fact in first_time(call.asker, ctx):
            yield fact
    elif words[0] in _DELETE and len(words) == 1:
        removed = await store.remove(ctx.db, ctx.group.id, call.asker.id)
        yield ctx.reply(call.event, ctx.text("deleted" if removed else "mine_missing"))
    else:
        yield ctx.reply(call.event, await _write(call, ctx))
        async for fact in first_time(call.asker, ctx):
            yield fact


def _sells(value: str) -> bool:
    """Whether a part of an introduction advertises: in a private chat no guard has looked at it."""
    folded = fold(value)
    return CONTACT.search(folded) is not None or AD.search(folded) is not None


async def _show(ctx: Context[Settings], member_id: str, name: str) -> str:
    found = await store.get(ctx.db, ctx.group.id, member_id)
    if found is None:
        return ctx.text("theirs_missing", 昵称=name) if name else ctx.text("mine_missing")
    card = say(ctx, found)
    return ctx.text("theirs", 昵称=name, 名片=card) if name else ctx.text("mine", 名片=card)


async def _write(call: Call, ctx: Context[Settings]) -> str:
    """What was said takes the place of what was kept; what was not said stays."""
    said = read(call.raw)
    if not said.said:
        raise CommandError(ctx.text("not_understood"))
    before = await store.get(ctx.db, ctx.group.id, call.asker.id) or Introduction()
    kept = {field: value for field, value in asdict(said).items() if value and not _sells(value)}
    if not kept:
        raise CommandError(ctx.text("no_contact"))
    now = replace(before, **kept)
    await store.put(ctx.db, ctx.group.id, call.asker.id, now, ctx.now)
    return ctx.text("noted", 名片=say(ctx, now))


async def _change(call: Call, ctx: Context[Settings]) -> str:
    parts = _COLON.sub(r"\1 ", call.raw, count=1).split(maxsplit=2)
    name, value = (*parts[1:], "", "")[:2]
    field, value = _FIELDS.get(name, ""), " ".join(value.split())
    if not field:
        raise CommandError(ctx.text("wrong_field", 项目=name[:10]))
    if not value:
        raise CommandError(ctx.text("no_value", 项目=name))
    if len(value) > LONGEST:
        raise CommandError(ctx.text("too_long", 项目=name, 最多=LONGEST, 字数=len(value)))
    if _sells(value):
        raise CommandError(ctx.text("no_contact"))
    before = await store.get(ctx.db, ctx.group.id, call.asker.id) or Introduction()
    now = replace(before, **{field: "" if value in _NOTHING else value})
    await store.put(ctx.db, ctx.group.id, call.asker.id, now, ctx.now)
    return ctx.text("changed", 名片=say(ctx, now)) if now.said else ctx.text("emptied")


@plugin.command(
    "找",
    "find",
    usage="关键词 [关键词 …]",
    example="/找 上海 设计",
    help="按城市、职业、需要、能提供的找群友",
    role=Role.MEMBER,
    cooldown=timedelta(seconds=3),
)
async def find(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    words = call.words[:5]
    if not words:
        raise CommandError(ctx.text("find_what"))
    present = {profile.id: profile for profile in await ctx.members.present()}
    found = [(who, said) for who, said in await store.search(ctx.db, ctx.group.id, words) if who in present]
    if not found:
        yield ctx.reply(call.event, ctx.text("nobody", 关键词=" ".join(words)[:30]))
        return
    lines = [ctx.text("found", 人数=len(found))]
    lines += [f"· {clean_name(present[who].name, 16)}：{say(ctx, said)}" for who, said in found[:MOST_SHOWN]]
    if len(found) > MOST_SHOWN:
        lines.append(ctx.text("found_more", 人数=len(found) - MOST_SHOWN))
    yield ctx.reply(call.event, "\n".join(lines))
