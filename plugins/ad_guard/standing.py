"""Plugin: what the text cannot tell: copies, lessons, and how its sender stands; it moves the score and lets act alone.

Pure. A judgement of the text alone never leads to a removal without an admin's word: that takes one thing more that
the text cannot give, such as a newcomer, the same text in several groups, or a repeat after a warning.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from bot.model import Signal
from bot.text import clip
from plugins.ad_guard.lesson import Lesson
from plugins.ad_guard.message import JudgeContext, Judgement, Verdict
from plugins.ad_guard.trail import NO_COPIES, Copies

LOOK_CLOSER = 0.02
"""Below this score of the text nothing that is known of the sender could make it an ad."""
SEVERAL_GROUPS, ANOTHER_GROUP = 1.2, 0.4
ELSEWHERE, SEVERAL_SENDERS, AGAIN, WARNED = 0.8, 0.3, 0.3, 0.5
TAUGHT = 3.5
HARMLESS = 0.01
_WEAK = frozenset({"call", "wording", "split"})
"""Signals that alone are no reason to look at the sender, unless the score is `STRIKING`."""
STRIKING = 0.25


def is_worth_a_look(judged: Judgement) -> bool:
    """Whether what is known of the sender could make an ad of it: it says how to be reached, or offers something."""
    if judged.score < LOOK_CLOSER:
        return False
    return any(s.weight > 0 and (s.name not in _WEAK or judged.score >= STRIKING) for s in judged.signals)


@dataclass(frozen=True, slots=True)
class Standing:
    """How a message and its sender stand.

    ordinary: ordinary things the sender said here lately, counted up to `enough`; None when nobody looked.
    warned_before: they were warned for an ad lately, before this message. lesson: an admin's, about a near-copy.
    """

    copies: Copies = NO_COPIES
    ordinary: int | None = None
    enough: int = 3
    warned_before: bool = False
    lesson: Lesson | None = None


def weigh(judged: Judgement, standing: Standing, context: JudgeContext, needs_context: bool) -> Judgement:
    """The judgement of a text with all that the text cannot tell."""
    lesson = standing.lesson
    if lesson is not None and not lesson.is_ad:
        return Judgement(min(judged.score, HARMLESS), "pass", (*judged.signals, _taught(lesson)))
    score, signals = judged.score, list(judged.signals)
    if is_worth_a_look(judged):
        shift, more = _copies(standing, any(s.weight > 0 and s.name not in _WEAK for s in judged.signals))
        signals += more
        score = _shifted(score, shift)
    if lesson is not None:
        score = max(score, _shifted(0.5, TAUGHT))
        signals.insert(0, _taught(lesson))
    reasons = _reasons(judged, standing, context)
    verdict = _verdict(judged, score, context, lesson is not None, bool(reasons) or not needs_context)
    if verdict != "pass" and "nothing_ordinary" in reasons:
        signals.append(Signal("nothing_ordinary", f"此前没说过几句平常话（{standing.ordinary} 句）", 0.1))
    if verdict == "warn" and score >= context.act_at and not reasons and needs_context:
        signals.append(Signal("no_context", "老成员，只有文字像广告，请管理员决定", -0.1))
    return Judgement(round(score, 6), verdict, tuple(signals))


def _verdict(judged: Judgement, score: float, context: JudgeContext, taught: bool, alone: bool) -> Verdict:
    if taught:
        return "act"
    if context.admin or score < context.warn_at or not is_worth_a_look(judged):
        return "pass"
    # What the judge held at "warn" for want of a cue stays there, however high its score.
    sure = judged.verdict == "act" or (judged.verdict == "warn" and judged.score < context.act_at)
    return "act" if sure and alone and score >= context.act_at else "warn"


def _reasons(judged: Judgement, standing: Standing, context: JudgeContext) -> set[str]:
    """What lets the bot act without asking an admin first."""
    copies = standing.copies
    found = {
        "newcomer": context.newcomer,
        "nothing_ordinary": standing.ordinary is not None and standing.ordinary < standing.enough,
        "several_groups": copies.own_groups > 0 or copies.others_groups > 0,
        "qr_code": any(signal.name == "qr_code" for signal in judged.signals),
        "warned_before": standing.warned_before,
        "lesson": standing.lesson is not None and standing.lesson.is_ad,
    }
    return {name for name, there in found.items() if there}


def _copies(standing: Standing, offers: bool) -> tuple[float, list[Signal]]:
    """What copies add. Different people say the same thing by chance, so theirs count only where a rule found an
    offer or a contact in it too.
    """
    copies, shift = standing.copies, 0.0
    signals: list[Signal] = []
    if copies.own_groups:
        shift += SEVERAL_GROUPS + ANOTHER_GROUP * min(copies.own_groups - 1, 3)
        signals.append(Signal("copies_groups", f"同一个人刚在 {copies.own_groups + 1} 个群发了几乎一样的", 0.4))
    if copies.others_groups and offers:
        shift += ELSEWHERE
        signals.append(Signal("copies_elsewhere", f"别人刚在另外 {copies.others_groups} 个群发了几乎一样的", 0.3))
    if copies.others > 1 and offers:
        shift += SEVERAL_SENDERS
        signals.append(Signal("copies_others", f"另有 {copies.others} 人刚在本群发了几乎一样的", 0.1))
    if copies.own:
        shift += AGAIN
        signals.append(Signal("copies_own", f"刚在本群发过 {copies.own} 遍", 0.1))
    if standing.warned_before:
        shift += WARNED
        signals.append(Signal("warned_before", "最近提醒过", 0.2))
    return shift, signals


def _taught(lesson: Lesson) -> Signal:
    what = f"指出的广告几乎一样（第 {lesson.no} 条）" if lesson.is_ad else f"放行的话几乎一样（第 {lesson.no} 条）"
    return Signal("lesson", f"和{clip(lesson.by_name, 12)}{what}", 1.0 if lesson.is_ad else -1.0)


def _shifted(score: float, shift: float) -> float:
    if not shift:
        return score
    inside = min(max(score, 1e-9), 1 - 1e-9)
    return 1 / (1 + math.exp(-(math.log(inside / (1 - inside)) + shift)))
