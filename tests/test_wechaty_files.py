"""Test: pictures come in and files go out whole, however large, in every way a gateway moves them."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from bot.actions import SendImage
from bot.download import download_url, is_public
from bot.errors import Refused
from bot.events import MessageReceived
from bot.model import Kind, Media
from bot.transports.wechaty.media import MediaFolder
from tests.gateway.client import GROUP, Gateway
from tests.gateway.fixtures import Connect, Session

pytestmark = pytest.mark.gateway
KB, MB = 1024, 1024 * 1024


def content(name: str, size: int) -> bytes:
    """What the gateway makes of {name, size}."""
    return hashlib.shake_256(name.encode()).digest(size)


async def picture(session: Session, message_id: str) -> tuple[Media, bytes]:
    event = await session.inbox.wait(MessageReceived, lambda event: event.id == f"msg:{message_id}")
    assert event.kind is Kind.IMAGE
    assert event.media is not None
    path = event.media.path
    return event.media, await asyncio.to_thread(Path(path).read_bytes) if path else b""


@pytest.mark.parametrize(
    ("mode", "size"),
    [
        ("buffer", 1),
        ("buffer", 19 * KB),
        ("buffer", 21 * KB),
        ("buffer", 300 * KB),
        ("buffer", 5 * MB),
        ("base64", 1),
        ("base64", 21 * KB),
        ("base64", 300 * KB),
    ],
)
async def test_pictures_come_in(mode: str, size: int, gateway: Gateway, connect: Connect) -> None:
    session = await connect()
    sent = await gateway.say("wxid_m03", type="image", file={"name": "a.png", "mode": mode, "size": size})
    media, kept = await picture(session, sent)
    assert kept == content("a.png", size)
    assert (media.name, media.size) == ("a.png", size)


async def test_a_picture_too_large_is_left_out(gateway: Gateway, connect: Connect) -> None:
    session = await connect(picture_limit=100 * KB)
    sent = await gateway.say("wxid_m03", type="image", file={"name": "a.png", "size": 200 * KB})
    media, kept = await picture(session, sent)
    assert (media.path, kept) == ("", b"")


@pytest.fixture
async def server() -> AsyncIterator[str]:
    """A web server on loopback, as a gateway in a private network may have one for its files."""

    async def small(_: web.Request) -> web.Response:
        return web.Response(body=b"GIF89a picture")

    async def elsewhere(_: web.Request) -> web.Response:
        raise web.HTTPFound("/small")

    app = web.Application()
    app.router.add_get("/small", small)
    app.router.add_get("/elsewhere", elsewhere)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


async def test_pictures_by_address(server: str, gateway: Gateway, connect: Connect) -> None:
    box = {"name": "a.gif", "mode": "url", "url": f"{server}/small"}
    session = await connect(fetch_hosts=["127.0.0.1"])
    media, kept = await picture(session, await gateway.say("wxid_m03", type="image", file=box))
    assert kept == b"GIF89a picture"
    assert media.path.endswith(".gif")


async def test_no_picture_makes_the_bot_knock_at_its_own_network(
    server: str, gateway: Gateway, connect: Connect
) -> None:
    session = await connect()
    for url in (f"{server}/small", f"{server.replace('127.0.0.1', 'localhost')}/small", "file:///etc/passwd"):
        box = {"name": "a.gif", "mode": "url", "url": url}
        media, _ = await picture(session, await gateway.say("wxid_m03", type="image", file=box))
        assert media.path == ""


async def test_addresses_are_asked_with_care(server: str) -> None:
    with pytest.raises(ValueError, match="larger"):
        await download_url(f"{server}/small", 5, ["127.0.0.1"])
    with pytest.raises(OSError, match="redirect"):
        await download_url(f"{server}/elsewhere", KB, ["127.0.0.1"])
    for url in (f"{server}/small", "ftp://example.org/x", "nonsense", "http://[::1]/", "http://169.254.169.254/meta"):
        with pytest.raises(ValueError, match="address"):
            await download_url(url, KB)
    assert is_public("114.114.114.114")
    for private in ("10.1.2.3", "192.168.0.1", "127.0.0.1", "::1", "fe80::1%eth0", "nonsense"):
        assert not is_public(private)


@pytest.mark.parametrize("size", [10, 900 * KB, 1 * MB + 1, 6 * MB])
async def test_files_go_out(size: int, gateway: Gateway, connect: Connect, tmp_path: Path) -> None:
    session = await connect()
    path = tmp_path / "图 1.png"
    await asyncio.to_thread(path.write_bytes, content("out", size))
    receipt = await session.transport.perform(SendImage(group=GROUP, path=str(path)))
    sent = (await gateway.wait_action("messageSendFile"))["args"]["file"]
    assert sent["md5"] == hashlib.md5(content("out", size), usedforsecurity=False).hexdigest()
    assert (sent["name"], sent["size"]) == ("图 1.png", size)
    assert receipt.message_id


async def test_a_file_too_large_is_refused(gateway: Gateway, connect: Connect, tmp_path: Path) -> None:
    session = await connect(picture_limit=KB)
    path = tmp_path / "a.png"
    await asyncio.to_thread(path.write_bytes, content("out", 2 * KB))
    with pytest.raises(Refused, match="太大"):
        await session.transport.perform(SendImage(group=GROUP, path=str(path)))
    assert not await gateway.actions("messageSendFile")


async def test_a_gateway_without_uploads_gets_it_inline(gateway: Gateway, connect: Connect, tmp_path: Path) -> None:
    session = await connect()
    path = tmp_path / "a.png"
    await asyncio.to_thread(path.write_bytes, content("out", 2 * MB))
    await gateway.post("/faults", method="upload", code="UNIMPLEMENTED", message="unknown method Upload")
    await session.transport.perform(SendImage(to="wxid_m01", path=str(path)))
    assert (await gateway.wait_action("messageSendFile"))["args"]["file"]["size"] == 2 * MB


async def test_the_folder_is_bounded_and_holds_each_picture_once(tmp_path: Path) -> None:
    folder = MediaFolder(tmp_path, 10 * KB)
    other = tmp_path / "somebody-else.bin"
    await asyncio.to_thread(other.write_bytes, content("other", 50 * KB))
    first = await folder.keep(b"\xff\xd8\xff" + content("0", 3 * KB))
    assert await folder.keep(b"\xff\xd8\xff" + content("0", 3 * KB)) == first
    assert first.suffix == ".jpg"
    later = [await folder.keep(content(str(number), 3 * KB)) for number in range(1, 5)]
    left = set(await asyncio.to_thread(os.listdir, tmp_path))
    assert left == {other.name, *(path.name for path in later[-3:])}
