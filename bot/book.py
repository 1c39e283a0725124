"""Engine room: the book of groups: which we look after, and each group's settings over the file's."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ValidationError
from sqlalchemy import bindparam, select, update

from bot.context import GroupInfo
from bot.model import Mode
from bot.plugin import PluginSettings
from bot.settings import Settings, group_keys
from bot.storage import settings as versions
from bot.storage.tables import groups
from bot.storage.tables import upsert as insert
from bot.storage.work import Work

log = logging.getLogger(__name__)

_new = insert(groups)
_SEEN = _new.on_conflict_do_nothing(index_elements=["id"])
_CHANGE = (
    update(groups)
    .where(groups.c.id == bindparam("of"))
    .values(topic=bindparam("topic"), size=bindparam("size"), enabled=bindparam("enabled"))
)


@dataclass(slots=True)
class Page:
    """What the book says of one group. enabled: said in the chat; None leaves it to `[bot] manage`."""

    id: str
    topic: str = ""
    size: int = 0
    enabled: bool | None = None
    baseline_at: datetime | None = None
    """When the member list was first seen; who is met later and was not on it has joined since."""


@dataclass(slots=True)
class Book:
    """Groups and their effective settings, in memory, backed by the tables `groups` and `settings`."""

    settings: Settings
    files: Path = Path()
    """Where operators lay the files that settings name."""
    pages: dict[str, Page] = field(default_factory=dict)
    overrides: versions.Overrides = field(default_factory=dict)
    changed: list[Callable[[str], None]] = field(default_factory=list)
    """Called with a group's id after a commit that changed its settings or whether we look after it."""
    _sections: dict[str, dict[str, BaseModel]] = field(default_factory=dict)
    _infos: dict[str, GroupInfo] = field(default_factory=dict)

    async def load(self, work: Work) -> None:
        self.pages = {
            row.id: Page(row.id, row.topic, row.size, None if row.enabled is None else bool(row.enabled), row.roster_at)
            for row in await work.execute(select(groups).order_by(groups.c.first_seen_at, groups.c.id))
        }
        self.overrides = await versions.current(work)
        self.forget()

    def forget(self) -> None:
        self._sections.clear()
        self._infos.clear()

    # ---- groups

    def page(self, work: Work, group: str, now: datetime) -> Page:
        """The group's page, begun when it is new."""
        page = self.pages.get(group)
        if page is None:
            page = self.pages[group] = Page(group)
            work.later(_SEEN, {"id": group, "topic": "", "size": 0, "first_seen_at": now})
            work.on_rollback.append(lambda: self._lose(group))
            work.after_commit.append(lambda: self._tell(group))
        return page

    def _lose(self, group: str) -> None:
        self.pages.pop(group, None)
        self._infos.pop(group, None)

    def change(
        self, work: Work, group: str, *, topic: str | None = None, size: int | None = None, enabled: bool | None = None
    ) -> None:
        """Write down what is new about a group."""
        page = self.pages[group]
        before, looked_after = (page.topic, page.size, page.enabled), self.manages(group)
        page.topic = page.topic if topic is None else topic
        page.size = page.size if size is None else size
        page.enabled = page.enabled if enabled is None else enabled
        if looked_after and page.enabled is None and not self.manages(group):
            # Anybody in a group may give it another name: that is no way to be rid of the guards.
            page.enabled = True
        if before == (page.topic, page.size, page.enabled):
            return
        work.later(
            _CHANGE,
            {
                "of": group,
                "topic": page.topic,
                "size": page.size,
                "enabled": None if page.enabled is None else int(page.enabled),
            },
        )
        self._infos.pop(group, None)

        def back() -> None:
            page.topic, page.size, page.enabled = before
            self._infos.pop(group, None)

        work.on_rollback.append(back)
        if enabled is not None or topic is not None:
            work.after_commit.append(lambda: self._tell(group))

    def manages(self, group: str) -> bool:
        """Whether the bot looks after this group: said in the chat, else by `[bot] manage`."""
        page = self.pages.get(group)
        if page is None:
            return False
        if page.enabled is not None:
            return page.enabled
        return any(
            pattern == group or fnmatchcase(page.topic, pattern) or pattern == "*"
            for pattern in self.settings.bot.manage
        )

    def managed(self) -> list[str]:
        return [group for group in self.pages if self.manages(group)]

    def info(self, group: str) -> GroupInfo:
        """The group as handlers see it; an empty id (a private chat) has the bot's own zone and mode."""
        info = self._infos.get(group)
        if info is None:
            bot: Any = self.sections(group)["bot"]
            page = self.pages.get(group) or Page(group)
            info = self._infos[group] = GroupInfo(
                group, page.topic, page.size, ZoneInfo(bot.timezone), bot.language, Mode(bot.mode), self.manages(group)
            )
        return info

    # ---- settings

    def sections(self, group: str) -> Mapping[str, BaseModel]:
        """Section name → settings in force in this group."""
        found = self._sections.get(group)
        if found is None:
            found = dict(self.settings.sections)
            own: dict[str, dict[str, Any]] = {}
            mine = self.overrides.get(group, {})
            # The group's own come first: where one of all groups does not fit beside them, they win.
            for key, value in {**mine, **self.overrides.get("", {}), **mine}.items():
                section, _, name = key.partition(".")
                own.setdefault(section, {})[name] = value
            for section, values in own.items():
                if section in found:
                    found[section] = _overridden(found[section], values)
            language = getattr(found["bot"], "language", "")
            for section, model in found.items():
                if isinstance(model, PluginSettings):
                    found[section] = model.spoken_in(language)
            self._sections[group] = found
        return found

    def override(self, work: Work, group: str, key: str, value: Any) -> None:
        """Put an override in force at once (None takes it back); undone with the unit of work."""
        before = dict(self.overrides.get(group, {}))
        mine = self.overrides.setdefault(group, {})
        if value is None:
            mine.pop(key, None)
        else:
            mine[key] = value
        self.forget()

        def back() -> None:
            self.overrides[group] = before
            self.forget()

        work.on_rollback.append(back)
        work.after_commit.append(lambda: self._tell(group))

    def _tell(self, group: str) -> None:
        for listener in self.changed:
            listener(group)


def _overridden(section: BaseModel, values: Mapping[str, Any]) -> BaseModel:
    """The section with saved values, which were checked when they were saved; one that no longer fits is passed over.

    All at once: of two that hold each other in bounds, one alone may not fit beside what the file says.
    """
    model = type(section)
    known = {key: value for key, value in values.items() if key in group_keys(model)}
    for key in values.keys() - known.keys():
        log.warning("a saved setting is unknown now and passed over: %s", key)
    kept = {name: getattr(section, name) for name in model.model_fields}
    try:
        return model.model_validate({**kept, **known})
    except ValidationError as error:
        if len(known) == 1:
            log.warning("a saved setting does not fit any more and is passed over: %r (%s)", known, error)
            return section
    for key, value in known.items():
        section = _overridden(section, {key: value})
    return section
