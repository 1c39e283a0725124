"""Test: lotteries, points and invitations on the real engine and a real file: crowds, crashes, repetitions."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.cli.lottery import differences, read_proof
from bot.events import MemberJoined, MemberLeft, TimerDue
from bot.model import Member
from bot.storage.tables import postings, timers, transfers
from plugins.invite import plugin as invite
from plugins.invite.tables import invitations
from plugins.lottery import plugin as lottery
from plugins.lottery.draw import commitment, draw, entrant_code
from plugins.lottery.model import Tier
from plugins.lottery.say import MESSAGE_LENGTH
from plugins.lottery.tables import entrants, lotteries, seats
from plugins.points import plugin as points
from plugins.points.tables import checkins
from tests.engine.stage import ADMIN, OWNER, XIAOLI, XIAOWANG, Stage, running_app

ALL = (lottery, points, invite)
CROWD = tuple(Member(f"wxid_{no}", f"群友{no}") for no in range(40))


async def balance(stage: Stage, member: Member) -> int:
    total = select(func.coalesce(func.sum(postings.c.points), 0).label("n"))
    return int((await stage.read(total.where(postings.c.account == f"member:{member.id}")))[0].n)


async def everything_adds_up(stage: Stage) -> None:
    """Every transfer has two sides, all accounts together are zero, nobody is below zero."""
    by_account = select(postings.c.account, func.sum(postings.c.points).label("n")).group_by(postings.c.account)
    sums = {row.account: int(row.n) for row in await stage.read(by_account)}
    assert sum(sums.values()) == 0
    assert all(total >= 0 for account, total in sums.items() if account != "house")
    assert await stage.count(postings) == 2 * await stage.count(transfers)


async def test_a_draw_can_be_computed_again_from_what_the_group_saw(tmp_path: Path) -> None:
    async with running_app(tmp_path, *ALL, members=(OWNER, ADMIN, *CROWD)) as stage:
        await stage.say("/抽奖 咖啡券 x3、书 x5 10分钟", ADMIN)
        announced = re.findall(r"[0-9a-f]{64}", stage.far.texts()[0])
        for member in CROWD:
            await stage.say("参与", member)
        await stage.after(minutes=11)
        result = next(text for text in stage.far.texts() if "开奖啦" in text)
        seed, fingerprint = re.findall(r"[0-9a-f]{64}", stage.far.texts()[-1])
        assert announced == [commitment(seed)]
        codes = {entrant_code("L1", member.id): member for member in CROWD}
        wins = draw(seed, "L1", list(codes), [Tier("咖啡券", 3), Tier("书", 5)])
        first, second = (line for line in result.splitlines() if line.startswith("🏅"))
        assert re.findall(r"@(\S+)", first) == [codes[win.entrant].name for win in wins[:3]]
        assert re.findall(r"@(\S+)", second) == [codes[win.entrant].name for win in wins[3:]]
        text = (await stage.rows(lotteries))[0]["proof"]
        proof = read_proof(text)
        assert list(differences(proof, commitment=announced[0], list_fingerprint=fingerprint)) == []
        assert [name for _, name in proof["entrants"]] == [member.name for member in CROWD]
        assert "wxid_" not in text


async def test_redraws_stay_within_the_same_proof(tmp_path: Path) -> None:
    async with running_app(tmp_path, *ALL, members=(OWNER, ADMIN, *CROWD[:6])) as stage:
        await stage.say("/抽奖 书 x2", ADMIN)
        for member in CROWD[:6]:
            await stage.say("参与", member)
        await stage.say("/开奖", ADMIN)
        winners = [row["member"] for row in await stage.rows(seats)]
        gone = next(member for member in CROWD if member.id == winners[0])
        await stage.handle(stage.left(gone))
        for _ in range(3):
            await stage.say("/重抽 L1", ADMIN)
            await stage.say("确认", ADMIN)
        rows = await stage.rows(seats)
        assert len({row["member"] for row in rows}) == len(rows) == 6
        assert sum(row["state"] != "void" for row in rows) == 2
        proof = read_proof((await stage.rows(lotteries))[0]["proof"])
        assert list(differences(proof)) == []
        assert len(proof["redraws"]) == 2
        assert "没有其他符合条件的参与者" in stage.far.texts()[-1]


async def test_five_hundred_winners_are_all_named_once(tmp_path: Path) -> None:
    many = tuple(Member(f"w{no}", f"这位群友的名字有点长{no}") for no in range(490))
    async with running_app(tmp_path, lottery, members=(OWNER, ADMIN, *many), lottery__confirm="off") as stage:
        await stage.say("/抽奖 一等奖 x10、二等奖 x80、三等奖 x400", ADMIN)
        await asyncio.gather(*(stage.app.handle(stage.message("参与", member)) for member in many))
        await stage.app.settle()
        before = len(stage.far.texts())
        await stage.say("/开奖", ADMIN)
        await stage.after(hours=3)
        said = stage.far.texts()[before:]
        assert all(len(text) <= MESSAGE_LENGTH for text in said)
        named = re.findall(r"@(\S+)", "\n".join(said))
        assert len(named) == 490
        assert set(named) == {member.name for member in many}
        assert len(said) <= 25
        assert sorted(row["seq"] for row in await stage.rows(entrants)) == list(range(1, 491))


@pytest.mark.parametrize("killed_after", range(6))
async def test_a_crash_leaves_one_draw_or_none(tmp_path: Path, killed_after: int) -> None:
    """The process dies after the n-th step; started again, the lottery ends as if nothing had happened."""
    group = (OWNER, ADMIN, *CROWD[:3])
    async with running_app(tmp_path, lottery, members=group, lottery__confirm="each") as stage:
        start = stage.clock.now()
        steps = [("/抽奖 书 x2 10分钟", ADMIN), *(("参与", member) for member in CROWD[:3])]
        for number, (text, by) in enumerate(steps):
            await stage.app.handle(stage.message(text, by))
            if number == killed_after:
                await stage.restart()
            await stage.app.settle()
        if killed_after == 4:
            # The draw is on disk, its result has not been sent.
            stage.clock.set(start + timedelta(minutes=10))
            await stage.app.schedule.fire_due()
            await stage.restart()
        await stage.after(minutes=20)
        if killed_after == 5:
            await stage.restart()
            await stage.after(minutes=20)
        assert sum("开奖啦" in text for text in stage.far.texts()) == 1
        assert sum("公开验证" in text for text in stage.far.texts()) == 1
        assert sum("已参与" in text for text in stage.far.texts()) == 3
        assert [row["round"] for row in await stage.rows(seats)] == [1, 1]
        assert [row["seq"] for row in await stage.rows(entrants)] == [1, 2, 3]
        assert await stage.count(timers) == 0


async def test_the_same_event_twice_is_one_entry_one_draw_one_sign_in(tmp_path: Path) -> None:
    async with running_app(tmp_path, *ALL) as stage:
        for text, by in (("/抽奖 书 满1人", ADMIN), ("参与", XIAOWANG), ("/签到", XIAOLI), ("/加分 @小李 3", ADMIN)):
            event = stage.message(text, by)
            await stage.handle(event, event)
        await stage.restart()
        await stage.app.settle()
        assert await stage.count(lotteries) == 1
        assert await stage.count(entrants) == 1
        assert await stage.count(seats) == 1
        assert await balance(stage, XIAOLI) == 8


async def test_a_timer_that_rings_again_changes_nothing(tmp_path: Path) -> None:
    async with running_app(tmp_path, *ALL, lottery__confirm="each") as stage:
        await stage.say("/抽奖 书 10分钟", ADMIN)
        await stage.say("参与")
        await stage.handle(stage.joined(CROWD[0], XIAOLI), stage.joined(CROWD[1], XIAOLI), stage.left(CROWD[1]))
        assert await stage.count(timers) == 2
        await stage.after(days=2)
        said, moved = len(stage.far.texts()), await stage.count(transfers)
        for number, (plugin, name, key, value) in enumerate(
            (("lottery", "draw:1", "no", "1"), ("invite", "vest:1", "id", "1"), ("invite", "vest:2", "id", "2"))
        ):
            at = {"id": f"again{number}", "at": stage.clock.now(), "group": "g1"}
            await stage.handle(TimerDue(plugin=plugin, name=name, payload={key: value}, **at))
        await stage.app.settle()
        assert (len(stage.far.texts()), await stage.count(transfers)) == (said, moved)
        assert await balance(stage, XIAOLI) == 10
        assert [row["state"] for row in await stage.rows(invitations)] == ["counted", "void"]


async def test_an_early_end_leaves_no_timer(tmp_path: Path) -> None:
    async with running_app(tmp_path, lottery, lottery__confirm="merged") as stage:
        for end in ("/开奖", "/取消"):
            await stage.say("/抽奖 书 10分钟", ADMIN)
            await stage.say("参与")
            assert await stage.count(timers) == 2
            await stage.say(end, ADMIN)
            await stage.say("确认", ADMIN)
            assert await stage.count(timers) == 0


async def test_fifty_sign_ins_at_once_are_one(tmp_path: Path) -> None:
    async with running_app(tmp_path, *ALL) as stage:
        await asyncio.gather(*(stage.app.handle(stage.message("/签到")) for _ in range(50)))
        await stage.app.settle()
        assert await stage.count(checkins) == 1
        assert await balance(stage, XIAOWANG) == 5
        assert sum("签到成功" in text for text in stage.far.texts()) == 1
        await everything_adds_up(stage)


async def test_thirty_deductions_at_once_stop_at_zero(tmp_path: Path) -> None:
    async with running_app(tmp_path, *ALL) as stage:
        await stage.say("/加分 @小王 100", ADMIN)
        await asyncio.gather(*(stage.app.handle(stage.message("/加分 @小王 -7", ADMIN)) for _ in range(30)))
        assert await balance(stage, XIAOWANG) == 2
        await everything_adds_up(stage)


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Pacific/Auckland", "America/Los_Angeles"])
async def test_a_day_is_the_groups_own(tmp_path: Path, zone: str) -> None:
    async with running_app(tmp_path, points, bot__timezone=zone) as stage:
        local = stage.clock.now().astimezone(stage.app.book.info("g1").zone)
        midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        stage.clock.set(midnight - timedelta(seconds=1))
        await stage.say("/签到")
        stage.clock.set(midnight)
        await stage.say("/签到")
        await stage.say("/签到")
        assert [row["streak"] for row in await stage.rows(checkins)] == [1, 2]
        assert await balance(stage, XIAOWANG) == 10


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_people_do_nobody_is_paid_twice_for_the_same_friend(tmp_path: Path, seed: int) -> None:
    """Random comings, goings, claims and crashes in two groups; checked against the ledger after each step."""
    random = Random(seed)  # noqa: S311
    people = [Member(f"p{no}", f"友{no}") for no in range(6)]
    inside: dict[str, set[str]] = {"g1": set(), "g2": set()}
    async with running_app(tmp_path, *ALL, members=(OWNER, ADMIN, XIAOLI)) as stage:
        await stage.roster(OWNER, ADMIN, XIAOLI, group="g2")
        for step in range(60):
            group, who = random.choice(("g1", "g2")), random.choice(people)
            here = [one for one in people if one.id in inside[group]] + [XIAOLI]
            if random.random() < 0.1:
                await stage.restart()
            if random.random() < 0.3:
                await stage.after(hours=random.choice((1, 11, 25)))
            if who.id not in inside[group]:
                inviter = random.choice([None, *here, who])
                at = {"id": f"e{step}", "at": stage.clock.now(), "group": group}
                await stage.handle(MemberJoined(member=who, inviter=inviter, **at))
                inside[group].add(who.id)
            elif random.random() < 0.5:
                await stage.handle(MemberLeft(id=f"e{step}", at=stage.clock.now(), group=group, member=who))
                inside[group].discard(who.id)
            else:
                await stage.say(f"我是{random.choice(here).name}邀请的", who, group)
            await stage.app.settle()
            await everything_adds_up(stage)
            await each_friend_counts_once(stage)
        assert await stage.count(transfers) > 0


async def test_a_friend_whose_id_begins_like_another_counts_too(tmp_path: Path) -> None:
    async with running_app(tmp_path, *ALL) as stage:
        for member in (Member("p10", "老十"), Member("p1", "老大")):
            await stage.handle(stage.joined(member, XIAOLI))
            await stage.after(hours=25)
        assert [row["state"] for row in await stage.rows(invitations)] == ["counted", "counted"]
        assert await balance(stage, XIAOLI) == 20


async def each_friend_counts_once(stage: Stage) -> None:
    rows: list[dict[str, Any]] = await stage.rows(invitations)
    counted = [row["invitee"] for row in rows if row["state"] in ("counted", "deducted")]
    assert len(counted) == len(set(counted))
    waiting = [row["invitee"] for row in rows if row["state"] in ("counted", "deducted", "pending")]
    assert len(waiting) == len(set(waiting))
    assert all(row["invitee"] != row["inviter"] for row in rows if row["state"] != "void")
    paid = [row["key"] for row in await stage.rows(transfers) if row["key"].startswith("invite:")]
    assert sorted(paid) == sorted(f"invite:{invitee}" for invitee in counted)
