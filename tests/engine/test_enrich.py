"""Test: pictures from strangers: codes are read, bombs are not, and nobody waits for another group's picture."""

from __future__ import annotations

import asyncio
import struct
import threading
import zlib
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import segno
from PIL import Image

from bot import enrich
from bot.actions import Action
from bot.enrich import Enricher
from bot.events import Event, MessageReceived
from bot.model import Kind, Media, Member
from bot.picture import PictureError, qr_codes, see
from bot.plugin import Context
from tests.engine.stage import START, make_plugin, running_app

LINK = "https://u.wechat.com/加我"


@pytest.fixture
def code(tmp_path: Path) -> Path:
    path = tmp_path / "qr.png"
    segno.make(LINK).save(str(path), scale=6)
    return path


def picture(path: Path | str, number: int = 1, group: str = "g1") -> MessageReceived:
    return MessageReceived(
        id=f"p{number}",
        at=START,
        group=group,
        sender=Member("w", "小王"),
        kind=Kind.IMAGE,
        media=Media("x.png", str(path)),
    )


def png_claiming(path: Path, width: int, height: int) -> Path:
    """A few bytes that say they are a picture of this size."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packed = zlib.compress(b"\0" * 1000)
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", packed) + chunk(b"IEND", b""))
    return path


# ---- one picture


@pytest.mark.parametrize("form", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
def test_a_code_is_read_in_every_form(code: Path, form: str):
    path = code.with_suffix(f".{form.lower()}")
    Image.open(code).convert("RGB").save(path, form)
    (signal,) = qr_codes(path)
    assert (signal.name, signal.detail) == ("qr_code", LINK)
    assert 0 < signal.weight <= 1


def test_a_code_in_the_corner_of_a_large_photo(code: Path, tmp_path: Path):
    photo = Image.effect_noise((4000, 3000), 60).convert("RGB")
    mark = Image.open(code).convert("RGB").resize((700, 700))
    photo.paste(mark, (3200, 2200))
    photo.save(tmp_path / "photo.jpg")
    assert [signal.detail for signal in qr_codes(tmp_path / "photo.jpg")] == [LINK]


def test_two_codes(code: Path, tmp_path: Path):
    other = tmp_path / "other.png"
    segno.make("weixin:abc123").save(str(other), scale=6)
    both = Image.new("RGB", (900, 450), "white")
    both.paste(Image.open(code).convert("RGB"), (20, 20))
    both.paste(Image.open(other).convert("RGB"), (500, 20))
    both.save(tmp_path / "both.png")
    assert {signal.detail for signal in qr_codes(tmp_path / "both.png")} == {LINK, "weixin:abc123"}


def test_a_picture_without_a_code(tmp_path: Path):
    Image.new("RGB", (300, 300), "white").save(tmp_path / "plain.png")
    assert qr_codes(tmp_path / "plain.png") == ()


def test_what_a_code_says_is_cut(tmp_path: Path):
    segno.make("x" * 1500).save(str(tmp_path / "long.png"), scale=4)
    (signal,) = qr_codes(tmp_path / "long.png")
    assert len(signal.detail) == 200


@pytest.mark.parametrize("size", [(20_000, 20_000), (60_000, 60_000), (2**31 - 1, 2), (0, 5)])
def test_a_bomb_is_not_opened(tmp_path: Path, size: tuple[int, int]):
    with pytest.raises(PictureError):
        qr_codes(png_claiming(tmp_path / "bomb.png", *size))


def test_a_file_too_large_is_not_opened(tmp_path: Path):
    path = tmp_path / "large.png"
    with path.open("wb") as file:
        file.truncate(21 * 1024 * 1024)
    with pytest.raises(PictureError, match="20 MB"):
        qr_codes(path)


@pytest.mark.parametrize("content", [b"", b"hello", b"<svg/>", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"%!PS-Adobe-3.0 EPS"])
def test_what_is_no_picture(tmp_path: Path, content: bytes):
    (tmp_path / "x.png").write_bytes(content)
    with pytest.raises(PictureError):
        qr_codes(tmp_path / "x.png")


def test_nothing_there(tmp_path: Path):
    for path in (tmp_path / "missing.png", tmp_path, Path("x\0y"), tmp_path / ("x" * 5000)):
        with pytest.raises(PictureError):
            qr_codes(path)


def test_damaged_files_raise_nothing_but_the_one_error(code: Path, tmp_path: Path):
    random, outcomes = Random(7), set()  # noqa: S311  the same damage each time
    for form in ("PNG", "JPEG", "GIF", "BMP", "WEBP"):
        path = tmp_path / f"whole.{form.lower()}"
        Image.open(code).convert("RGB").save(path, form)
        whole = path.read_bytes()
        for _ in range(120):
            damaged = bytearray(whole)
            for _ in range(random.choice([1, 3, 10])):
                damaged[random.randrange(min(len(damaged), random.choice([40, 4000])))] = random.randrange(256)
            path.write_bytes(damaged[: random.choice([len(damaged), random.randrange(len(damaged))])])
            try:
                qr_codes(path)
                outcomes.add("read")
            except PictureError:
                outcomes.add("refused")
    assert outcomes == {"read", "refused"}


# ---- beside the events


async def test_findings_come_with_the_event(code: Path):
    seen = await Enricher(_nobody).look(picture(code))
    assert isinstance(seen, MessageReceived)
    assert [finding.name for finding in seen.findings] == ["qr_code", "picture_hash"]
    assert seen.findings[0].detail == LINK
    assert seen.enrichment_failed == ""


@pytest.mark.parametrize("kind", ["bomb", "missing"])
async def test_a_picture_that_cannot_be_seen_is_marked(tmp_path: Path, kind: str):
    path = tmp_path / "x.png"
    if kind == "bomb":
        png_claiming(path, 30_000, 30_000)
    event = picture(path)
    seen = await Enricher(_nobody).look(event)
    assert isinstance(seen, MessageReceived)
    assert seen.enrichment_failed
    assert replace(seen, enrichment_failed="") == event


async def test_a_slow_picture_is_marked(code: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(enrich, "TIME_LIMIT", 0.0)
    seen = await Enricher(_nobody).look(picture(code))
    assert isinstance(seen, MessageReceived)
    assert seen.enrichment_failed == "took too long"


async def test_other_messages_are_not_looked_at():
    enricher = Enricher(_nobody)
    for event in (replace(picture("/nowhere"), kind=Kind.FILE), replace(picture("/nowhere"), media=None)):
        assert await enricher.look(event) is event


async def _nobody(_event: Event) -> None:
    raise AssertionError


class Gate:
    """Holds every look at a picture until it is opened; the looking itself is the real one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open = threading.Event()

        def held(path: Path) -> Any:
            assert self.open.wait(10)
            return see(path)

        monkeypatch.setattr(enrich, "see", held)


async def test_each_group_keeps_its_order_and_others_overtake(code: Path, monkeypatch: pytest.MonkeyPatch):
    gate, passed = Gate(monkeypatch), []
    done = asyncio.Event()

    async def forward(event: Event) -> None:
        passed.append(event.id)
        if len(passed) == 8:
            done.set()

    enricher = Enricher(forward)
    talk = replace(picture(""), kind=Kind.TEXT, media=None)
    for event in (picture(code, 1), replace(talk, id="a"), picture(code, 2), replace(talk, id="b")):
        await enricher.feed(event)
    for number in range(3):
        await enricher.feed(replace(talk, id=f"other{number}", group="g2"))
    assert passed == ["other0", "other1", "other2"]
    gate.open.set()
    await enricher.finish()
    assert passed[3:] == ["p1", "a", "p2", "b"]
    await enricher.feed(replace(talk, id="c"))
    assert passed[-1] == "c"
    assert done.is_set()


async def test_a_file_that_breaks_the_library_does_not_lose_the_event(code: Path, monkeypatch: pytest.MonkeyPatch):
    def breaks(_path: Path) -> Any:
        raise MemoryError

    monkeypatch.setattr(enrich, "see", breaks)
    passed: list[Event] = []

    async def forward(event: Event) -> None:
        passed.append(event)

    enricher = Enricher(forward)
    await enricher.feed(picture(code, 1))
    await enricher.feed(picture(code, 2))
    await enricher.finish()
    assert [(e.id, e.enrichment_failed) for e in passed if isinstance(e, MessageReceived)] == [
        ("p1", "MemoryError"),
        ("p2", "MemoryError"),
    ]


async def test_letting_go_leaves_no_task_behind(code: Path, monkeypatch: pytest.MonkeyPatch):
    gate = Gate(monkeypatch)
    enricher = Enricher(_nobody)
    for number in range(3):
        await enricher.feed(picture(code, number))
    await enricher.stop()
    gate.open.set()
    assert enricher._tasks == set()


async def test_a_picture_that_is_being_looked_at_is_not_lost_when_the_bot_stops(
    tmp_path: Path, code: Path, monkeypatch: pytest.MonkeyPatch
):
    plugin, seen = make_plugin("looker"), []

    @plugin.on(MessageReceived)
    async def look(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        seen.append([finding.detail for finding in event.findings if finding.name == "qr_code"])
        return
        yield

    gate = Gate(monkeypatch)
    async with running_app(tmp_path, plugin) as stage:
        await stage.app.deliver(picture(code, 1))
        await stage.app.deliver(replace(picture(code, 2), kind=Kind.TEXT, media=None))
        assert seen == []
        gate.open.set()
    assert seen == [[LINK], []]
