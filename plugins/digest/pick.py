"""Plugin: digest: out of a day's messages the lines that say what happened. Pure; runs in a thread.

Nothing is written anew: every line is a message, with who said it and when. What a topic is depends on the group's own
history: a word that is said here every day is no topic, however often it is said.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.question import is_question
from plugins.digest.words import content_words, telling_words

TOPICS, LINES = 3, 3
"""At most so many topics, and so many lines of each other kind."""
_LEAST_SAID, _LEAST_PEOPLE = 3, 2
_ANSWER_WITHIN, _ANSWER_AMONG = 3600, 60
"""Seconds after a question, and messages after it, in which an answer is looked for."""
_DECIDED = re.compile(
    r"决定|定了|定在|定为|定下|就这么|说好|敲定|改到|改在|改为|约好|约在|统一(?:用|在|为)|最终|最后定|通过了"
    r"|结论|就按|确定(?:了|在|为|用|是)"
)
_UNDECIDED = re.compile(
    r"没决定|未决定|还没定|没定|不确定|确定吗|定了吗|决定吗|再定|要不要|没想好|决定不了|如果|要是|是否"
)
_ANNOUNCED = re.compile(r"^\s*(?:📢|[【\[]?(?:公告|通知|重要通知|提醒)[】\]:：])|@所有人")
_URL = re.compile(r"https?://[^\s，。）)】]+")
_AGREED = re.compile(r"(?:好的|好滴|收到|同意|赞成|没问题|可以|\+1|支持|ok|OK|👌|👍)[!~。 ]*")


@dataclass(frozen=True, slots=True)
class Said:
    """One message. second: since the window began. rank: 0 a member, 1 somebody who looks after the group."""

    who: str
    second: int
    text: str
    kind: str = "text"
    rank: int = 0


@dataclass(frozen=True, slots=True)
class Topic:
    word: str
    line: int
    count: int
    people: int


@dataclass(frozen=True, slots=True)
class Picked:
    """Indexes into the messages; `words` are this window's, for the history."""

    topics: tuple[Topic, ...] = ()
    decisions: tuple[int, ...] = ()
    announcements: tuple[int, ...] = ()
    links: tuple[int, ...] = ()
    files: tuple[int, ...] = ()
    questions: tuple[int, ...] = ()
    words: tuple[str, ...] = ()


def pick(said: Sequence[Said], history: Mapping[str, int], days: int) -> Picked:
    """`history`: on how many of the last `days` windows a word was said."""
    talk = [n for n, one in enumerate(said) if one.kind == "text" and not one.text.startswith(("/", "／"))]
    words = {n: telling_words(said[n].text) for n in talk}
    announcements = [n for n in talk if said[n].rank and _ANNOUNCED.search(said[n].text)]
    taken = set(announcements)
    decisions = _decisions(said, [n for n in talk if n not in taken])
    taken |= set(decisions)
    return Picked(
        topics=tuple(_topics(said, words, history, days, taken)),
        decisions=tuple(decisions),
        announcements=tuple(announcements[-LINES:]),
        links=tuple(_links(said)),
        files=tuple(_last_different([n for n, one in enumerate(said) if one.kind == "file"], said)),
        questions=tuple(_unanswered(said)),
        words=tuple(_common(words)),
    )


def _common(words: Mapping[int, set[str]]) -> list[str]:
    """The words said more than once, the commonest first."""
    counts = Counter(word for some in words.values() for word in some)
    return [word for word, count in counts.most_common(500) if count > 1]


def _topics(
    said: Sequence[Said], words: Mapping[int, set[str]], history: Mapping[str, int], days: int, taken: set[int]
) -> list[Topic]:
    where: dict[str, list[int]] = defaultdict(list)
    for n, some in words.items():
        for word in some:
            where[word].append(n)
    weight: dict[str, float] = {}
    for word, lines in where.items():
        people = len({said[n].who for n in lines})
        if len(lines) >= _LEAST_SAID and people >= _LEAST_PEOPLE:
            unusual = math.log((days + 1) / (history.get(word, 0) + 0.5)) + 0.3
            weight[word] = math.log1p(len(lines)) * math.log1p(people) * max(unusual, 0.1)
    found: list[Topic] = []
    covered: set[int] = set(taken)
    for word in sorted(weight, key=lambda each: (-weight[each], each)):
        lines = where[word]
        fresh = [n for n in lines if n not in covered]
        # A second word of the same talk is no second topic.
        if len(fresh) * 2 < len(lines) or not fresh:
            continue
        best = max(fresh, key=lambda n: (_worth(said[n], words[n], weight), -n))
        found.append(Topic(word, best, len(lines), len({said[n].who for n in lines})))
        covered |= set(lines)
        if len(found) == TOPICS:
            break
    return found


def _worth(one: Said, words: set[str], weight: Mapping[str, float]) -> float:
    """How much a message tells by itself: its weighty words, neither a shout nor an essay."""
    length = len(one.text)
    fit = 1.0 if 10 <= length <= 80 else 0.5
    return fit * sum(weight.get(word, 0.0) for word in words) / math.sqrt(8 + length)


def _decisions(said: Sequence[Said], talk: Sequence[int]) -> list[int]:
    scored: dict[int, float] = {}
    for place, n in enumerate(talk):
        text = said[n].text
        if not 6 <= len(text) <= 120 or not _DECIDED.search(text) or _UNDECIDED.search(text) or is_question(text):
            continue
        after = (said[m] for m in talk[place + 1 : place + 6])
        agreed = sum(1 for one in after if one.who != said[n].who and _AGREED.fullmatch(one.text.strip()))
        if said[n].rank or agreed:
            scored[n] = said[n].rank + min(agreed, 3)
    best = sorted(scored, key=lambda n: (-scored[n], n))[:LINES]
    return sorted(best)


def _links(said: Sequence[Said]) -> list[int]:
    shared = [
        n
        for n, one in enumerate(said)
        if one.kind in ("link", "miniprogram") or (one.kind == "text" and _URL.search(one.text))
    ]
    return _last_different(shared, said)


def _last_different(lines: Sequence[int], said: Sequence[Said]) -> list[int]:
    newest: dict[str, int] = {}
    for n in lines:
        newest[said[n].text.strip()] = n
    return sorted(newest.values())[-LINES:]


def _unanswered(said: Sequence[Said]) -> list[int]:
    """Questions that nobody took up, the bot included; one that may have been is left out."""
    found: list[int] = []
    asked: set[str] = set()
    talk = [n for n, one in enumerate(said) if one.kind in ("text", "own")]
    for place, n in enumerate(talk):
        one = said[n]
        if one.kind == "own" or not is_question(one.text) or one.text in asked:
            continue
        asked.add(one.text)
        theirs = content_words(one.text)
        if theirs and not any(_answers(said[m], one, theirs) for m in talk[place + 1 : place + 1 + _ANSWER_AMONG]):
            found.append(n)
    return found[-LINES:]


def _answers(later: Said, question: Said, theirs: set[str]) -> bool:
    """Whether it may be an answer: somebody else's, in time, and at once, to them by name, or about the same."""
    if later.who == question.who or later.second - question.second > _ANSWER_WITHIN:
        return False
    to_them = f"@{question.who.rstrip('…')}" in later.text
    if later.kind == "own":
        return to_them
    if to_them or later.second - question.second <= 90:
        return not _AGREED.fullmatch(later.text.strip())
    return bool(theirs & content_words(later.text))
