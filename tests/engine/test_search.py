"""Test: a word is found among many messages, Chinese or not, indexed or not yet, and nothing can break the question."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import delete

from bot.storage import search
from bot.storage.tables import messages
from tests.engine.stage import XIAOLI, XIAOWANG, Stage, parrot, running_app

pytestmark = pytest.mark.usefixtures("both")

SAID = ["上海的天气", "去上海设计展", "Hello World 你好", "海上钢琴师", "ＡＢＣ全角", "买 100% 的果汁", "🎉 恭喜恭喜"]


async def look(stage: Stage, words: str, **more: object) -> list[str]:
    return [found.text for found in await stage.app.writer.run(lambda work: search.find(work, words, **more))]  # type: ignore[arg-type]


async def filled(stage: Stage) -> None:
    for text in SAID:
        await stage.say(text)
    await stage.say("上海见", by=XIAOLI, group="g2")


@pytest.mark.parametrize("indexed", [True, False])
async def test_words_are_found_newest_first(tmp_path: Path, indexed: bool):
    async with running_app(tmp_path, parrot()) as stage:
        await filled(stage)
        if indexed:
            assert await stage.app.writer.run(search.index_more) == len(SAID) + 1
            assert await stage.app.writer.run(search.index_more) == 0
        assert await look(stage, "上海") == ["上海见", "去上海设计展", "上海的天气"]
        assert await look(stage, "上海", group="g1") == ["去上海设计展", "上海的天气"]
        assert await look(stage, "上海 设计") == ["去上海设计展"]
        assert await look(stage, "上海", sender=XIAOLI.id) == ["上海见"]
        assert await look(stage, "恭喜") == ["🎉 恭喜恭喜"]
        assert await look(stage, "没有的词") == []
        assert len(await look(stage, "")) == len(SAID) + 1
        assert await look(stage, "", sender=XIAOWANG.id, limit=1) == [SAID[-1]]


async def test_the_index_folds_case_and_width(tmp_path: Path):
    async with running_app(tmp_path, parrot()) as stage:
        await filled(stage)
        await stage.app.writer.run(search.index_more)
        assert await look(stage, "hello world") == ["Hello World 你好"]
        assert await look(stage, "abc") == ["ＡＢＣ全角"]


@pytest.mark.parametrize(
    "words", ['"', 'a" OR text:*', "上 NEAR(", "*", "place:g", "-x", "(", "🎉", "' OR 1=1 --", "\\"]
)
async def test_no_question_breaks_it(tmp_path: Path, words: str):
    async with running_app(tmp_path, parrot()) as stage:
        await filled(stage)
        await stage.app.writer.run(search.index_more)
        assert isinstance(await look(stage, words), list)
        assert isinstance(await look(stage, words, group="g1"), list)


async def test_pages_follow_one_another(tmp_path: Path):
    async with running_app(tmp_path, parrot()) as stage:
        for number in range(25):
            await stage.say(f"早安 {number}")
            await stage.after(minutes=1)
        await stage.app.writer.run(search.index_more)
        for more in ({}, {"group": "g1"}):
            for words in ("", "早安"):
                seen: list[str] = []
                before = 0
                while page := await stage.app.writer.run(
                    lambda work, b=before, m=more, w=words: search.find(work, w, before=b, limit=10, **m)
                ):
                    seen += [found.text for found in page]
                    before = page[-1].no
                assert seen == [f"早安 {number}" for number in reversed(range(25))]


async def test_what_retention_deletes_is_found_no_more(tmp_path: Path):
    async with running_app(tmp_path, parrot()) as stage:
        await filled(stage)
        await stage.app.writer.run(search.index_more)
        gone = delete(messages).where(messages.c.text.contains("设计"))
        await stage.app.writer.run(lambda work: work.execute(gone))
        assert await look(stage, "上海", group="g1") == ["上海的天气"]
        await stage.app.writer.run(search.rebuild)
        assert await stage.app.writer.run(search.indexed) == 0
        assert await stage.app.writer.run(search.index_more) == len(SAID)
        assert await look(stage, "上海", group="g1") == ["上海的天气"]


async def test_the_app_keeps_it_in_step(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(search, "CHUNK", 3)
    async with running_app(tmp_path, parrot()) as stage:
        await filled(stage)
        await stage.app.upkeep.index()
        assert await stage.app.writer.run(search.indexed) >= len(SAID)
