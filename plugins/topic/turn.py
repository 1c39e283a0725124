"""Plugin: topic: the topic of the day, in turn, without saying one again too soon."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, time, timedelta

from bot.actions import Action, Purpose, SendText
from bot.commands import Call
from bot.errors import CommandError
from bot.events import JobDue
from bot.model import Role
from bot.number import read_number
from bot.text import clip
from plugins.topic import store
from plugins.topic.plugin import Ctx, plugin
from plugins.topic.store import Item

LONGEST = 200
SHOWN = 10
_LATE = timedelta(hours=2)
_ADD, _LIST, _DELETE = {"加", "添加", "add"}, {"列表", "list"}, {"删", "删除", "delete"}
_NEXT = {"换", "换一个", "next"}


@plugin.command(
    "话题",
    "topic",
    usage="加 内容 | 列表 | 删 N | 换一个",
    example="/话题 加 最近哪本书让你熬了夜？",
    help="今天的话题；管理员可以加、删、换",
)
async def steer(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    word, _, rest = call.text.partition(" ")
    if not word:
        item = await of_day(ctx, ctx.today)
        said = ctx.text("today", 话题=item.text) if item else ctx.text("none_today")
        yield ctx.reply(call.event, said, mention=False)
        return
    if await ctx.members.role_of(call.asker.id) < Role.ADMIN:
        raise CommandError(ctx.text("admins_only"))
    if word in _ADD:
        yield ctx.reply(call.event, await _add(call, ctx))
    elif word in _LIST:
        yield ctx.reply(call.event, await _list(ctx))
    elif word in _DELETE:
        yield ctx.reply(call.event, await _delete(ctx, rest))
    elif word in _NEXT:
        yield await _swap(ctx)
    else:
        raise CommandError(ctx.text("wrong_word", 词=word[:10]))


async def _add(call: Call, ctx: Ctx) -> str:
    """One topic a line."""
    after = call.raw.split(maxsplit=1)[1:]
    texts = [text for line in (after[0] if after else "").splitlines() if (text := " ".join(line.split()))]
    if not texts:
        raise CommandError(ctx.text("wrong_empty"))
    if long := next((text for text in texts if len(text) > LONGEST), None):
        raise CommandError(ctx.text("wrong_long", 最多=LONGEST, 字数=len(long)))
    have = await store.all_of(ctx.db, ctx.group.id)
    new = [text for text in dict.fromkeys(texts) if text not in {one.text for one in have}]
    if len(have) + len(new) > ctx.settings.most:
        raise CommandError(ctx.text("wrong_many", 最多=ctx.settings.most))
    for text in new:
        await store.add(ctx.db, ctx.group.id, text, by=call.asker.id)
    if not new:
        return ctx.text("known")
    return ctx.text("added", 个数=len(new), 总数=len(have) + len(new), 天数=ctx.settings.rest_days)


async def _list(ctx: Ctx) -> str:
    found = await store.all_of(ctx.db, ctx.group.id)
    if not found:
        return ctx.text("none")
    lines = [ctx.text("list", 总数=len(found))]
    for one in sorted(found, key=lambda item: (item.last_on is not None, -item.no))[:SHOWN]:
        said = ctx.text("said_on", 月=one.last_on.month, 日=one.last_on.day) if one.last_on else ctx.text("not_said")
        lines.append(f"{one.no}. {clip(one.text, 24)}{said}")
    if len(found) > SHOWN:
        lines.append(ctx.text("list_more", 个数=len(found) - SHOWN))
    if len(found) < ctx.settings.rest_days:
        lines.append(ctx.text("few", 天数=ctx.settings.rest_days))
    return "\n".join(lines)


async def _delete(ctx: Ctx, number: str) -> str:
    try:
        no = read_number(number)
    except ValueError:
        raise CommandError(ctx.text("which")) from None
    if not await store.remove(ctx.db, ctx.group.id, no):
        raise CommandError(ctx.text("unknown", 编号=no))
    return ctx.text("deleted", 编号=no)


async def _swap(ctx: Ctx) -> SendText:
    """Another one for today; the one it replaces waits for its turn again."""
    found = await store.all_of(ctx.db, ctx.group.id)
    now = next((one for one in found if one.last_on == ctx.today), None)
    chosen = store.next_in_turn(found, ctx.today, timedelta(days=ctx.settings.rest_days))
    if chosen is None:
        raise CommandError(ctx.text("no_other"))
    if now is not None:
        await store.take_turn(ctx.db, ctx.group.id, now.no, None)
    await store.take_turn(ctx.db, ctx.group.id, chosen.no, ctx.today)
    return SendText(group=ctx.group.id, text=ctx.text("today", 话题=chosen.text), purpose=Purpose.SERVICE)


async def of_day(ctx: Ctx, day: date) -> Item | None:
    return next((one for one in await store.all_of(ctx.db, ctx.group.id) if one.last_on == day), None)


@plugin.daily(lambda _: time(0), name="turn", late=timedelta(hours=23))
async def choose(event: JobDue, ctx: Ctx) -> AsyncIterator[Action]:
    """At midnight, so that brief, preview and question speak of the same topic all day."""
    await _chosen(ctx)
    for _ in ():
        yield _


async def _chosen(ctx: Ctx) -> Item | None:
    """Today's topic; whose turn it is has it from now on."""
    found = await store.all_of(ctx.db, ctx.group.id)
    if (now := next((one for one in found if one.last_on == ctx.today), None)) is not None:
        return now
    chosen = store.next_in_turn(found, ctx.today, timedelta(days=ctx.settings.rest_days))
    if chosen is not None:
        await store.take_turn(ctx.db, ctx.group.id, chosen.no, ctx.today)
    return chosen


@plugin.daily(lambda settings: settings.at, name="say", late=_LATE)
async def say(event: JobDue, ctx: Ctx) -> AsyncIterator[Action]:
    if (item := await _chosen(ctx)) is not None:
        text = ctx.text("today", 话题=item.text)
        yield SendText(group=ctx.group.id, text=text, purpose=Purpose.BROADCAST)


@plugin.block("topic", "话题")
async def topic_block(ctx: Ctx, day: date, edition: str) -> str:
    item = await of_day(ctx, day) if ctx.settings.at is None else None
    return ctx.text("today", 话题=item.text) if item else ""
