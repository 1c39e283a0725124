"""Plugin: brief: what Chinese days are called in English; a name that the deployer gave stays as it is."""

from __future__ import annotations

from datetime import date

from bot.context import Context
from plugins.brief import calendar
from plugins.brief.plugin import Settings

ENGLISH = {
    "立春": "Start of Spring",
    "雨水": "Rain Water",
    "惊蛰": "Awakening of Insects",
    "春分": "Spring Equinox",
    "清明": "Pure Brightness",
    "谷雨": "Grain Rain",
    "立夏": "Start of Summer",
    "小满": "Grain Buds",
    "芒种": "Grain in Ear",
    "夏至": "Summer Solstice",
    "小暑": "Minor Heat",
    "大暑": "Major Heat",
    "立秋": "Start of Autumn",
    "处暑": "End of Heat",
    "白露": "White Dew",
    "秋分": "Autumn Equinox",
    "寒露": "Cold Dew",
    "霜降": "Frost's Descent",
    "立冬": "Start of Winter",
    "小雪": "Minor Snow",
    "大雪": "Major Snow",
    "冬至": "Winter Solstice",
    "小寒": "Minor Cold",
    "大寒": "Major Cold",
    "元旦": "New Year's Day",
    "春节": "Spring Festival",
    "除夕": "New Year's Eve (lunar)",
    "元宵节": "Lantern Festival",
    "清明节": "Tomb-Sweeping Day",
    "劳动节": "Labour Day",
    "端午节": "Dragon Boat Festival",
    "七夕节": "Qixi Festival",
    "中秋节": "Mid-Autumn Festival",
    "国庆节": "National Day",
    "重阳节": "Double Ninth Festival",
    "腊八节": "Laba Festival",
    "情人节": "Valentine's Day",
    "妇女节": "Women's Day",
    "青年节": "Youth Day",
    "母亲节": "Mother's Day",
    "儿童节": "Children's Day",
    "父亲节": "Father's Day",
    "教师节": "Teachers' Day",
    "平安夜": "Christmas Eve",
    "圣诞节": "Christmas",
}


def name_of(ctx: Context[Settings], name: str) -> str:
    """The name of a solar term, festival or holiday in the group's language."""
    return ENGLISH.get(name, name) if ctx.group.language == "en" else name


def lunar_of(ctx: Context[Settings], day: date) -> str:
    """The lunar day: `八月十五`, in English `8/15`, `leap 6/1`."""
    if ctx.group.language != "en":
        return calendar.lunar_text(day)
    month, number = calendar.moon_of(day)
    return f"{'leap ' if month < 0 else ''}{abs(month)}/{number}"
