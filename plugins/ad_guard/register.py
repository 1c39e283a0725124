"""Plugin: ad_guard: the register of lessons: written, refused, shown, undone."""

from __future__ import annotations

from datetime import timedelta

from bot.commands import Call
from bot.context import ArchivedMessage
from bot.errors import CommandError
from bot.fold import fold, tighten
from bot.model import Member, Role
from bot.text import clip
from plugins.ad_guard import store
from plugins.ad_guard.lesson import EVERYWHERE, MOST, SHORTEST, Lesson
from plugins.ad_guard.memory import Ctx, read_lessons_again, recall
from plugins.ad_guard.near import NEAR, Sketch, likeness, sketch_text

SHOWN = 10
HISTORY = timedelta(days=14)
LINES_READ = 3000
MOMENT = timedelta(seconds=1)
COMMON = 2
"""Ordinary members who said nearly the same; what so many say is no ad."""
ORDINARY_AFTER = 3
"""Messages after which somebody counts as an ordinary member here."""


async def check_everywhere(call: Call, ctx: Ctx) -> None:
    """Only who owns the bot teaches it for all groups. Raises CommandError."""
    if await ctx.members.role_of(call.asker.id) < Role.KEEPER:
        raise CommandError(ctx.text("owners_only"))


async def sketch_for(message_id: str, text: str, ctx: Ctx) -> Sketch | None:
    """The sketch of a message sent before: of its picture or card while it is remembered, else of its text."""
    remembered = (await recall(ctx)).others.get(message_id)
    return remembered or sketch_text(text, SHORTEST)


async def why_no_lesson(sketch: Sketch, blamed: ArchivedMessage, everywhere: bool, ctx: Ctx) -> str:
    """Why near-copies of this shall not count as ads: it is what ordinary members say, a copy of what one of them had
    said before (whoever copies it shall not have them removed), or there is no room."""
    if await store.count(ctx.db, EVERYWHERE if everywhere else ctx.group.id) >= MOST:
        return ctx.text("too_many", 最多=MOST)
    return await _whose_words(sketch.text, blamed, ctx) if sketch.text else ""


async def _whose_words(tight: str, blamed: ArchivedMessage, ctx: Ctx) -> str:
    """Says so when somebody with a role, several ordinary members, or one of them before, said nearly the same here."""
    pairs = {tight[i : i + 2] for i in range(len(tight) - 1)}
    speakers: dict[str, bool] = {}
    for said in await ctx.archive.between(ctx.now - HISTORY, ctx.now + MOMENT, limit=LINES_READ):
        if (
            said.sender_id in speakers
            or said.sender_id in ("", blamed.sender_id)
            or said.text[:1] in ctx.commands.prefixes
        ):
            continue
        other = tighten(fold(said.text[:8000]))
        if not 0.6 < len(other) / len(tight) < 1.7 or len(pairs & _pairs(other)) * 2 < len(pairs):
            continue
        if likeness(other, tight) >= NEAR:
            if await ctx.members.role_of(said.sender_id) >= Role.HELPER:
                return ctx.text("too_common")
            if await _is_ordinary(said.sender_id, ctx):
                speakers[said.sender_id] = said.at < blamed.at
    if len(speakers) >= COMMON:
        return ctx.text("too_common")
    author = next((who for who, came_first in speakers.items() if came_first), None)
    profile = await ctx.members.get(author) if author is not None else None
    return ctx.text("said_before", 昵称=clip(profile.name, 12)) if profile is not None else ""


def _pairs(tight: str) -> set[str]:
    return {tight[i : i + 2] for i in range(len(tight) - 1)}


async def _is_ordinary(member_id: str, ctx: Ctx) -> bool:
    """Somebody who has talked here and was not warned for ads: no second account of whoever is blamed."""
    profile = await ctx.members.get(member_id)
    if profile is None or profile.message_count < ORDINARY_AFTER:
        return False
    return not any(case.plugin == ctx.plugin and case.state != "undone" for case in await ctx.cases.of(member_id))


async def teach(sketch: Sketch, *, is_ad: bool, sample: str, everywhere: bool, by: Member, ctx: Ctx) -> str:
    """Write a lesson down; one about nearly the same that says the opposite is undone. Says what was learnt."""
    memory, group = await recall(ctx), EVERYWHERE if everywhere else ctx.group.id
    opposite = [
        lesson.no
        for lesson in await store.listed(ctx.db, ctx.group.id)
        if lesson.group in (group, ctx.group.id) and lesson.is_ad is not is_ad and lesson.sketch.like(sketch) >= NEAR
    ]
    if opposite:
        await store.undo(ctx.db, opposite, by.id, ctx.now)
    known = memory.lessons.about(ctx.group.id, sketch)
    if known is not None and known.is_ad is is_ad and known.group == group:
        number = known.no
    else:
        shown = clip(sample, 60) or ctx.text("a_picture")
        number = await store.learn(ctx.db, group, is_ad, sketch, shown, (by.id, by.name), ctx.now)
    await read_lessons_again(ctx)
    return ctx.text("learnt_everywhere" if everywhere else "learnt", 编号=number)


async def list_lessons(ctx: Ctx) -> str:
    """What was taught here and for all groups, newest first."""
    lessons = await store.listed(ctx.db, ctx.group.id)
    if not lessons:
        return ctx.text("no_lessons")
    lines = [_line(lesson, ctx) for lesson in lessons[:SHOWN]]
    return "\n".join([ctx.text("lessons", 数量=len(lessons)), *lines])


def _line(lesson: Lesson, ctx: Ctx) -> str:
    local = lesson.at.astimezone(ctx.group.zone)
    return ctx.text(
        "lesson_line",
        编号=lesson.no,
        什么=ctx.text("lesson_ad" if lesson.is_ad else "lesson_ham"),
        哪里=ctx.text("lesson_everywhere" if lesson.group == EVERYWHERE else "lesson_here"),
        原文=clip(lesson.sample, 24),
        管理员=clip(lesson.by_name, 12),
        日期=f"{local.month}-{local.day}",
    )


def is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 10


async def undo_lesson(rest: str, call: Call, ctx: Ctx) -> str:
    """Take one lesson back."""
    if not is_number(rest.strip()):
        raise CommandError(ctx.text("delete_usage"))
    found = [each for each in await store.listed(ctx.db, ctx.group.id) if each.no == int(rest)]
    if not found:
        raise CommandError(ctx.text("no_lesson", 编号=int(rest)))
    if found[0].group == EVERYWHERE:
        await check_everywhere(call, ctx)
    await store.undo(ctx.db, [found[0].no], call.asker.id, ctx.now)
    await read_lessons_again(ctx)
    return ctx.text("lesson_undone", 编号=found[0].no, 原文=clip(found[0].sample, 24))
