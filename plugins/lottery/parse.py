"""Plugin: what an admin wrote after `/抽奖`, understood or refused with a reason; nothing here knows the chat."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import bot.when as when
from bot.errors import Misread
from bot.number import NUMBER
from bot.text import clean_name
from plugins.lottery.counting import read_count as _count
from plugins.lottery.model import SEATS_PER_LOTTERY, Draft, Tier
from plugins.lottery.needs import take_conditions
from plugins.lottery.options import MOST_POINTS, Reader
from plugins.lottery.worth import is_odd

__all__ = ["Misread", "parse"]

TIERS_PER_LOTTERY = 10
PRIZE_LENGTH = 40
LINE_LENGTH = 500

_QUOTED = re.compile(r'"([^"]*)"')
_HIDDEN = re.compile("[\ue000-\ue0ff]")
_FULL = re.compile(
    rf"{when.LEFT}(?:满|够|凑齐|达到)\s*(?P<count>{NUMBER})\s*(?:个?人|位|名)(?:\s*(?:就|自动)?(?:开奖|开|抽))?{when.RIGHT}"
)
_NEEDY = re.compile(
    r"(?:^|\s)(?:入群|进群|加群|发言|邀请|积分|签到|满\s*[\d一二两三四五六七八九十百千万]|条件|要求)\S*"
)
_LABEL = re.compile(rf"{when.LEFT}(?:参与)?(?:条件|要求|时间|开奖时间|开奖)(?:[:]|(?=\s|$))")
_JOINT = re.compile(rf"{when.LEFT}(?:或者?|且|并且?|和|以及)(?=\s|$|[,;、])")
_GONE = re.compile(
    rf"{when.LEFT}(?:(?:昨天|昨日|昨晚|前天|大前天|上周[一二三四五六日天]?|上个?月|去年)(?:\s*\S*\d[:点]\S*)?|"
    rf"{NUMBER}\s*个?(?:分钟|小时|天|周|月)(?:之|以)?前){when.RIGHT}"
)
"""A time that is over by its own words."""
_UNITS = "份|个|张|名|位|本|套|台|件|盒|杯|瓶|袋|部|支|次|只|双|枚|箱|包|条|块"
_SIGN = r"(?:(?<![A-Za-z0-9])[xX]|[×*✕✖]|(?<=[A-Za-z0-9])x(?=\d{1,3}(?!\d)))"
"""Glued to a Latin name only a small x with few digits counts: `Kindlex2` is two Kindles, `RTX5090` is a name."""
_TIMES = re.compile(rf"\s*{_SIGN}\s*(?P<n>{NUMBER})\s*(?:{_UNITS})?(?=$|\s)")
_ODD_COUNT = re.compile(r"(?:^|[^A-Za-z0-9])[xX×*]\s*[-+.\d]\S*$")
_FOR_ALL = re.compile(
    r"(?:^|(?<=\s)|[xX×*])(?:全员|人人|每人)(?:都?有份?|都?得|都?送|各得|各)?(?:一份|一个|1份)?(?P<after>.*)$"
)
_PIECES = re.compile(rf"\s*(?:共\s*)?(?P<n>{NUMBER})\s*(?:{_UNITS})$")
_AMID = re.compile(rf"(?:(?<=\S)\s+|(?<=\S)(?<!\d)(?=\d))(?P<n>{NUMBER})\s*(?:{_UNITS})(?=$|\s)")
"""A number with its unit that several prizes in a row may each have: `手机1台 红包 3个`."""


def parse(text: str, now: datetime, zone: ZoneInfo, longest: timedelta) -> Draft:
    """The draft of a lottery. `text` is normalised (half width, plain quotes); what is in "…" is a name as it stands.

    now is aware UTC, longest how far ahead a draw may lie. Raises Misread.
    """
    if len(text) > LINE_LENGTH:
        raise Misread("long_line", 字数=LINE_LENGTH)
    quoted = [clean_name(found[1], PRIZE_LENGTH + 1) for found in _QUOTED.finditer(text)]
    names = iter(range(len(quoted)))
    rest = _QUOTED.sub(lambda _: chr(0xE000 + min(next(names), 255)), _HIDDEN.sub("", text))

    def reveal(part: str) -> str:
        return _HIDDEN.sub(lambda m: quoted[ord(m[0]) - 0xE000], part)

    conditions, rest = take_conditions(rest)
    reader = Reader(rest, reveal)
    rules, groups, rest = reader.rules(), reader.groups(), reader.rest
    draft = Draft((), conditions=conditions, groups=groups)
    if found := _FULL.search(rest):
        draft, rest = replace(draft, target=_count(found["count"], found[0], "no_target")), _without(rest, found)
    draw_at, rest = _draw_at(rest, now, zone, longest)
    rest = _JOINT.sub(" ", _LABEL.sub(" ", rest))
    parts = [part.strip(" :") for part in re.split(r"[、,;。]", rest)]
    everyone, parts = _everyone(parts)
    tiers = [replace(tier, prize=reveal(tier.prize)) for part in parts for tier in _tiers(part)]
    rules = replace(rules, everyone=reveal(everyone))
    return _possible(replace(draft, tiers=_checked(tiers), draw_at=draw_at, rules=rules))


def _possible(draft: Draft) -> Draft:
    """The draft, if its rules can be kept together. Raises Misread."""
    rules = draft.rules
    if len(rules.everyone) > PRIZE_LENGTH:
        raise Misread("long_prize", 原文=rules.everyone[:12], 字数=PRIZE_LENGTH)
    if rules.cards and (draft.target or rules.everyone):
        raise Misread("not_with_cards")
    if rules.cards and draft.stock > rules.cards:
        raise Misread("more_than_cards", 份数=draft.stock, 张数=rules.cards)
    if rules.most > 1 and not rules.cards and not rules.more:
        raise Misread("tickets_are_free")
    if draft.target and rules.minimum > draft.target:
        raise Misread("minimum_over_target", 至少=rules.minimum, 满=draft.target)
    if rules.extend and draft.draw_at is None:
        raise Misread("extend_without_time")
    return replace(draft, rules=replace(rules, everyone=clean_name(rules.everyone, PRIZE_LENGTH)))


def _everyone(parts: list[str]) -> tuple[str, list[str]]:
    """Everyone's prize (`全员三等奖 书签`, `书签 人人有份`) and the parts without it. Raises Misread."""
    found: list[str] = []
    kept: list[str] = []
    for part in parts:
        match = _FOR_ALL.search(part)
        if match is None:
            kept.append(part)
            continue
        prize = (match["after"] or "").strip(" :") or part[: match.start()].strip(" :")
        if match["after"] and match["after"].strip(" :"):
            kept.append(part[: match.start()].strip())
        if not re.search(r"\w|[\ue000-\ue0ff]", prize) or _TIMES.search(prize):
            raise Misread("not_understood", 原文=part)
        found.append(prize)
    if len(found) > 1:
        raise Misread("two_for_all", 甲=found[0], 乙=found[1])
    return (found or [""])[0], kept


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _draw_at(text: str, now: datetime, zone: ZoneInfo, longest: timedelta) -> tuple[datetime | None, str]:
    if gone := _GONE.search(text):
        raise Misread("past", 原文=gone[0].strip())
    absolute, after = when.ABSOLUTE.search(text), when.AFTER.search(text)
    if absolute and after:
        raise Misread("two_times", 甲=absolute[0].strip(), 乙=after[0].strip())
    found = absolute or after
    if found is None:
        if day := when.DAY_ALONE.search(text):
            raise Misread("no_clock", 原文=day[0].strip())
        return None, text
    try:
        at = when.read_absolute(found, now, zone) if absolute else now + when.read_after(found)
    except when.NotATime as error:
        raise Misread("no_time", 原文=found[0].strip()) from error
    if at <= now:
        raise Misread("past", 原文=found[0].strip())
    if at - now > longest:
        raise Misread("too_far", 原文=found[0].strip(), 天数=longest.days)
    rest = _without(text, found)
    if second := when.ABSOLUTE.search(rest) or when.AFTER.search(rest):
        raise Misread("two_times", 甲=found[0].strip(), 乙=second[0].strip())
    return at, rest


def _tiers(part: str) -> list[Tier]:
    """`咖啡券 x2`, `咖啡券两份`, `咖啡券`, and several in a row when each says how many."""
    tiers: list[Tier] = []
    how_many = _AMID if not _TIMES.search(part) and len(_AMID.findall(part)) > 1 else _TIMES
    while part:
        found = how_many.search(part) or (None if tiers else _PIECES.search(part))
        if found is None:
            if tiers or _NEEDY.search(part) or _ODD_COUNT.search(part):
                raise Misread("not_understood", 原文=part)
            return [Tier(part, 1)]
        name = part[: found.start()].strip(" :-")
        if _NEEDY.search(name):
            raise Misread("not_understood", 原文=name)
        tiers.append(Tier(name, _count(found["n"], found[0], "no_stock")))
        part = part[found.end() :].strip()
    return tiers


def _checked(tiers: list[Tier]) -> tuple[Tier, ...]:
    if not tiers or not all(re.search(r"\w", tier.prize) for tier in tiers):
        raise Misread("no_prize")
    if long := [tier.prize for tier in tiers if len(tier.prize) > PRIZE_LENGTH]:
        raise Misread("long_prize", 原文=long[0][:12], 字数=PRIZE_LENGTH)
    if odd := [tier.prize for tier in tiers if is_odd(tier.prize, MOST_POINTS)]:
        raise Misread("points_prize", 原文=odd[0], 最多=MOST_POINTS)
    if len(tiers) > TIERS_PER_LOTTERY:
        raise Misread("many_tiers", 个数=TIERS_PER_LOTTERY)
    stock = sum(tier.stock for tier in tiers)
    if stock > SEATS_PER_LOTTERY:
        raise Misread("many_seats", 份数=stock, 最多=SEATS_PER_LOTTERY)
    return tuple(Tier(clean_name(tier.prize, PRIZE_LENGTH), tier.stock) for tier in tiers)
