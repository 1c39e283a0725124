"""Core: asking the web for something; the address may come from a stranger, and so does whatever answers."""

from __future__ import annotations

import asyncio
import ipaddress
import re
import socket
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

from bot.encoding import decode
from bot.model import Obstacle
from bot.obstacle import NotAllowed, NotPublic, unreached

CHUNK = 64 << 10
_REDIRECTS = {301, 302, 303, 307, 308}
_KEPT_IN_TRUST = {"accept", "content-type", "user-agent", "if-none-match", "if-modified-since"}
"""Headers that may follow a redirect to another host; a key or a cookie may not."""


_CLOSED = tuple(
    ipaddress.ip_network(network)
    for network in (
        # Of the clouds' own services, which hand out keys to whoever asks from inside.
        "192.0.0.0/24",
        "168.63.129.16/32",
        # IPv4 in IPv6's clothes: a gateway on the way takes them off, whatever is below.
        "::/96",
        "::ffff:0:0:0/96",
        "64:ff9b::/32",
        "fec0::/10",
    )
)
"""Networks that count as public and lead inside."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a web address said. `url`: where it came from in the end."""

    status: int
    headers: Mapping[str, str]
    content: bytes
    url: str

    @property
    def text(self) -> str:
        """Decoded by byte order mark, header, XML prolog or HTML meta, else UTF-8, else GB18030; never raises."""
        return decode(self.content, self.headers.get("content-type", ""))


class _PublicResolver(AbstractResolver):
    """Resolves names to public addresses only, so that no address makes the bot knock at its own network."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._inner = ThreadedResolver()
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        all_found = await self._inner.resolve(host, port, family)
        found = all_found if host in self._allowed else [each for each in all_found if is_public(each["host"])]
        if not found:
            raise NotPublic(f"{host} has no public address")
        return found

    async def close(self) -> None:
        await self._inner.close()


def is_public(address: str) -> bool:
    """Whether an IP address is one that everybody may ask: no loopback, private, link-local or reserved one."""
    try:
        found = ipaddress.ip_address(address.split("%", 1)[0])
    except ValueError:
        return False
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    if any(found in network for network in _CLOSED if network.version == found.version):
        return False
    return found.is_global and not found.is_multicast and (inner is None or inner.is_global)


@dataclass(slots=True)
class Web:
    """One session for everything that is asked of the web.

    allowed: hosts that may be private, because the deployer says so. limit: bytes of an answer, unpacked.
    timeout: seconds for the whole of it, redirects included. redirects: at most so many.
    """

    allowed: Collection[str] = ()
    limit: int = 2 << 20
    timeout: float = 10.0
    redirects: int = 3
    agent: str = "shequn"
    _session: aiohttp.ClientSession | None = field(default=None, repr=False)

    async def ask(
        self, url: str, *, body: str = "", headers: Mapping[str, str] | None = None, within: float | None = None
    ) -> Answer:
        """GET the address, or POST `body` to it. Any status is an answer. within: seconds instead of `timeout`.

        Raises NotAllowed for an address or a size that may not be, TimeoutError, OSError for the rest.
        """
        sent = {"User-Agent": self.agent, **(headers or {})}
        try:
            async with asyncio.timeout(within or self.timeout):
                return await self._follow(url, body, sent)
        except (aiohttp.ClientError, UnicodeError) as error:
            raise unreached(error) from error

    async def _follow(self, url: str, body: str, headers: dict[str, str]) -> Answer:
        host = self._check(url)
        for _ in range(self.redirects + 1):
            method = "POST" if body else "GET"
            data = body.encode() if body else None
            async with self._open().request(method, url, data=data, headers=headers, allow_redirects=False) as response:
                place = response.headers.get("Location", "")
                if response.status not in _REDIRECTS or not place:
                    content = await self._read(response)
                    lower = {name.lower(): value for name, value in response.headers.items()}
                    return Answer(response.status, lower, content, url)
                url = _joined(url, place)
                if response.status in (301, 302, 303):
                    body = ""
                before, host = host, self._check(url)
                if host != before:
                    headers = {name: value for name, value in headers.items() if name.lower() in _KEPT_IN_TRUST}
        raise NotAllowed("too many redirects", Obstacle.REDIRECTS)

    def _check(self, url: str) -> str:
        """The host of an address that may be asked."""
        try:
            parts = urlsplit(url)
            host = parts.hostname or ""
            _ = parts.port
        except ValueError as error:
            raise NotAllowed("not an http address") from error
        if parts.scheme not in ("http", "https") or not host or parts.username is not None:
            raise NotAllowed("not an http address")
        if host not in self.allowed and _is_literal(host) and not is_public(host):
            raise NotAllowed("not a public address", Obstacle.PRIVATE)
        return host

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None:
            connector = aiohttp.TCPConnector(resolver=_PublicResolver(self.allowed), use_dns_cache=False, limit=20)
            self._session = aiohttp.ClientSession(
                connector=connector, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
            )
        return self._session

    async def _read(self, response: aiohttp.ClientResponse) -> bytes:
        content = bytearray()
        async for piece in response.content.iter_chunked(CHUNK):
            content += piece
            if len(content) > self.limit:
                raise NotAllowed("larger than allowed", Obstacle.LARGE)
        return bytes(content)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


async def download_url(url: str, limit: int, allowed: Collection[str] = ()) -> bytes:
    """The content behind an http(s) address; `allowed` hosts may be private. Follows no redirects.

    Raises ValueError for an address that is not to be asked or more than `limit` bytes, OSError for the rest.
    """
    web = Web(allowed=allowed, limit=limit, timeout=600, redirects=0)
    try:
        answer = await web.ask(url)
    except NotAllowed as error:
        if "redirects" in str(error):
            raise OSError("HTTP redirect") from error
        raise
    finally:
        await web.close()
    if answer.status != 200:
        raise OSError(f"HTTP {answer.status}")
    return answer.content


def _joined(url: str, place: str) -> str:
    try:
        return urljoin(url, place)
    except ValueError as error:
        raise NotAllowed("a redirect to no address") from error


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        # 2130706433 and 0x7f.1 are 127.0.0.1 to some resolvers.
        return bool(re.fullmatch(r"(0x[0-9a-f]+|\d+)(\.(0x[0-9a-f]+|\d+)){0,3}", host, re.I))
    return True
