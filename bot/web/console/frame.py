"""Web: what all console pages share: who is asking, the template around them, the JSON twin, the word after a deed."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, field, is_dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context

from bot.storage.console import User
from bot.web.console.gate import RANKS, TITLES, Gate, Rank
from bot.web.console.house import House
from bot.web.console.tongue import LANGUAGES, Tongue, language_of

HERE = Path(__file__).parent
STATIC = HERE.parent / "static"
WHO = web.RequestKey("who", User)
SESSION = web.RequestKey("session", str)

Load = Callable[["Visit"], Awaitable[Mapping[str, Any]]]
Deed = Callable[["Visit", Mapping[str, str]], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Page:
    """One page. load: its content as plain data, which is also its JSON twin (`<path>.json`).

    path: below /console; title: in the navigation, empty for a page that is reached from others. rank: who may see it.
    """

    path: str
    title: str
    template: str
    load: Load
    rank: Rank = Rank.VIEWER


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that can be done: POST /console/do/<name>. Returns the sentence that is shown after it."""

    name: str
    do: Deed
    rank: Rank = Rank.OPERATOR


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who is logged in."""

    house: House
    gate: Gate
    request: web.Request
    who: User

    @property
    def rank(self) -> Rank:
        return RANKS.get(self.who.role, Rank.VIEWER)

    @property
    def group(self) -> str:
        """The group the page is about: `?group=`, empty for all or when it is not known."""
        wanted = self.request.query.get("group", "")
        return wanted if any(info.id == wanted for info in self.house.groups()) else ""

    @property
    def say(self) -> Tongue:
        return tongue(self.house, self.request)

    def number(self, name: str, default: int, highest: int) -> int:
        """A whole number of the query between 1 and `highest`."""
        text = self.request.query.get(name, "")
        return max(1, min(int(text), highest)) if text.isascii() and text.isdigit() and len(text) < 10 else default

    def word(self, name: str, longest: int = 100) -> str:
        return self.request.query.get(name, "").strip()[:longest]


@dataclass(slots=True)
class Frame:
    """Renders pages."""

    house: House
    gate: Gate
    pages: tuple[Page, ...] = ()
    _said: dict[str, str] = field(default_factory=dict)
    """What is to be told to a session on its next page."""
    _jinja: Environment = field(init=False)

    def __post_init__(self) -> None:
        self._jinja = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.filters |= {"when": self._when, "clock": self._clock, "day": self._day, "utcday": _utcday}
        self._jinja.globals |= {"asset": _asset, "titles": TITLES, "languages": LANGUAGES}

    def answer(self, request: web.Request, template: str, status: int = 200, **values: Any) -> web.Response:
        """A page outside of the console proper, such as the door."""
        say, here = tongue(self.house, request), str(request.rel_url)
        html = self._jinja.get_template(template).render(who=None, _=say, here=here, **values)
        return web.Response(text=html, content_type="text/html", status=status)

    async def show(self, page: Page, visit: Visit) -> web.Response:
        """The page, or its JSON twin."""
        if visit.rank < page.rank:
            raise web.HTTPForbidden(text="你的身份看不了这一页 (not allowed)\n")
        content = await page.load(visit)
        if visit.request.path.endswith(".json"):
            text = json.dumps(content, ensure_ascii=False, default=_plain)
            return web.Response(text=text, content_type="application/json")
        html = self._jinja.get_template(page.template).render(
            _=visit.say,
            who=visit.who,
            rank=int(visit.rank),
            page=page,
            pages=[one for one in self.pages if one.title and visit.rank >= one.rank],
            groups=visit.house.groups(),
            group=visit.group,
            query=visit.request.query,
            path=visit.request.path,
            here=str(visit.request.rel_url),
            said=self._said.pop(visit.request[SESSION], ""),
            **content,
        )
        return web.Response(text=html, content_type="text/html")

    def tell(self, visit: Visit, said: str) -> None:
        """Say something on the session's next page."""
        while len(self._said) >= 200:
            self._said.pop(next(iter(self._said)))
        self._said[visit.request[SESSION]] = said

    def _local(self, at: datetime) -> datetime:
        return at.astimezone(self.house.zone)

    @pass_context
    def _when(self, context: Context, at: datetime | None) -> str:
        """`今天 09:05`, `01-05 09:05`, with the year when it is another."""
        if at is None:
            return "—"
        local, now = self._local(at), self._local(self.house.now())
        if local.date() == now.date():
            return f"{context['_']('今天')} {local:%H:%M}"
        return f"{local:%m-%d %H:%M}" if local.year == now.year else f"{local:%Y-%m-%d %H:%M}"

    def _clock(self, at: datetime) -> str:
        return f"{self._local(at):%Y-%m-%d %H:%M:%S}"

    def _day(self, at: datetime | date | None) -> str:
        if at is None:
            return "—"
        return f"{self._local(at):%Y-%m-%d}" if isinstance(at, datetime) else at.isoformat()


def tongue(house: House, request: web.Request) -> Tongue:
    """In which language this request is answered."""
    language = language_of(request)
    return Tongue(language, house.texts(language))


def is_secure(request: web.Request) -> bool:
    """Whether the browser came by HTTPS, here or at the proxy before us."""
    return request.secure or request.headers.get("X-Forwarded-Proto", "") == "https"


def back_to(form: Mapping[str, str]) -> str:
    """Where a deed returns to: a path of the console, whatever the form says."""
    wanted = urlsplit(form.get("back", ""))
    if wanted.scheme or wanted.netloc or not wanted.path.startswith("/console/") or "\\" in wanted.path:
        return "/console/"
    return f"{wanted.path}?{wanted.query}" if wanted.query else wanted.path


def _utcday(stamp: float) -> str:
    return f"{datetime.fromtimestamp(stamp, UTC):%Y-%m-%d}"


def _plain(value: object) -> object:
    """What JSON has no word for."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, set | frozenset | tuple):
        return list(value)
    return str(value)


def _asset(name: str) -> str:
    """A static file's address with a mark of its content, so that a new version is never an old one from the cache."""
    return f"/static/{name}?v={crc32((STATIC / name).read_bytes()):08x}"
