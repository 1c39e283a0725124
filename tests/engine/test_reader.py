"""Test: the reader of text in pictures: its queue, its patience, its death; another program stands in for RapidOCR."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import segno

from bot import reader as reading
from bot.enrich import Enricher
from bot.events import Event, MessageReceived
from bot.model import Kind, Media, Member
from bot.reader import COMMAND, NotRead, Reader
from tests.engine.stage import START

STAND_IN = """
import json, sys, time
for line in sys.stdin:
    name = json.loads(line)["path"].rsplit("/", 1)[-1]
    if name == "hang.png":
        sys.stdin.read()
    if name == "die.png":
        sys.exit(3)
    if name == "babble.png":
        print("loading models", flush=True)
    answer = {"error": "not a picture"} if name == "bad.png" else {"text": f"看见 {name}"}
    print(json.dumps(answer), flush=True)
"""


@asynccontextmanager
async def stand_in(**options: float) -> AsyncIterator[Reader]:
    reader = Reader(command=(sys.executable, "-c", STAND_IN), **options)  # type: ignore[arg-type]
    try:
        yield reader
    finally:
        await reader.close()


async def test_one_picture_after_the_other_by_the_same_process():
    async with stand_in() as reader:
        assert await reader.read(Path("/x/a.png")) == "看见 a.png"
        process = reader._process
        assert await asyncio.gather(*(reader.read(Path(f"/x/{n}.png")) for n in range(4))) == [
            f"看见 {n}.png" for n in range(4)
        ]
        assert reader._process is process


async def test_too_many_are_refused_and_the_others_read():
    async with stand_in(queue=2) as reader:
        answers = await asyncio.gather(*(reader.read(Path(f"/x/{n}.png")) for n in range(5)), return_exceptions=True)
        assert answers[:2] == ["看见 0.png", "看见 1.png"]
        assert [type(answer) for answer in answers[2:]] == [NotRead] * 3


async def test_one_that_hangs_is_killed_and_the_next_is_read():
    async with stand_in(patience=1.0) as reader:
        await reader.read(Path("/x/a.png"))
        process = reader._process
        with pytest.raises(NotRead, match="too long"):
            await reader.read(Path("/x/hang.png"))
        assert process is not None
        assert await process.wait() != 0
        reader.patience = 10
        assert await reader.read(Path("/x/b.png")) == "看见 b.png"


@pytest.mark.parametrize("name", ["die", "babble", "bad"])
async def test_whatever_goes_wrong_is_said_and_passes(name: str):
    async with stand_in() as reader:
        with pytest.raises(NotRead):
            await reader.read(Path(f"/x/{name}.png"))
        assert await reader.read(Path("/x/b.png")) == "看见 b.png"


async def test_a_command_that_does_not_exist():
    with pytest.raises(NotRead, match="FileNotFoundError"):
        await Reader(command=("/nonexistent/reader",)).read(Path("/x/a.png"))


async def test_the_real_process_says_that_the_extra_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    path = tmp_path / "a.png"
    segno.make("x").save(str(path), scale=5)
    # Without site-packages of its own the process cannot find the extra, wherever this test runs.
    hidden = "import sys; sys.modules['rapidocr'] = None; from bot.reading import main; main()"
    reader = Reader(command=(COMMAND[0], "-c", hidden), patience=20)
    with pytest.raises(NotRead, match="ModuleNotFoundError"):
        await reader.read(path)
    with pytest.raises(NotRead, match="PictureError"):
        await reader.read(tmp_path / "missing.png")
    await reader.close()


async def test_text_becomes_a_finding_and_a_failure_a_mark(tmp_path: Path):
    async def nobody(_event: Event) -> None:
        raise AssertionError

    async with stand_in() as reader:
        enricher = Enricher(nobody, reader)
        for name, seen, failed in (("a.png", "看见 a.png", ""), ("bad.png", "", "text: not a picture")):
            segno.make("https://u.wechat.com/x").save(str(tmp_path / name), scale=5)
            event = MessageReceived(
                id=name, at=START, group="g1", sender=Member("w", "小王"), kind=Kind.IMAGE,
                media=Media(name, str(tmp_path / name)),
            )  # fmt: skip
            looked = await enricher.look(event)
            assert isinstance(looked, MessageReceived)
            assert [f.detail for f in looked.findings if f.name == "picture_text"] == ([seen] if seen else [])
            assert looked.findings[0].name == "qr_code"
            assert looked.enrichment_failed == failed


def test_no_reader_without_the_extra(monkeypatch: pytest.MonkeyPatch):
    async def nobody(_event: Event) -> None:
        raise AssertionError

    monkeypatch.setattr(reading, "EXTRA", "no_such_module_here")
    assert Enricher(nobody).reader is None
