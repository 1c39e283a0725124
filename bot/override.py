"""Engine room: a group's own values over the file's: checked, kept as versions, taken back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from bot.book import Book
from bot.context import Origin
from bot.errors import CommandError
from bot.picture import PictureError, find_picture
from bot.settings import DEFAULT, resolve_key, validate_override
from bot.storage import settings as versions
from bot.storage.tables import audit
from bot.storage.work import Work


@dataclass(slots=True)
class SettingStore:
    """Implements bot.context.Settings for one group."""

    work: Work
    book: Book
    group: str
    now: datetime
    event_id: str

    async def set(self, key: str, value: object, *, by: str) -> object:
        full, before, _, plain = self._checked(key, value)
        await versions.save(self.work, self.group, full, plain, at=self.now, by=by)
        self.book.override(self.work, self.group, full, plain)
        self._record(by, "setting.set", {"key": full, "value": plain})
        return before

    def _checked(self, key: str, value: object) -> tuple[str, object, object, object]:
        """Full key, value before and after, and the plain value to be saved."""
        sections = self.book.sections(self.group)
        section, name = resolve_key(sections, key)
        changed = validate_override(sections[section], name, value)
        self._look_at_picture(changed, name)
        plain = changed.model_dump(mode="json")[name]
        if plain is None:
            plain = "off"
            validate_override(sections[section], name, plain)
        return f"{section}.{name}", getattr(sections[section], name), getattr(changed, name), plain

    def _changing(self, values: Mapping[str, object]) -> list[tuple[str, object, object, object]]:
        checked = [self._checked(key, value) for key, value in values.items()]
        return [each for each in checked if each[1] != each[2]]

    def compare(self, values: Mapping[str, object]) -> dict[str, tuple[object, object]]:
        return {full: (before, after) for full, before, after, _ in self._changing(values)}

    async def set_many(self, values: Mapping[str, object], *, by: str, origin: str) -> dict[str, tuple[object, object]]:
        changing = self._changing(values)
        plain = {full: value for full, _, _, value in changing}
        await versions.save_many(self.work, self.group, plain, at=self.now, by=by, origin=origin)
        for full, value in plain.items():
            self.book.override(self.work, self.group, full, value)
        if plain:
            self._record(by, "setting.step", {"step": origin, "values": plain})
        return {full: (before, after) for full, before, after, _ in changing}

    def own(self) -> Mapping[str, object]:
        return dict(self.book.overrides.get(self.group, {}))

    async def origin(self, key: str) -> Origin:
        for level, group in (("group", self.group), ("all", "")):
            if key in self.book.overrides.get(group, {}):
                change = await versions.newest(self.work, group, key)
                if change is not None:
                    named = level if group else "all"
                    return Origin(named, step=change.origin, by=change.by, at=change.at)
        place = self.book.settings.origin(key)
        return Origin("default") if place == DEFAULT else Origin("file", place=place.rpartition("/")[2])

    def _look_at_picture(self, section: BaseModel, name: str) -> None:
        extra = type(section).model_fields[name].json_schema_extra
        if isinstance(extra, dict) and extra.get("picture") and (file := getattr(section, name)):
            try:
                find_picture(self.book.files, file)
            except PictureError as error:
                raise CommandError(f"{name}：{error}") from error

    async def undo(self, *, by: str) -> tuple[str, ...]:
        step = await versions.last_step(self.work, self.group)
        for change in step:
            value = await versions.value_before(self.work, change)
            await versions.save(self.work, self.group, change.key, value, at=self.now, by=by, undoes=change.version)
            self.book.override(self.work, self.group, change.key, value)
            self._record(by, "setting.undo", {"key": change.key, "value": value})
        return tuple(change.key for change in reversed(step))

    async def restore(self, version: int, *, by: str) -> str:
        """Give a key the value it had from a version on, as a new version; says which key.

        Raises CommandError when the group has no such version, or its value is no longer a valid one.
        """
        change = await versions.of(self.work, self.group, version)
        if change is None:
            raise CommandError("没有这个版本 (no such version)")
        if change.value is not None:
            self._checked(change.key, change.value)
        await versions.save(self.work, self.group, change.key, change.value, at=self.now, by=by)
        self.book.override(self.work, self.group, change.key, change.value)
        self._record(by, "setting.restored", {"key": change.key, "value": change.value, "version": version})
        return change.key

    async def enable(self, on: bool, *, by: str) -> bool:
        if not self.group:
            raise CommandError("请在群里发这条命令")
        page = self.book.page(self.work, self.group, self.now)
        if page.enabled is on:
            return False
        self.book.change(self.work, self.group, enabled=on)
        self._record(by, "group.enabled" if on else "group.disabled", {})
        return True

    def _record(self, by: str, what: str, detail: Mapping[str, Any]) -> None:
        self.work.add(
            audit,
            {
                "at": self.now,
                "group": self.group,
                "actor": by,
                "what": what,
                "detail": dict(detail),
                "case": None,
                "event_id": self.event_id,
            },
        )
