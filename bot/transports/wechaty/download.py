"""Transport: fetching a picture the gateway only gives an address of; the address may come from a stranger."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver

CHUNK = 64 << 10


class _PublicResolver(AbstractResolver):
    """Resolves names to public addresses only, so that no picture makes the bot knock at its own network."""

    def __init__(self) -> None:
        self._inner = ThreadedResolver()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        found = [each for each in await self._inner.resolve(host, port, family) if is_public(each["host"])]
        if not found:
            raise OSError(f"{host} has no public address")
        return found

    async def close(self) -> None:
        await self._inner.close()


def is_public(address: str) -> bool:
    try:
        return ipaddress.ip_address(address.split("%", 1)[0]).is_global
    except ValueError:
        return False


async def download_url(url: str, limit: int, allowed: Collection[str] = ()) -> bytes:
    """The content behind an http(s) address; `allowed` hosts may be private. Follows no redirects.

    Raises ValueError for an address that is not to be asked or more than `limit` bytes, OSError for the rest.
    """
    parts = urlsplit(url)
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise ValueError("not an http address")
    trusted = host in allowed
    if not trusted and _is_literal(host) and not is_public(host):
        raise ValueError("not a public address")
    resolver = None if trusted else _PublicResolver()
    connector = aiohttp.TCPConnector(resolver=resolver, use_dns_cache=False)
    try:
        async with (
            aiohttp.ClientSession(connector=connector, trust_env=False) as session,
            session.get(url, allow_redirects=False) as response,
        ):
            if response.status != 200:
                raise OSError(f"HTTP {response.status}")
            content = bytearray()
            async for piece in response.content.iter_chunked(CHUNK):
                content += piece
                if len(content) > limit:
                    raise ValueError("larger than allowed")
            return bytes(content)
    except aiohttp.ClientError as error:
        raise OSError(f"{type(error).__name__}") from error


def _is_literal(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
