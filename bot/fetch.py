"""Engine room: what plugins fetch from the web, and the answers kept for when it fails or is asked again."""

from __future__ import annotations

import logging
from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from bot.actions import Fetch
from bot.clock import Clock
from bot.download import Answer, Web
from bot.model import Obstacle
from bot.obstacle import NotAllowed, obstacle_of, obstacle_of_status

log = logging.getLogger(__name__)

CACHED, CACHE_BYTES = 300, 16 << 20
Key = tuple[str, str, tuple[tuple[str, str], ...]]
"""Address, body, headers."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an errand ended; becomes an `ErrandDone`."""

    error: str = ""
    text: str = ""
    path: str = ""
    status: int = 0
    age: timedelta = timedelta(0)
    obstacle: Obstacle | None = None


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer kept for when it is asked again or the far side fails."""

    answer: Answer
    at: datetime


@dataclass(slots=True)
class Fetcher:
    """Asks the web, once for all who ask the same."""

    clock: Clock
    web: Web
    _cache: OrderedDict[Key, Kept] = field(default_factory=OrderedDict)

    async def fetch(self, errand: Fetch) -> Outcome:
        """The answer, or a kept one when it is fresh enough or the far side fails."""
        key: Key = (errand.url, errand.body, errand.headers)
        kept, now = self._cache.get(key), self.clock.now()
        if kept is not None and now - kept.at <= timedelta(seconds=errand.fresh):
            return Outcome(text=kept.answer.text, status=kept.answer.status)
        place = _place(errand.url)
        try:
            answer = await self.web.ask(errand.url, body=errand.body, headers=self._conditional(errand, kept))
        except TimeoutError as error:
            return self._fallen_back(kept, f"{place} 超时 (timed out)", obstacle_of(error))
        except (NotAllowed, OSError) as error:
            return self._fallen_back(kept, f"{place} {error}", obstacle_of(error))
        if answer.status == 304 and kept is not None:
            answer = kept.answer
        elif not 200 <= answer.status < 300:
            obstacle = obstacle_of_status(answer.status)
            return self._fallen_back(kept, f"{place} HTTP {answer.status}", obstacle, answer.status)
        self._keep(key, Kept(answer, now))
        return Outcome(text=answer.text, status=answer.status)

    def _conditional(self, errand: Fetch, kept: Kept | None) -> dict[str, str]:
        headers = dict(errand.headers)
        if kept is not None and not errand.body:
            if tag := kept.answer.headers.get("etag"):
                headers["If-None-Match"] = tag
            if changed := kept.answer.headers.get("last-modified"):
                headers["If-Modified-Since"] = changed
        return headers

    def _fallen_back(self, kept: Kept | None, error: str, obstacle: Obstacle, status: int = 0) -> Outcome:
        if kept is None:
            return Outcome(error=error, status=status, obstacle=obstacle)
        age = self.clock.now() - kept.at
        log.warning("fetch: %s; the answer of %s ago is taken", error, age)
        return Outcome(text=kept.answer.text, status=kept.answer.status, age=max(age, timedelta(seconds=1)))

    def _keep(self, key: Key, kept: Kept) -> None:
        self._cache[key] = kept
        self._cache.move_to_end(key)
        size = sum(len(one.answer.content) for one in self._cache.values())
        while self._cache and (len(self._cache) > CACHED or size > CACHE_BYTES):
            _, oldest = self._cache.popitem(last=False)
            size -= len(oldest.answer.content)


def _place(url: str) -> str:
    """Host and path, for people; the rest of an address may carry a key."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return f"{parts.hostname or ''}{parts.path}"[:80] if "//" in url else ""
