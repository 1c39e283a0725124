"""Web: 群: which groups are looked after; each group's settings as forms made from the settings' own models."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import time, timedelta
from enum import Enum
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.errors import CommandError
from bot.settings.decode import kinds
from bot.settings.override import group_keys
from bot.storage import settings as versions
from bot.storage.work import Work
from bot.text import fill
from bot.web.console.frame import Act, Page, Visit
from bot.web.console.gate import Rank

SAMPLE = {"昵称": "小林", "群名": "读书群", "人数": "128", "日期": "1月5日", "邀请人": "小李", "时长": "3 分钟"}
LONG_TEXT = 60


async def load(visit: Visit) -> Mapping[str, Any]:
    """All groups, or with `?group=` one group's settings, section by section."""
    house = visit.house
    groups = [
        {"id": info.id, "topic": info.topic or info.id, "size": info.size, "mode": info.mode.value,
         "zone": info.zone.key, "managed": house.manages(info.id)}
        for info in house.groups()
    ]  # fmt: skip
    if not visit.group:
        return {"groups_known": groups, "tabs": {}, "section": "", "about": "", "fields": [], "history": []}
    sections = house.sections(visit.group)
    tabs = {name: house.board.section_title(name) for name, model in sections.items() if group_keys(type(model))}
    section = visit.word("section") if visit.word("section") in tabs else next(iter(tabs))
    fields = [_field(visit, section, key, sections[section]) for key in group_keys(type(sections[section]))]
    history = await house.read(lambda work: _history(work, visit.group))
    return {
        "groups_known": groups,
        "tabs": tabs,
        "section": section,
        "about": house.plugin_help(section),
        "fields": fields,
        "history": history,
    }


def _field(visit: Visit, section: str, key: str, model: BaseModel) -> dict[str, Any]:
    info = type(model).model_fields[key]
    value = model.model_dump(mode="json")[key]
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    text = "off" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    placeholders = extra.get("placeholders")
    return {
        "key": f"{section}.{key}",
        "about": info.description or key,
        "value": text,
        "kind": _kind(info, value, bool(placeholders)),
        "options": _options(info),
        "origin": visit.house.origin(visit.group, f"{section}.{key}"),
        "own": visit.house.origin(visit.group, f"{section}.{key}") == "本群",
        "placeholders": list(placeholders) if isinstance(placeholders, list) else [],
        "preview": fill(text, SAMPLE) if placeholders and text else "",
    }


def _kind(info: FieldInfo, value: object, is_template: bool) -> str:
    wanted = kinds(info.annotation)
    if bool in wanted:
        return "switch"
    if _options(info):
        return "choice"
    if is_template or (isinstance(value, str) and ("\n" in value or len(value) > LONG_TEXT)):
        return "text"
    if wanted & {int, float} and not wanted & {str, timedelta, time}:
        return "number"
    return "line"


def _options(info: FieldInfo) -> list[str]:
    annotation: Any = info.annotation
    if hasattr(annotation, "__metadata__"):
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is Literal:
        return [str(option) for option in get_args(annotation)]
    if isinstance(annotation, type) and issubclass(annotation, Enum):
        return [str(option.value) for option in annotation]
    return []


async def _history(work: Work, group: str) -> list[dict[str, Any]]:
    """The newest versions, with a mark on each that counts now."""
    changes, seen = await versions.history(work, group, 50), set[str]()
    lines = []
    for c in changes:
        lines.append(
            {"version": c.version, "key": c.key, "value": c.value, "at": c.at, "by": c.by, "undoes": c.undoes,
             "origin": c.origin, "now": c.key not in seen}
        )  # fmt: skip
        seen.add(c.key)
    return lines


async def save(visit: Visit, form: Mapping[str, str]) -> str:
    group, key = _group(visit, form), form.get("key", "")
    await visit.house.set_setting(group, key, form.get("value", "").replace("\r\n", "\n"), visit.who.name)
    return visit.say("{键} 改好了", 键=key)


async def undo(visit: Visit, form: Mapping[str, str]) -> str:
    key = await visit.house.undo_setting(_group(visit, form), visit.who.name)
    return visit.say("{键} 改回去了", 键=key) if key else visit.say("没有可以撤销的改动")


async def restore(visit: Visit, form: Mapping[str, str]) -> str:
    """Give a key the value of any earlier version."""
    version = form.get("version", "")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 16 else 0
    key = await visit.house.restore_setting(_group(visit, form), number, visit.who.name)
    return visit.say("{键} 改回去了", 键=key)


async def switch(visit: Visit, form: Mapping[str, str]) -> str:
    """Look after a group, or no longer."""
    group = _group(visit, form)
    return await visit.house.order(group, "/停用" if visit.house.manages(group) else "/启用", visit.who.name, 2)


async def order(visit: Visit, form: Mapping[str, str]) -> str:
    """Any command line, given in the group by whoever is logged in; `sure` when the page has asked them already."""
    line = f"{form.get('line', '')} {form.get('words', '')}".strip()
    if not line:
        raise CommandError("没有写命令 (no command)")
    group, member = _group(visit, form), form.get("member", "")[:200]
    sure = form.get("sure") == "1"
    answer = await visit.house.order(group, line[:500], visit.who.name, int(visit.rank), member, sure=sure)
    return answer or visit.say("好了")


def _group(visit: Visit, form: Mapping[str, str]) -> str:
    group = form.get("group", "")
    if not any(info.id == group for info in visit.house.groups()):
        raise CommandError("没有这个群 (no such group)")
    return group


PAGES = (Page("groups", "群", "groups.html", load),)
ACTS = (
    Act("setting", save),
    Act("setting-undo", undo),
    Act("setting-restore", restore),
    Act("group-switch", switch, Rank.OWNER),
    Act("order", order),
)
