"""Core: one setting changed for one group, checked before it is saved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from bot.errors import CommandError
from bot.settings.decode import decode
from bot.settings.problem import nearest, what_is_wrong

M = TypeVar("M", bound=BaseModel)


def group_keys(model: type[BaseModel]) -> list[str]:
    """The keys a group may have its own value of; see PluginSettings.group_keys. Of the gateway's section: none."""
    asked: Callable[[], list[str]] = getattr(model, "group_keys", list)
    return asked()


def validate_override(section_model: M, key: str, value: object) -> M:
    """The section with `key` set to `value` (plain text is read as its field wants it, anything else as it is).

    Raises CommandError with one clear sentence when the key is unknown, not a group's to change, or the value is wrong.
    """
    model = type(section_model)
    if key not in model.model_fields:
        hint = nearest(key, group_keys(model))
        raise CommandError(f"没有 {key[:40]} 这个设置{hint or '，发 /设置 查看 可以看到全部'}")
    if key not in group_keys(model):
        raise CommandError(f"{key} 是整个机器人的设置，不能在群里改，请改配置文件")
    read = decode(model.model_fields[key], value) if isinstance(value, str) else value
    kept = {name: getattr(section_model, name) for name in model.model_fields if name != key}
    try:
        return model.model_validate({**kept, key: read})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise CommandError(f"{key}：{what_is_wrong(first, model)}") from error


def resolve_key(sections: Mapping[str, BaseModel], dotted: str) -> tuple[str, str]:
    """`moderation.grace` (or just `grace` where only one section has it) as section and key of a group's setting.

    Raises CommandError naming the nearest one.
    """
    known = {f"{name}.{key}": (name, key) for name, model in sections.items() for key in group_keys(type(model))}
    if dotted in known:
        return known[dotted]
    same = [full for full in known if full.partition(".")[2] == dotted]
    if len(same) == 1:
        return known[same[0]]
    if same:
        raise CommandError(f"{dotted[:40]} 有好几个：{'、'.join(same[:6])}，请写全")
    section, _, key = dotted.partition(".")
    if section in sections and key in type(sections[section]).model_fields:
        raise CommandError(f"{dotted} 是整个机器人的设置，不能在群里改，请改配置文件")
    hint = nearest(dotted, known)
    raise CommandError(f"没有 {dotted[:40]} 这个设置{hint or '，发 /设置 查看 可以看到全部'}")
