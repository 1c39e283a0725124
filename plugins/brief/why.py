"""Plugin: why something did not come from outside, in words for admins; the log has the technical ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.context import Context
from bot.model import Obstacle

_PASSES = frozenset((Obstacle.SLOW, Obstacle.CONNECTION, Obstacle.BUSY, Obstacle.SERVER))
"""Another try may help; else the address is to be looked at."""


class NotRead(ValueError):
    """An answer that makes no sense to us. key: of the sentence that says so; the message is for the log."""

    def __init__(self, key: str, text: str) -> None:
        super().__init__(text)
        self.key = key


def why(ctx: Context[Any], reason: Obstacle | ValueError | None) -> str:
    """Half a sentence, such as `对方 10 秒没有回应`."""
    if isinstance(reason, Obstacle):
        waited = max(ctx.section("fetch").timeout, timedelta(seconds=1))
        return ctx.text(f"why_{reason.value}", 时长=ctx.say_duration(waited))
    return ctx.text(f"why_{reason.key if isinstance(reason, NotRead) else 'unread'}")


def what_helps(ctx: Context[Any], reason: Obstacle | ValueError | None) -> str:
    """What whoever gave the address can do now."""
    return ctx.text("try_again" if reason in _PASSES else "look_at_address")
