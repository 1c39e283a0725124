"""Test: a file and a server answer the same questions alike, also where SQL itself leaves it open."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from bot.model import Member, Mode
from bot.storage.cases import CaseStore
from bot.storage.tables import cases, member_history, members, messages, notes, timers, upsert
from bot.storage.work import Work
from bot.storage.writer import Writer

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
LONG_AGO = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)


async def do(writer: Writer, *statements: Any) -> list[Any]:
    async def unit(work: Work) -> list[Any]:
        for statement in statements[:-1]:
            await work.execute(statement)
        result = await work.execute(statements[-1])
        return list(result) if result.returns_rows else [result.rowcount]

    return await writer.run(unit)


def person(name: str, **more: Any) -> Any:
    row = {"group": "g", "id": name, "name": name, "first_seen_at": NOW, **more}
    return insert(members).values(**row)


def said(text: str) -> Any:
    return insert(messages).values(id=text[:9], group="g", sender="w", at=NOW, kind="text", text=text)


async def test_nothing_comes_before_something(writer: Writer):
    await do(writer, person("b", joined_at=NOW), person("a"), person("c", joined_at=NOW + timedelta(1)))
    first = select(members.c.id).order_by(members.c.joined_at, members.c.id)
    last = select(members.c.id).order_by(members.c.joined_at.desc(), members.c.id)
    assert [row.id for row in await do(writer, first)] == ["a", "b", "c"]
    assert [row.id for row in await do(writer, last)] == ["c", "b", "a"]


async def test_names_are_ordered_by_their_characters(writer: Writer):
    names = ["b", "A", "a", "_", "张", "李", "~x", "Z"]
    await do(writer, *map(person, names))
    assert [row.id for row in await do(writer, select(members.c.id).order_by(members.c.id))] == sorted(names)
    prefix = select(members.c.id).where(members.c.id >= "~", members.c.id < "~" + chr(0x10FFFF))
    assert [row.id for row in await do(writer, prefix)] == ["~x"]


async def test_a_part_is_found_whatever_its_capitals(writer: Writer):
    await do(writer, said("Hello 100%"), said("hello_world"))
    for part, count in (("HELLO", 2), ("100%", 1), ("o_w", 1), ("%", 1), ("\\", 0)):
        found = select(func.count()).where(messages.c.text.contains(part, autoescape=True))
        assert (await do(writer, found))[0][0] == count, part


async def test_the_greater_of_two_and_sums_are_whole_numbers(writer: Writer):
    await do(writer, person("a", message_count=2**40), person("b", message_count=3))
    row: Any = (await do(writer, select(func.sum(members.c.message_count), func.avg(members.c.message_count))))[0]
    assert row == (2**40 + 3, (2**40 + 3) / 2)
    assert [type(number) for number in row] == [int, float]
    greater = select(func.max(members.c.message_count, 7)).order_by(members.c.id)
    assert [row[0] for row in await do(writer, greater)] == [2**40, 7]


async def test_times_before_and_far_after_now(writer: Writer):
    far = datetime(2999, 12, 31, tzinfo=UTC)
    await do(writer, person("a", first_seen_at=LONG_AGO, left_at=far))
    row: Any = (await do(writer, select(members.c.first_seen_at, members.c.left_at)))[0]
    assert (row.first_seen_at, row.left_at) == (LONG_AGO, far)


async def test_structures_can_be_looked_into_and_cut(writer: Writer):
    detail = {"day": "2026-01-05", "from": "旧", "to": "新"}
    row = {"group": "g", "member": "w", "at": NOW, "what": "renamed", "detail": detail}
    await do(writer, insert(member_history).values(**row))
    day = func.json_extract(member_history.c.detail, "$.day")
    none = func.json_extract(member_history.c.detail, "$.by")
    assert await do(writer, select(day, none)) == [("2026-01-05", None)]
    cut = func.json_remove(member_history.c.detail, "$.from", "$.to")
    await do(writer, update(member_history).values(detail=cut))
    assert (await do(writer, select(member_history.c.detail)))[0][0] == {"day": "2026-01-05"}


async def test_what_strangers_write_goes_in(writer: Writer):
    for text in ("a\0b", "🎉" * 3000, "'; DROP TABLE cases; --", "\u202e反", ""):
        await do(writer, delete(messages), said(text))
        kept = (await do(writer, select(messages.c.text)))[0][0]
        assert kept.replace("\N{REPLACEMENT CHARACTER}", "\0") == text


async def test_a_row_that_is_there_already_is_left_or_changed(writer: Writer):
    row = {"plugin": "p", "group": "g", "key": "k", "value": "1", "expires_at": None}
    new = upsert(notes).values(**row)
    keys = ["plugin", "group", "key"]
    assert await do(writer, new.on_conflict_do_nothing(index_elements=keys)) == [1]
    assert await do(writer, new.on_conflict_do_nothing(index_elements=keys)) == [0]
    changed = new.on_conflict_do_update(index_elements=keys, set_={"value": notes.c.value + new.excluded.value})
    assert await do(writer, changed) == [1]
    assert (await do(writer, select(notes.c.value)))[0][0] == "11"


def opens(number: int, *, fails: bool = False) -> Any:
    async def unit(work: Work) -> int:
        store = CaseStore(work, f"g{number % 2}", "probe", NOW, f"e{number}", Mode.ENFORCE)
        case = await store.open(Member("w", "小王"), "x", ())
        if fails:
            raise LookupError
        return case.no

    return unit


async def test_numbers_that_people_see_have_no_gaps_and_never_come_twice(writer: Writer):
    jobs = [writer.submit(opens(number, fails=number % 3 == 0)) for number in range(12)]
    numbers = []
    for number, job in enumerate(jobs):
        if number % 3 == 0:
            with pytest.raises(LookupError):
                await job
        else:
            numbers.append(await job)
    assert numbers == list(range(1, 9))
    await do(writer, delete(cases))
    assert await writer.run(opens(1)) == 9


async def test_timers_never_get_a_number_that_one_had_before(writer: Writer):
    def starts(name: str) -> Any:
        row = {"plugin": "p", "group": "g", "name": name, "due_at": NOW, "payload": {}}
        return insert(timers).values(**row).returning(timers.c.id)

    first = (await do(writer, starts("a")))[0][0]
    await do(writer, delete(timers))
    assert (await do(writer, starts("b")))[0][0] > first


async def test_a_read_that_fails_spoils_only_its_part(writer: Writer):
    """On a server a failed statement ends the transaction back to the last savepoint, a read like any other."""

    async def unit(work: Work) -> str:
        work.add(notes, {"plugin": "p", "group": "g", "key": "before", "value": "x", "expires_at": None})
        try:
            async with work.nested() as part:
                await part.execute(select(func.json_extract("{broken", "$.a")))
        except DBAPIError:
            outcome = "went on"
        work.add(notes, {"plugin": "p", "group": "g", "key": "after", "value": "x", "expires_at": None})
        return outcome

    async def other(work: Work) -> None:
        work.add(notes, {"plugin": "p", "group": "g", "key": "neighbour", "value": "x", "expires_at": None})

    done = [writer.submit(other), writer.submit(unit)]
    assert [await job for job in done] == [None, "went on"]
    kept = await do(writer, select(notes.c.key).order_by(notes.c.key))
    assert [row.key for row in kept] == ["after", "before", "neighbour"]
