"""Plugin: how an admin writes who may take part: `入群3天`, `近7天发言10条`, `积分满50`, `未中奖`."""

from __future__ import annotations

import re

import bot.when as when
from bot.number import NUMBER
from plugins.lottery.counting import read_count
from plugins.lottery.model import Condition, Need

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
    Need.FRESH: rf"(?:最近|近)?\s*(?:(?P<days>{NUMBER})\s*[天日]内?\s*)?(?:未|没有?)(?:中过?奖|中过)",
    Need.NICKNAME: r"(?:群?昵称|群?名片)(?:规范|正确|合格|改好)",
}
_CONDITIONS = {need: re.compile(f"{when.LEFT}{words}{_NEXT}") for need, words in _WORDS.items()}
_CLEAN_DAYS = 30
_FRESH_DAYS = 30


def take_conditions(text: str) -> tuple[tuple[Condition, ...], str]:
    """The conditions in a line, and the line without them. Raises Misread."""
    conditions: list[Condition] = []
    for need, pattern in _CONDITIONS.items():
        while found := pattern.search(text):
            conditions.append(_condition(need, found))
            text = f"{text[: found.start()]} {text[found.end() :]}"
    return tuple(conditions), text


def _condition(need: Need, found: re.Match[str]) -> Condition:
    if need is Need.CHECKIN:
        return Condition(need)
    if need is Need.CLEAN:
        return Condition(need, days=_CLEAN_DAYS)
    if need is Need.NICKNAME:
        return Condition(need)
    if need is Need.FRESH:
        return Condition(need, days=read_count(found["days"], found[0], "no_amount") if found["days"] else _FRESH_DAYS)
    amount = read_count(found["n"], found[0], "no_amount")
    if need is Need.HOURS:
        return Condition(need, amount * {"小时": 1, "周": 168, "星期": 168}.get(found["unit"], 24))
    if need is Need.MESSAGES and found["days"]:
        return Condition(need, amount, read_count(found["days"], found[0], "no_amount"))
    return Condition(need, amount)
