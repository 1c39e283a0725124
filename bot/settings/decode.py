"""Core: a setting written as plain text (an environment variable, a chat command) as the value its field wants."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

_YES = {"true", "1", "yes", "on", "是", "开", "开启", "对"}
_NO = {"false", "0", "no", "off", "否", "关", "关闭", "不"}
_SEPARATOR = re.compile(r"[,，、\n]")
_LISTS = (list, tuple, set, frozenset)


def kinds(annotation: Any) -> set[Any]:
    """The plain types an annotation allows: `tuple[str, ...] | None` → {tuple, NoneType}."""
    origin = get_origin(annotation)
    if origin is Union or str(origin) == "<class 'types.UnionType'>":
        return set().union(*(kinds(part) for part in get_args(annotation)))
    if hasattr(annotation, "__metadata__"):
        return kinds(get_args(annotation)[0])
    return {origin or annotation}


def is_secret(field: FieldInfo) -> bool:
    return SecretStr in kinds(field.annotation)


def decode(field: FieldInfo | None, text: str) -> object:
    """What `text` means for this field; whatever cannot be read stays text, for the validation to complain about.

    A list is `a,b` or a TOML array; a table is a TOML inline table; a text in quotes loses them.
    """
    wanted = kinds(field.annotation) if field else set()
    quoted = _toml(text)
    if isinstance(quoted, str):
        return quoted
    if str in wanted or SecretStr in wanted:
        return text
    if wanted.intersection(_LISTS):
        return quoted if isinstance(quoted, list) else _split(text)
    if any(kind in (dict, Mapping) or (isinstance(kind, type) and issubclass(kind, BaseModel)) for kind in wanted):
        return text if quoted is None else quoted
    plain = unicodedata.normalize("NFKC", text).strip()
    if bool in wanted:
        return True if plain.lower() in _YES else False if plain.lower() in _NO else plain
    return plain


def _split(text: str) -> list[str]:
    stripped = text.strip()
    if stripped.startswith("[") and stripped.endswith("]"):
        stripped = stripped[1:-1]
    return [part.strip() for part in _SEPARATOR.split(stripped) if part.strip()]


def _toml(text: str) -> object:
    try:
        return tomllib.loads(f"value = {text}")["value"] if "\n" not in text.strip() else None
    except (tomllib.TOMLDecodeError, RecursionError):
        return None
