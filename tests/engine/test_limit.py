"""Test: a limit of time that one timer keeps for one piece of work after the other."""

from __future__ import annotations

import asyncio

import pytest

from bot.limit import Limit


async def hang() -> None:
    await asyncio.Event().wait()


async def test_what_takes_too_long_is_given_up_and_the_next_begins_anew():
    limit, loop = Limit(), asyncio.get_running_loop()
    for _ in range(3):
        began = loop.time()
        with pytest.raises(TimeoutError), limit(0.02):
            await hang()
        assert loop.time() - began >= 0.02
    with limit(0.02):
        await asyncio.sleep(0)


async def test_each_has_the_whole_time_however_many_came_before_it():
    limit, loop = Limit(), asyncio.get_running_loop()
    began = loop.time()
    while loop.time() < began + 0.03:
        with limit(0.05):
            await asyncio.sleep(0)
    last = loop.time()
    with pytest.raises(TimeoutError), limit(0.05):
        await hang()
    assert loop.time() - last >= 0.05


async def test_a_shorter_limit_does_not_wait_for_the_timer_of_a_longer_one():
    limit, loop = Limit(), asyncio.get_running_loop()
    with limit(60):
        await asyncio.sleep(0)
    began = loop.time()
    with pytest.raises(TimeoutError), limit(0.01):
        await hang()
    assert loop.time() - began < 30


async def test_the_end_of_the_task_is_no_matter_of_time():
    limit = Limit()

    async def work() -> None:
        with limit(60):
            await hang()

    task = asyncio.create_task(work())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_an_error_of_the_work_itself_comes_through():
    with pytest.raises(ValueError, match="own"), Limit()(60):
        raise ValueError("own")
