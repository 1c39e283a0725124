"""Plugin: reading RSS and Atom: strangers' XML, so nothing in it is resolved, expanded or trusted."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from xml.parsers import expat

from bot.text import clean_name, clean_text
from plugins.brief.why import NotRead

MOST_ITEMS = 50
LONGEST_TITLE = 80
_TITLES, _ITEMS = {"title"}, {"item", "entry"}
_DATES = {"pubdate", "published", "updated", "date"}
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
_LOOSE_AND = re.compile(r"&(?!#\d{1,7};|#x[0-9a-fA-F]{1,6};|(?:amp|lt|gt|quot|apos);)")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,30});")
_TAG = re.compile(r"<[^<>]{0,2000}>")
_DEEPEST = 60


@dataclass(frozen=True, slots=True)
class Item:
    """One headline. at: when it was published, None when its feed does not say or says nonsense."""

    title: str
    at: datetime | None


@dataclass(slots=True)
class Feed:
    """What a feed has: its own title and its items, in its order."""

    title: str = ""
    items: list[Item] = field(default_factory=list)


def read_feed(text: str) -> Feed:
    """The feed in a decoded answer. Raises NotRead for what is none or is not to be read."""
    body = _DECLARED.sub("", text.lstrip("\ufeff \t\r\n"), count=1).strip()
    if not body.startswith("<"):
        raise NotRead("no_feed", "no XML")
    try:
        feed = _Reader().read(clean_text(body, len(body)))
    except expat.ExpatError:
        # What browsers forgive: a bare &, names of HTML such as &nbsp; in a feed that declares none.
        feed = _again(_mended(body))
    if not feed.items:
        raise NotRead("no_items", "no items")
    return feed


def _again(body: str) -> Feed:
    try:
        return _Reader().read(body)
    except expat.ExpatError as error:
        raise NotRead("broken", f"broken XML: line {error.lineno}") from error


def _mended(body: str) -> str:
    def named(found: re.Match[str]) -> str:
        char = html.unescape(found[0])
        return found[0] if found[1] in ("amp", "lt", "gt", "quot", "apos") or char == found[0] else char

    return _LOOSE_AND.sub("&amp;", _NAMED.sub(named, clean_text(body, len(body))))


class _Reader:
    """One pass over the XML; nothing but titles and dates is kept."""

    def __init__(self) -> None:
        self.feed = Feed()
        self._path: list[str] = []
        self._text: list[str] = []
        self._title = ""
        self._date: datetime | None = None
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text.append
        self._parser.EntityDeclHandler = self._refuse
        self._parser.ExternalEntityRefHandler = self._refuse

    def read(self, body: str) -> Feed:
        self._parser.Parse(body, True)
        return self.feed

    def _refuse(self, *_: object) -> int:
        raise NotRead("unsafe", "it declares entities")

    def _start(self, name: str, _attributes: object) -> None:
        self._path.append(_local(name))
        if len(self._path) > _DEEPEST:
            raise NotRead("unsafe", "nested too deeply")
        if self._path[-1] in _ITEMS:
            self._title, self._date = "", None
        self._text.clear()

    def _end(self, _name: str) -> None:
        name, parent = self._path.pop(), self._path[-1] if self._path else ""
        said = "".join(self._text)
        self._text.clear()
        if parent in _ITEMS and name in _TITLES:
            self._title = self._title or plain(said)
        elif parent in _ITEMS and name in _DATES:
            self._date = _moment(said.strip()) or self._date
        elif name in _TITLES and parent in ("channel", "feed") and not self.feed.title:
            self.feed.title = plain(said)
        elif name in _ITEMS and self._title and len(self.feed.items) < MOST_ITEMS:
            self.feed.items.append(Item(self._title, self._date))


def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


def plain(text: str) -> str:
    """A title as one line of text: tags gone, HTML's names resolved, nothing invisible."""
    return clean_name(html.unescape(_TAG.sub(" ", html.unescape(text))), LONGEST_TITLE)


def _moment(text: str) -> datetime | None:
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        try:
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
        except OverflowError:
            continue
    return None
