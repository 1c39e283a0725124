"""Plugin: ad_guard: every message of a member passes here; an ad opens a case and nobody else sees it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action, OpenCase
from bot.events import MessageReceived
from bot.fold import fingerprint
from bot.model import Kind, Signal
from bot.plugin import Context
from bot.text import clip
from plugins.ad_guard.judge import judge, judge_together
from plugins.ad_guard.message import Judgement, Message
from plugins.ad_guard.plugin import Settings, plugin

LOOK_CLOSER = 0.02
"""Below this score nothing that is known of the sender could make it an ad."""
EVIDENCE = 500
SHORT = 120
TOGETHER = 5
"""At most so many short messages of one sender are judged as one text."""
_QUOTING = frozenset({"举报", "申诉"})
_JUDGED = frozenset({Kind.TEXT, Kind.IMAGE, Kind.LINK, Kind.CARD, Kind.MINIPROGRAM, Kind.FILE, Kind.RECORD})


@plugin.guard(MessageReceived, when=lambda event: event.kind in _JUDGED)
async def watch(event: MessageReceived, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """Open a case for an ad ("ad") or what looks like one ("suspect")."""
    settings = ctx.settings
    if not settings.enabled or _quotes_others(event, ctx):
        return
    message = as_message(event)
    judgement = judge(message, settings.context())
    if judgement.score < LOOK_CLOSER:
        return
    text = evidence(event)
    judgement = await _with_sender(event, message, ctx)
    if judgement.verdict == "pass":
        judgement, text = await _with_earlier(event, message, judgement, ctx)
    if judgement.verdict == "pass" or await _was_cleared(text, ctx):
        return
    ctx.stop()
    if judgement.verdict == "act":
        await _overrule(event.sender.id, ctx)
    yield OpenCase(
        group=event.group,
        member=event.sender,
        verdict="ad" if judgement.verdict == "act" else "suspect",
        signals=(_score(judgement, settings), *judgement.signals[:8]),
        message_id=event.id,
        text=text,
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
    codes = [finding.detail for finding in event.findings]
    return "\n".join(part for part in (event.title, event.text, event.url, name, *codes) if part)[:EVIDENCE]


def cleared_key(text: str) -> str:
    """The note that says an admin found this text harmless."""
    return f"ham:{fingerprint(text[:EVIDENCE])}"


async def _overrule(member_id: str, ctx: Context[Settings]) -> None:
    """A sure ad does not hide behind an open case that only suspected one."""
    for case in await ctx.cases.open_of(member_id):
        if case.plugin == ctx.plugin and case.verdict == "suspect" and case.state == "warned":
            await ctx.cases.settle(case.no, "closed", note="overruled")


async def _was_cleared(text: str, ctx: Context[Settings]) -> bool:
    return await ctx.notes.get(cleared_key(text)) is not None


def _quotes_others(event: MessageReceived, ctx: Context[Settings]) -> bool:
    """Whether it is a command that carries somebody else's words. Behind any other a spammer could hide an ad."""
    head = event.text[:1]
    if not head or head.isalnum() or head not in ctx.commands.prefixes:
        return False
    line = ctx.commands.parse(event.text)
    return line is not None and line.command is not None and line.command.name in _QUOTING


async def _with_sender(event: MessageReceived, message: Message, ctx: Context[Settings]) -> Judgement:
    profile = await ctx.members.get(event.sender.id)
    if profile is None:
        return judge(message, ctx.settings.context())
    days = None if profile.joined_at is None else (ctx.now - profile.joined_at) / timedelta(days=1)
    return judge(message, ctx.settings.context(days, max(profile.message_count - 1, 0)))


async def _with_earlier(
    event: MessageReceived, message: Message, alone: Judgement, ctx: Context[Settings]
) -> tuple[Judgement, str]:
    """An ad cut into short pieces: judge them as one text."""
    within = ctx.settings.join_within
    if not within or event.kind is not Kind.TEXT or len(event.text) > SHORT:
        return alone, evidence(event)
    pieces = [
        said.text
        for said in reversed(await ctx.archive.last_of(event.sender.id, TOGETHER, since=ctx.now - within))
        if said.kind == Kind.TEXT and said.id != event.id and len(said.text) <= SHORT
    ]
    if not pieces:
        return alone, evidence(event)
    messages = [Message(text=text, sender_name=message.sender_name) for text in pieces]
    together = judge_together([*messages, message], ctx.settings.context())
    text = "\n".join([*pieces, event.text])[:EVIDENCE]
    return (together, text) if together.verdict != "pass" else (alone, evidence(event))


def _score(judgement: Judgement, settings: Settings) -> Signal:
    limits = f"{settings.warn_at:g} 提醒，{settings.act_at:g} 处置"
    return Signal("score", clip(f"得分 {judgement.score:.2f}（{limits}）", 60), round(judgement.score, 4))
