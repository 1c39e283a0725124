"""Transport: the gateway's one event stream, kept alive: connect, listen, lose it, wait, connect again.

The account is never logged out by this, with one exception: a gateway that still believes in our own dead
connection answers ALREADY_EXISTS for hours; after `takeover_after` the stream is taken over by `Stop`. A stream
that is not ours (a second bot) is left alone, so that two bots at one gateway do not throw each other out.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import NoReturn

from grpclib.client import Stream
from grpclib.const import Status
from grpclib.exceptions import GRPCError

from bot.transports.wechaty.apart import apart
from bot.transports.wechaty.arrival import CONNECTED, LOST, Arrival, read_arrival
from bot.transports.wechaty.calls import GatewayPuppet
from bot.transports.wechaty.holding import Holding
from bot.transports.wechaty.shim import EventRequest, EventResponse
from bot.transports.wechaty.trouble import CALL_ERRORS, PAYLOAD_ERRORS, explain, first_line

log = logging.getLogger(__name__)

_STABLE_AFTER = 5.0
_START_AGAIN_AFTER = 30.0
_SELDOM = 4


Take = Callable[[Arrival], Awaitable[None]]


class EventStream:
    """Delivers arrivals in order, for ever."""

    def __init__(self, puppet: GatewayPuppet, holding: Holding) -> None:
        self._puppet, self._settings, self._holding = puppet, puppet.settings, holding
        self._spoken, self._heard = asyncio.Event(), asyncio.Event()
        self._unanswered = 0
        self._refused_since: float | None = None
        self._told = ""

    async def run(self, take: Take) -> NoReturn:
        """Listen until cancelled; network trouble is reported as `lost` and tried again."""
        first = self._settings.backoff_first.total_seconds()
        longest = max(self._settings.backoff_longest.total_seconds(), first)
        delay, loop = first, asyncio.get_running_loop()
        while True:
            began = loop.time()
            reason, error = await apart(self._listen(take))
            if loop.time() - began > _STABLE_AFTER:
                delay = first
            if isinstance(error, GRPCError) and error.status is Status.UNAUTHENTICATED:
                delay = longest
            pause = delay * random.uniform(0.5, 1.5)  # noqa: S311 spreads reconnects, guards nothing
            if isinstance(error, GRPCError) and error.status is Status.ALREADY_EXISTS:
                pause = min(pause, await self._consider_taking_over())
            self._puppet.hang_up()
            self._tell(logging.WARNING, reason)
            await take(Arrival(LOST, {"reason": reason}))
            await asyncio.sleep(pause)
            delay = min(delay * 2, longest)

    def _tell(self, level: int, sentence: str) -> None:
        """For whoever reads the log: once, not with every attempt."""
        if sentence != self._told:
            log.log(level, sentence)
            self._told = sentence

    async def _listen(self, take: Take) -> tuple[str, BaseException | None]:
        """Until the stream ends; why it did, for people and as an error."""
        self._spoken.clear()
        self._heard.clear()
        helpers: list[asyncio.Task[None]] = []
        try:
            self._puppet.open()
            async with self._puppet.event_stream() as stream:
                greeting = await self._connect(stream)
                self._refused_since = None
                await self._holding.take()
                helpers = [asyncio.create_task(self._start_if_silent()), asyncio.create_task(self._ask_if_quiet())]
                await self._read(stream, greeting, take)
            await self._holding.drop()
            return "网关结束了连接（它停了，或被另一个客户端接管），正在重连", None
        except PAYLOAD_ERRORS as error:
            token = self._settings.token.get_secret_value()
            expected = isinstance(error, CALL_ERRORS)
            log.log(
                logging.DEBUG if expected else logging.ERROR,
                "event stream: %s",
                first_line(str(error), token) or type(error).__name__,
                exc_info=not expected,
            )
            return explain(error, self._settings.endpoint, tls=self._settings.tls, token=token), error
        finally:
            for helper in helpers:
                helper.cancel()
            await asyncio.gather(*helpers, return_exceptions=True)

    async def _connect(self, stream: Stream[EventRequest, EventResponse]) -> asyncio.Task[EventResponse | None]:
        """Today's gateways greet at once, those of 2021 are silent until something happens: both are connected."""
        async with asyncio.timeout(self._settings.call_timeout.total_seconds()):
            await stream.send_message(EventRequest(), end=True)
        greeting = asyncio.create_task(stream.recv_message())
        try:
            done, _ = await asyncio.wait({greeting}, timeout=self._settings.start_grace.total_seconds())
            if done and (error := greeting.exception()) is not None:
                raise error
        except BaseException:
            greeting.cancel()
            raise
        return greeting

    async def _read(
        self, stream: Stream[EventRequest, EventResponse], greeting: asyncio.Task[EventResponse | None], take: Take
    ) -> None:
        try:
            self._tell(logging.INFO, f"连上了网关 {self._settings.endpoint}")
            await take(Arrival(CONNECTED))
            response = await greeting
        finally:
            greeting.cancel()
        while response is not None:
            self._heard.set()
            arrival = read_arrival(response)
            if arrival is not None:
                if arrival.name in ("login", "scan"):
                    self._spoken.set()
                await take(arrival)
            response = await stream.recv_message()

    async def _start_if_silent(self) -> None:
        """A puppet that says neither `login` nor `scan` is off; only then is `Start` called, once it works."""
        grace = self._settings.start_grace.total_seconds()
        while not await _within(self._spoken, grace):
            try:
                await self._puppet.start()
                return
            except CALL_ERRORS as error:
                log.warning("Start failed: %s", first_line(str(error), self._settings.token.get_secret_value()))
                grace = _START_AGAIN_AFTER

    async def _ask_if_quiet(self) -> None:
        """Gateways beat every 15 s or so. Some lose a stream without closing it: then a `Ding` gets no `dong`.

        Such a connection is dropped; a puppet that never answers is asked ever less often.
        """
        quiet = self._settings.quiet_after.total_seconds() * 2 ** min(self._unanswered, _SELDOM)
        while await _within(self._heard, quiet) or await self._answers():
            self._heard.clear()
            self._unanswered = 0
        self._unanswered += 1
        log.warning("connected, but nothing has come for %.0f s: connecting anew", quiet)
        self._puppet.hang_up()

    async def _answers(self) -> bool:
        try:
            await self._puppet.ding_gateway()
        except CALL_ERRORS:
            return False
        return await _within(self._heard, self._settings.call_timeout.total_seconds())

    async def _consider_taking_over(self) -> float:
        """Seconds after which to look again."""
        after, now = self._settings.takeover_after.total_seconds(), asyncio.get_running_loop().time()
        if after <= 0 or not await self._holding.is_ours():
            return float("inf")
        if self._refused_since is None:
            self._refused_since = now
        left = self._refused_since + after - now
        if left > 0:
            return left
        log.warning("our old event stream has been dead for %.0f s: taking over with Stop", after)
        self._refused_since = None
        try:
            await self._puppet.stop()
        except CALL_ERRORS as error:
            log.warning("taking over failed: %s", first_line(str(error), self._settings.token.get_secret_value()))
        return 0.1


async def _within(event: asyncio.Event, seconds: float) -> bool:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
    return event.is_set()
