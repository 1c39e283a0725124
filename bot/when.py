"""Core: points in time as people write them: `10分钟`, `半小时后`, `20:00`, `明早8点`, `周五 20:00`, `tomorrow 8pm`."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.duration import LONGEST, UNITS
from bot.number import NUMBER, read_number

LEFT = r"(?:^|(?<=[\s,;、。:或]))"
RIGHT = r"(?=$|[\s,;、。或])"
_END = r"(?:\s*(?:准时|自动)?(?:开奖|截止|结束|抽))?"
_ENGLISH_DAY = (
    r"(?i:today|tonight|tomorrow(?:\s+(?:morning|afternoon|evening|night))?)\b|"
    r"(?P<english>(?i:mon|tue|wed|thu|fri|sat|sun))(?i:s|nes|rs|ur)?(?i:day)?\b"
)
_CHINESE_DAY = (
    r"今天|今日|今早|今晚|明天|明日|明早|明晚|大后天|后天|"
    r"(?:(?P<next>下)个?|(?P<this>[本这])个?)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天末1-7])|"
    r"(?:[本这]个?月|(?P<following>下)个?月)?(?P<number>\d{1,2})[号日](?!\d)|"
    r"(?:(?P<year>\d{4})[-/年])?(?P<month>\d{1,2})[-/月](?P<date>\d{1,2})[日号]?"
)
_DAY = rf"(?P<day>{_ENGLISH_DAY}|{_CHINESE_DAY})"
_PART = r"(?P<part>凌晨|早上|早晨|清晨|上午|中午|下午|傍晚|晚上|夜里|早|晚)"
_HOUR = r"(?P<hour>\d{1,2}|[零〇一二两三四五六七八九十]{1,3})"
_MINUTE = r"(?P<minute>\d{1,2}|[零〇一二三四五六七八九十]{1,3})"
_CLOCK = (
    rf"{_HOUR}(?=:|[点时]|\s*[aApP]\.?[mM])(?:(?::(?P<colon>\d{{2}})(?::\d{{2}})?)?(?:\s*(?P<noon>[aApP])\.?[mM]\.?)?|"
    rf"[点时](?:整|钟|(?P<half>半)|(?P<quarter>[一三])刻|{_MINUTE}分?)?)"
)
_AT = r"(?:(?i:at|on)\s+)?"
_LATER = r"(?:\s+(?P<later>(?i:today|tonight|tomorrow)))?"
ABSOLUTE = re.compile(rf"{LEFT}{_AT}(?:{_DAY}\s*的?{_AT})?(?:{_PART}\s*)?{_CLOCK}{_LATER}{_END}{RIGHT}")
DAY_ALONE = re.compile(rf"{LEFT}(?P<day>{_CHINESE_DAY})\s*{_PART}?{_END}{RIGHT}")
"""A day that lacks its hour. English ones are rather a word of something else: a sun hat, a Sunday roast."""
_TO = re.compile(r"\s*(?:到|至|[-~～—–]+)\s*")
_UNIT = "|".join(sorted((re.escape(unit) for unit in UNITS), key=len, reverse=True))
_LENGTH = rf"(?:\d+\.\d+|{NUMBER}|半)\s*个?(?:半)?(?:{_UNIT})半?"
AFTER = re.compile(
    rf"{LEFT}(?:过|等)?(?P<length>{_LENGTH}(?:\s?{_LENGTH}){{0,3}})\s*(?:之后|以后|之内|以内|后|内)?{_END}{RIGHT}", re.I
)
_PIECE = re.compile(rf"(?P<amount>\d+\.\d+|{NUMBER}|半)\s*个?(?P<more>半)?(?P<unit>{_UNIT})(?P<half>半)?", re.I)
LONGEST_WINDOW = 40
"""Characters of a text in which a window may stand."""
_WEEKDAYS = "一二三四五六日"
_AHEAD = {word + end: ahead for ahead, word in enumerate(("今", "明", "后", "大后")) for end in "天日早晚"}
_ENGLISH_DAYS = {"today": 0, "tonight": 0, "tomorrow": 1}
_ENGLISH_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_ENGLISH_PARTS = {"tonight": "晚", "morning": "早", "afternoon": "下午", "evening": "晚", "night": "晚"}


class NotATime(ValueError):
    """Looks like a time and is none: 25:00, 2月30日, 0分钟."""


def read_after(found: re.Match[str]) -> timedelta:
    """How long after now, from a match of AFTER. Raises NotATime when it is nothing or more than ten years."""
    seconds = 0.0
    for piece in _PIECE.finditer(found["length"]):
        unit = UNITS[piece["unit"].lower()]
        amount = 0.5 if piece["amount"] == "半" else _amount(piece["amount"])
        seconds += unit * (amount + 0.5 * bool(piece["more"]) + 0.5 * bool(piece["half"]))
    if not 0 < seconds <= LONGEST.total_seconds():
        raise NotATime(found[0].strip())
    return timedelta(seconds=seconds)


def _amount(text: str) -> float:
    try:
        return float(text) if re.fullmatch(r"\d+(\.\d+)?", text) else read_number(text)
    except ValueError as error:
        raise NotATime(text) from error


def read_absolute(found: re.Match[str], now: datetime, zone: ZoneInfo) -> datetime:
    """The moment (aware UTC) a match of ABSOLUTE means, in the past where it says so.

    A weekday without 下 or 这 is the next such moment, and so is `25号` without a month. Raises NotATime when the
    calendar or the clock has none.
    """
    today = now.astimezone(zone).date()
    hour, minute = _hour_and_minute(found)
    try:
        day = _day(found, today)
        # 24:00 is the midnight that ends the day.
        local = datetime.combine(day + timedelta(days=hour // 24), time(hour % 24, minute), zone)
    except (ValueError, OverflowError) as error:
        raise NotATime(found[0].strip()) from error
    at = local.astimezone(now.tzinfo)
    if at <= now and (found["english"] or found["weekday"]) and not (found["next"] or found["this"]):
        at = (local + timedelta(days=7)).astimezone(now.tzinfo)
    return at


def read_window(text: str, now: datetime, zone: ZoneInfo) -> tuple[datetime, datetime, str] | None:
    """`明晚8点到9点 摄影`: when it begins and ends (aware UTC), and the rest; None when no window begins the text.

    An end without a day or 上午 is the next such hour after the beginning. Raises NotATime for an hour that is none.
    """
    for mark in _TO.finditer(text[:LONGEST_WINDOW]):
        head, tail = text[: mark.start()].strip(), text[mark.end() :]
        last = ABSOLUTE.match(tail)
        unit = f"{last['noon']}m" if last is not None and last["noon"] else "点"
        first = ABSOLUTE.fullmatch(head) or ABSOLUTE.fullmatch(f"{head}{unit}")
        if first is not None and last is not None:
            begins = read_absolute(first, now, zone)
            return begins, _ending(last, begins, now, zone), tail[last.end() :]
    return None


def _ending(found: re.Match[str], begins: datetime, now: datetime, zone: ZoneInfo) -> datetime:
    if found["day"] or found["later"]:
        return read_absolute(found, now, zone)
    hour, minute = _hour_and_minute(found)
    local = begins.astimezone(zone)
    day = local.date() + timedelta(days=hour // 24)
    said = datetime.combine(day, time(hour % 24, minute), zone)
    # After 晚上8点, 9点 is 21:00; after 23:00, 1点 is in the night.
    half = [said + timedelta(hours=12)] if hour <= 12 and not (found["part"] or found["noon"]) else []
    ends = next(at for at in (said, *half, said + timedelta(days=1), said + timedelta(days=2)) if at > local)
    return ends.astimezone(begins.tzinfo)


def _day(found: re.Match[str], today: date) -> date:
    said = (found["day"] or found["later"] or "today").lower().split()[0]
    if said in _ENGLISH_DAYS:
        return today + timedelta(days=_ENGLISH_DAYS[said])
    if found["english"]:
        return today + timedelta(days=(_ENGLISH_WEEKDAYS.index(found["english"].lower()) - today.weekday()) % 7)
    if found["weekday"]:
        mark = found["weekday"].translate(str.maketrans("天末1234567", "日六一二三四五六日"))
        monday = today - timedelta(days=today.weekday())
        ahead = _WEEKDAYS.index(mark)
        if found["next"] or found["this"]:
            return monday + timedelta(days=7 * bool(found["next"]) + ahead)
        return today + timedelta(days=(ahead - today.weekday()) % 7)
    if found["number"]:
        return _day_of_month(found, today)
    if found["month"]:
        month, number = int(found["month"]), int(found["date"])
        if found["year"]:
            return date(int(found["year"]), month, number)
        this_year = date(today.year, month, number)
        # 1月2日, said in December, is next year's; half a year back can only be a slip.
        return this_year if (today - this_year).days < 180 else date(today.year + 1, month, number)
    return today + timedelta(days=_AHEAD[found["day"]])


def _day_of_month(found: re.Match[str], today: date) -> date:
    """`25号`: this month's or, when it is over and no month is said, the next one's."""
    number, said = int(found["number"]), "月" in found["day"]
    later = bool(found["following"]) or (not said and number < today.day)
    year, month = divmod(today.year * 12 + today.month - 1 + later, 12)
    return date(year, month + 1, number)


def _hour_and_minute(found: re.Match[str]) -> tuple[int, int]:
    said = hour = int(_amount(found["hour"]))
    minute = 0
    if found["colon"] or found["minute"]:
        minute = int(_amount(found["colon"] or found["minute"]))
    elif found["half"]:
        minute = 30
    elif found["quarter"]:
        minute = 15 if found["quarter"] == "一" else 45
    day = found["day"] or found["later"] or ""
    part = found["part"] or (day[-1] if day in ("今晚", "明晚", "今早", "明早") else "")
    if found["noon"]:
        return _twelve_hours(found, hour, minute, tonight=day.lower() == "tonight")
    part = part or _ENGLISH_PARTS.get(day.lower().split()[-1] if day else "", "")
    if part in ("下午", "傍晚", "晚上", "晚", "夜里") and 1 <= hour <= 12:
        # 晚上12点 ends the day, 下午12点 is noon.
        hour = 24 if hour == 12 and part != "下午" else hour + 12 * (hour < 12)
    elif part == "中午" and hour in (1, 2):
        hour += 12
    elif part in ("凌晨", "早上", "早晨", "清晨", "早") and hour == 12:
        hour = 0
    # 晚上12点半 is half an hour into the next day; 24:30 is no time.
    if hour > 24 or minute > 59 or (said == 24 and minute):
        raise NotATime(found[0].strip())
    return hour, minute


def _twelve_hours(found: re.Match[str], hour: int, minute: int, *, tonight: bool) -> tuple[int, int]:
    """`8:30 pm`; tonight's 12 am is the midnight that ends the day."""
    if not 1 <= hour <= 12 or minute > 59:
        raise NotATime(found[0].strip())
    afternoon = found["noon"].lower() == "p"
    if tonight and hour == 12 and not afternoon:
        return 24, minute
    return hour % 12 + 12 * afternoon, minute
