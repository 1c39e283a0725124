"""Plugin: word_guard: words a group does not want; found however they are spelt or pulled apart."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from functools import lru_cache

from pydantic import field_validator

from bot.actions import Action, OpenCase
from bot.commands import Call
from bot.errors import CommandError
from bot.events import MessageReceived
from bot.fold import Folded, fold, tighten
from bot.model import Mode, Role, Signal
from bot.plugin import Context, Field, Plugin, PluginSettings
from bot.text import clip, say_many

MOST_WORDS = 500
LONGEST_WORD = 40
LONGEST_TEXT = 20_000
"""More characters than one message of WeChat holds: a word is looked for in all of them."""
_ADD, _DELETE = {"加", "添加", "增加", "add"}, {"删", "删除", "去掉", "del", "remove"}
_LIST = {"列表", "看", "list", ""}
_SEPARATORS = re.compile(r"[\s,，、;；]+")


class Settings(PluginSettings):
    """The group's own list; `/禁词` changes it."""

    enabled: bool = Field(True, description="要不要管禁词")
    mode: Mode = Field(
        Mode.ENFORCE, description="禁词最多做到哪一步：enforce 跟着群的模式，shadow 只告诉管理员，dry 只记录"
    )
    words: tuple[str, ...] = Field(
        (), max_length=MOST_WORDS, description="禁词，一个一项；写法变了（全角、繁体、夹符号）也认得出"
    )

    @field_validator("words")
    @classmethod
    def _are_words(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        for word in words:
            if len(word) > LONGEST_WORD or not tighten(fold(word)):
                raise ValueError(f"“{word[:20]}”不能当禁词：要有字或数字，最多 {LONGEST_WORD} 个字 (not a word)")
        return words


class Matcher:
    """Finds the words of one list. A Latin word must stand alone; a word of 汉字 may stand anywhere."""

    def __init__(self, words: Sequence[str]) -> None:
        self._by_first: dict[str, list[tuple[str, str]]] = {}
        latin: list[str] = []
        for word in words:
            tight = tighten(fold(word))
            if tight.isascii():
                latin.append(" ".join(fold(word).split()))
            else:
                self._by_first.setdefault(tight[0], []).append((tight, word))
        self._firsts = frozenset(self._by_first)
        parts = "|".join(re.escape(word) for word in sorted(latin, key=len, reverse=True))
        self._latin = re.compile(rf"(?<![a-z0-9])(?:{parts})(?![a-z0-9])") if latin else None

    def find(self, text: str) -> tuple[str, str] | None:
        """The word met and how it was written, None when there is none."""
        folded = Folded(text, LONGEST_TEXT)
        for first in sorted(self._firsts.intersection(folded.tight)):
            for tight, word in self._by_first[first]:
                at = folded.tight.find(tight)
                if at >= 0:
                    start, end = folded.span(at, at + len(tight))
                    return word, folded.original[start:end]
        found = self._latin.search(folded.plain) if self._latin is not None else None
        return (found[0], found[0]) if found else None


@lru_cache(maxsize=512)
def matcher(words: tuple[str, ...]) -> Matcher:
    return Matcher(words)


plugin = Plugin("word_guard", Settings, help="群里不想看到的词，出现就提醒")


@plugin.guard(MessageReceived, wanted=lambda settings: settings.enabled and bool(settings.words))
async def watch(event: MessageReceived, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """Open a case for a message that contains one of the group's words."""
    settings = ctx.settings
    text = f"{event.title}\n{event.text}" if event.title else event.text
    found = matcher(settings.words).find(text)
    if found is None:
        return
    if settings.mode is Mode.ENFORCE:
        ctx.stop()
    word, written = found
    yield OpenCase(
        group=event.group,
        member=event.sender,
        verdict="word",
        signals=(Signal("banned_word", clip(f"禁词“{word}”：{written}", 80), 1.0),),
        message_id=event.id,
        text=text[:500],
        mode=settings.mode,
    )


@plugin.command(
    "禁词",
    "banword",
    usage="加|删|列表 词…",
    example="/禁词 加 代购 砍一刀",
    help="群里的禁词：加、删、看",
    role=Role.ADMIN,
)
async def change(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    verb, _, rest = call.text.partition(" ")
    words = [word for word in _SEPARATORS.split(rest) if word]
    if verb.lower() in _LIST and not words:
        yield ctx.reply(call.event, _list(ctx))
    elif verb.lower() in _ADD and words:
        yield ctx.reply(call.event, await _add(call, ctx, words))
    elif verb.lower() in _DELETE and words:
        yield ctx.reply(call.event, await _delete(call, ctx, words))
    else:
        raise CommandError(ctx.text("usage"))


def _list(ctx: Context[Settings]) -> str:
    words = ctx.settings.words
    return ctx.text("list", 数量=len(words), 词=say_many(list(words), 60)) if words else ctx.text("empty")


async def _add(call: Call, ctx: Context[Settings], words: list[str]) -> str:
    for word in words:
        if len(word) > LONGEST_WORD or not tighten(fold(word)):
            raise CommandError(ctx.text("bad_word", 词=clip(word, 20), 最多=LONGEST_WORD))
    known = {tighten(fold(word)) for word in ctx.settings.words}
    new: list[str] = []
    for word in words:
        if (tight := tighten(fold(word))) not in known:
            known.add(tight)
            new.append(word)
    if not new:
        raise CommandError(ctx.text("known", 词="、".join(words)))
    if len(ctx.settings.words) + len(new) > MOST_WORDS:
        raise CommandError(ctx.text("too_many", 最多=MOST_WORDS))
    await _save(call, ctx, (*ctx.settings.words, *new))
    return ctx.text("added", 词="、".join(new))


async def _delete(call: Call, ctx: Context[Settings], words: list[str]) -> str:
    unwanted = {tighten(fold(word)) for word in words}
    kept = tuple(word for word in ctx.settings.words if tighten(fold(word)) not in unwanted)
    if len(kept) == len(ctx.settings.words):
        raise CommandError(ctx.text("unknown", 词="、".join(words)))
    await _save(call, ctx, kept)
    return ctx.text("deleted", 词="、".join(words))


async def _save(call: Call, ctx: Context[Settings], words: tuple[str, ...]) -> None:
    await ctx.group_settings.set("word_guard.words", list(words), by=call.asker.id)
