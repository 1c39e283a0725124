"""Bench: `draw`: a lottery with ten thousand entrants: the arithmetic alone, and through the whole bot."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

from bot.actions import SendText
from bot.app import App
from bot.bench.figures import Line, peak_mb
from bot.bench.world import GROUPS, MEMBERS, member, running
from bot.clock import ManualClock
from bot.events import MessageReceived, RosterSeen
from bot.model import Member, Role

ENTRANTS = GROUPS * MEMBERS
LIMIT = "< 1 s"
HEAD = Member("head", "群主", Role.OWNER)
AT_ONCE = 500


async def measure() -> list[Line]:
    """Seconds for the winners with everything that proves them; then what the bot needs for them, and says."""
    lines = _arithmetic()
    with TemporaryDirectory() as folder:
        lines += await _through_the_bot(Path(folder))
    return lines


def _arithmetic() -> list[Line]:
    lottery, model = (importlib.import_module(f"plugins.lottery.{name}") for name in ("draw", "model"))
    entrants = [f"wxid_{number:05}" for number in range(ENTRANTS)]
    tiers = [model.Tier("一等奖", 1), model.Tier("二等奖", 10), model.Tier("三等奖", 300)]
    return [
        _timed("10,000 entrants, 311 winners", lottery, entrants, tiers),
        _timed("10,000 entrants with 3 tickets each", lottery, dict.fromkeys(entrants, 3), tiers),
    ]


def _timed(work: str, lottery: Any, entrants: Any, tiers: Any) -> Line:
    began = perf_counter()
    lottery.draw("5" * 64, "L1", entrants, tiers)
    return _line(work, perf_counter() - began)


def _line(work: str, seconds: float, **more: object) -> Line:
    return {
        "bench": "draw", "work": work, "count": ENTRANTS, "seconds": round(seconds, 4), "limit": LIMIT, **more,
        "peak_mb": round(peak_mb(), 1),
    }  # fmt: skip


async def _through_the_bot(folder: Path) -> list[Line]:
    clock = ManualClock(datetime(2026, 1, 5, 1, 0, tzinfo=UTC))
    async with running(folder / "draw.db", clock) as app:
        said: list[SendText] = []
        _listen(app, said)
        await _roster(app, clock)
        await _say(app, clock, 0, HEAD, "/抽奖 一等奖 x1、二等奖 x10、三等奖 x300 所有群", "start")
        for first in range(0, ENTRANTS, AT_ONCE):
            group = first // MEMBERS
            waiting = [
                app.dispatcher.submit(_message(clock, group, member(group, number), "参与", f"e{first + number}"))
                for number in range(AT_ONCE)
            ]
            for done in waiting:
                await done
        said.clear()
        began = perf_counter()
        await _say(app, clock, 0, HEAD, "/开奖 L1", "draw")
        seconds = perf_counter() - began
        texts = [action for action in said if (action.group == "g0" and "开奖啦" in action.text) or action.mentions]
        return [
            _line(
                "/开奖 through the bot: 20 groups, on disk",
                seconds,
                messages=len(said) // GROUPS,
                longest=max((len(action.text) for action in said), default=0),
                winners_named=len({one.id for action in texts for one in action.mentions}),
            )
        ]


def _listen(app: App, said: list[SendText]) -> None:
    hand_over = app.outbox.hand_over

    def listen(rows: Sequence[Any]) -> None:
        said.extend(row.action for row in rows if isinstance(row.action, SendText))
        hand_over(rows)

    app.outbox.hand_over = listen


async def _roster(app: App, clock: ManualClock) -> None:
    """The one who starts it is at home in every group."""
    for group in range(GROUPS):
        everybody = (HEAD, *(member(group, number) for number in range(MEMBERS)))
        now = clock.now()
        await app.handle(RosterSeen(id=f"head:{group}", at=now, group=f"g{group}", members=everybody))


def _message(clock: ManualClock, group: int, sender: Member, text: str, key: str) -> MessageReceived:
    return MessageReceived(id=f"draw:{key}", at=clock.now(), group=f"g{group}", sender=sender, text=text)


async def _say(app: App, clock: ManualClock, group: int, sender: Member, text: str, key: str) -> None:
    await app.handle(_message(clock, group, sender, text, key))
