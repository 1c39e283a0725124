"""Plugin: checkin: somebody checks in: `打卡 …` with a few words, or with a picture before or after it."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action, Purpose, SendText
from bot.events import MessageReceived, TaskChanged, TimerDue
from bot.model import Kind, Member
from bot.question import is_question
from bot.text import clean_name, normalise
from plugins.checkin import store
from plugins.checkin.plugin import TASK, Ctx, is_open, plugin, streak_of

_GAP = r"(?:$|[\s:,!。，！：~～、;；.#】\]」-]+)"
_COUNT = r"(?:\s?(?:第?\s?\d{1,3}\s?天?|day\s?\d{1,3}))?"
_WHAT = r"早起|早睡|晨跑|夜跑|跑步|晨读|阅读|读书|学习|背单词|单词|英语|练字|运动|健身|瑜伽|减脂|饮食|冥想|写作|日更"
_HEAD = (
    rf"[#【\[「\s]*(?:(?:今日|今天|每日|day\s?\d{{1,3}}|第[\d一二三四五六七八九十]{{1,4}}天)\s*)?(?P<what>{_WHAT})?\s*"
)
_SAID = re.compile(rf"{_HEAD}打卡(?:$|{_COUNT}{_GAP})(?P<text>[\s\S]*)", re.IGNORECASE)
"""Also as people head it: `#打卡#`, `【今日打卡】`, `早起打卡`, `Day3 打卡`."""
_NEAR = 20
"""Within so many characters the word must come."""
_JOINED = re.compile(
    r"打卡(?:(?:了|啦|咯|喽|成功|完成|完毕)(?:$|[\s:,!。，！：~～、;；.-]+)|"
    r"(?![机点地处的吗没是要在时群活规率功提名排表制和都能可也还有圣网签怎多几了啦])(?=\w))(?P<text>[\s\S]*)"
)
"""`打卡跑完啦` is meant as well; what is said of 打卡机 or 打卡点 is not."""
_TOGETHER = timedelta(minutes=10)
"""A picture and the word 打卡 belong together when so near each other."""
_REMEMBERED = 2000
_LONGEST = 500


def _may_be(event: MessageReceived) -> bool:
    return bool(event.group) and (event.kind is Kind.IMAGE or "打卡" in event.text[:_NEAR])


@plugin.on(MessageReceived, when=_may_be)
async def hear(event: MessageReceived, ctx: Ctx) -> AsyncIterator[Action]:
    key = (event.group, event.sender.id)
    if event.kind is Kind.IMAGE:
        if ctx.memory.get(("word", *key), ctx.now - _TOGETHER) > ctx.now - _TOGETHER:
            async for action in check_in(ctx, event.sender, "", picture=True):
                yield action
        else:
            _remember(ctx, ("picture", *key))
        return
    plain = normalise(event.text)
    said = _SAID.fullmatch(plain) or _JOINED.fullmatch(plain)
    if said is None or _asks(said, plain) or not await is_open(ctx):
        return
    text = " ".join(filter(None, (said.groupdict().get("what"), said["text"].strip())))
    picture = ctx.memory.get(("picture", *key), ctx.now - _TOGETHER) > ctx.now - _TOGETHER
    if len(text) < ctx.settings.shortest and not picture:
        _remember(ctx, ("word", *key))
        if await ctx.once(f"how:{event.sender.id}", lasts=_TOGETHER):
            yield ctx.reply(event, ctx.text("how"))
        return
    async for action in check_in(ctx, event.sender, text, picture=picture):
        yield action


def _asks(said: re.Match[str], plain: str) -> bool:
    """`早起打卡有人一起吗？` is a question; after 打卡 and a gap it may only name one: `打卡 读完《怎么办》`."""
    if plain.startswith("打卡"):
        return said.re is _JOINED and is_question(said["text"])
    return is_question(plain)


def _remember(ctx: Ctx, key: tuple[str, str, str]) -> None:
    if len(ctx.memory) >= _REMEMBERED:
        ctx.memory.clear()
    ctx.memory[key] = ctx.now


async def check_in(ctx: Ctx, who: Member, text: str, *, picture: bool) -> AsyncIterator[Action]:
    """Keep it; those who come at the same time get one answer together."""
    if not await store.keep(ctx.db, ctx.group.id, who.id, ctx.today, ctx.now, text[:_LONGEST], picture=picture):
        return
    length = await streak_of(ctx, who.id)
    every, card = ctx.settings.card_every, False
    if every and length % every == 0:
        card = await store.cards_of(ctx.db, ctx.group.id, who.id) < ctx.settings.most_cards
        if card:
            await store.give(ctx.db, ctx.group.id, who.id, 1)
    waiting = json.loads(await ctx.notes.get("answer") or "[]")
    waiting.append([clean_name(who.name, 12), length, card])
    await ctx.notes.set("answer", json.dumps(waiting, ensure_ascii=False))
    if ctx.settings.merge:
        await ctx.timers.start("answer", after=ctx.settings.merge)
    else:
        yield await _answer(ctx)


async def _answer(ctx: Ctx) -> SendText:
    came = json.loads(await ctx.notes.get("answer") or "[]")
    await ctx.notes.delete("answer")
    said = [ctx.text("came_one" if length < 2 else "came_days", 昵称=name, 天数=length) for name, length, _ in came]
    lines = [ctx.text("came", 名单=ctx.text("and").join(said))]
    if earned := [name for name, _, card in came if card]:
        lines.append(ctx.text("earned", 名单=ctx.text("and").join(earned), 天数=ctx.settings.card_every))
    return SendText(group=ctx.group.id, text="\n".join(lines), purpose=Purpose.SERVICE)


@plugin.on(TimerDue, when=lambda event: event.name == "answer")
async def answer(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    if await ctx.notes.get("answer") is not None:
        yield await _answer(ctx)


@plugin.on(TaskChanged)
async def note_task(event: TaskChanged, ctx: Ctx) -> AsyncIterator[Action]:
    """A day with a task is a day to check in."""
    key = f"{TASK}{event.on_date.isoformat()}:{event.no}"
    if event.text:
        await ctx.notes.set(key, event.text, lasts=store.LONGEST)
    else:
        await ctx.notes.delete(key)
    for _ in ():
        yield _
