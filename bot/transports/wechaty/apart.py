"""Transport: runs a gRPC call in a task of its own, so that asyncio's cancellation stays exact around it.

grpclib wakes a waiting call by cancelling its task and then raises something else: a cancellation from outside at
the same moment is swallowed, and the task counts as being cancelled for ever after. Apart, the count is thrown
away with the task, and a cancellation from outside never meets grpclib.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

T = TypeVar("T")


async def apart(call: Coroutine[object, object, T]) -> T:
    task = asyncio.create_task(call)
    try:
        await asyncio.wait({task})
    except asyncio.CancelledError:
        task.cancel()
        await asyncio.wait({task})
        task.cancelled() or task.exception()  # looked at, so that nobody complains of it
        raise
    return task.result()
