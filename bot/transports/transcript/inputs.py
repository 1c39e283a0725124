"""Transport: reading the lines of a script that are played: what members and the far side do."""

from __future__ import annotations

import re
from dataclasses import replace

from bot.model import Kind
from bot.transports.transcript import forms
from bot.transports.transcript.directives import file_name
from bot.transports.transcript.lines import (
    AsksToBeFriend,
    Gateway,
    Input,
    Joins,
    Leaves,
    Recalls,
    Renames,
    Retopics,
    Says,
    Sends,
    SendsRedPacket,
    ShowsRoster,
    Waits,
)
from bot.transports.transcript.names import rest_of_line, take_name, take_names, take_word, unescape, whole
from bot.transports.transcript.place import Place

_ASKS = re.compile(r"asks\s+to\s+be\s+friend\s*(?::\s*(.*))?", re.DOTALL)
_PRIVATELY = re.compile(r">\s*bot\s+sends\s+(.+)", re.DOTALL)
_TO_BOT = re.compile(r"\s*(?:(>)\s*bot|(@bot))\s*:")
_QUOTE_BEGINS = re.compile(r"(?<!\\)(?:\\\\)*(?=\(re\s)")
_QUOTE = re.compile(r"\(re\s+[\"“](.*)[\"”]\s*\)", re.DOTALL)
_FIXED: dict[str, Input] = {
    "waits": Waits(),
    "roster": ShowsRoster(),
    "gateway down": Gateway(up=False),
    "gateway up": Gateway(up=True),
}
_WITHOUT_MORE = {"voice": Kind.VOICE, "video": Kind.VIDEO, "sticker": Kind.STICKER, "transfer": Kind.TRANSFER}
_WITH_TITLE = {"card": Kind.CARD, "miniprogram": Kind.MINIPROGRAM, "record": Kind.RECORD}
_WITH_FILE = {"image": Kind.IMAGE, "file": Kind.FILE}


def read_input(place: Place, text: str) -> Input:
    """One line without its time and group. Raises ScriptError with the nearest known form."""
    for candidate in _with_and_without_comment(text):
        words = " ".join(candidate.split())
        if words in _FIXED:
            return _FIXED[words]
    taken = take_name(text)
    if taken is not None and (asks := _ASKS.fullmatch(taken[1].strip())):
        return AsksToBeFriend(taken[0], unescape(asks[1] or ""))
    if taken is not None and (said := _said(place, *taken)) is not None:
        return said
    for candidate in _with_and_without_comment(text):
        for read in (_one_does, _many_do):
            if (done := read(place, candidate)) is not None:
                return done
    raise unreadable(place, text, forms.INPUTS)


def unreadable(place: Place, text: str, known: tuple[str, ...]) -> Exception:
    """The error for a line that has none of the `known` forms."""
    hint = "冒号要用半角“:”，" if "：" in text and ":" not in text else ""
    shown = text[:60] + ("…" if len(text) > 60 else "")
    return place.error(
        f"看不懂“{shown}”，{hint}最接近的写法：{forms.nearest(text, known)}",
        "cannot read this line; the nearest form is shown",
    )


def without_comment(text: str) -> str:
    """Lines that hold no free text may end in a comment."""
    return re.split(r"\s#", text, maxsplit=1)[0].rstrip()


def _with_and_without_comment(text: str) -> tuple[str, ...]:
    bare = without_comment(text)
    return (text,) if bare == text else (text, bare)


def _said(place: Place, who: str, rest: str) -> Says | None:
    private = to_bot = False
    if rest.lstrip().startswith(":"):
        text = rest.lstrip()[1:]
    elif found := _TO_BOT.match(rest):
        private, to_bot = found[1] is not None, found[2] is not None
        text = rest[found.end() :]
    else:
        return None
    text, quoted = _split_quote(text.strip())
    if not text:
        raise place.error(f"{who[:20]} 什么也没说，例：09:05 小王: 文字", "the message is empty")
    return Says(who, unescape(text), private, to_bot, quoted)


def _split_quote(text: str) -> tuple[str, str | None]:
    """The last `(re "…")` that nothing escapes; a `\\(re` is a part of what was said."""
    if not text.endswith(")"):
        return text, None
    start = max((found.end() for found in _QUOTE_BEGINS.finditer(text)), default=len(text))
    found = _QUOTE.fullmatch(text[start:])
    return (text[:start].rstrip(), unescape(found[1])) if found else (text, None)


def _one_does(place: Place, text: str) -> Input | None:
    taken = take_name(text)
    if taken is None:
        return None
    who, rest = taken
    if privately := _PRIVATELY.fullmatch(rest.strip()):
        sent = _sends(place, who, privately[1].strip())
        return replace(sent, private=True) if isinstance(sent, Sends) else None
    verb, _, more = rest.strip().replace("\t", " ").partition(" ")
    more = more.strip()
    match verb:
        case "sends":
            return _sends(place, who, more)
        case "recalls" if not more:
            return Recalls(who)
        case "renames" if more:
            return Renames(who, rest_of_line(more))
        case "topic" if more:
            return Retopics(who, rest_of_line(more))
        case "is":
            by = re.fullmatch(r"removed\s+by\s+(.+)", more)
            remover = whole(by[1]) if by else None
            return Leaves((who,), remover) if remover else None
    return None


def _many_do(_place: Place, text: str) -> Input | None:
    taken = take_names(text)
    if taken is None:
        return None
    who, rest = taken
    rest = rest.strip()
    if rest == "joins":
        return Joins(who)
    if rest == "leaves":
        return Leaves(who)
    if rest == "joins unannounced":
        return Joins(who, announced=False)
    if rest == "leaves unannounced":
        return Leaves(who, announced=False)
    by = re.fullmatch(r"joins\s+by\s+(.+)", rest)
    inviter = whole(by[1]) if by else None
    return Joins(who, inviter) if inviter else None


def _sends(place: Place, who: str, what: str) -> Input | None:
    kind, _, more = what.partition(" ")
    more = more.strip()
    if kind == "red" and more == "packet":
        return SendsRedPacket(who)
    if kind in _WITHOUT_MORE and not more:
        return Sends(who, _WITHOUT_MORE[kind])
    if kind in _WITH_TITLE and more:
        return Sends(who, _WITH_TITLE[kind], title=rest_of_line(more))
    if kind in _WITH_FILE and more:
        return Sends(who, _WITH_FILE[kind], file=file_name(place, more))
    if kind == "link" and (title := take_word(more)) is not None:
        url = title[1].strip()
        if not url and "://" in title[0]:
            return Sends(who, Kind.LINK, url=title[0])
        return Sends(who, Kind.LINK, title=title[0], url=url) if whole(url) else None
    return None
