"""Core: the configuration file with every setting, its default and its comment, written from the models."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bot.settings.decode import is_secret
from bot.settings.load import section_models
from bot.settings.override import group_keys

_HEAD = """\
# 社群机器人的全部设置，每一项都写着默认值。
# 由 `shequn config default` 生成。
# 自己的改动建议写在同一文件夹的 local.toml 里（后读的覆盖先读的），升级时不会被冲掉。
# 环境变量 SHEQUN_<节>__<键> 覆盖文件，如 SHEQUN_MODERATION__GRACE=5m。
# 时长写成 "90s"、"3m"、"1h30m"、"2d"。标 ◇ 的设置每个群可以用 /设置 单独改，群里改的优先。
# 改完用 `shequn config check` 检查，`shequn config show` 看每一项的值从哪里来。
"""


def document(plugins: Any) -> str:
    """The text of `bot.toml`: all sections, the bot's own first, plugins by name."""
    models = section_models(sorted(plugins, key=lambda plugin: plugin.name))
    helps = {"wechaty": "Wechaty 网关：在哪里，怎么对待它"} | {plugin.name: plugin.help for plugin in plugins}
    parts = [_HEAD]
    for name, model in models.items():
        about = helps.get(name) or (model.__doc__ or "").strip().splitlines()[0]
        parts.append(f"\n[{name}]  # {about}\n" + _section(model))
    return "".join(parts)


def _section(model: type[BaseModel]) -> str:
    defaults = model().model_dump(mode="json")
    own = set(group_keys(model))
    return "".join(_line(key, field, defaults[key], key in own) for key, field in model.model_fields.items())


def _line(key: str, field: FieldInfo, default: object, of_group: bool) -> str:
    mark = "◇ " if of_group else ""
    comment = textwrap.wrap(f"{mark}{field.description or ''}{_limits(field)}", 110) or [""]
    written = f"# {key} = …" if default is None or is_secret(field) else f"{key} = {toml_value(default)}"
    return "".join(f"# {line}\n" for line in comment) + f"{written}\n"


def _limits(field: FieldInfo) -> str:
    """`（1 到 600）` for a number with bounds; `（可用 {昵称}）` for a template whose comment does not say it."""
    low = next((getattr(item, "ge", None) for item in field.metadata if getattr(item, "ge", None) is not None), None)
    high = next((getattr(item, "le", None) for item in field.metadata if getattr(item, "le", None) is not None), None)
    if low is not None and high is not None:
        return f"（{low} 到 {high}）"
    extra = field.json_schema_extra
    names = extra.get("placeholders") if isinstance(extra, dict) else None
    if isinstance(names, list) and names and "{" not in (field.description or ""):
        return f"（可用 {''.join(f'{{{name}}}' for name in names)}）"
    return ""


def toml_value(value: object) -> str:
    """Plain data as a TOML value on one line, but for texts of several lines."""
    if isinstance(value, str):
        return _string(value)
    if isinstance(value, Mapping):
        pairs = ", ".join(f"{_key(str(key))} = {toml_value(item)}" for key, item in value.items())
        return f"{{ {pairs} }}" if pairs else "{}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(toml_value(item) for item in value) + "]"
    return json.dumps(value)


def _string(value: str) -> str:
    escaped = json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if "\n" not in value.strip("\n"):
        return escaped
    body = escaped[1:-1].replace("\\n", "\n")
    return f'"""\n{body}"""'


def _key(name: str) -> str:
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if plain else json.dumps(name, ensure_ascii=False)
