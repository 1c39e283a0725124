"""Core: how a plugin's settings are written: its own section, with what admins may write in it."""

from __future__ import annotations

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from bot.text import unknown_placeholders


class PluginSettings(BaseModel):
    """Settings of one plugin: every field has a default and a description; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)

    @classmethod
    def group_keys(cls) -> list[str]:
        """The keys a group may have its own value of: all but secrets and fields marked
        `json_schema_extra={"installation": True}` (paths, addresses, what costs money)."""
        return [
            key
            for key, field in cls.model_fields.items()
            if field.annotation is not SecretStr
            and not (isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("installation"))
        ]

    def spoken_in(self, language: str) -> Self:
        """The same, with each text that is as we ship it in the group's own language."""
        own: dict[str, Any] = {}
        for name, info in type(self).model_fields.items():
            extra = info.json_schema_extra
            if isinstance(extra, dict) and extra.get(language) and getattr(self, name) == info.default:
                own[name] = extra[language]
        return self.model_copy(update=own) if own else self

    @model_validator(mode="after")
    def _placeholders_are_known(self) -> PluginSettings:
        for name, info in type(self).model_fields.items():
            extra = info.json_schema_extra
            if isinstance(extra, dict) and "placeholders" in extra:
                allowed = [str(item) for item in extra["placeholders"]]  # type: ignore[union-attr]
                if unknown := unknown_placeholders(getattr(self, name), allowed):
                    legal = "、".join(f"{{{item}}}" for item in allowed) or "无"
                    raise ValueError(f"{name}: 不认识的占位符 {{{unknown[0]}}}，可用：{legal} (unknown placeholder)")
        return self


def template(default: str, *placeholders: str, description: str, max_length: int = 2000, english: str = "") -> Any:
    """A settings field that admins may write: flat `{昵称}` placeholders out of `placeholders`, checked when saved.

    english: stands for the default in groups whose language is English.
    """
    return Field(
        default,
        description=description,
        max_length=max_length,
        json_schema_extra={"placeholders": list(placeholders), "en": english},
    )


def picture(*, description: str) -> Any:
    """A settings field that names a picture in the data folder's `files`, or nothing; looked at when it is saved."""
    return Field("", description=description, max_length=100, json_schema_extra={"picture": True})
