"""Plugin: a hearing: all that a judgement rests on as one value, to be repeated with a part left out. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from bot.model import Kind, Mode, Signal
from bot.text import clean_name, clip
from plugins.ad_guard.family import SignalFamily, families, family_of
from plugins.ad_guard.judge import judge, judge_together
from plugins.ad_guard.message import JudgeContext, Judgement, Message, Verdict
from plugins.ad_guard.quote import quotes
from plugins.ad_guard.standing import Standing, weigh
from plugins.ad_guard.trail import NO_COPIES

MOST_TRIED = 6
_KINDS = {
    "contact_card": Kind.CARD, "miniprogram": Kind.MINIPROGRAM, "forwarded_record": Kind.RECORD,
    "program_file": Kind.FILE,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hearing:
    """messages: the last one is judged, those before it are pieces of the same sender that may belong to it."""

    messages: tuple[Message, ...]
    context: JudgeContext
    standing: Standing = Standing()  # noqa: RUF009  frozen
    needs_context: bool = True


def hear(hearing: Hearing) -> Judgement:
    """Judge it: the text with all that the text cannot tell."""
    judged = judge(hearing.messages[-1], hearing.context)
    if len(hearing.messages) > 1:
        together = judge_together(hearing.messages, hearing.context)
        if together.score > judged.score:
            split = Signal("split", f"分成 {len(hearing.messages)} 条短消息发", 0.2)
            judged = replace(together, signals=(*together.signals, split))
    return weigh(judged, hearing.standing, hearing.context, hearing.needs_context)


def without(hearing: Hearing, signals: Iterable[Signal]) -> Hearing:
    """The hearing as if these signals had not been there: their words cut out, their facts unknown."""
    for signal in signals:
        hearing = _without(hearing, signal)
    return hearing


def _without(hearing: Hearing, signal: Signal) -> Hearing:
    standing, name = hearing.standing, signal.name
    if name == "split":
        return replace(hearing, messages=hearing.messages[-1:])
    if name in ("newcomer", "first_words"):
        return replace(hearing, context=replace(hearing.context, days_in_group=None, messages_before=None))
    if name == "nothing_ordinary":
        return replace(hearing, standing=replace(standing, ordinary=None))
    if name == "lesson":
        return replace(hearing, standing=replace(standing, lesson=None))
    if name == "warned_before":
        return replace(hearing, standing=replace(standing, warned_before=False))
    if family_of(name) == "copies":
        return replace(hearing, standing=replace(standing, copies=NO_COPIES))
    return replace(hearing, messages=tuple(_cut(message, signal) for message in hearing.messages))


def _cut(message: Message, signal: Signal) -> Message:
    """The message without what a signal quotes, or without being of the kind that it names."""
    name = signal.name
    if name == "nickname":
        return replace(message, sender_name="")
    if name in ("qr_code", "qr_invitation"):
        return replace(message, findings=tuple(f for f in message.findings if f.name != "qr_code"))
    if message.kind is _KINDS.get(name):
        return replace(message, kind=Kind.TEXT, file_name="")
    for part in quotes(signal):
        cut = replace(
            message,
            text=_removed(message.text, part),
            title=_removed(message.title, part),
            url=_removed(message.url, part),
            findings=tuple(replace(f, detail=_removed(f.detail, part)) for f in message.findings),
        )
        if cut != message:
            return cut
    return message


def _removed(text: str, quote: str) -> str:
    if quote in text:
        return text.replace(quote, " ")
    # Quotes are shown without hidden characters and on one line.
    plain = clean_name(text, len(text) + 1)
    return plain.replace(quote, " ") if quote in plain else text


def mode_of(hearing: Hearing, judged: Judgement, modes: Mapping[SignalFamily, Mode]) -> tuple[Judgement, Mode]:
    """What may come of a judgement where some families only watch: the verdict of the others, or the milder mode.

    Without the watching families a case may still stand, perhaps with a milder verdict; else it is only watched.
    """
    for mode in (Mode.ENFORCE, Mode.SHADOW):
        milder = {Mode.SHADOW, Mode.DRY} if mode is Mode.ENFORCE else {Mode.DRY}
        watching = {family for family in families(judged.signals) if modes.get(family) in milder}
        if not watching:
            return judged, mode
        rest = hear(without(hearing, [s for s in judged.signals if s.weight > 0 and family_of(s.name) in watching]))
        if rest.verdict != "pass":
            return replace(judged, verdict=rest.verdict), mode
    return judged, Mode.DRY


def otherwise(hearing: Hearing, judged: Judgement) -> list[Signal]:
    """What single thing would have changed the outcome, as signals of no weight; at most three."""
    said: dict[Verdict, str] = {"pass": "放行", "warn": "只请管理员决定", "act": "按广告处理"}
    found: list[Signal] = []
    for signal in [s for s in judged.signals if s.weight > 0][:MOST_TRIED]:
        rest = hear(without(hearing, [signal]))
        if rest.verdict != judged.verdict:
            text = f"没有“{clip(signal.detail, 24)}”就是 {rest.score:.2f}，{said[rest.verdict]}"
            found.append(Signal("otherwise", text, 0.0))
    return found[:3] or [_all_needed(hearing, judged, said)]


def _all_needed(hearing: Hearing, judged: Judgement, said: Mapping[Verdict, str]) -> Signal:
    """No single thing decides it: how many of the strongest must go until it comes out otherwise."""
    gone: list[Signal] = []
    for signal in [s for s in judged.signals if s.weight > 0]:
        gone.append(signal)
        rest = hear(without(hearing, gone))
        if rest.verdict != judged.verdict:
            names = "、".join(dict.fromkeys(clip(s.detail.partition("：")[0], 12) for s in gone[:4]))
            more = f" 等 {len(gone)} 项" if len(gone) > 4 else ""
            return Signal("otherwise", f"没有{names}{more}就是 {rest.score:.2f}，{said[rest.verdict]}", 0.0)
    return Signal("otherwise", "去掉这些依据，结果也一样", 0.0)
