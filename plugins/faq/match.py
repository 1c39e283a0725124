"""Plugin: faq: whether a question has been answered before. Pure; rather silent than wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.fold import fold

ENOUGH = 0.72
"""Likeness (0–1) from which two questions are the same."""
_SURE = 0.9
_MARGIN = 0.06
"""How much the best must be ahead of the best wording of another entry."""
_KINDS = (
    (
        "价",
        r"多少钱|什么价格?|啥价格?|价格(?:是)?多少|价钱|几块钱?|怎么卖|怎么收费|收费标准|费用(?:是)?多少|要收费|收费|收钱"
        r"|要钱|价格|费用|免费",
    ),
    ("数", r"多少(?:个|人|位|名|本|次|天|张)?|几(?:个|人|位|名|本|次|天|张)"),
    ("久", r"多久|多长时间|多少时间"),
    ("时", r"什么时候|什么时间|啥时候|啥时间|何时|几点钟?|几号|哪天|哪一天|周几|星期几|时间是"),
    ("地", r"在哪里?儿?|哪里|哪儿|什么地方|啥地方|地址(?:是)?|地点(?:是)?|位置"),
    ("因", r"为什么|为啥|为何|怎么回事"),
    ("怎", r"怎么样?才?能?|怎样|如何|咋样?|怎"),
    ("谁", r"是谁|谁|哪位|哪个人|找哪个"),
    ("能", r"能不能|可不可以|可以不可以|能否|可否|可以|能够|能|允许|让不让|行不行"),
    ("有", r"有没有|有无|是否有|还有|有"),
)
_KIND = [(mark, re.compile(pattern)) for mark, pattern in _KINDS]
_MARK = re.compile(r"(\x01.\x02)")
_MARKS = "".join(mark for mark, _ in _KINDS)
_ASKING = frozenset("价数久时地因怎谁")
_FILLER = re.compile(
    r"请问一下|请问|想问一下|想问问|想问|问一下|问下|打听一下|麻烦|大家好?|各位|群主|管理员?|老师|大佬们?|亲|你好|您好"
    r"|有人知道|谁知道|有谁知道|知道|不知道|告诉我|咱们?|我们|你们|这个|那个|这边|群里|本群|一般|大概|现在|目前|到底|究竟|具体|是不是|吗|呢|吧|啊|呀|哦|哈|嘛|么$|的|了|是|都|就|要|想|给|来|去|到|会|该|需要|应该|我|你|它"
)
_OTHER = re.compile(r"[\W_]+")
_EXACT = re.compile(r"\d+|[a-z]{2,}")
_BOTH = re.compile(r"能不能|可不可以|有没有|行不行|让不让|是不是|不知道|要不要|用不用")
_PAST = re.compile(r"昨天|昨晚|前天|上次|上周|上个?月|去年|刚才|那天")
_NO = re.compile(r"不能|不可以|不用|不要|没有|无法|取消|退|别|不")


@dataclass(frozen=True)
class Question:
    """A question as it is compared: its asking words as marks, fillers gone."""

    text: str

    @cached_property
    def core(self) -> str:
        kept = _MARK.split(self._marked)
        return "".join(part[1] if _MARK.match(part) else _OTHER.sub("", _FILLER.sub("", part)) for part in kept)

    @cached_property
    def kinds(self) -> frozenset[str]:
        return frozenset(_ASKING & {found[1] for found in _MARK.findall(self._marked)})

    @cached_property
    def _marked(self) -> str:
        plain = fold(self.text).lower()
        for mark, pattern in _KIND:
            plain = pattern.sub(f"\x01{mark}\x02", plain)
        return plain

    @cached_property
    def subject(self) -> str:
        """What is asked about, without the asking."""
        return "".join(char for char in self.core if char not in _MARKS)

    @cached_property
    def exact(self) -> frozenset[str]:
        """Numbers and Latin words, which must be the same."""
        return frozenset(_EXACT.findall(fold(self.text).lower()))

    @cached_property
    def negated(self) -> bool:
        return _NO.search(_BOTH.sub("", fold(self.text))) is not None

    @cached_property
    def past(self) -> bool:
        """How it was last time says nothing about the next."""
        return _PAST.search(fold(self.text)) is not None

    @cached_property
    def pairs(self) -> frozenset[str]:
        return frozenset(first + second for first, second in zip(self.subject, self.subject[1:], strict=False))


def likeness(one: Question, other: Question) -> float:
    """0 when they ask for different things, 1 when they are the same."""
    if one.exact != other.exact or one.negated != other.negated or one.past != other.past:
        return 0.0
    if one.kinds != other.kinds and one.kinds and other.kinds:
        return 0.0
    if min(len(one.subject), len(other.subject)) < 2:
        return 1.0 if one.core == other.core and len(one.core) > 2 else 0.0
    chars = _dice(set(one.subject), set(other.subject))
    pairs = _dice(one.pairs, other.pairs)
    score = (chars + pairs) / 2
    # One side does not say what it wants to know: then the rest has to fit well.
    return score if one.kinds == other.kinds else score - (_SURE - ENOUGH)


def _dice(one: Iterable[str], other: Iterable[str]) -> float:
    first, second = set(one), set(other)
    return 2 * len(first & second) / (len(first) + len(second)) if first or second else 0.0


def best(asked: Question, known: Sequence[tuple[int, Question]]) -> int | None:
    """The number of the entry that answers it; `known`: number and wording, several wordings of a number too."""
    scores: dict[int, float] = {}
    for number, wording in known:
        scores[number] = max(scores.get(number, 0.0), likeness(asked, wording))
    ranked = sorted(scores.items(), key=lambda pair: (-pair[1], pair[0]))
    if not ranked or ranked[0][1] < ENOUGH:
        return None
    if len(ranked) > 1 and ranked[0][1] - ranked[1][1] < _MARGIN:
        return None
    return ranked[0][0]
