"""Transport: reading the lines of a script whose actor is `bot`: what it is expected to do."""

from __future__ import annotations

import re
import warnings

from bot.transports.transcript import forms
from bot.transports.transcript.inputs import unreadable, without_comment
from bot.transports.transcript.lines import Did, Expects
from bot.transports.transcript.names import rest_of_line, take_name, unescape, whole
from bot.transports.transcript.place import Place

_SAID = re.compile(r"\s*([:~])\s*(.*)", re.DOTALL)
_OPENINGS = (
    (re.compile(r"announces(?=\s*[:~])"), Did.ANNOUNCE),
    (re.compile(r"tells\s+admins(?=\s*[:~])"), Did.NOTIFY_ADMINS),
    (re.compile(r"recalls(?=\s*[:~])"), Did.RECALL),
)


def read_expectation(place: Place, text: str) -> Expects:
    """What follows `bot` on the line. Raises ScriptError with the nearest known form."""
    text = text.strip()
    if text.startswith((":", "~")):
        return _said(place, Did.SAY, text)
    if text.startswith(">"):
        return _private(place, text)
    for opening, did in _OPENINGS:
        if found := opening.match(text):
            return _said(place, did, text[found.end() :])
    for candidate in {text: None, without_comment(text): None}:
        if (expected := _done(candidate)) is not None:
            return expected
    raise unreadable(place, f"bot {text}", (*forms.EXPECTATIONS, "09:10 bot restarts"))


def _said(place: Place, did: Did, text: str, to: str = "") -> Expects:
    found = _SAID.fullmatch(text)
    if found is None or not found[2]:
        raise place.error("期望的内容是空的，例：09:05 bot ~ 红包", "nothing is expected here")
    if found[1] == ":":
        return Expects(did, text=unescape(found[2]), to=to)
    return Expects(did, pattern=_pattern(place, found[2]), to=to)


def _pattern(place: Place, text: str) -> re.Pattern[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return re.compile(text, re.DOTALL)
        except (re.error, RecursionError, OverflowError) as error:
            raise place.error(f"正则写错了：“{text[:60]}”", f"bad regular expression: {str(error)[:80]}") from None


def _private(place: Place, text: str) -> Expects:
    taken = take_name(text[1:].strip())
    if taken is not None:
        person, rest = taken
        if rest.lstrip().startswith((":", "~")):
            return _said(place, Did.SAY, rest, person)
        if " ".join(without_comment(rest).split()) == "sends image":
            return Expects(Did.IMAGE, to=person)
    raise unreadable(place, f"bot {text}", forms.EXPECTATIONS)


def _done(text: str) -> Expects | None:
    if " ".join(text.split()) == "sends image":
        return Expects(Did.IMAGE)
    verb, _, rest = text.replace("\t", " ").partition(" ")
    rest = rest.strip()
    if verb == "removes" and (member := whole(rest)):
        return Expects(Did.REMOVE, member=member)
    if verb == "accepts" and (member := whole(rest)):
        return Expects(Did.ACCEPT_FRIEND, member=member)
    if verb == "topic" and rest:
        return Expects(Did.TOPIC, text=rest_of_line(rest))
    if verb == "invites" and (taken := take_name(rest)):
        to = re.fullmatch(r"\s+to\s+(\S+)", taken[1])
        return Expects(Did.INVITE, member=taken[0], group=to[1]) if to else None
    return None
