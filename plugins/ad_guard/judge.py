"""Plugin: the judge: message and context in, score, verdict and signals out. Pure; it knows no chat.

Evidence of the rules comes in four families: how to be reached (contact), what is sold (offer), how an answer is asked
for (call), what speaks for the sender (mild). The learned score weighs them beside the wording of the text. What is no
text (cards, codes in pictures, files) it has never seen: there the rules' own sum stands where it is higher.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from bot.fold import Folded
from bot.model import Kind, Signal
from plugins.ad_guard.evidence import extenuations, is_card, is_question, offences, offences_named
from plugins.ad_guard.excerpt import excerpts
from plugins.ad_guard.heard import Reread, heard
from plugins.ad_guard.label import labelled
from plugins.ad_guard.link import own_link
from plugins.ad_guard.media import media_hits
from plugins.ad_guard.message import NOTHING, JudgeContext, Judgement, Message, Verdict
from plugins.ad_guard.reason import reason, signals_of, silent, wording
from plugins.ad_guard.rule import Hit
from plugins.ad_guard.traits import excuse, families, rules, traits
from plugins.ad_guard.window import best_window
from plugins.ad_guard.wording import MOST_TRIES, TENFOLD, Words, model

NEWCOMER, OLD_HAND, ANSWERS, OWN, CARD, ADMIN = 0.7, -0.5, -1.5, -6.0, -2.5, -6.0
ACT = TENFOLD
"""The sum at which the learned score reaches 0.8."""
CUELESS = 1.0
"""A text without any contact or offer that a rule knows comes close to `ACT` above this sum, and never to it."""
STORY = TENFOLD
"""What a text of more than some 400 characters loses that gives no way to be reached: stories and articles have shop
signs, salesmen and sums of money in them, too."""
HEARD, HEARD_MOST, HEARD_LEAST = 2.0, 1.3, 5
"""What rules lose where words were only heard, the most they come to then (near `ACT`, never there), and how many
characters must be written otherwise: one or two are a coincidence."""
EXCUSED, EXCUSED_SHARE = 1.0, 0.9
"""Reports, warnings and code name ads all the time; hardly an ad in a hundred reads like one of them."""
STRANGER_EXCUSED = 0.5
"""The share of the excuse that counts behind a command to report or appeal from somebody nobody knows: a swindler may
put his advertisement there. A warning in his own words excuses in full: it may be a policeman's."""
WORTH_EXPLAINING = -1.0
_ACT_NEEDS = 0.3
_LEADS = frozenset({"share_token", "phishing", "nickname"})
_ODD_FIRST_WORDS = frozenset({"contact_card", "qr_code", "program_file", "contact_link", "look_alike_link", "telegram"})


def judge(message: Message, context: JudgeContext = JudgeContext()) -> Judgement:  # noqa: B008
    """Judge one message. Never raises; costs no more for 64 kB of symbols than for a page of text."""
    said = "\n".join(part for part in (message.title, message.text, message.file_name) if part)
    read = excerpts(said, model())
    media = media_hits(message, context)
    judged = [_judge(part, len(read), media, message, context) for part in read]
    return max(judged, key=lambda judgement: judgement.score)


def _judge(said: str, tries: int, media: Sequence[Hit], message: Message, context: JudgeContext) -> Judgement:
    """Judge what stands together; of a long text this is one of so many tries."""
    text = heard().reread(Folded(said))
    hits = [*offences(text, context), *media]
    if hits:
        hits += _first_words(hits, context)
        if message.sender_name:
            hits += _name_hits(message.sender_name)
    hits += extenuations(text)
    if hits:
        hits = best_window(hits, text)
    words = model().words(heard().characters_of(text), tries)
    logit = model().logit(words, traits(hits, text))
    if hits:
        logit = max(logit, _by_rules(hits, text))
    if words.spans > MOST_TRIES and not any(map(_says_where, hits)):
        logit -= STORY
    logit = _softened(logit, hits, text, context)
    cue = max((hit.weight for hit in hits if hit.family in ("contact", "offer")), default=0.0)
    if cue < _ACT_NEEDS and logit > CUELESS:
        logit = CUELESS + (ACT - CUELESS) * (1 - math.exp(CUELESS - logit))
    return _conclude(logit, cue, hits, words, text, message, context)


def _softened(logit: float, hits: Sequence[Hit], text: Folded, context: JudgeContext) -> float:
    """The sum after all that speaks for the sender: a link of the group's own, a report, a form about oneself."""
    contact = any(hit.family == "contact" for hit in hits)
    if not contact and context.allow_domains and own_link(text.plain, context.allow_domains):
        logit += OWN
    if hits:
        trusted = STRANGER_EXCUSED if context.newcomer and context.quoting else 1.0
        logit = _excused(logit, trusted * excuse(hits))
    if not contact and is_card(text.original):
        logit += CARD
    return logit


def _by_rules(hits: Sequence[Hit], text: Folded) -> float:
    """What the rules alone come to by what stands there; in a text that is nearly all spelled, by what is heard too."""
    found = rules(families(_as_written(hits, text)))
    if isinstance(text, Reread) and text.changed >= HEARD_LEAST:
        found = max(found, min(rules(families(hits)) - HEARD, HEARD_MOST))
    return found


def _as_written(hits: Sequence[Hit], text: Folded) -> Sequence[Hit]:
    """The hits without those that are only heard: on its own a rule trusts what stands there."""
    names = {hit.name for hit in hits if hit.heard}
    if not isinstance(text, Reread) or not names:
        return hits
    return [*offences_named(text.as_written, names), *(hit for hit in hits if not hit.heard)]


def _excused(logit: float, share: float) -> float:
    return min(logit, logit * (1 - EXCUSED_SHARE * share)) - EXCUSED * share


def judge_together(messages: Sequence[Message], context: JudgeContext = JudgeContext()) -> Judgement:  # noqa: B008
    """Judge consecutive messages of one sender: each alone and all as one text; the highest score stands."""
    alone = [judge(message, context) for message in messages]
    texts = [message.text for message in messages if message.kind is Kind.TEXT]
    if len(texts) > 1:
        joined = Message(text="\n".join(texts), sender_name=messages[-1].sender_name, quoted=messages[0].quoted)
        alone.append(judge(joined, context))
    return max(alone, key=lambda judgement: judgement.score, default=NOTHING)


def explain(message: Message, context: JudgeContext = JudgeContext()) -> tuple[Signal, ...]:  # noqa: B008
    """Every check with its answer: the signals of a judgement, then the checks that found nothing."""
    found = judge(message, context).signals
    return (*found, *silent(found))


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


def _conclude(
    logit: float, cue: float, hits: Sequence[Hit], words: Words, text: Folded, message: Message, context: JudgeContext
) -> Judgement:
    signals = signals_of(hits)
    if logit > WORTH_EXPLAINING and words.value > 0:
        signals.append(wording(words, text))
    if context.newcomer:
        logit += NEWCOMER
        signals.append(Signal("newcomer", labelled("newcomer", ""), 0.2))
    elif context.messages_before is not None and context.messages_before >= 30:
        logit += OLD_HAND
        signals.append(Signal("old_hand", f"此前说过 {context.messages_before} 句话", -0.1))
    if message.quoted and is_question(message.quoted):
        logit += ANSWERS * (1 - excuse(hits))
        signals.append(Signal("answers_question", reason("answers_question", message.quoted), -0.4))
    if context.admin:
        logit += ADMIN
        signals.append(Signal("admin", labelled("admin", ""), -1.0))
    score = round(1 / (1 + math.exp(-max(-20.0, min(20.0, logit)))), 9)
    sure = cue >= _ACT_NEEDS and any(map(_leads_somewhere, hits))
    return Judgement(score, _verdict(score, sure, context), tuple(signals))


def _says_where(hit: Hit) -> bool:
    """A way to be reached, or an address."""
    return hit.family == "contact" or "link" in hit.name


def _leads_somewhere(hit: Hit) -> bool:
    """A way to be reached, or a call to do something: talk of loans and discounts has neither."""
    return _says_where(hit) or hit.family == "call" or hit.name in _LEADS


def _verdict(score: float, sure: bool, context: JudgeContext) -> Verdict:
    """Wording alone, or an offer that says not how to take it, can be noticed, it cannot be acted upon."""
    if context.admin or score < context.warn_at:
        return "pass"
    return "act" if score >= context.act_at and sure else "warn"
