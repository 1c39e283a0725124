"""Transport: makes what strangers and puppets send safe to keep: bounded text, plain ids, sane times. Pure."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from bot.text import clean_name

TEXT_LIMIT = 64 * 1024
NAME_LIMIT = 200
NAME_LENGTH = 64
ID_LIMIT = 200
FIELD_LIMIT = 4000
_MILLISECONDS_FROM = 2_145_888_000  # 2038 in seconds, 25 January 1970 in milliseconds
_AHEAD = timedelta(minutes=5)
_MENTION_SPACE = "\u2005"
_QUOTE = re.compile(r"\A「(?P<name>[^：:\n]{0,100})[：:](?P<text>.*)」\n(?:- ?){5,}-?\s*\n(?P<answer>.*)\Z", re.DOTALL)
"""The last line of dashes is the one: whoever is quoted may have written others, and a command behind them."""


def clean(value: object, limit: int = TEXT_LIMIT) -> str:
    """Text without NUL and half surrogates, cut to `limit` bytes of UTF-8; anything else becomes empty."""
    if not isinstance(value, str):
        return ""
    raw = value[:limit].replace("\0", "").encode("utf-8", "replace")
    return raw[:limit].decode("utf-8", "ignore")


def name(value: object) -> str:
    """A person's or group's name on one line, without signs that hide or turn round what stands beside it."""
    return clean_name(clean(value, NAME_LIMIT), NAME_LENGTH)


def ident(value: object) -> str:
    """An id; empty when it is none. Some puppets send numbers."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    return clean(value, ID_LIMIT).strip()


def idents(value: object) -> list[str]:
    """A list of ids in their order, without repetition."""
    items = value if isinstance(value, list | tuple) else []
    return list(dict.fromkeys(found for item in items if (found := ident(item))))


def number(value: object) -> int:
    """A whole number; 0 when it is none: a gateway of another generation may send another kind of field."""
    return value if isinstance(value, int) else 0


def moment(stamp: object, now: datetime) -> datetime:
    """Seconds or milliseconds since 1970 as aware UTC; `now` when there is none or it lies ahead."""
    if isinstance(stamp, bool) or not isinstance(stamp, int | float | str):
        return now
    try:
        value = float(stamp)
        at = datetime.fromtimestamp(value / 1000 if value > _MILLISECONDS_FROM else value, UTC)
    except (ValueError, OverflowError, OSError):
        return now
    return at if value > 0 and at <= now + _AHEAD else now


def payload_of(text: str) -> dict[str, object] | None:
    """The JSON object of an event; None when it is broken."""
    try:
        data = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return None
    return data if isinstance(data, dict) else {"data": data}


def plain_mentions(text: str) -> str:
    """WeChat ends an @name with a thin space of its own."""
    return text.replace(_MENTION_SPACE, " ")


def wechat_mentions(text: str, names: list[str]) -> str:
    """The way back: the space after each of these @names becomes WeChat's own."""
    for each in names:
        text = text.replace(f"@{each} ", f"@{each}{_MENTION_SPACE}")
    return text


def calls_by_name(text: str, names: list[str]) -> bool:
    """Whether a text has an @ for one of these names, for puppets that tell no mention ids."""
    return any(each and re.search(f"@{re.escape(each)}(?:[\u2005\\s]|\\Z)", text) for each in names)


def xml_field(text: str, field: str) -> str:
    """The first `<field>` of WeChat's XML, unescaped; not parsed, so that no XML can be a bomb."""
    _, _, after = text[:TEXT_LIMIT].partition(f"<{field}>")
    inner, end, _ = after[:FIELD_LIMIT].partition(f"</{field}>")
    if not end:
        return ""
    inner = inner.removeprefix("<![CDATA[").removesuffix("]]>")
    return clean(html.unescape(inner)).strip()


def is_xml(text: str) -> bool:
    return text.lstrip().startswith(("<", "&lt;"))


def split_quote(text: str) -> tuple[str, str, str] | None:
    """(name, quoted text, answer) of a text in the form puppets give an answer with a quotation; else None."""
    found = _QUOTE.match(text)
    return None if found is None else (found["name"], found["text"], found["answer"])


def field(payload: Mapping[str, object], *keys: str) -> object:
    """The first of these keys that is there and not None."""
    return next((payload[key] for key in keys if payload.get(key) is not None), None)
