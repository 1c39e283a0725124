"""Web: passwords of the console: scrypt, so that a stolen file does not give them away."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import secrets

N, R, P = 1 << 15, 8, 1
"""32 MB and about a tenth of a second a guess (OWASP's Password Storage Cheat Sheet)."""
SHORTEST, LONGEST = 10, 200
_AT_ONCE = asyncio.Semaphore(2)
"""Each takes 32 MB: guessing from many places must not eat the machine."""


def complaint(password: str) -> str:
    """Why this password will not do, empty when it will."""
    if len(password) < SHORTEST:
        return "密码至少 10 个字符"
    if len(password) > LONGEST:
        return "密码最多 200 个字符"
    if len(set(password)) < 5:
        return "密码太简单，多用几个不同的字符"
    return ""


async def make(password: str) -> str:
    """What is kept of a password."""
    salt = secrets.token_bytes(16)
    made = await _scrypt(password, salt, N, R, P)
    return f"scrypt${N}${R}${P}${base64.b64encode(salt).decode()}${base64.b64encode(made).decode()}"


async def fits(password: str, kept: str) -> bool:
    """Whether this is the password; takes as long when nobody of the name is known (`kept` empty)."""
    if not kept:
        await _scrypt(password[:LONGEST], bytes(16), N, R, P)
        return False
    _, n, r, p, salt, made = kept.split("$")
    found = await _scrypt(password[:LONGEST], base64.b64decode(salt), int(n), int(r), int(p))
    return hmac.compare_digest(found, base64.b64decode(made))


async def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    async with _AT_ONCE:
        return await asyncio.to_thread(
            hashlib.scrypt, password.encode("utf-8", "surrogatepass"), salt=salt, n=n, r=r, p=p, maxmem=64 << 20
        )
