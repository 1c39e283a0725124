"""Test: the book of groups: which we look after, what they are called, and that memory and file agree."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.events import TopicChanged
from bot.storage.tables import groups
from bot.storage.work import Work
from tests.engine.stage import G, running_app


@pytest.mark.parametrize(
    ("manage", "yes"),
    [
        (("*",), True),
        ((), False),
        (("g1",), True),
        (("g2",), False),
        (("读书*",), True),
        (("*书群",), True),
        (("电影*",), False),
        (("g*",), False),
    ],
)
async def test_which_groups_are_looked_after(tmp_path: Path, manage: tuple[str, ...], yes: bool):
    async with running_app(tmp_path, bot__manage=manage) as stage:
        assert stage.app.book.manages(G) is yes
        assert stage.app.book.info(G).enabled is yes
        await stage.restart()
        assert stage.app.book.manages(G) is yes


async def test_a_new_name_may_bring_a_group_into_our_care(tmp_path: Path):
    async with running_app(tmp_path, bot__manage=("电影*",)) as stage:
        await stage.say("say 在吗")
        await stage.handle(TopicChanged(id="t", at=stage.clock.now(), group=G, topic="电影群"))
        await stage.say("say 在吗")
        assert stage.far.texts() == ["在吗"]


async def test_an_unknown_group_is_not_ours(tmp_path: Path):
    async with running_app(tmp_path) as stage:
        assert not stage.app.book.manages("never heard of")
        assert stage.app.book.info("").enabled is False


async def test_the_word_in_the_chat_wins_over_the_file(tmp_path: Path):
    async with running_app(tmp_path) as stage:
        for enabled in (False, True):

            async def switch(work: Work, enabled: bool = enabled) -> None:
                stage.app.book.change(work, G, enabled=enabled)

            await stage.app.writer.run(switch)
            assert stage.app.book.manages(G) is enabled
            await stage.restart()
            assert stage.app.book.manages(G) is enabled


async def test_an_undone_unit_leaves_no_page_and_no_name(tmp_path: Path):
    async with running_app(tmp_path) as stage:
        book, now = stage.app.book, stage.clock.now()

        async def unit(work: Work) -> None:
            book.page(work, "g9", now)
            book.change(work, "g9", topic="新群")
            book.change(work, G, topic="一")
            book.change(work, G, topic="二", size=7, enabled=False)
            assert book.info(G).topic == "二"
            raise LookupError

        with pytest.raises(LookupError):
            await stage.app.writer.run(unit)
        assert "g9" not in book.pages
        assert (book.info(G).topic, book.info(G).size, book.info(G).enabled) == ("读书群", 5, True)
        (row,) = await stage.rows(groups)
        assert (row["topic"], row["size"], row["enabled"]) == ("读书群", 5, None)


async def test_listeners_hear_after_the_commit_only(tmp_path: Path):
    async with running_app(tmp_path) as stage:
        book, heard = stage.app.book, []
        book.changed.append(heard.append)

        async def unit(work: Work) -> None:
            book.change(work, G, enabled=False)
            assert heard == []
            raise LookupError

        with pytest.raises(LookupError):
            await stage.app.writer.run(unit)
        assert heard == []

        async def good(work: Work) -> None:
            book.change(work, G, enabled=False)

        await stage.app.writer.run(good)
        assert heard == [G]
