"""Transport: the sandbox's world: who is where and what was said, kept in its own file."""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from bot.clock import Clock, SandboxClock
from bot.transports.sandbox.defaults import found
from bot.transports.sandbox.journal import Journal, group_line
from bot.transports.sandbox.store import WorldStore
from bot.transports.sandbox.things import BOT, PRIVATE, Group, NotPossible, Post, Seat

KEPT_POSTS = 2000
_PAUSE = timedelta(minutes=2)


class World:
    """The groups, everything that stands in their chats, and the journal of what happened.

    Nothing in here tells the bot anything: it is the stage, not the play. `subscribe` is for those who show it.
    birth: made anew by `reset`, so that a page knows when it looks at another world.
    """

    def __init__(self, path: Path | str, clock: Clock) -> None:
        self.clock = clock
        self.groups: dict[str, Group] = {}
        self.posts: deque[Post] = deque(maxlen=KEPT_POSTS)
        self.unread: dict[str, int] = {}
        self.edits: list[int] = []
        """Numbers of posts in the order in which they were replaced, since the start."""
        self.birth = ""
        self._known: dict[str, str] = {}
        self._number = 0
        self._watchers: list[Callable[[], None]] = []
        self._store = WorldStore(path)
        self.journal = Journal(self._store, clock)
        if (kept := self._store.get("world")) is None:
            self._found()
        else:
            self._read(kept)

    def reset(self) -> None:
        """Begin again with the world as it is delivered."""
        self._store.clear()
        self._found()
        self.ring()

    def close(self) -> None:
        self._store.close()

    def now(self) -> datetime:
        """The present second."""
        return self.journal.now()

    def keep_time(self) -> None:
        """Note how far the clock was pushed ahead, so that time does not run back after a restart."""
        if isinstance(self.clock, SandboxClock):
            self._store.put("offset", self.clock.offset.total_seconds())

    def new_id(self, what: str = "") -> str:
        self._number += 1
        self._store.put("number", self._number)
        return f"{self.birth}-{what}{self._number}"

    def group(self, group: str) -> Group:
        if (found := self.groups.get(group)) is None:
            raise NotPossible("没有这个群")
        return found

    def seat(self, group: str, person: str) -> Seat:
        """Somebody's seat in a group. Raises NotPossible when they are not in it."""
        if (seat := self.group(group).seats.get(person)) is None:
            raise NotPossible(f"{self.name_of(person)} 已经不在群里了")
        return seat

    def people(self) -> dict[str, str]:
        """Everybody who was ever seen, with the name to show."""
        seats = [seat for group in self.groups.values() for seat in group.seats.values() if seat.person != BOT]
        return {**self._known, **{seat.person: seat.name for seat in seats}}

    def remember(self, person: str, name: str) -> None:
        """Keep somebody's name, also for when they are in no group any more."""
        if self._known.get(person) != name:
            self._known[person] = name
            self._store.put("people", self._known)

    def name_of(self, person: str) -> str:
        seats = (group.seats.get(person) for group in self.groups.values())
        seat = next((seat for seat in seats if seat is not None), None)
        return seat.name if seat is not None else self._known.get(person, person)

    def save(self, group: Group) -> None:
        self.groups[group.id] = group
        self._store.put("groups", [each.to_json() for each in self.groups.values()])
        self.ring()

    def post(self, chat: str, kind: str, sender: Seat | None = None, **parts: str) -> Post:
        """Put something into a chat; `parts` are the text fields of Post."""
        self._number += 1
        at = self.now()
        before = next((post.at for post in reversed(self.posts) if post.chat == chat), None)
        seat = sender or Seat("", "")
        post = Post(
            seq=self._number,
            id=parts.pop("id", "") or f"{self.birth}-{self._number}",
            chat=chat,
            at=at,
            kind=kind,
            sender=seat.person,
            name=seat.name,
            role=seat.role,
            after_pause=before is None or at - before > _PAUSE,
            **parts,
        )
        self.posts.append(post)
        self._store.put_post(post.seq, post.to_json())
        self._store.put("number", self._number)
        if chat.startswith(PRIVATE) and seat.person == BOT:
            self.unread[chat] = self.unread.get(chat, 0) + 1
        self.ring()
        return post

    def grey(self, chat: str, text: str, *, by: Seat | None = None, mine: str = "") -> Post:
        """One of WeChat's grey lines; `mine` is how it reads for `by`."""
        return self.post(chat, "system", by, text=text, mine=mine)

    def tell(self, chat: str, text: str) -> None:
        """A word of the sandbox itself, which nobody in the chat would see."""
        self.post(chat, "stage", text=text)

    def find(self, post_id: str) -> Post | None:
        return next((post for post in reversed(self.posts) if post.id == post_id), None)

    def find_last(self, sender: str) -> Post:
        """The newest thing somebody said or sent. Raises NotPossible when there is none."""
        found = next((post for post in reversed(self.posts) if post.sender == sender and post.kind != "system"), None)
        if found is None:
            raise NotPossible(f"{self.name_of(sender)} 还没有说过话")
        return found

    def replace(self, post: Post) -> None:
        """Show this one from now on where the one of the same number stood."""
        for index, old in enumerate(self.posts):
            if old.seq == post.seq:
                self.posts[index] = post
        self.edits.append(post.seq)
        self._store.put_post(post.seq, post.to_json())
        self.ring()

    @property
    def cut(self) -> Mapping[str, Mapping[str, str]] | None:
        """While the wire to the bot is cut: who sat where when that happened, group → person → name."""
        kept: dict[str, dict[str, str]] | None = self._store.get("cut")
        return kept

    @cut.setter
    def cut(self, seats: Mapping[str, Mapping[str, str]] | None) -> None:
        if seats is None:
            self._store.drop("cut")
        else:
            self._store.put("cut", seats)

    def subscribe(self, watcher: Callable[[], None]) -> Callable[[], None]:
        """Call `watcher` after every change until the returned function is called."""
        self._watchers.append(watcher)
        return lambda: self._watchers.remove(watcher) if watcher in self._watchers else None

    def ring(self) -> None:
        for watcher in tuple(self._watchers):
            watcher()

    def _found(self) -> None:
        self.birth = secrets.token_hex(4)
        self.groups.clear()
        self.posts.clear()
        self.unread.clear()
        self.edits.clear()
        self._known.clear()
        self._number = 0
        self._store.put("world", {"birth": self.birth})
        for group in found():
            self.save(group)
            self.journal.remark(group_line(group))

    def _read(self, kept: dict[str, str]) -> None:
        self.birth = kept["birth"]
        self._number = int(self._store.get("number") or 0)
        self._known = dict(self._store.get("people") or {})
        self.groups = {body["id"]: Group.from_json(body) for body in self._store.get("groups")}
        self.posts.extend(Post.from_json(body) for body in self._store.posts(KEPT_POSTS))
        offset = timedelta(seconds=float(self._store.get("offset") or 0))
        if isinstance(self.clock, SandboxClock):
            self.clock.offset = max(self.clock.offset, offset)
