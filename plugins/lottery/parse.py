"""Plugin: what an admin wrote after `/抽奖`, understood or refused with a reason; nothing here knows the chat."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import bot.when as when
from bot.number import NUMBER, read_number
from bot.text import clean_name
from plugins.lottery.model import SEATS_PER_LOTTERY, Condition, Draft, Need, Tier

TIERS_PER_LOTTERY = 10
PRIZE_LENGTH = 40
LINE_LENGTH = 500

_QUOTED = re.compile(r'"([^"]*)"')
_HIDDEN = re.compile("[\ue000-\ue0ff]")
_FULL = re.compile(
    rf"{when.LEFT}(?:满|够|凑齐|达到)\s*(?P<count>{NUMBER})\s*(?:个?人|位|名)(?:\s*(?:就|自动)?(?:开奖|开|抽))?{when.RIGHT}"
)
_NEXT = r"(?=$|[\s,;、。]|入群|进群|发言|邀请|积分|签到|[且并和])"
_MIN = rf"\s*(?:满|够|超过|至少|不少于|>=?|≥)?\s*(?P<n>{NUMBER})\s*"
_LATELY = rf"(?:(?:最近|近)?\s*(?P<days>{NUMBER})\s*[天日]内?\s*)?"
_WORDS = {
    Need.HOURS: rf"(?:入群|进群|加群){_MIN}个?(?P<unit>天|日|周|星期|小时)(?:以上)?",
    Need.MESSAGES: rf"{_LATELY}(?:发言|说话|聊天){_MIN}[条次句](?:以上)?",
    Need.INVITES: rf"(?:邀请|拉){_MIN}(?:个?人|位|名)(?:以上)?",
    Need.POINTS: rf"积分{_MIN}分?(?:以上)?",
    Need.CHECKIN: r"(?:今天|今日)?(?:已|要|需)?签到(?:过|了)?",
    Need.CLEAN: r"(?:无|没有|未被|没被)(?:警告|违规)",
}
_CONDITIONS = {need: re.compile(f"{when.LEFT}{words}{_NEXT}") for need, words in _WORDS.items()}
_CLEAN_DAYS = 30
_NEEDY = re.compile(
    r"(?:^|\s)(?:入群|进群|加群|发言|邀请|积分|签到|满\s*[\d一二两三四五六七八九十百千万]|条件|要求)\S*"
)
_LABEL = re.compile(rf"{when.LEFT}(?:参与)?(?:条件|要求|时间|开奖时间|开奖)(?:[:]|(?=\s|$))")
_JOINT = re.compile(rf"{when.LEFT}(?:或者?|且|并且?|和|以及)(?=\s|$|[,;、])")
_UNITS = "份|个|张|名|位|本|套|台|件|盒|杯|瓶|袋|部|支|次|只|双|枚|箱|包|条|块"
_SIGN = r"(?:(?<![A-Za-z0-9])[xX]|[×*✕✖]|(?<=[A-Za-z0-9])x(?=\d{1,3}(?!\d)))"
"""Glued to a Latin name only a small x with few digits counts: `Kindlex2` is two Kindles, `RTX5090` is a name."""
_TIMES = re.compile(rf"\s*{_SIGN}\s*(?P<n>{NUMBER})\s*(?:{_UNITS})?(?=$|\s)")
_ODD_COUNT = re.compile(r"(?:^|[^A-Za-z0-9])[xX×*]\s*[-+.\d]\S*$")
_PIECES = re.compile(rf"\s*(?:共\s*)?(?P<n>{NUMBER})\s*(?:{_UNITS})$")


class Misread(ValueError):
    """Why the line was refused: the key of a sentence in the catalogue and what fills it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


def parse(text: str, now: datetime, zone: ZoneInfo, longest: timedelta) -> Draft:
    """The draft of a lottery. `text` is normalised (half width, plain quotes); what is in "…" is a name as it stands.

    now is aware UTC, longest how far ahead a draw may lie. Raises Misread.
    """
    if len(text) > LINE_LENGTH:
        raise Misread("long_line", 字数=LINE_LENGTH)
    quoted = [clean_name(found[1], PRIZE_LENGTH + 1) for found in _QUOTED.finditer(text)]
    names = iter(range(len(quoted)))
    rest = _QUOTED.sub(lambda _: chr(0xE000 + min(next(names), 255)), _HIDDEN.sub("", text))
    conditions: list[Condition] = []
    for need, pattern in _CONDITIONS.items():
        while found := pattern.search(rest):
            conditions.append(_condition(need, found))
            rest = _without(rest, found)
    draft = Draft((), conditions=tuple(conditions))
    if found := _FULL.search(rest):
        draft, rest = replace(draft, target=_count(found["count"], found[0], "no_target")), _without(rest, found)
    draw_at, rest = _draw_at(rest, now, zone, longest)
    rest = _JOINT.sub(" ", _LABEL.sub(" ", rest))
    tiers = [tier for part in re.split(r"[、,;。]", rest) for tier in _tiers(part.strip(" :"))]
    tiers = [replace(tier, prize=_HIDDEN.sub(lambda m: quoted[ord(m[0]) - 0xE000], tier.prize)) for tier in tiers]
    return replace(draft, tiers=_checked(tiers), draw_at=draw_at)


def _without(text: str, found: re.Match[str]) -> str:
    return f"{text[: found.start()]} {text[found.end() :]}"


def _count(text: str, shown: str, problem: str) -> int:
    try:
        count = read_number(text)
    except ValueError as error:
        raise Misread("not_understood", 原文=shown.strip()) from error
    if count == 0:
        raise Misread(problem, 原文=shown.strip())
    return count


def _condition(need: Need, found: re.Match[str]) -> Condition:
    if need is Need.CHECKIN:
        return Condition(need)
    if need is Need.CLEAN:
        return Condition(need, days=_CLEAN_DAYS)
    amount = _count(found["n"], found[0], "no_amount")
    if need is Need.HOURS:
        return Condition(need, amount * {"小时": 1, "周": 168, "星期": 168}.get(found["unit"], 24))
    if need is Need.MESSAGES and found["days"]:
        return Condition(need, amount, _count(found["days"], found[0], "no_amount"))
    return Condition(need, amount)


def _draw_at(text: str, now: datetime, zone: ZoneInfo, longest: timedelta) -> tuple[datetime | None, str]:
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
    while part:
        found = _TIMES.search(part) or (None if tiers else _PIECES.search(part))
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
    if len(tiers) > TIERS_PER_LOTTERY:
        raise Misread("many_tiers", 个数=TIERS_PER_LOTTERY)
    stock = sum(tier.stock for tier in tiers)
    if stock > SEATS_PER_LOTTERY:
        raise Misread("many_seats", 份数=stock, 最多=SEATS_PER_LOTTERY)
    return tuple(Tier(clean_name(tier.prize, PRIZE_LENGTH), tier.stock) for tier in tiers)
