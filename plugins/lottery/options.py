"""Plugin: the rules an admin may add to a lottery: `至少10人`, `每次5积分`, `24小时内领奖`, `刮奖 共100张`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import bot.when as when
from bot.errors import Misread
from bot.number import NUMBER
from plugins.lottery.counting import read_count
from plugins.lottery.model import MEMBERS_NUMBER, SEATS_PER_LOTTERY, Rules

MOST_TICKETS = 20
MOST_POINTS = 1_000_000
LONGEST_CLAIM = timedelta(days=60)
_LENGTH = r"(?P<length>(?:\d+|[零一二两三四五六七八九十半]+)\s*个?(?:分钟|小时|钟头|天|日|周|分|[hmd])半?)"
_PEOPLE = r"(?:个?人|位|名)"

_MINIMUM = re.compile(
    rf"{when.LEFT}(?:至少|最少|不少于)\s*(?P<n>{NUMBER})\s*{_PEOPLE}(?:才)?(?:参与|参加|成团)?(?:才)?(?:开奖|开)?{when.RIGHT}"
)
_FEW = re.compile(
    rf"{when.LEFT}(?:不足|不满|不够|少于|未满)\s*(?:(?P<n>{NUMBER})\s*{_PEOPLE})?\s*(?:就|则|时)?\s*"
    rf"(?:(?P<cancel>取消|不开|作废)|(?:延长|延期|延后|顺延|推迟)\s*{_LENGTH}){when.RIGHT}"
)
_COST = re.compile(
    rf"{when.LEFT}(?:(?:每次|每份|每张|花|消耗|扣|付)\s*(?P<a>{NUMBER})\s*个?积分(?:参与|参加)?|"
    rf"(?P<b>{NUMBER})\s*个?积分(?:一次|一份|一张|参与|参加)){when.RIGHT}"
)
_MORE = re.compile(rf"{when.LEFT}(?:升级|加码)\s*(?:每次|一次)?\s*(?P<n>{NUMBER})\s*个?积分{when.RIGHT}")
_MOST = re.compile(
    rf"{when.LEFT}每人\s*(?:最多|至多|限|限购|可)?\s*(?P<n>{NUMBER})\s*(?:份|次|张|票|注)(?:机会)?{when.RIGHT}"
)
_WORD = re.compile(rf"{when.LEFT}(?:口令|暗号|关键词|编码)\s*[: ]?\s*(?P<word>[^\s、,;。]+)")
_OUTSIDE = re.compile(rf"{when.LEFT}(?:外部种子|公开种子|混入)\s*[: ]?\s*(?P<name>[^\s、,;。]+)")
_SPOKEN = re.compile(r"(?:群友|成员|大家|参与者)?(?:报数|的?数字|说的?数)")
_CLAIM = re.compile(
    rf"{when.LEFT}(?:{_LENGTH}\s*(?:之内|以内|内)?(?:必须|须|要)?领(?:奖|取)|领奖(?:期限?|截止|限时?)?\s*[: ]?\s*"
    rf"{_LENGTH.replace('length', 'other')}(?:之内|以内|内)?){when.RIGHT}"
)
_INSTANT = re.compile(rf"{when.LEFT}(?:刮奖|刮刮乐|刮刮卡|即开)(?=$|[\s,;、。:])")
_CARDS = re.compile(rf"{when.LEFT}(?:一?共|总共)\s*(?P<n>{NUMBER})\s*(?:张|份|次){when.RIGHT}")
_GROUPS = re.compile(
    rf"{when.LEFT}(?:(?P<all>所有群|全部群|各群)|(?:联合|同步到?|多群)\s*[: ]?\s*(?P<names>[^\s,;。]+)){when.RIGHT}"
)
_LONGEST_WORD = 20
_LONGEST_NAME = 40


class Reader:
    """Takes one rule after the other out of a line. `reveal` gives back what stood in quotes."""

    def __init__(self, text: str, reveal: Callable[[str], str]) -> None:
        self.rest = text
        self._reveal = reveal

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        found = pattern.search(self.rest)
        if found is not None:
            self.rest = f"{self.rest[: found.start()]} {self.rest[found.end() :]}"
        return found

    def rules(self) -> Rules:
        """Every rule but everyone's prize. Raises Misread."""
        rules = self._price(self._few(Rules()))
        if found := self.take(_CLAIM):
            rules = replace(rules, claim=_span(found["length"] or found["other"], found[0]))
        if found := self.take(_WORD):
            rules = replace(rules, word=self._named(found["word"], _LONGEST_WORD))
        if found := self.take(_OUTSIDE):
            name = self._named(found["name"], _LONGEST_NAME)
            rules = replace(rules, outside=MEMBERS_NUMBER if _SPOKEN.fullmatch(name) else name)
        return self._instant(rules)

    def groups(self) -> tuple[str, ...]:
        """The other groups as they were named, `*` for all."""
        found = self.take(_GROUPS)
        if found is None:
            return ()
        if found["all"]:
            return ("*",)
        return tuple(dict.fromkeys(name for part in found["names"].split("、") if (name := self._reveal(part).strip())))

    def _few(self, rules: Rules) -> Rules:
        if found := self.take(_MINIMUM):
            rules = replace(rules, minimum=read_count(found["n"], found[0], "no_amount"))
        if found := self.take(_FEW):
            if found["n"]:
                rules = replace(rules, minimum=read_count(found["n"], found[0], "no_amount"))
            if not rules.minimum:
                raise Misread("how_few", 原文=found[0].strip())
            if found["length"]:
                rules = replace(rules, extend=_span(found["length"], found[0]))
        return rules

    def _price(self, rules: Rules) -> Rules:
        if found := self.take(_COST):
            cost = _points(found["a"] or found["b"], found[0])
            rules = replace(rules, cost=cost, more=cost)
        if found := self.take(_MORE):
            rules = replace(rules, more=_points(found["n"], found[0]), most=5)
        if found := self.take(_MOST):
            rules = replace(rules, most=read_count(found["n"], found[0], "no_amount"))
            if rules.most > MOST_TICKETS:
                raise Misread("many_tickets", 份数=rules.most, 最多=MOST_TICKETS)
        return rules

    def _instant(self, rules: Rules) -> Rules:
        if not self.take(_INSTANT):
            return rules
        cards = self.take(_CARDS)
        if cards is None:
            raise Misread("how_many_cards")
        count = read_count(cards["n"], cards[0], "no_amount")
        if count > SEATS_PER_LOTTERY:
            raise Misread("many_seats", 份数=count, 最多=SEATS_PER_LOTTERY)
        if rules.outside or rules.minimum or rules.extend or rules.word:
            raise Misread("not_with_cards")
        return replace(rules, cards=count)

    def _named(self, text: str, longest: int) -> str:
        name = self._reveal(text).strip()
        if not name or len(name) > longest:
            raise Misread("long_word", 原文=name[:12], 字数=longest)
        return name


def _points(text: str, shown: str) -> int:
    points = read_count(text, shown, "no_amount")
    if points > MOST_POINTS:
        raise Misread("not_understood", 原文=shown.strip())
    return points


def _span(text: str, shown: str) -> timedelta:
    found = when.AFTER.search(text)
    try:
        span = when.read_after(found) if found else timedelta()
    except when.NotATime as error:
        raise Misread("no_time", 原文=shown.strip()) from error
    if not timedelta() < span <= LONGEST_CLAIM:
        raise Misread("no_time", 原文=shown.strip())
    return span
