"""Core: what keeps us from an answer of the web: technical words for the log, an `Obstacle` for people."""

from __future__ import annotations

import aiohttp

from bot.model import Obstacle

_OF_STATUS = {
    401: Obstacle.DENIED,
    403: Obstacle.DENIED,
    404: Obstacle.MISSING,
    410: Obstacle.MISSING,
    429: Obstacle.BUSY,
}


class NotAllowed(ValueError):
    """An address that is not to be asked, or an answer larger than allowed."""

    def __init__(self, text: str, obstacle: Obstacle = Obstacle.ADDRESS) -> None:
        super().__init__(text)
        self.obstacle = obstacle


class Unreached(OSError):
    """The far side did not answer; the message is for the log and names no address, which may carry a key."""

    def __init__(self, text: str, obstacle: Obstacle = Obstacle.CONNECTION) -> None:
        super().__init__(text)
        self.obstacle = obstacle


class NotPublic(OSError):
    """A name that leads to private addresses only."""


def unreached(error: BaseException) -> Unreached:
    """The same failure in our words."""
    inner = getattr(error, "os_error", None)
    text = f"{type(error).__name__}" + (f": {inner.strerror or inner}" if inner is not None else "")
    if isinstance(inner, NotPublic):
        return Unreached(text, Obstacle.PRIVATE)
    if isinstance(error, aiohttp.ClientConnectorDNSError):
        return Unreached(text, Obstacle.HOST)
    if isinstance(error, aiohttp.ClientSSLError):
        return Unreached(text, Obstacle.SECURITY)
    if isinstance(error, UnicodeError | aiohttp.InvalidURL):
        return Unreached(text, Obstacle.ADDRESS)
    return Unreached(text)


def obstacle_of(error: BaseException) -> Obstacle:
    """What to tell people about an exception that asking the web raised."""
    if isinstance(error, NotAllowed | Unreached):
        return error.obstacle
    return Obstacle.SLOW if isinstance(error, TimeoutError) else Obstacle.CONNECTION


def obstacle_of_status(status: int) -> Obstacle:
    """What to tell people about a status that is no answer."""
    return Obstacle.SERVER if status >= 500 else _OF_STATUS.get(status, Obstacle.STATUS)
