"""Web: 设置: every value in force with where it comes from, the commands, and the database's copies and files."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from bot.settings.decode import is_secret
from bot.web.console.frame import Act, Page, Visit
from bot.web.console.gate import Rank
from bot.web.console.pages.download import FILES

HIDDEN = "••••"


async def load(visit: Visit) -> Mapping[str, Any]:
    house = visit.house
    sections = []
    for name, model in house.sections(visit.group).items():
        plain = model.model_dump(mode="json")
        lines = []
        for key, info in type(model).model_fields.items():
            value = HIDDEN if is_secret(info) else _say(plain[key])
            full = f"{name}.{key}"
            lines.append(
                {"key": full, "value": value, "origin": house.origin(visit.group, full), "about": info.description}
            )
        sections.append({"name": name, "about": house.plugin_help(name), "lines": lines})
    return {
        "sections": sections,
        "commands": house.commands(),
        "copies": house.copies(),
        "files": {key: about[0] for key, about in FILES.items()},
        "version": house.version,
    }


def _say(value: object) -> str:
    if value is None:
        return "off"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


async def back_up(visit: Visit, _form: Mapping[str, str]) -> str:
    """A copy of the database, now."""
    path = await visit.house.back_up()
    await visit.house.audit(visit.who.name, "console.backup", {"file": path})
    return visit.say("备份好了：{文件}", 文件=path)


PAGES = (Page("settings", "设置", "settings.html", load),)
ACTS = (Act("backup", back_up, Rank.OWNER),)
