"""Plugin: where newcomers come from: a member's own code word, or the word on a poster; joins and who stays."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from bot.actions import Action
from bot.context import Context
from bot.errors import CommandError
from bot.events import MessageReceived
from bot.fold import fold
from bot.model import Role
from bot.plugin import Call
from bot.text import clean_name, normalise
from plugins.invite import book, store
from plugins.invite.claim import may_be_word, said_code
from plugins.invite.model import Invitation, Source, State
from plugins.invite.reward import say_so
from plugins.invite.settings import Settings, plugin

Ctx = Context[Settings]
_TRIES = 50
_MOST_CHANNELS = 50
_LONGEST = 20
_STOP, _COST = ("停", "停用", "stop"), ("花费", "cost")
_YUAN = re.compile(r"(\d{1,7})(?:\.(\d{1,2}))?\s*(?:元|块)?")


def _may_be_word(event: MessageReceived) -> bool:
    return bool(event.group) and may_be_word(event.text)


@plugin.on(MessageReceived, when=_may_be_word)
async def hear(event: MessageReceived, ctx: Ctx) -> AsyncIterator[Action]:
    """Only somebody who has just come is answered; the roster in memory says who has not."""
    profile = await ctx.members.get(event.sender.id)
    if profile is None or profile.joined_at is None or ctx.now - profile.joined_at > ctx.settings.claim_within:
        return
    mine = await store.here(ctx.db, event.group, event.sender.id)
    if mine is None or mine.left_at is not None or ctx.now - mine.joined_at > ctx.settings.claim_within:
        return
    text = normalise(event.text)
    if (code := said_code(text)) is not None:
        if sentence := await _by_code(ctx, mine, code):
            yield ctx.reply(event, sentence)
    elif not mine.channel:
        folded = fold(text)
        known = [row for row in await book.channels_of(ctx.db, event.group) if row.open and row.word in folded]
        if known:
            best = max(known, key=lambda row: len(row.word))
            await store.change(ctx.db, mine.id, channel=best.name)
            yield ctx.reply(event, ctx.text("channel_kept", 渠道=best.name))


async def _by_code(ctx: Ctx, mine: Invitation, code: str) -> str:
    inviter = await book.owner_of(ctx.db, code)
    if not inviter:
        return ctx.text("code_unknown", 码=code)
    if inviter == mine.invitee:
        return ctx.text("claim_self")
    if mine.state is not State.UNKNOWN:
        return ctx.text("claim_known", 昵称=mine.inviter_name) if mine.state is State.PENDING else ""
    profile = await ctx.members.get(inviter)
    if profile is None or not profile.present:
        return ctx.text("code_gone", 码=code)
    sure, void = await say_so(ctx, mine, profile.member, Source.CODE)
    key = "claim_void" if void else "claim_kept" if sure else "claim_waits"
    return ctx.text(key, 昵称=clean_name(profile.name))


@plugin.command("邀请码", "code", usage="", example="/邀请码", help="我的邀请码：朋友进群后发出来，就算我邀请的")
async def my_code(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    code = await book.code_of(ctx.db, call.asker.id)
    for _ in range(_TRIES):
        if code:
            break
        fresh = f"YQ{ctx.random.randrange(100_000):05}"
        if await book.give_code(ctx.db, fresh, call.asker.id, clean_name(call.asker.name)):
            code = fresh
    if not code:
        raise CommandError(ctx.text("code_none"))
    yield ctx.reply(call.event, ctx.text("code_mine", 码=code))


@plugin.command(
    "渠道",
    "channels",
    role=Role.ADMIN,
    usage="[加 海报A [暗号]|停 海报A|花费 海报A 200元]",
    example="/渠道 加 海报A",
    help="海报、讲座各带来多少人，留下多少",
)
async def channels(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    words = call.words
    if not words or words in (["列表"], ["list"]):
        yield ctx.reply(call.event, await _table(ctx), mention=False)
        return
    known = {row.name: row for row in await book.channels_of(ctx.db, ctx.group.id)}
    name = words[1] if len(words) > 1 else ""
    if words[0] in ("加", "添加", "add") and 2 <= len(words) <= 3:
        said = await _add(call, ctx, known, name, words[-1])
    elif words[0] in _STOP and name in known:
        await book.change_channel(ctx.db, ctx.group.id, known[name].word, open=0)
        said = ctx.text("channel_stopped", 渠道=name)
    elif words[0] in _COST and name in known and (cost := _YUAN.fullmatch(" ".join(words[2:]))):
        fen = int(cost[1]) * 100 + int((cost[2] or "0").ljust(2, "0"))
        await book.change_channel(ctx.db, ctx.group.id, known[name].word, cost_fen=fen)
        said = await _table(ctx)
    else:
        unknown = words[0] in (*_STOP, *_COST) and name not in known
        raise CommandError(ctx.text("channel_unknown", 渠道=name[:_LONGEST]) if unknown else ctx.text("channel_how"))
    yield ctx.reply(call.event, said, mention=False)


async def _add(call: Call, ctx: Ctx, known: dict[str, object], name: str, spoken: str) -> str:
    word = fold(spoken)
    if not 2 <= len(word) <= _LONGEST or len(name) > _LONGEST:
        raise CommandError(ctx.text("channel_length", 最多=_LONGEST))
    words = {row.word for row in await book.channels_of(ctx.db, ctx.group.id)}
    if name in known or word in words:
        raise CommandError(ctx.text("channel_twice", 渠道=name))
    if len(known) >= _MOST_CHANNELS:
        raise CommandError(ctx.text("channel_many", 最多=_MOST_CHANNELS))
    row = {"group": ctx.group.id, "word": word, "name": name, "open": 1}
    await book.add_channel(ctx.db, {**row, "created_by": call.asker.id, "created_at": ctx.now})
    return ctx.text("channel_added", 渠道=name, 暗号=spoken)


async def _table(ctx: Ctx) -> str:
    """`海报A：进群 12，还在 9（75%），每位 22.2 元`."""
    came = await book.came_by(ctx.db, ctx.group.id)
    rows = await book.channels_of(ctx.db, ctx.group.id)
    if not rows:
        return ctx.text("channel_none")
    lines = [ctx.text("channel_head")]
    for row in rows:
        people, stayed = came.get(row.name, (0, 0))
        line = ctx.text("channel_line" if row.open else "channel_line_stopped", 渠道=row.name, 进群=people)
        if people:
            line += ctx.text("channel_stay", 还在=stayed, 比例=round(100 * stayed / people))
        if stayed and row.cost_fen:
            line += ctx.text("channel_cost", 元=f"{row.cost_fen / 100 / stayed:.1f}".removesuffix(".0"))
        lines.append(line)
    return "\n".join(lines)
