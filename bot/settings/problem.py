"""Core: what is wrong with a setting, as one Chinese sentence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel

from bot.settings.decode import is_secret
from bot.text import fill

_FORMS: dict[str, str] = {
    "bool_parsing": "应写成 true 或 false (expected true or false)",
    "bool_type": "应写成 true 或 false，不加引号 (expected true or false)",
    "int_parsing": "应是整数 (expected a whole number)",
    "int_type": "应是整数 (expected a whole number)",
    "int_from_float": "应是整数，没有小数 (expected a whole number)",
    "float_parsing": "应是数字 (expected a number)",
    "float_type": "应是数字 (expected a number)",
    "finite_number": "应是有限的数字 (expected a finite number)",
    "string_type": '应是加引号的文字，如 "…" (expected a string)',
    "tuple_type": '应是列表，如 ["甲", "乙"] (expected an array)',
    "list_type": '应是列表，如 ["甲", "乙"] (expected an array)',
    "set_type": '应是列表，如 ["甲", "乙"] (expected an array)',
    "frozen_set_type": '应是列表，如 ["甲", "乙"] (expected an array)',
    "dict_type": '应是表，如 { "甲" = 1 } (expected a table)',
    "time_parsing": '应是一天里的时间，如 "08:00" (expected HH:MM)',
    "time_type": '应是一天里的时间，如 "08:00" (expected HH:MM)',
    "date_parsing": '应是日期，如 "2026-01-05" (expected YYYY-MM-DD)',
    "date_from_datetime_parsing": '应是日期，如 "2026-01-05" (expected YYYY-MM-DD)',
    "time_delta_type": '应是时长，如 "3m"、"90s" (expected a duration)',
    "time_delta_parsing": '应是时长，如 "3m"、"90s" (expected a duration)',
    "greater_than_equal": "不能小于 {ge} (must be at least {ge})",
    "less_than_equal": "不能大于 {le} (must be at most {le})",
    "greater_than": "必须大于 {gt} (must be more than {gt})",
    "less_than": "必须小于 {lt} (must be less than {lt})",
    "string_too_short": "至少要 {min_length} 个字 (too short)",
    "string_too_long": "最多 {max_length} 个字 (too long)",
    "too_short": "至少要 {min_length} 项 (too few items)",
    "too_long": "最多 {max_length} 项 (too many items)",
    "string_pattern_mismatch": "写法不对，应符合 {pattern} (does not match)",
    "missing": "缺少这一项 (missing)",
}


def nearest(word: str, known: Iterable[str]) -> str:
    """`，是不是“grace”？`, or nothing when no known word is near."""
    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"，是不是 {found[0]}？" if found else ""


def say_value(value: object) -> str:
    """The value as its owner wrote it, short; tables and long texts are clipped."""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f"“{value}”" if isinstance(value, str) else str(value)
    return text if len(text) <= 42 else text[:40] + "…”" if isinstance(value, str) else text[:40] + "…"


def what_is_wrong(error: Mapping[str, Any], model: type[BaseModel] | None) -> str:
    """The second half of the sentence for one pydantic error: the value and the form it should have."""
    kind, context = str(error["type"]), dict(error.get("ctx") or {})
    if kind in ("value_error", "assertion_error"):
        return own_words(error)[1]
    if kind in ("literal_error", "enum"):
        form = f"只能是 {_choices(str(context.get('expected', '')))} (expected one of these)"
    elif kind in _FORMS:
        form = fill(_FORMS[kind], context)
    else:
        form = f"写法不对 ({error['msg']})"
    key = str(error["loc"][-1]) if error.get("loc") else ""
    field = model.model_fields.get(key) if model else None
    if kind == "missing" or (field is not None and is_secret(field)):
        return form
    return f"{say_value(error.get('input'))} {form}"


def _choices(expected: str) -> str:
    return expected.replace("'", "").replace(" or ", "、").replace(", ", "、")


def own_words(error: Mapping[str, Any]) -> tuple[str, str]:
    """A validator's own sentence, and the key it is about: one of a whole model starts with `key: `."""
    text = str(dict(error.get("ctx") or {}).get("error", error["msg"])).strip()
    key, mark, rest = text.partition(": ")
    return (key, rest) if mark and key.isidentifier() else ("", text)
