"""Test: everything at once: a burst of which nothing is lost, and coupons of which there are never more.

`SOAK_BURST=150000 SOAK_ROUNDS=500 pytest tests/soak/test_rush.py` for the long run.
"""

from __future__ import annotations

import asyncio
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.bench.world import messages, running
from bot.model import Member
from bot.storage.tables import messages as archive
from bot.storage.work import Work
from plugins.points import plugin as points
from plugins.shop import plugin as shop
from plugins.shop.tables import goods, orders
from tests.engine.stage import ADMIN, OWNER, running_app

pytestmark = pytest.mark.slow
BURST = int(os.environ.get("SOAK_BURST", "10000"))
ROUNDS = int(os.environ.get("SOAK_ROUNDS", "25"))
COUPONS, CLAIMS = 5, 20


async def test_a_burst_from_all_groups_at_once_is_kept_whole(tmp_path: Path) -> None:
    async def count(work: Work) -> int:
        kept = select(func.count(func.distinct(archive.c.id))).where(archive.c.kind != "own")
        return int((await work.execute(kept)).scalar_one())

    async with running(tmp_path / "burst.db") as app:
        for event in messages(BURST, datetime.now(UTC)):
            await app.deliver(event)
        while app.reception._room_left._value < 10_000:  # noqa: ASYNC110
            await asyncio.sleep(0)
        assert await app.writer.run(count) == BURST
        assert not app.reception.trouble


async def test_five_coupons_are_never_six(tmp_path: Path, both: object) -> None:
    crowd = tuple(Member(f"p{no}", f"群友{no}") for no in range(CLAIMS))
    async with running_app(tmp_path, points, shop, members=(OWNER, ADMIN, *crowd)) as stage:
        names = " ".join(f"@{member.name}" for member in crowd)
        await stage.say(f"/加分 {names} {ROUNDS}", ADMIN)
        for number in range(1, ROUNDS + 1):
            await stage.say(f"/商品 加 券{number} 1分 x{COUPONS} 限1", ADMIN)
            rush = [stage.message(f"/兑换 {number}", member) for member in crowd]
            await asyncio.gather(*(stage.app.handle(event) for event in rush))
            await stage.after(minutes=2)
            await stage.say(f"/商品 下架 {number}", ADMIN)
        given = {row["goods"]: 0 for row in await stage.rows(orders)}
        for row in await stage.rows(orders):
            given[row["goods"]] += 1
        assert given == dict.fromkeys(range(1, ROUNDS + 1), COUPONS)
        assert {row["stock"] for row in await stage.rows(goods)} == {0}
