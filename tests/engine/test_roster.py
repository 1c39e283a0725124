"""Test: the roster: who is there, since when and by whom, whatever is announced, twice, late or not at all."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.actions import Action
from bot.events import (
    Event,
    GatewayChanged,
    InviterLearned,
    MemberJoined,
    MemberLeft,
    MemberRenamed,
    MemberRoleChanged,
    MessageReceived,
    TopicChanged,
)
from bot.model import Member, Role
from bot.plugin import Context
from bot.storage.tables import groups, member_history, members, messages
from tests.engine.stage import ADMIN, BOT, OWNER, XIAOLI, XIAOWANG, G, Stage, make_plugin, running_app

CHEN = Member("c", "小陈")
OLD = (OWNER, ADMIN, XIAOWANG, XIAOLI)
CROWD = tuple(Member(f"m{n}", f"群友{n}") for n in range(40))


def watching(tmp_path: Path, **values: Any):
    """A running bot and what its plugins see, but for messages."""
    plugin = make_plugin("watcher")
    seen: list[Event] = []

    @plugin.on(Event)
    async def see(event: Event, ctx: Context[Any]) -> AsyncIterator[Action]:
        if not isinstance(event, MessageReceived):
            seen.append(event)
        return
        yield

    return running_app(tmp_path, plugin, **values), seen


async def profile(stage: Stage, who: str) -> dict[str, Any]:
    return next(row for row in await stage.rows(members) if row["id"] == who)


async def present(stage: Stage) -> set[str]:
    return {row["id"] for row in await stage.rows(members) if row["left_at"] is None}


def kinds(seen: list[Event]) -> list[str]:
    return [type(event).__name__ for event in seen]


# ---- comparing the list


async def test_the_first_list_greets_nobody(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        assert seen == []
        assert await present(stage) == {"owner", "admin", "w", "l", "bot"}
        (group,) = await stage.rows(groups)
        assert (group["topic"], group["size"]) == ("读书群", 5)
        await stage.roster(*OLD)
        assert seen == []


async def test_who_came_and_went_unannounced_is_found_once(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        await stage.after(minutes=5)
        for _ in range(3):
            await stage.roster(OWNER, ADMIN, XIAOWANG, CHEN)
            await stage.after(minutes=5)
        await stage.restart()
        await stage.roster(OWNER, ADMIN, XIAOWANG, CHEN)
        assert [(type(e), e.member.id, e.source) for e in seen] == [
            (MemberJoined, "c", "roster"),
            (MemberLeft, "l", "roster"),
        ]


@pytest.mark.parametrize("listed_first", [True, False])
async def test_announced_and_listed_is_one_join(tmp_path: Path, listed_first: bool):
    app, seen = watching(tmp_path)
    async with app as stage:
        await stage.after(minutes=5)
        announced = stage.joined(CHEN)
        if listed_first:
            await stage.roster(*OLD, CHEN)
        await stage.handle(announced, stage.joined(CHEN))
        await stage.roster(*OLD, CHEN)
        assert kinds(seen) == ["MemberJoined"]
        assert (await profile(stage, "c"))["join_count"] == 1


@pytest.mark.parametrize("listed_first", [True, False])
async def test_announced_and_listed_is_one_leave(tmp_path: Path, listed_first: bool):
    app, seen = watching(tmp_path)
    async with app as stage:
        await stage.after(minutes=5)
        if listed_first:
            await stage.roster(*OLD[:3])
        await stage.handle(stage.left(XIAOLI), stage.left(XIAOLI))
        await stage.roster(*OLD[:3])
        assert kinds(seen) == ["MemberLeft"]


async def test_an_inviter_who_is_announced_late_is_learned(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        await stage.after(minutes=5)
        await stage.roster(*OLD, CHEN)
        await stage.after(minutes=1)
        late = stage.joined(CHEN, XIAOWANG)
        await stage.handle(late, late, stage.joined(CHEN, XIAOLI))
        assert kinds(seen) == ["MemberJoined", "InviterLearned"]
        assert isinstance(seen[1], InviterLearned)
        assert (seen[1].member.id, seen[1].inviter.id) == ("c", "w")
        assert (await profile(stage, "c"))["inviter_id"] == "w"


async def test_an_inviter_announced_much_later_is_not_believed(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        await stage.after(minutes=5)
        await stage.roster(*OLD, CHEN)
        await stage.after(minutes=11)
        await stage.handle(stage.joined(CHEN, XIAOWANG))
        assert kinds(seen) == ["MemberJoined"]


async def test_a_fraction_of_the_list_makes_nobody_leave(tmp_path: Path):
    app, seen = watching(tmp_path, members=(*OLD, *CROWD))
    async with app as stage:
        await stage.after(minutes=5)
        await stage.roster(OWNER, *CROWD[:3])
        await stage.handle(replace(stage.message("x"), id="x"))
        assert seen == []
        assert len(await present(stage)) == 45
        (group,) = await stage.rows(groups)
        assert group["size"] == 45
        await stage.roster(*OLD, *CROWD[:-1])
        assert kinds(seen) == ["MemberLeft"]


async def test_an_empty_list_means_nothing(tmp_path: Path):
    from bot.events import RosterSeen

    app, seen = watching(tmp_path)
    async with app as stage:
        await stage.after(minutes=5)
        await stage.handle(RosterSeen(id="r", at=stage.clock.now(), group=G, members=()))
        assert seen == []
        assert len(await present(stage)) == 5


async def test_a_first_list_that_was_a_fraction_does_not_greet_the_rest(tmp_path: Path):
    app, seen = watching(tmp_path, members=(OWNER, ADMIN))
    async with app as stage:
        await stage.after(minutes=5)
        await stage.roster(*OLD, *CROWD)
        assert seen == []
        await stage.after(minutes=5)
        await stage.roster(*OLD, *CROWD, CHEN)
        assert [e.member.id for e in seen] == ["c"]


async def test_a_list_read_before_a_join_does_not_undo_it(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        await stage.after(minutes=5)
        await stage.handle(stage.joined(CHEN))
        await stage.after(seconds=10)
        await stage.roster(*OLD)
        assert kinds(seen) == ["MemberJoined"]
        await stage.after(seconds=31)
        await stage.roster(*OLD)
        assert kinds(seen) == ["MemberJoined", "MemberLeft"]


async def test_a_list_read_before_a_leave_does_not_undo_it(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        await stage.after(minutes=5)
        await stage.handle(stage.left(XIAOLI))
        await stage.after(seconds=10)
        await stage.roster(*OLD)
        assert kinds(seen) == ["MemberLeft"]
        await stage.after(minutes=1)
        await stage.roster(*OLD)
        assert kinds(seen) == ["MemberLeft", "MemberJoined"]


# ---- coming and going


async def test_who_comes_again_keeps_the_past(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        began = stage.clock.now()
        for _ in range(3):
            await stage.after(minutes=5)
            await stage.handle(stage.joined(CHEN, XIAOWANG))
            await stage.after(minutes=5)
            await stage.handle(stage.left(CHEN))
        await stage.after(minutes=5)
        await stage.handle(stage.joined(CHEN, XIAOLI))
        row = await profile(stage, "c")
        assert (row["join_count"], row["inviter_id"], row["left_at"]) == (4, "l", None)
        assert row["first_seen_at"] == began + timedelta(minutes=5)
        assert row["joined_at"] == stage.clock.now()
        assert kinds(seen) == ["MemberJoined", "MemberLeft"] * 3 + ["MemberJoined"]


async def test_a_leave_that_is_older_than_the_join_is_ignored(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        old = stage.left(CHEN)
        await stage.after(minutes=5)
        await stage.handle(stage.joined(CHEN), old)
        assert kinds(seen) == ["MemberJoined"]
        assert "c" in await present(stage)


async def test_a_join_that_is_older_than_the_leave_is_ignored(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        old = stage.joined(CHEN)
        await stage.after(minutes=5)
        await stage.handle(stage.joined(CHEN), stage.left(CHEN), old)
        assert kinds(seen) == ["MemberJoined", "MemberLeft"]


async def test_a_leave_of_a_stranger_is_told(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        await stage.handle(stage.left(CHEN, by=ADMIN))
        assert kinds(seen) == ["MemberLeft"]
        assert "c" not in await present(stage)


async def test_the_size_follows(tmp_path: Path):
    app, _ = watching(tmp_path)
    async with app as stage:
        await stage.handle(stage.joined(CHEN), stage.left(XIAOLI), stage.left(XIAOWANG))
        assert stage.app.book.info(G).size == 4
        await stage.roster(OWNER, ADMIN, CHEN, size=480)
        assert stage.app.book.info(G).size == 480


async def test_who_speaks_before_the_join_is_announced_has_joined_all_the_same(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        await stage.after(minutes=5)
        await stage.say("大家好", CHEN)
        await stage.after(seconds=5)
        await stage.handle(stage.joined(CHEN, XIAOWANG), stage.joined(CHEN, XIAOWANG))
        assert kinds(seen) == ["MemberJoined"]
        row = await profile(stage, "c")
        assert (row["inviter_id"], row["join_count"]) == ("w", 1)
        assert row["joined_at"] is not None


async def test_who_joined_unannounced_and_spoke_before_the_next_list_is_found(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        await stage.after(minutes=5)
        await stage.say("大家好", CHEN)
        await stage.after(minutes=5)
        await stage.restart()
        await stage.roster(*OLD, CHEN)
        await stage.roster(*OLD, CHEN)
        assert [(type(e), e.member.id, e.source) for e in seen] == [(MemberJoined, "c", "roster")]
        assert (await profile(stage, "c"))["joined_at"] is not None


async def test_an_old_member_s_old_announcement_is_no_join(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        await stage.handle(replace(stage.joined(XIAOLI), at=stage.clock.now() - timedelta(days=3)))
        assert seen == []
        assert (await profile(stage, "l"))["joined_at"] is None


# ---- names, roles, topic


async def test_a_new_name_is_told_once(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        renamed = replace(XIAOWANG, name="王-上海-设计")
        await stage.say("hi", renamed)
        await stage.say("hi", renamed)
        await stage.roster(OWNER, ADMIN, renamed, XIAOLI)
        assert kinds(seen) == ["MemberRenamed"]
        assert isinstance(seen[0], MemberRenamed)
        assert (seen[0].old_name, seen[0].member.name) == ("小王", "王-上海-设计")
        history = [row for row in await stage.rows(member_history) if row["what"] == "renamed"]
        assert [(row["detail"]["from"], row["detail"]["to"]) for row in history] == [("小王", "王-上海-设计")]


async def test_a_new_role_is_told_once(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        await stage.after(minutes=5)
        promoted = replace(XIAOWANG, role=Role.ADMIN)
        await stage.roster(OWNER, ADMIN, promoted, XIAOLI)
        await stage.roster(OWNER, ADMIN, promoted, XIAOLI)
        assert kinds(seen) == ["MemberRoleChanged"]
        assert isinstance(seen[0], MemberRoleChanged)
        assert (seen[0].old_role, seen[0].member.role) == (Role.MEMBER, Role.ADMIN)


async def test_an_operator_stays_one_whatever_the_platform_says(tmp_path: Path):
    plugin = make_plugin("namer")
    roles: list[Role] = []

    @plugin.on(MessageReceived)
    async def name_them(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        roles.append(event.sender.role)
        await ctx.members.set_role("w", Role.MODERATOR, by="owner")
        return
        yield

    async with running_app(tmp_path, plugin) as stage:
        await stage.say("hi")
        await stage.say("hi")
        await stage.restart()
        await stage.roster(*OLD)
        await stage.say("hi")
        assert roles == [Role.MEMBER, Role.MODERATOR, Role.MODERATOR]


async def test_an_owner_of_the_bot_is_keeper_everywhere(tmp_path: Path):
    plugin = make_plugin("looker")
    roles: list[Role] = []

    @plugin.on(MessageReceived)
    async def look(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        roles.append(event.sender.role)
        return
        yield

    async with running_app(tmp_path, plugin, bot__owners=("w",)) as stage:
        await stage.say("hi")
        await stage.say("hi", group="g2")
        assert roles == [Role.KEEPER, Role.KEEPER]


NAMES = [
    "👨‍👩‍👧‍👦🎉",
    "\u200b\u200d",
    "\u202eevil\u202c",
    "a" * 500,
    "<b>&'\"",
    "小\n王",
    " ",
    "'; DROP TABLE members;--",
    "{昵称}",
]


@pytest.mark.parametrize("name", NAMES)
async def test_names_of_any_kind(tmp_path: Path, name: str):
    app, seen = watching(tmp_path)
    async with app as stage:
        await stage.say("hi", replace(XIAOWANG, name=name))
        await stage.say("hi", replace(XIAOWANG, name=name))
        await stage.say("@小李 /帮助", replace(XIAOWANG, name=name))
        assert kinds(seen) == ["MemberRenamed"]
        assert (await profile(stage, "w"))["name"] == name


async def test_a_topic_is_told_once_however_it_is_learned(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        changed = TopicChanged(id="t", at=stage.clock.now(), group=G, topic="电影群")
        await stage.handle(changed, replace(changed, id="t2"))
        await stage.roster(*OLD, topic="电影群")
        await stage.after(minutes=1)
        await stage.roster(*OLD, topic="音乐群")
        await stage.roster(*OLD, topic="音乐群")
        assert [e.topic for e in seen if isinstance(e, TopicChanged)] == ["电影群", "音乐群"]
        assert stage.app.book.info(G).topic == "音乐群"


async def test_a_gap_is_marked_in_the_archive(tmp_path: Path):
    app, _ = watching(tmp_path)
    async with app as stage:
        away = GatewayChanged(id="up", at=stage.clock.now(), up=True, gap_from=stage.clock.now() - timedelta(hours=1))
        await stage.handle(away)
        (gap,) = await stage.rows(messages)
        assert (gap["kind"], gap["group"]) == ("gap", G)


async def test_the_bot_in_its_own_list_is_nobody_s_join(tmp_path: Path):
    app, seen = watching(tmp_path)
    async with app as stage:
        await stage.after(minutes=5)
        await stage.roster(*OLD)
        assert BOT.id in await present(stage)
        assert seen == []


async def test_speaking_is_counted(tmp_path: Path):
    app, _ = watching(tmp_path)
    async with app as stage:
        for _ in range(3):
            await stage.say("hi")
        late = replace(stage.message("late"), at=stage.clock.now() - timedelta(hours=1))
        await stage.handle(late)
        row = await profile(stage, "w")
        assert (row["message_count"], row["last_spoke_at"]) == (4, stage.clock.now())


async def test_a_coming_reads_one_row_of_a_group_that_hundreds_have_left(tmp_path: Path):
    app, _ = watching(tmp_path)
    async with app as stage:
        for member in CROWD:
            await stage.handle(stage.joined(member), stage.left(member))
        cache = stage.app.dispatcher.roster.cache
        kept = dict(await stage.app.writer.run(lambda work: cache.group(work, G)))
        assert len(kept) == len(CROWD) + 5
        await stage.handle(stage.joined(CHEN), stage.joined(CROWD[0]), stage.left(CROWD[0]))
        after = await stage.app.writer.run(lambda work: cache.group(work, G))
        assert after["c"].present
        assert after["c"].joined_at == stage.clock.now()
        assert (after["m0"].present, after["m0"].join_count) == (False, 2)
        # All others are the very ones that were read before.
        assert [who for who, row in kept.items() if after[who] is not row] == ["m0"]
        assert after == {row["id"]: after[row["id"]] for row in await stage.rows(members)}
