"""Transport: the sandbox as the engine sees it: it performs what the bot decides, in the imaginary world."""

from __future__ import annotations

import asyncio
import re
import shutil
from pathlib import Path

from bot.actions import (
    Action,
    Announce,
    InviteMember,
    NotifyAdmins,
    RecallMessage,
    RemoveMember,
    SendImage,
    SendText,
    SetTopic,
)
from bot.clock import Clock
from bot.errors import Refused, Unavailable
from bot.events import GatewayChanged, OwnMessageSeen
from bot.model import Capability, Member, Role
from bot.transport import Deliver, Health, Receipt
from bot.transports.sandbox import people
from bot.transports.sandbox.defaults import BOT_NAME
from bot.transports.sandbox.stage import Stage
from bot.transports.sandbox.things import BOT, PRIVATE, Group, NotPossible, Post, Seat
from bot.transports.sandbox.world import World
from bot.transports.transcript.names import escape, quote

ROSTER_EVERY = 300.0
"""Seconds between two looks at the member lists when nothing happens."""


class SandboxTransport:
    """An imaginary WeChat. `stage` is where the page lets people act.

    path: the world's own file (":memory:" for none); pictures lie in the folder `media` (made when needed).
    A clock of the sandbox that was pushed ahead before a restart is pushed ahead again.
    Raises StorageError when the file cannot be used.
    """

    name = "sandbox"

    def __init__(self, path: Path | str, clock: Clock, media: Path | None = None) -> None:
        self.world = World(path, clock)
        self.stage = Stage(self.world)
        self.media = media or Path(path).parent / "sandbox_media"

    @property
    def account(self) -> Member:
        return Member(BOT, BOT_NAME, Role.ADMIN)

    def capabilities(self, group: str = "") -> frozenset[Capability]:
        return self.stage.capabilities(group)

    def health(self) -> Health:
        online = self.stage.online
        return Health(connected=online, logged_in=online, detail="" if online else "沙盒里按了掉线")

    async def run(self, deliver: Deliver) -> None:
        world = self.world
        self.stage.emit(GatewayChanged(id=world.new_id("up"), at=world.now(), up=True))
        self.stage.emit_rosters()
        while True:
            try:
                event = await asyncio.wait_for(self.stage.events.get(), ROSTER_EVERY)
            except TimeoutError:
                self.stage.emit_rosters()
                continue
            try:
                await deliver(event)
            finally:
                self.stage.events.task_done()

    async def perform(self, action: Action) -> Receipt:
        if not self.stage.online:
            raise Unavailable("沙盒：机器人掉线了 (offline)")
        try:
            return self._do(action)
        except NotPossible as error:
            raise Refused(str(error)) from error

    async def is_member(self, group: str, member: str) -> bool | None:
        if not self.stage.online or group not in self.world.groups:
            return None
        return member in self.world.groups[group].seats

    async def announcement(self, group: str) -> str | None:
        known = self.world.groups.get(group)
        return known.announcement if known is not None and self.stage.online else None

    async def close(self) -> None:
        self.world.keep_time()

    def reset(self) -> None:
        """Begin again: the world as delivered, no pictures, nothing waiting to be heard."""
        while not self.stage.events.empty():
            self.stage.events.get_nowait()
            self.stage.events.task_done()
        self.stage.online = True
        shutil.rmtree(self.media, ignore_errors=True)
        self.world.reset()

    def _do(self, action: Action) -> Receipt:
        match action:
            case SendText():
                return self._say(action)
            case SendImage():
                return self._show(action)
            case RemoveMember():
                return self._remove(action)
            case NotifyAdmins():
                post = self.world.post(action.group, "admins", self._own_seat(action.group), text=action.text)
                self._expect(f"bot tells admins{_exactly(action.text)}", action.group)
                return Receipt(post.id)
            case InviteMember():
                return self._invite(action)
            case Announce():
                group = self._with_rights(action.group)
                group.announcement = action.text
                self.world.save(group)
                post = self.world.post(action.group, "announcement", self._own_seat(action.group), text=action.text)
                self._expect(f"bot announces{_exactly(action.text)}", action.group)
                return Receipt(post.id)
            case SetTopic():
                self._with_rights(action.group)
                people.change_topic(self.stage, action.group, self._own_seat(action.group), action.topic)
                return Receipt()
            case RecallMessage():
                return self._recall(action)
            case _:
                raise Refused(f"沙盒不会做 {type(action).__name__} (not supported)")

    def _say(self, action: SendText) -> Receipt:
        if action.to:
            name = self._known(action.to)
            post = self.world.post(PRIVATE + action.to, "text", Seat(BOT, BOT_NAME), text=action.text)
            self._expect(f"bot > {quote(name)}: {escape(action.text)}")
        else:
            post = self.world.post(action.group, "text", self._own_seat(action.group), text=action.text)
            self._expect(f"bot: {escape(action.text)}", action.group)
        self._echo(post, action.group, action.to)
        return Receipt(post.id)

    def _show(self, action: SendImage) -> Receipt:
        source = Path(action.path)
        post_id = self.world.new_id("img")
        name = f"{post_id}{source.suffix.lower()}"
        try:
            self.media.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, self.media / name)
        except OSError as error:
            raise Refused(f"图片 {source.name} 读不到：{error.strerror} (cannot read the picture)") from error
        chat = PRIVATE + self._known(action.to) if action.to else action.group
        seat = Seat(BOT, BOT_NAME) if action.to else self._own_seat(action.group)
        post = self.world.post(chat, "image", seat, media=name, id=post_id)
        self._expect("bot sends image", "" if action.to else action.group)
        self._echo(post, action.group, action.to)
        return Receipt(post.id)

    def _remove(self, action: RemoveMember) -> Receipt:
        group = self._with_rights(action.group)
        seat = group.seats.get(action.member.id)
        if seat is None:
            return Receipt()
        if seat.role >= Role.ADMIN:
            raise Refused(f"{seat.name} 是群主或管理员，不能移出 (no right)")
        self._expect(f"bot removes {quote(seat.person)}", group.id)
        people.take_out(self.stage, group.id, seat, self._own_seat(group.id))
        return Receipt()

    def _invite(self, action: InviteMember) -> Receipt:
        group = self.world.group(action.group)
        if action.member.id in group.seats:
            return Receipt()
        self._expect(f"bot invites {quote(self._known(action.member.id))} to {group.id}")
        people.take_in(self.stage, group.id, [action.member.id], self._own_seat(group.id))
        return Receipt()

    def _recall(self, action: RecallMessage) -> Receipt:
        post = self.world.find(action.message_id)
        if post is None or post.sender != BOT:
            raise Refused("找不到机器人自己的这条消息 (no such message)")
        self.world.replace(post.recalled())
        self._expect(f"bot recalls{_exactly(post.text)}", "" if post.chat.startswith(PRIVATE) else post.chat)
        return Receipt(post.id)

    def _known(self, person: str) -> str:
        if person not in self.world.people():
            raise Refused(f"没有 {person} 这个人 (no such contact)")
        return person

    def _own_seat(self, group: str) -> Seat:
        return self.world.seat(group, BOT)

    def _with_rights(self, group: str) -> Group:
        known = self.world.group(group)
        if not known.bot_is_admin:
            raise Refused("机器人不是管理员，没有这个权限 (no right)")
        return known

    def _expect(self, line: str, group: str = "") -> None:
        self.world.write(line, group)

    def _echo(self, post: Post, group: str, to: str) -> None:
        self.stage.emit(
            OwnMessageSeen(
                id=f"{post.id}:own", at=post.at, group="" if to else group, text=post.text, to=to, message_id=post.id
            )
        )


def _exactly(text: str) -> str:
    """` ~ pattern` that matches this text alone, on one line."""
    return f" ~ ^{re.escape(text)}$".replace("\n", "n").replace("\\ ", " ")
