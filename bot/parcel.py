"""Engine room: an action as it leaves the house: a long text lies in a file while it is sent."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from bot.actions import Action, SendImage
from bot.errors import Refused, Unavailable


@asynccontextmanager
async def on_disk(action: Action, folder: Path | None) -> AsyncIterator[Action]:
    """The action as the transports know it: a text that goes out as a file lies in one until it is sent."""
    if not isinstance(action, SendImage) or action.path or not action.name:
        yield action
        return
    if folder is None:
        raise Refused("没有放文件的地方 (no folder for files)")
    path = folder / Path(action.name).name
    try:
        await asyncio.to_thread(_write, path, action.text)
    except OSError as error:
        raise Unavailable(f"文件写不进去：{error.strerror} (the file cannot be written)") from error
    try:
        yield replace(action, path=str(path))
    finally:
        await asyncio.to_thread(path.unlink, missing_ok=True)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
