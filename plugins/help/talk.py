"""Plugin: help: who speaks to the bot itself and asks for help in their own words gets one line back."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action
from bot.commands import Command
from bot.events import MessageReceived
from bot.model import Kind
from bot.plugin import Context
from bot.text import normalise
from plugins.help.page import of_one, of_siblings, overview, usable
from plugins.help.plugin import Settings, plugin

LONGEST = 30
"""Whoever writes more than this tells something; another plugin may care."""
AGAIN = timedelta(minutes=1)
_HELP = re.compile(r"(?:帮助|帮帮我|help)[!?。.~\s]*", re.IGNORECASE)
_ASKS = re.compile(
    r"帮助|帮帮|菜单|功能|命令|怎么|怎样|如何|玩法|有什么用|[会能]做?[干些]?(?:什么|啥)|你是谁|\bhelp\b|\bhow\b|\bwhat\b",
    re.IGNORECASE,
)
_HAILS = re.compile(
    r"(?:在吗|在么|在不在|你好|您好|嗨|哈喽|hi|hello|hey|早上好|晚上好|早安|晚安)[呀啊哈!?。,.~\s]*", re.IGNORECASE
)
_TELLS = re.compile(r"我[叫是]|邀请我|坐标|参[与加]")
_FIRST = frozenset("@＠帮hH")
_NAMED = re.compile(r"^(?:@\S+\s+)+")


def concerns(event: MessageReceived) -> bool:
    """Asked of every message. In the group only the bare word counts, or what is said to the bot."""
    if event.kind is not Kind.TEXT or len(event.text) > LONGEST:
        return False
    return event.mentions_bot or not event.group or event.text[:1] in _FIRST


@plugin.on(MessageReceived, when=concerns)
async def answer(event: MessageReceived, ctx: Context[Settings]) -> AsyncIterator[Action]:
    said = normalise(event.text)
    to_bot = event.mentions_bot or not event.group or said.startswith(f"@{ctx.section('bot').name} ")
    words = _NAMED.sub("", said) if to_bot else said
    if not (_asked(words) if to_bot else _HELP.fullmatch(words)) or not await ctx.once(event.sender.id, lasts=AGAIN):
        return
    role = max(event.sender.role, await ctx.members.role_of(event.sender.id))
    mine = usable(ctx, role, bool(event.group))
    if _HELP.fullmatch(words):
        yield ctx.reply(event, overview(ctx, role, bool(event.group)), mention=False)
    elif (command := _named(words, ctx.commands.commands)) is None:
        yield ctx.reply(event, ctx.text("here"))
    elif command in mine:
        yield ctx.reply(event, of_one(ctx, command, mine))
    else:
        siblings = of_siblings(ctx, command, mine)
        yield ctx.reply(event, "\n".join([ctx.text("instead"), *siblings]) if siblings else ctx.text("here"))


def _asked(words: str) -> bool:
    return not _TELLS.search(words) and bool(_ASKS.search(words) or _HAILS.fullmatch(words))


def _named(words: str, commands: list[Command]) -> Command | None:
    """The command whose name is in the words, the longest one; help itself is not what was asked about."""
    found = [one for one in commands if one.title in words and one.plugin != "help"]
    return max(found, key=lambda one: len(one.title), default=None)
