"""Plugin: faq: `/问答`: keep an answer, look one up, delete it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import datetime

from bot.actions import Action
from bot.commands import Call
from bot.errors import CommandError
from bot.model import Role
from bot.number import read_number
from bot.text import clean_name, clip
from plugins.faq import store
from plugins.faq.match import Question
from plugins.faq.plugin import Ctx, plugin
from plugins.faq.store import Entry

LONGEST_QUESTION, LONGEST_ANSWER, WORDINGS = 80, 1000, 10
SHOWN = 15
_ADD, _LIST, _DELETE = {"加", "添加", "add"}, {"列表", "list"}, {"删", "删除", "delete"}
_ASKED = re.compile(r"\s*([^?？\n]+[?？])\s*")


@plugin.command(
    "问答",
    "faq",
    usage="加 问题？答案 | 列表 | 删 N | N",
    example="/问答 加 读书会几点开始？每周六下午两点，图书馆三楼",
    help="常见问题的答案；管理员可以加和删",
)
async def steer(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    word, _, rest = call.text.partition(" ")
    if not word or word in _LIST:
        yield ctx.reply(call.event, await _list(ctx), mention=False)
    elif word.isdecimal() and not rest:
        entry = await store.get(ctx.db, ctx.group.id, int(word[:9]))
        if entry is None:
            raise CommandError(ctx.text("unknown", 编号=word[:9]))
        yield ctx.reply(call.event, _said(ctx, entry), mention=False)
    elif word not in _ADD | _DELETE and (found := await _about(ctx, call.text)):
        said = _said(ctx, found[0]) if len(found) == 1 else _lines(ctx, found[:SHOWN])
        yield ctx.reply(call.event, said, mention=False)
    elif await ctx.members.role_of(call.asker.id) < Role.ADMIN:
        raise CommandError(ctx.text("admins_only"))
    elif word in _ADD:
        yield ctx.reply(call.event, await _add(call, ctx))
    elif word in _DELETE:
        yield ctx.reply(call.event, await _delete(ctx, rest))
    else:
        raise CommandError(ctx.text("wrong_word", 词=word[:10]))


async def _about(ctx: Ctx, text: str) -> list[Entry]:
    """Entries that name the words, such as `/问答 停车`."""
    asked = text.rstrip("?？ ")
    if not 2 <= len(asked) <= LONGEST_QUESTION:
        return []
    return [one for one in await store.all_of(ctx.db, ctx.group.id) if any(asked in each for each in one.questions)]


def _said(ctx: Ctx, entry: Entry) -> str:
    return f"{entry.questions[0]}\n{answer_text(ctx, entry)}"


def _lines(ctx: Ctx, found: list[Entry]) -> str:
    listed = (f"{one.no}. {clip(one.questions[0], 30)}" for one in found)
    return "\n".join([ctx.text("list", 总数=len(found)), *listed, ctx.text("list_more")])


def answer_text(ctx: Ctx, entry: Entry) -> str:
    """The answer, and whose it is and from when."""
    local = entry.said_at.astimezone(ctx.group.zone)
    key = "answer" if local.year == ctx.today.year else "answer_year"
    values = {"答案": entry.answer, "昵称": entry.said_by, "年": local.year, "月": local.month, "日": local.day}
    return ctx.text(key, **values)


async def _add(call: Call, ctx: Ctx) -> str:
    questions, answer = _read(call, ctx)
    said_by, said_at = clean_name(call.asker.name, 12), ctx.now
    if not answer and (quote := call.event.quote) is not None:
        # The answer is the message that was quoted, and stays its author's.
        answer = quote.text.strip()[:LONGEST_ANSWER]
        said_by, said_at = await _author(call, ctx)
    if not answer:
        raise CommandError(ctx.text("wrong_no_answer"))
    if len(answer) > LONGEST_ANSWER:
        raise CommandError(ctx.text("wrong_long", 最多=LONGEST_ANSWER, 字数=len(answer)))
    have = await store.all_of(ctx.db, ctx.group.id)
    if len(have) >= ctx.settings.most:
        raise CommandError(ctx.text("wrong_many", 最多=ctx.settings.most))
    cores = {Question(text).core for text in questions}
    for entry in have:
        if cores & {Question(text).core for text in entry.questions}:
            raise CommandError(ctx.text("known", 编号=entry.no, 问题=clip(entry.questions[0], 20)))
    no = await store.add(ctx.db, ctx.group.id, questions, answer, said_by, said_at, by=call.asker.id)
    ctx.memory.pop(ctx.group.id, None)
    return ctx.text("added", 编号=no, 问题=clip(questions[0], 20))


def _read(call: Call, ctx: Ctx) -> tuple[list[str], str]:
    """The wordings of the question and the answer. Raises CommandError."""
    text = call.raw.split(maxsplit=1)[1] if " " in call.raw.strip() else ""
    questions: list[str] = []
    while len(questions) < WORDINGS and (found := _ASKED.match(text)):
        if questions and not text[found.end() :].strip():
            # `问题？真的吗？`: the last one is the answer.
            break
        questions.append(" ".join(found[1].lstrip("|｜").split()))
        text = text[found.end() :]
        if not _same_kind_follows(text):
            break
    if not questions:
        raise CommandError(ctx.text("wrong_no_question"))
    if any(len(question) > LONGEST_QUESTION or len(Question(question).core) < 2 for question in questions):
        raise CommandError(ctx.text("wrong_question", 最多=LONGEST_QUESTION))
    return questions, text.strip()


def _same_kind_follows(text: str) -> bool:
    """Whether another wording stands next, set off by a bar: `几点开始？|什么时候开始？每周六两点`."""
    return text.startswith(("|", "｜"))


async def _author(call: Call, ctx: Ctx) -> tuple[str, datetime]:
    quote = call.event.quote
    assert quote is not None
    source = await ctx.archive.get(quote.id) if quote.id else None
    if source is None:
        return clean_name(quote.sender or call.asker.name, 12), ctx.now
    profile = await ctx.members.get(source.sender_id)
    return clean_name(profile.name if profile else quote.sender, 12), source.at


async def _list(ctx: Ctx) -> str:
    found = await store.all_of(ctx.db, ctx.group.id)
    if not found:
        return ctx.text("none")
    best = sorted(found, key=lambda entry: (-entry.used, entry.no))[:SHOWN]
    listed = (f"{one.no}. {clip(one.questions[0], 30)}" for one in best)
    return "\n".join([ctx.text("list", 总数=len(found)), *listed, ctx.text("list_more")])


async def _delete(ctx: Ctx, number: str) -> str:
    try:
        no = read_number(number)
    except ValueError:
        raise CommandError(ctx.text("which")) from None
    if not await store.remove(ctx.db, ctx.group.id, no):
        raise CommandError(ctx.text("unknown", 编号=no))
    ctx.memory.pop(ctx.group.id, None)
    return ctx.text("deleted", 编号=no)
