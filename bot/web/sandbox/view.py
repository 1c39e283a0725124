"""Web: the sandbox's parts as HTML, each rendered alone, so that only what changed is sent again."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from bot.model import Role
from bot.transports.sandbox import SandboxTransport
from bot.transports.sandbox.defaults import BOT_NAME
from bot.transports.sandbox.scenes import SCENES
from bot.transports.sandbox.things import BOT, PRIVATE, Post, Seat
from bot.web.board import Board
from bot.web.sandbox.play import Player

HERE = Path(__file__).parent.parent
SHOWN_POSTS = 300
SHOWN_LINES = 40
_ROLES = {Role.OWNER: "群主", Role.ADMIN: "管理员"}
_JUMPS = (
    ("+1m", "+1分"),
    ("+3m", "+3分"),
    ("+1h", "+1时"),
    ("08:00", "到早8点"),
    ("20:00", "到晚8点"),
    ("21:00", "到晚9点"),
)
_WEEKDAYS = "一二三四五六日"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the page. `key` changes when the part must be sent again; usually it is the HTML itself."""

    html: str
    key: str


class View:
    """Renders the page and its parts from the world, the board and the scene that runs."""

    def __init__(self, board: Board, transport: SandboxTransport, player: Player) -> None:
        self.board = board
        self.transport = transport
        self.world = transport.world
        self.player = player
        self.gate = asyncio.Lock()
        """Held by whoever reads the board, and by a reset while there is none to read."""
        self._jinja = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._jinja.globals.update(
            asset=_asset,
            jumps=_JUMPS,
            scenes=tuple(SCENES.values()),
            bot=BOT,
            bot_name=BOT_NAME,
            private=PRIVATE,
        )
        self._jinja.filters.update(
            initial=_initial,
            colour=_colour,
            role=lambda role: _ROLES.get(role, ""),
            clock=self._clock_of,
            day=self._day,
        )

    def chat(self, wanted: str) -> str:
        """The chat to show: the one asked for if there is one, else the first group."""
        person = wanted.removeprefix(PRIVATE)
        known = wanted in self.world.groups or (wanted.startswith(PRIVATE) and person in self.world.people())
        return wanted if known else next(iter(self.world.groups))

    async def page(self, chat: str) -> str:
        """The whole page."""
        posts = self.posts(chat)
        parts = {name: part.html for name, part in (await self.parts(chat)).items()}
        return self._render(
            "page.html",
            chat=chat,
            prefix=self._prefix(chat),
            parts=parts,
            posts=posts,
            last=posts[-1].seq if posts else 0,
            instead=False,
            birth=self.world.birth,
        )

    def posts(self, chat: str, after: int = 0) -> list[Post]:
        shown = [post for post in self.world.posts if post.chat == chat and post.seq > after]
        return shown[-SHOWN_POSTS:]

    def post(self, post: Post, *, instead: bool = False) -> str:
        """One item of the chat; `instead` of the one with its number that the page shows already."""
        return self._render("post.html", post=post, instead=instead)

    async def parts(self, chat: str) -> dict[str, Part]:
        """Everything around the chat that may change, by the name of its event. Who looks has read it."""
        self.world.unread.pop(chat, None)
        private = chat.startswith(PRIVATE)
        group = "" if private else chat
        shown = {
            "head": self._render("head.html", chat=chat, group=self.world.groups.get(chat)),
            "chats": self._chats(chat),
            "roster": self._roster(chat, await self.board.holdings(group) if group else {}),
            "switches": self._switches(chat),
            "actions": self._render("actions.html", lines=await self.board.actions(group, SHOWN_LINES)),
            "scheduled": self._render("scheduled.html", lines=await self.board.scheduled(group, SHOWN_LINES)),
            "outbox": self._render("outbox.html", lines=await self.board.outbox(SHOWN_LINES), now=self.board.now()),
        }
        return {name: Part(html, html) for name, html in shown.items()} | {"clock": self._clock()}

    def _prefix(self, chat: str) -> str:
        """What a command in a private chat begins with, so that the bot knows which group is meant."""
        person = chat.removeprefix(PRIVATE)
        groups = [group for group in self.world.groups.values() if chat != person and person in group.seats]
        return f"在 {groups[0].topic} " if len(groups) > 1 else ""

    def _chats(self, chat: str) -> str:
        return self._render(
            "chats.html", chat=chat, groups=list(self.world.groups.values()), unread=sum(self.world.unread.values())
        )

    def _roster(self, chat: str, holdings: Mapping[str, tuple[int, str]]) -> str:
        group = self.world.groups.get(chat)
        people = self.world.people()
        if group is not None:
            seats = group.people()
            gone = sorted(name for person, name in people.items() if person not in group.seats)
        else:
            seats, gone = [Seat(person, name) for person, name in people.items()], []
        return self._render(
            "roster.html",
            chat=chat,
            group=group,
            seats=seats,
            gone=gone,
            unread=self.world.unread,
            holdings=holdings,
            people=people,
        )

    def _switches(self, chat: str) -> str:
        group = self.world.groups.get(chat)
        return self._render(
            "switches.html", group=group, online=self.transport.stage.online, running=self.player.running
        )

    def _clock(self) -> Part:
        now = self.board.now()
        ahead = round((now - datetime.now(UTC)).total_seconds())
        return Part(self._render("clock.html", now=now, zone=self.board.zone.key), str(ahead))

    def _clock_of(self, at: datetime, seconds: bool = True) -> str:
        return format(at.astimezone(self.board.zone), "%H:%M:%S" if seconds else "%H:%M")

    def _day(self, at: datetime) -> str:
        """`今天`, `明天` or the date, as seen from now."""
        local, today = at.astimezone(self.board.zone).date(), self.board.now().astimezone(self.board.zone).date()
        near = {today: "今天", today + timedelta(days=1): "明天", today - timedelta(days=1): "昨天"}
        return near.get(local) or f"{local.month}月{local.day}日 周{_WEEKDAYS[local.weekday()]}"

    def _render(self, name: str, **values: Any) -> str:
        return self._jinja.get_template(name).render(**values).strip()


@cache
def _asset(name: str) -> str:
    digest = hashlib.sha256((HERE / "static" / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:10]}"


def _colour(person: str) -> str:
    """One of the avatar colours, always the same for the same person."""
    # 843 happens to give the people whom the sandbox begins with different ones in each group.
    return f"c{crc32(f'{person}843'.encode()) % 10}"


def _initial(name: str) -> str:
    """The sign an avatar shows: 王 for 老王, 美 for 小美, 张 for 张三-上海-设计."""
    plain = re.sub(r"[^\w]", "", name) or "友"
    return plain[-1] if len(plain) == 2 else plain[0].upper()


def _role(role: int) -> str:
    """The tag behind a name; ordinary members have none."""
    return _ROLES.get(Role(role), "")
