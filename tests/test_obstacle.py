"""Test: bot.obstacle: what keeps us from an answer, told apart by what people can do about it."""

from __future__ import annotations

import asyncio
import socket

import pytest

from bot.download import Web
from bot.model import Obstacle
from bot.obstacle import obstacle_of, obstacle_of_status


@pytest.mark.parametrize(
    ("url", "obstacle"),
    [
        ("ftp://example.com/a", Obstacle.ADDRESS),
        ("http://[::1/a", Obstacle.ADDRESS),
        ("http://10.0.0.1/a", Obstacle.PRIVATE),
        ("http://localhost/a", Obstacle.PRIVATE),
    ],
)
async def test_an_address_that_is_not_asked(url: str, obstacle: Obstacle):
    web = Web()
    with pytest.raises((ValueError, OSError)) as raised:
        await web.ask(url)
    await web.close()
    assert obstacle_of(raised.value) is obstacle


@pytest.mark.parametrize(
    ("scheme", "answers", "obstacle"),
    [
        ("http", None, Obstacle.CONNECTION),
        ("http", b"", Obstacle.CONNECTION),
        ("https", b"HTTP/1.1 200 OK\r\n\r\n", Obstacle.SECURITY),
    ],
)
async def test_a_far_side_that_does_not_answer(scheme: str, answers: bytes | None, obstacle: Obstacle):
    """None: nobody listens there."""

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(answers or b"")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    if answers is None:
        server.close()
        await server.wait_closed()
    web = Web(allowed=("127.0.0.1",))
    with pytest.raises(OSError, match=r"\w") as raised:
        await web.ask(f"{scheme}://127.0.0.1:{port}/?key=s3cret")
    await web.close()
    server.close()
    assert obstacle_of(raised.value) is obstacle
    assert "s3cret" not in str(raised.value)


async def test_a_name_that_nobody_knows(monkeypatch: pytest.MonkeyPatch):
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    web = Web()
    with pytest.raises(OSError, match="DNS") as raised:
        await web.ask("http://no-such-host.example/")
    await web.close()
    assert obstacle_of(raised.value) is Obstacle.HOST


def test_statuses_by_what_to_do_about_them():
    said = {status: obstacle_of_status(status) for status in (400, 401, 403, 404, 410, 429, 500, 503)}
    assert list(said.values()) == [
        Obstacle.STATUS,
        Obstacle.DENIED,
        Obstacle.DENIED,
        Obstacle.MISSING,
        Obstacle.MISSING,
        Obstacle.BUSY,
        Obstacle.SERVER,
        Obstacle.SERVER,
    ]
    assert obstacle_of(TimeoutError()) is Obstacle.SLOW
