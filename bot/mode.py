"""Core: whether a rule acts, as it is written in settings: the English word or the Chinese one."""

from __future__ import annotations

from typing import Annotated

from pydantic import BeforeValidator

from bot.model import Mode

_WORDS = {"演练": Mode.DRY, "观察": Mode.SHADOW, "执行": Mode.ENFORCE}


def _read(value: object) -> object:
    return _WORDS.get(value.strip(), value.strip().lower()) if isinstance(value, str) else value


WrittenMode = Annotated[Mode, BeforeValidator(_read)]
