"""Transport: reading the `@…` lines of a script."""

from __future__ import annotations

import re
import tomllib
from datetime import date

from bot.model import Capability
from bot.transports.transcript import forms
from bot.transports.transcript.lines import Can, Day, Declare, Directive, Loose, Named, Set
from bot.transports.transcript.names import take_names, take_word, whole
from bot.transports.transcript.place import Place

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_SET = re.compile(r"(?:\[([^\[\]]+)\]\s*)?([^\s=]+)\s*=\s*(.+)")
_IN_GROUP = re.compile(r"\[([^\[\]]+)\]\s*")
_OPTION = re.compile(r"\s+([A-Za-z]+)=")
_OPTIONS = ["owner", "admins", "members", "size"]
_VERBS = ["day", "set", "group", "file", "loose", "can"]
LARGEST_GROUP = 100_000
DEFAULT_OWNER = "群主"
DEFAULT_ADMIN = "管理员"


def read_directive(place: Place, line: str) -> Directive:
    """One line that starts with @. Raises ScriptError."""
    verb, _, rest = line[1:].replace("\t", " ").partition(" ")
    rest = rest.strip()
    match verb:
        case "day":
            return _day(place, rest)
        case "set":
            return _set(place, rest)
        case "group":
            return _group(place, rest)
        case "file":
            return Named(file_name(place, rest))
        case "loose":
            if rest and not rest.startswith("#"):
                raise place.error(f"@loose 后面不该有“{rest[:40]}”", "@loose takes nothing")
            return Loose()
        case "can":
            return _can(place, rest)
    near = forms.nearest_word(verb, _VERBS)
    form = next((form for form in forms.DIRECTIVES if near and form.startswith(f"@{near}")), forms.DIRECTIVES[0])
    raise place.error(f"不认识的指令 @{verb[:40]}，最接近的写法：{form}", "unknown directive, nearest form shown")


def file_name(place: Place, text: str) -> str:
    """The name of a file in the script's own folder; nothing outside of it can be named."""
    name = whole(text) or text
    if not name or "/" in name or "\\" in name or name in {".", ".."}:
        raise place.error(f"“{text[:60]}”不是脚本旁边的文件名，例：words.csv", "not a file name beside the script")
    return name


def _day(place: Place, text: str) -> Day:
    if _DAY.fullmatch(text):
        try:
            day = date.fromisoformat(text)
        except ValueError:
            day = date.min
        if 2000 <= day.year <= 2199:
            return Day(day)
    raise place.error(f"“{text[:40]}”不是日期，例：@day 2026-01-05", "not a date between 2000 and 2199")


def _set(place: Place, text: str) -> Set:
    found = _SET.fullmatch(text)
    if found is None:
        raise place.error('看不懂这条设置，例：@set moderation.grace = "3m"', "not a setting")
    group, key, value = found.groups()
    if not re.fullmatch(r"\w+(\.\w+)+", key):
        raise place.error(f"“{key[:60]}”不是设置的名字，应是 插件.键，例：moderation.grace", "not a setting's name")
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):
        # A number with thousands of digits is a plain ValueError, deep brackets exhaust tomllib's recursion.
        hint = f'文字要加引号，例：@set {key} = "{value[:20].strip(chr(34))}"'
        raise place.error(f"“{value[:40]}”不是 TOML 值，{hint}", "not a TOML value") from None
    return Set(key, parsed, group or "")


def _group(place: Place, text: str) -> Declare:
    example = '例：@group g1 "读书群 1" owner=群主 admins=管理员 members=小李,小王'
    first = take_word(text)
    if first is None or re.search(r"[\[\]=]", first[0]):
        raise place.error(f"@group 后面先写群的编号，{example}", "a group needs an id")
    group, rest = first
    topic = group
    if rest.strip() and not _OPTION.match(rest):
        second = take_word(rest.strip())
        if second is None:
            raise place.error(f"群名的引号没有写完整，{example}", "the topic's quotes are not closed")
        topic, rest = second
    options = _options(place, rest, example)
    size = options.pop("size", ("0",))[0]
    if not re.fullmatch(r"[0-9]{1,6}", size) or int(size) > LARGEST_GROUP:
        raise place.error(f"size={size[:20]} 应是人数，例：size=480", "not a number of members")
    owner = options.pop("owner", ())
    if len(owner) > 1:
        raise place.error(f"群主只有一位，写成 owner={owner[0]}", "a group has one owner")
    if not owner and "admins" not in options:
        owner, options["admins"] = (DEFAULT_OWNER,), (DEFAULT_ADMIN,)
    return Declare(group, topic, owner[0] if owner else "", size=int(size), **options)


def _options(place: Place, text: str, example: str) -> dict[str, tuple[str, ...]]:
    options: dict[str, tuple[str, ...]] = {}
    while text.strip() and not text.strip().startswith("#"):
        found = _OPTION.match(text)
        if found is None:
            raise place.error(f"看不懂“{text.strip()[:40]}”，{example}", "expected owner=, admins=, members= or size=")
        key = found[1]
        if key not in _OPTIONS:
            near = forms.nearest_word(key, _OPTIONS) or "members"
            raise place.error(f"@group 没有 {key[:40]}=，最接近的是 {near}=", f"unknown option, nearest is {near}=")
        if key in options:
            raise place.error(f"{key}= 写了两次", "option given twice")
        taken = take_names(text[found.end() :])
        if taken is None and re.match(r"\s|$", text[found.end() :]):
            taken = (), text[found.end() :]
        if taken is None:
            raise place.error(f"{key}= 后面的名字写得不对，{example}", "cannot read the names")
        options[key], text = taken
    return options


def _can(place: Place, text: str) -> Can:
    group = _IN_GROUP.match(text)
    words = (text[group.end() :] if group else text).split()
    known = {capability.value: capability for capability in Capability}
    give: set[Capability] = set()
    take: set[Capability] = set()
    for word in words:
        sign, name = word[:1], word[1:]
        if sign not in "+-" or name not in known:
            near = forms.nearest_word(name or word, list(known)) or "see_red_packet"
            raise place.error(f"不认识的能力“{word[:40]}”，最接近的写法：@can -{near}", "unknown capability")
        (give if sign == "+" else take).add(known[name])
    if not words:
        raise place.error("@can 后面写能力，例：@can -remove -see_red_packet", "no capability named")
    return Can(frozenset(give), frozenset(take), group[1] if group else "")
