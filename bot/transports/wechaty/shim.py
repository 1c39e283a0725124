"""Transport: lets the Wechaty SDK of 2022 be imported on Python 3.11–3.13 without its side effects.

The top-level `wechaty` package is never imported: it does not load on Python 3.11, makes a `.wechaty` folder
where it stands, and opens a web server. The puppet layer below it is a sound protocol library, once
  * `pyee.AsyncIOEventEmitter`, gone since pyee 12, is where it looks for it;
  * `telnetlib`, gone since Python 3.13, is replaced by a stand-in that refuses: its only use is a TCP
    connect that would block the event loop, and nothing here reaches it;
  * its loggers give up their own handlers and pass their records on to ours;
  * `WECHATY_LOG` and `WECHATY_LOG_FILE`, which it reads at import and may fail on, are out of sight.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import NoReturn

import pyee
from pyee.asyncio import AsyncIOEventEmitter

_HIDDEN = ("WECHATY_LOG", "WECHATY_LOG_FILE")


class _Telnet:
    def __init__(self, *_: object) -> None:
        pass

    def open(self, *_: object, **__: object) -> NoReturn:
        raise OSError("blocking connections are not made here")


@contextmanager
def _prepared() -> Iterator[None]:
    telnetlib = ModuleType("telnetlib")
    telnetlib.Telnet = _Telnet  # type: ignore[attr-defined]
    real = sys.modules.get("telnetlib")
    hidden = {name: os.environ.pop(name) for name in _HIDDEN if name in os.environ}
    missing = not hasattr(pyee, "AsyncIOEventEmitter")
    if missing:
        pyee.AsyncIOEventEmitter = AsyncIOEventEmitter  # type: ignore[attr-defined]
    sys.modules["telnetlib"] = telnetlib
    try:
        yield
    finally:
        if missing:
            del pyee.AsyncIOEventEmitter  # type: ignore[attr-defined]
        if real is None:
            del sys.modules["telnetlib"]
        else:
            sys.modules["telnetlib"] = real
        os.environ.update(hidden)


def _quieten(names: set[str]) -> None:
    for name in names:
        logger = logging.getLogger(name)
        for handler in list(logger.handlers):
            logger.removeHandler(handler)
            handler.close()
        logger.propagate = True
        logger.setLevel(logging.WARNING)


_before = set(logging.root.manager.loggerDict)
with _prepared():
    from wechaty_grpc.wechaty import PuppetStub
    from wechaty_grpc.wechaty.puppet import (
        ContactPayloadResponse,
        EventRequest,
        EventResponse,
        FriendshipPayloadResponse,
        RoomMemberPayloadResponse,
        RoomPayloadResponse,
    )
    from wechaty_puppet import Puppet, PuppetOptions
    from wechaty_puppet_service import PuppetService
_quieten(set(logging.root.manager.loggerDict) - _before)

__all__ = [
    "ContactPayloadResponse",
    "EventRequest",
    "EventResponse",
    "FriendshipPayloadResponse",
    "Puppet",
    "PuppetOptions",
    "PuppetService",
    "PuppetStub",
    "RoomMemberPayloadResponse",
    "RoomPayloadResponse",
]
