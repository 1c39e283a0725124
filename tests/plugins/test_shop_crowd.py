"""Test: the shop under a crowd and under crashes, on the real engine and a real file."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from bot.actions import SendText
from bot.model import Member
from plugins.points import plugin as points
from plugins.shop import plugin as shop
from plugins.shop.tables import codes, goods, orders
from tests import stores
from tests.engine.stage import ADMIN, OWNER, XIAOLI, XIAOWANG, Stage, running_app

pytestmark = pytest.mark.usefixtures("both")

CROWD = tuple(Member(f"p{no}", f"群友{no}") for no in range(200))


async def rich(stage: Stage, *members: Member, points_each: int = 100) -> None:
    for start in range(0, len(members), 40):
        names = " ".join(f"@{member.name}" for member in members[start : start + 40])
        await stage.say(f"/加分 {names} {points_each}", ADMIN)


async def all_is_well(stage: Stage) -> None:
    """The ledger is true, every order was paid once or given back, nothing was given twice or more than there was."""
    found = stores.audit_at(stage.database)
    assert found.problems == ()
    rows = await stage.rows(orders)
    spent = sum(row["price"] for row in rows if row["state"] != "refunded")
    granted = 100 * len({row["member"] for row in rows})
    assert found.issued >= granted - spent
    given = [row["order"] for row in await stage.rows(codes) if row["order"] is not None]
    assert len(given) == len(set(given))
    assert all(row["stock"] is None or row["stock"] >= 0 for row in await stage.rows(goods))


async def test_two_hundred_at_once_get_what_there_is_and_no_more(tmp_path: Path) -> None:
    async with running_app(tmp_path, points, shop, members=(OWNER, ADMIN, *CROWD)) as stage:
        await rich(stage, *CROWD)
        await stage.say("/商品 加 精装书 60分 x20 限1 10分钟后开抢", ADMIN)
        before = len(stage.far.texts())
        early = [stage.message("/兑换 1", member) for member in CROWD]
        await asyncio.gather(*(stage.app.handle(event) for event in early))
        assert await stage.count(orders) == 0
        await stage.after(minutes=10)
        rush = [stage.message("/兑换 1", member) for member in CROWD] + [stage.message("/兑换 1", CROWD[3])]
        await asyncio.gather(*(stage.app.handle(event) for event in rush))
        await stage.after(minutes=2)
        rows = await stage.rows(orders)
        assert [row["member"] for row in rows] == [member.id for member in CROWD[:20]]
        assert (await stage.rows(goods))[0]["stock"] == 0
        said = stage.far.texts()[before:]
        assert len(said) <= 6, said
        named = next(text for text in said if "抢到" in text)
        assert [name for name in named.split("@")[1:] if name] != []
        assert named.count("@") == 20
        assert any("待发货 20 单" in text for text in stage.far.notices)
        await all_is_well(stage)


async def test_a_crowd_gets_each_code_once_and_privately(tmp_path: Path) -> None:
    async with running_app(tmp_path, points, shop, members=(OWNER, ADMIN, *CROWD[:60])) as stage:
        await rich(stage, *CROWD[:60])
        await stage.say("/商品 加 电影票 10分 券码", ADMIN)
        listed = [f"CODE-{no:03}" for no in range(25)]
        await stage.say("/券码 1\n" + "\n".join(listed), ADMIN, group="")
        events = [stage.message("/兑换 1", member) for member in CROWD[:60]]
        await asyncio.gather(*(stage.app.handle(event) for event in [*events, *events]))
        await stage.after(hours=1)
        given = {a.to: a.text for a in stage.far.actions if isinstance(a, SendText) and "的券码" in a.text}
        assert sorted(text.split("：")[1].split("\n")[0] for text in given.values()) == listed
        assert "" not in given
        assert not any(
            code in text
            for code in listed
            for a in stage.far.actions
            if isinstance(a, SendText) and not a.to
            for text in [a.text]
        )
        await all_is_well(stage)


async def test_nobody_spends_the_same_points_twice(tmp_path: Path) -> None:
    async with running_app(tmp_path, points, shop) as stage:
        await rich(stage, XIAOWANG)
        await stage.say("/商品 加 书签 30分", ADMIN)
        await asyncio.gather(*(stage.app.handle(stage.message("/兑换 1")) for _ in range(100)))
        assert await stage.count(orders) == 3
        await all_is_well(stage)


async def test_the_same_order_is_handed_out_or_given_back_but_not_both(tmp_path: Path) -> None:
    async with running_app(tmp_path, points, shop) as stage:
        await rich(stage, XIAOWANG)
        await stage.say("/商品 加 书签 30分 x5", ADMIN)
        await stage.say("/兑换 1")
        ends = [("/发货 D1", ADMIN), ("/兑换 取消 D1", XIAOWANG), ("/退款 D1", ADMIN), ("/兑换 取消 D1", XIAOWANG)]
        await asyncio.gather(*(stage.app.handle(stage.message(text, by)) for text, by in ends for _ in range(3)))
        assert [row["state"] for row in await stage.rows(orders)] == ["refunded"]
        assert stores.audit_at(stage.database).issued == 100
        assert (await stage.rows(goods))[0]["stock"] == 4  # it was handed out before it was given back
        await all_is_well(stage)


@pytest.mark.parametrize("seed", range(4))
async def test_whatever_people_and_crashes_do_points_and_stock_agree(tmp_path: Path, seed: int) -> None:
    random = Random(seed)  # noqa: S311
    people = (XIAOWANG, XIAOLI)
    async with running_app(tmp_path, points, shop, shop__refund_after="2h") as stage:
        await rich(stage, *people)
        await stage.say("/商品 加 书签 30分 x3 限2", ADMIN)
        await stage.say("/商品 加 票 10分 券码", ADMIN)
        for step in range(40):
            who, no = random.choice(people), random.randint(1, 12)
            lines = [("/兑换 1", who), ("/兑换 2", who), (f"/兑换 取消 D{no}", who), (f"/退款 D{no}", ADMIN)]
            lines += [(f"/发货 D{no}", ADMIN), ("/商品 补货 1 x1", ADMIN)]
            text, by = random.choice(lines)
            event = stage.message(text, by)
            await asyncio.gather(stage.app.handle(event), stage.app.handle(stage.message("/兑换 1", who)))
            if random.random() < 0.2:
                await stage.restart()
            await stage.app.handle(event)
            if random.random() < 0.2:
                await stage.say(f"/券码 2\nC{step}", ADMIN, group="")
            if random.random() < 0.2:
                await stage.after(minutes=random.choice((1, 70)))
        rows = await stage.rows(orders)
        assert rows
        spent = sum(row["price"] for row in rows if row["state"] != "refunded")
        assert stores.audit_at(stage.database).issued == 200 - spent
        kept = Counter((row["member"], row["goods"]) for row in rows if row["state"] != "refunded")
        assert all(count <= 2 for (_, no), count in kept.items() if no == 1)
        await all_is_well(stage)
        await stage.app.advance(stage.clock.now() + timedelta(hours=3))
        assert all(row["state"] != "reserved" for row in await stage.rows(orders))
