"""Test: who came and who went is counted by people, the same in the database as by hand."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from bot.storage.comings import by_day, count_comings, tell
from bot.storage.tables import member_history
from bot.storage.work import Work
from bot.storage.writer import Writer

START = datetime(2026, 1, 5, tzinfo=UTC)
WORDS = {"j": "joined", "l": "left"}
PEOPLE = {
    "stays": "j",
    "thrice": "jljlj",
    "thrice and gone": "jljljl",
    "was here": "lj",
    "was here and went at last": "ljl",
    "went": "l",
}


@pytest.mark.parametrize(
    ("steps", "counted"),
    [
        ("j", (1, 0)),
        ("jljlj", (1, 0)),
        ("jljljl", (1, 1)),
        ("lj", (1, 1)),
        ("ljl", (0, 1)),
        ("l", (0, 1)),
        ("", (0, 0)),
    ],
)
def test_one_person_counts_once(steps: str, counted: tuple[int, int]):
    assert tell(steps.count("j"), steps.count("l")) == counted
    assert counted[0] - counted[1] == steps.count("j") - steps.count("l")


async def test_the_database_counts_the_same(writer: Writer):
    steps = [(person, WORDS[step], number) for person, moves in PEOPLE.items() for number, step in enumerate(moves)]
    steps.append(("stays", "renamed", 5))

    async def unit(work: Work) -> list[tuple[int, int]]:
        empty = (await work.execute(count_comings())).one()
        for person, what, number in steps:
            at = START + timedelta(minutes=10 * number)
            row = {"group": "g1", "member": person, "at": at, "what": what, "detail": {}}
            await work.execute(insert(member_history).values(row))
        await work.execute(insert(member_history).values({**row, "group": "g2", "member": "stays", "what": "joined"}))
        mine = (await work.execute(count_comings(member_history.c.group == "g1"))).one()
        later = (await work.execute(count_comings(member_history.c.at >= START + timedelta(minutes=15)))).one()
        return [(int(came), int(went)) for came, went in (empty, mine, later)]

    came, went = by_day((person, "2026-01-05", what) for person, what, _ in steps)
    assert await writer.run(unit) == [(0, 0), (4, 4), (3, 2)]
    assert (came, went) == (Counter({"2026-01-05": 4}), Counter({"2026-01-05": 4}))
