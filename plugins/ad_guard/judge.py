"""Plugin: the judge: message and context in, score, verdict and signals out. Pure; it knows no chat.

Evidence comes in four families: how to be reached (contact), what is sold (offer), how an answer is asked
for (call), what speaks for the sender (mild). Within a family it adds up like chances (noisy or, one vote a
signal name); between families a logistic sum with the products that matter: an offer *with* a way to take it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

from bot.fold import Folded
from bot.model import Kind, Signal
from bot.text import clean_name
from plugins.ad_guard.evidence import extenuations, is_question, offences
from plugins.ad_guard.label import labelled
from plugins.ad_guard.media import media_hits
from plugins.ad_guard.message import NOTHING, JudgeContext, Judgement, Message, Verdict
from plugins.ad_guard.rule import Hit

WINDOW = 260
"""Characters that are judged together: an ad hides in a long text, a long text is no ad."""

FLOOR = -4.4
OFFER, CONTACT, CALL = 5.2, 2.7, 1.2
OFFER_CONTACT, OFFER_CALL, CONTACT_CALL = 7.0, 5.0, 3.0
HIDDEN, NEWCOMER, OLD_HAND = 2.2, 1.0, -0.5
VARIETY = 0.7
"""For each further kind of offer beyond the second, up to four."""
MILD, EXCUSE = 3.0, 0.9
_EXCUSES = frozenset({"report", "negation", "code"})
_ACT_NEEDS = 0.3
_ODD_FIRST_WORDS = frozenset({"contact_card", "qr_code", "program_file", "contact_link", "look_alike_link", "telegram"})


def judge(message: Message, context: JudgeContext = JudgeContext()) -> Judgement:  # noqa: B008
    """Judge one message. Never raises; costs no more for 64 kB of symbols than for a page of text."""
    text = Folded("\n".join(part for part in (message.title, message.text, message.file_name) if part))
    hits = [*offences(text, context), *media_hits(message, context)]
    if not hits:
        return NOTHING
    hits += _first_words(hits, context)
    hits += extenuations(text)
    if message.sender_name:
        hits += _name_hits(message.sender_name)
    return _conclude(_best_window(hits), message, context)


def judge_together(messages: Sequence[Message], context: JudgeContext = JudgeContext()) -> Judgement:  # noqa: B008
    """Judge consecutive messages of one sender: each alone and all as one text; the highest score stands."""
    alone = [judge(message, context) for message in messages]
    texts = [message.text for message in messages if message.kind is Kind.TEXT]
    if len(texts) > 1:
        joined = Message(text="\n".join(texts), sender_name=messages[-1].sender_name, quoted=messages[0].quoted)
        alone.append(judge(joined, context))
    return max(alone, key=lambda judgement: judgement.score, default=NOTHING)


def _first_words(hits: Sequence[Hit], context: JudgeContext) -> list[Hit]:
    """A newcomer who begins with a card, a code or a program rather than a word."""
    odd = next((hit for hit in hits if hit.name in _ODD_FIRST_WORDS), None)
    return [Hit("first_words", "offer", 0.3, 0, 0, odd.detail)] if odd is not None and context.newcomer else []


@lru_cache(maxsize=4096)
def _name_hits(name: str) -> list[Hit]:
    """A nickname that sells something is half an ad already."""
    found = [hit for hit in offences(Folded(name[:64]), JudgeContext()) if hit.family != "call"]
    strongest = max((hit.weight for hit in found), default=0.0)
    return [Hit("nickname", "offer", round(strongest * 0.6, 2), 0, 0, name[:64])] if strongest >= 0.4 else []


def _best_window(hits: Sequence[Hit]) -> list[Hit]:
    """The hits that stand close together and weigh most; a text shorter than a window keeps all of its own."""
    last = max(hit.end for hit in hits)
    if last <= WINDOW:
        return list(hits)
    best: list[Hit] = []
    best_score = -math.inf
    for first in {0, *(hit.start for hit in hits if hit.family != "mild")}:
        inside = [hit for hit in hits if hit.end == 0 or (hit.start >= first and hit.end <= first + WINDOW)]
        score = _logit(inside)
        if score > best_score:
            best, best_score = inside, score
    return best


def _chance(hits: Iterable[Hit]) -> float:
    """Noisy or: the strongest hit of each name votes in full, a second of the same name with half."""
    seen: dict[str, int] = {}
    missed = 1.0
    for hit in sorted(hits, key=lambda hit: -hit.weight):
        seen[hit.name] = seen.get(hit.name, 0) + 1
        if seen[hit.name] <= 2:
            missed *= 1.0 - hit.weight / seen[hit.name]
    return 1.0 - missed


def _logit(hits: Sequence[Hit]) -> float:
    offer = _chance(h for h in hits if h.family == "offer")
    contact = _chance(h for h in hits if h.family == "contact")
    call = _chance(h for h in hits if h.family == "call")
    mild = _chance(h for h in hits if h.family == "mild" and h.name not in _EXCUSES)
    excuse = _chance(h for h in hits if h.family == "mild" and h.name in _EXCUSES)
    kinds = len({h.name for h in hits if h.family == "offer"})
    hidden = min(1.0, 0.6 * sum(h.hidden for h in hits if h.family != "mild"))
    together = OFFER_CONTACT * offer * contact + OFFER_CALL * offer * call + CONTACT_CALL * contact * call
    alone = OFFER * offer + CONTACT * contact + CALL * call
    alone += VARIETY * min(max(kinds - 2, 0), 4)
    against = alone + together + HIDDEN * hidden * max(offer, contact)
    return FLOOR + against * (1 - EXCUSE * excuse) - MILD * mild * (1 - offer)


def _conclude(hits: Sequence[Hit], message: Message, context: JudgeContext) -> Judgement:
    logit = _logit(hits)
    signals = _signals(hits)
    if context.newcomer:
        logit += NEWCOMER
        signals.append(Signal("newcomer", labelled("newcomer", ""), 0.2))
    elif context.messages_before is not None and context.messages_before >= 30:
        logit += OLD_HAND
        signals.append(Signal("old_hand", f"此前说过 {context.messages_before} 句话", -0.1))
    if message.quoted and is_question(message.quoted):
        logit -= 1.5
        signals.append(Signal("answers_question", _reason("answers_question", message.quoted), -0.4))
    if context.admin:
        logit -= 6.0
        signals.append(Signal("admin", labelled("admin", ""), -1.0))
    score = round(1 / (1 + math.exp(-max(-30.0, min(30.0, logit)))), 6)
    return Judgement(score, _verdict(score, hits, context), tuple(signals))


def _verdict(score: float, hits: Sequence[Hit], context: JudgeContext) -> Verdict:
    cue = max((hit.weight for hit in hits if hit.family in ("contact", "offer")), default=0.0)
    if context.admin or score < context.warn_at or cue == 0.0:
        return "pass"
    return "act" if score >= context.act_at and cue >= _ACT_NEEDS else "warn"


def _signals(hits: Sequence[Hit]) -> list[Signal]:
    """One a name, strongest first; what speaks for the sender last, with a minus."""
    best: dict[str, Hit] = {}
    for hit in hits:
        if hit.name not in best or hit.weight > best[hit.name].weight:
            best[hit.name] = hit
    order = sorted(best.values(), key=lambda hit: (hit.family == "mild", -hit.weight))
    signals = [
        Signal(hit.name, _reason(hit.name, hit.detail), -hit.weight if hit.family == "mild" else hit.weight)
        for hit in order
    ]
    hidden = [hit for hit in hits if hit.hidden and hit.family != "mild"]
    if hidden:
        signals.append(Signal("disguise", _reason("disguise", hidden[0].detail), 0.3))
    return signals


def _reason(name: str, quote: str) -> str:
    """Label and quotation on one line. What is quoted comes from a stranger: no control or direction signs."""
    return labelled(name, clean_name(quote, 80))
