"""Plugin: ad_guard: every message of a member passes here; an ad opens a case and nobody else sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

from bot.actions import Action, OpenCase
from bot.events import MessageReceived
from bot.model import Kind, Mode, Signal
from bot.text import clip
from plugins.ad_guard import store
from plugins.ad_guard.guard import plugin
from plugins.ad_guard.hearing import Hearing, hear, mode_of, otherwise
from plugins.ad_guard.inquire import inquire
from plugins.ad_guard.judge import judge
from plugins.ad_guard.lesson import Lesson
from plugins.ad_guard.memory import Ctx, Memory, at_hand, recall, sketch_of
from plugins.ad_guard.message import Judgement, Message
from plugins.ad_guard.near import Sketch
from plugins.ad_guard.opinion import ask_first, is_grey
from plugins.ad_guard.quote import contacts
from plugins.ad_guard.standing import is_worth_a_look
from plugins.ad_guard.trail import NO_COPIES, Copies, Sighting
from plugins.ad_guard.version import policy_signal

EVIDENCE = 500
FORGET_EVERY, FORGET_AFTER = 2000, timedelta(days=1)
_QUOTING = frozenset({"举报", "申诉"})
_JUDGED = frozenset({Kind.TEXT, Kind.IMAGE, Kind.LINK, Kind.CARD, Kind.MINIPROGRAM, Kind.FILE, Kind.RECORD})


@plugin.guard(MessageReceived, when=lambda event: event.kind in _JUDGED)
async def watch(event: MessageReceived, ctx: Ctx) -> AsyncIterator[Action]:
    """Open a case for an ad ("ad") or what looks like one ("suspect")."""
    settings = ctx.settings
    if not settings.enabled:
        return
    message = as_message(event)
    judged = judge(message, settings.plain)
    memory = at_hand(ctx) or await recall(ctx)
    lesson, copies = None, NO_COPIES
    suspicious = is_worth_a_look(judged)
    quoting = _quotes_others(event, ctx)
    to_compare = suspicious or event.findings or event.title or event.url or memory.lessons.any_for(event.group)
    if to_compare and not quoting:
        lesson, copies = await _compare(event, message, judged, memory, ctx)
    if not suspicious and lesson is None:
        return
    hearing = await inquire(event, message, copies, lesson, quoting, ctx)
    judged = hear(hearing)
    if quoting:
        judged = _milder(judged, hearing)
    if judged.verdict == "pass":
        return
    judged, mode = mode_of(hearing, judged, settings.signal_modes)
    if mode is Mode.ENFORCE:
        ctx.stop()
    if not await make_room(event.sender.id, judged.verdict == "act", mode, ctx):
        return
    case = open_case(event, hearing, judged, mode, ctx)
    yield await ask_first(case, ctx) if mode is Mode.ENFORCE and is_grey(judged, ctx) else case


async def _compare(
    event: MessageReceived, message: Message, judged: Judgement, memory: Memory, ctx: Ctx
) -> tuple[Lesson | None, Copies]:
    """What admins taught about this, and who else sent nearly the same."""
    sketch = sketch_of(message)
    if sketch is None:
        return None, NO_COPIES
    if sketch.picture or event.title or event.url:
        memory.keep(event.id, sketch)
    within, copies = ctx.settings.copies_within, NO_COPIES
    if within and is_worth_a_look(judged):
        sighting = Sighting(event.at, event.group, event.sender.id, event.id)
        copies = memory.trail.note(sketch, sighting, within)
        await _remember(sketch, sighting, memory, ctx)
    lesson = memory.lessons.about(event.group, sketch)
    if lesson is not None and not lesson.is_ad and _adds_a_contact(judged, lesson.sketch):
        lesson = None
    return lesson, copies


async def _remember(sketch: Sketch, sighting: Sighting, memory: Memory, ctx: Ctx) -> None:
    """Over a restart too; now and then what is too old to be compared is forgotten."""
    store.remember(ctx.db, sketch, sighting)
    memory.kept += 1
    if memory.kept % FORGET_EVERY == 0:
        await store.forget(ctx.db, ctx.now - FORGET_AFTER)


def _adds_a_contact(judged: Judgement, cleared: Sketch) -> bool:
    """Whether somebody put a way to be reached under words that were found harmless without it."""
    return bool(cleared.text) and any(contact not in cleared.text for contact in contacts(judged.signals))


def open_case(event: MessageReceived, hearing: Hearing, judgement: Judgement, mode: Mode, ctx: Ctx) -> OpenCase:
    """The finding, with all that led to it and what would have changed it."""
    pieces = [message.text for message in hearing.messages[:-1]]
    signals = (
        _score(judgement, ctx),
        *judgement.signals[:8],
        *otherwise(hearing, judgement),
        policy_signal(ctx.settings),
    )
    return OpenCase(
        group=event.group,
        member=event.sender,
        verdict="ad" if judgement.verdict == "act" else "suspect",
        signals=signals,
        message_id=event.id,
        text="\n".join([*pieces, evidence(event)])[:EVIDENCE],
        mode=mode,
    )


def as_message(event: MessageReceived) -> Message:
    """What the judge wants to know of an event."""
    return Message(
        text=event.text,
        kind=event.kind,
        title=event.title,
        url=event.url,
        file_name=event.media.name if event.media is not None and event.kind is Kind.FILE else "",
        sender_name=event.sender.name,
        quoted=event.quote.text if event.quote is not None else "",
        findings=event.findings,
    )


def evidence(event: MessageReceived) -> str:
    """What was said, as it is kept with the case."""
    name = event.media.name if event.media is not None else ""
    seen = [finding.detail for finding in event.findings if finding.name != "picture_hash"]
    parts = dict.fromkeys((event.title, event.text, event.url, name, *seen))
    return "\n".join(part for part in parts if part)[:EVIDENCE]


async def make_room(member_id: str, is_sure: bool, mode: Mode, ctx: Ctx) -> bool:
    """Whether a new case makes sense: while one is open a burst of ads is one case, and nothing more is worked out.

    A sure ad does not hide behind a case that only suspected one, nor any behind one that is only watched.
    """
    for case in await ctx.cases.open_of(member_id):
        if case.plugin != ctx.plugin:
            continue
        milder = case.verdict == "name" or (is_sure and case.verdict == "suspect")
        watched = case.mode is not ctx.group.mode
        if mode is not Mode.ENFORCE or case.state != "warned" or not (milder or watched):
            return False
        await ctx.cases.settle(case.no, "closed", note="overruled")
    return True


def _quotes_others(event: MessageReceived, ctx: Ctx) -> bool:
    """Whether it is a command that carries somebody else's words. Behind any other a spammer could hide an ad, and
    behind these whoever has just come."""
    head = event.text[:1]
    if not head or head.isalnum() or head not in ctx.commands.prefixes:
        return False
    line = ctx.commands.parse(event.text)
    return line is not None and line.command is not None and line.command.name in _QUOTING


def _milder(judged: Judgement, hearing: Hearing) -> Judgement:
    """What a report or an appeal says is its sender's own word only of a newcomer, and then for an admin to decide."""
    if not hearing.context.newcomer:
        return replace(judged, verdict="pass")
    return replace(judged, verdict="warn") if judged.verdict == "act" else judged


def _score(judgement: Judgement, ctx: Ctx) -> Signal:
    limits = f"{ctx.settings.warn_at:g} 提醒，{ctx.settings.act_at:g} 处置"
    return Signal("score", clip(f"得分 {judgement.score:.2f}（{limits}）", 60), round(judgement.score, 4))
