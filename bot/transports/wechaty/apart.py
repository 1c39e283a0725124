"""Transport: runs a gRPC call in a task of its own, so that asyncio's cancellation stays exact around it.

grpclib wakes a waiting call by cancelling its task and then raises something else: a cancellation from outside at
the same moment is swallowed, and the task counts as being cancelled for ever after. Apart, the count is thrown
away with the task, and a swallowed cancellation is found and raised again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


async def apart(call: Coroutine[object, object, T]) -> T:
    outer = asyncio.current_task()
    assert outer is not None
    before = outer.cancelling()
    try:
        return await asyncio.create_task(call)
    except Exception as error:
        if outer.cancelling() > before:
            raise asyncio.CancelledError from error
        raise
