"""Transport: what the bot does in the sandbox's world, and how the script expects it."""

from __future__ import annotations

import shutil
from pathlib import Path

from bot.actions import (
    AcceptFriend,
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
from bot.errors import Refused
from bot.events import OwnMessageSeen
from bot.model import Role
from bot.transport import Receipt
from bot.transports.sandbox import people
from bot.transports.sandbox.defaults import BOT_NAME
from bot.transports.sandbox.stage import Stage
from bot.transports.sandbox.things import BOT, PRIVATE, Group, Post, Seat
from bot.transports.transcript.names import always_quote, escape, quote

PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".bmp")


def do(stage: Stage, action: Action, media: Path) -> Receipt:
    """Carry out one action; pictures are copied to the folder `media`. Raises Refused or NotPossible."""
    match action:
        case SendText():
            return _say(stage, action)
        case SendImage():
            return _show(stage, action, media)
        case RemoveMember():
            return _remove(stage, action)
        case NotifyAdmins():
            return _put(stage, action.group, "admins", "tells admins", action.text)
        case InviteMember():
            return _invite(stage, action)
        case AcceptFriend():
            return _befriend(stage, action)
        case Announce():
            group = _with_rights(stage, action.group)
            group.announcement = action.text
            stage.world.save(group)
            return _put(stage, action.group, "announcement", "announces", action.text)
        case SetTopic():
            _with_rights(stage, action.group)
            stage.world.journal.write_deed(f"bot topic {always_quote(action.topic)}", action.group)
            own = stage.world.seat(action.group, BOT)
            people.change_topic(stage, action.group, own, action.topic, stage.world.new_id("topic"))
            return Receipt()
        case RecallMessage():
            return _recall(stage, action)
        case _:
            raise Refused(f"沙盒不会做 {type(action).__name__} (not supported)")


def _put(stage: Stage, group: str, kind: str, verb: str, text: str) -> Receipt:
    post = stage.world.post(group, kind, stage.world.seat(group, BOT), text=text)
    stage.world.journal.write_deed(f"bot {verb}: {escape(text)}", group)
    return Receipt(post.id)


def _say(stage: Stage, action: SendText) -> Receipt:
    chat, seat, addressed = _where(stage, action.group, action.to)
    post = stage.world.post(chat, "text", seat, text=action.text)
    stage.world.journal.write_deed(f"bot{addressed}: {escape(action.text)}", "" if action.to else action.group)
    return _echo(stage, post, action.group, action.to)


def _show(stage: Stage, action: SendImage, media: Path) -> Receipt:
    chat, seat, addressed = _where(stage, action.group, action.to)
    source = Path(action.path)
    name = f"{stage.world.new_id('img')}{source.suffix.lower()}"
    try:
        media.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, media / name)
    except OSError as error:
        raise Refused(f"图片 {source.name} 读不到：{error.strerror} (cannot read the picture)") from error
    kind = "image" if source.suffix.lower() in PICTURES else "file"
    post = stage.world.post(chat, kind, seat, media=name, title=source.name)
    stage.world.journal.write_deed(f"bot{addressed} sends image", "" if action.to else action.group)
    return _echo(stage, post, action.group, action.to)


def _where(stage: Stage, group: str, to: str) -> tuple[str, Seat, str]:
    """The chat, the bot's seat in it, and how the script names whom it speaks to."""
    if not to:
        return group, stage.world.seat(group, BOT), ""
    if to not in stage.world.people():
        raise Refused(f"没有 {to} 这个人 (no such contact)")
    return PRIVATE + to, Seat(BOT, BOT_NAME), f" > {quote(to)}"


def _remove(stage: Stage, action: RemoveMember) -> Receipt:
    group = _with_rights(stage, action.group)
    seat = group.seats.get(action.member.id)
    if seat is None:
        raise Refused(f"{action.member.name} 不在群里 (not in the group)")
    if seat.role >= Role.ADMIN:
        raise Refused(f"{seat.name} 是群主或管理员，不能移出 (no right)")
    stage.world.journal.write_deed(f"bot removes {quote(seat.person)}", group.id)
    people.take_out(stage, group.id, seat, group.seats[BOT], stage.world.new_id("left"))
    return Receipt()


def _invite(stage: Stage, action: InviteMember) -> Receipt:
    """Whoever is invited comes at once; an account the sandbox has not seen yet comes under the name given."""
    group = stage.world.group(action.group)
    person = action.member.id
    if person in group.seats:
        raise Refused(f"{action.member.name} 已经在群里 (a member already)")
    stage.world.journal.write_deed(f"bot invites {quote(person)} to {group.id}", group.id)
    line = stage.write(f"{quote(person)} joins by bot", group.id)
    people.take_in(stage, group.id, [person], group.seats[BOT], line)
    return Receipt()


def _befriend(stage: Stage, action: AcceptFriend) -> Receipt:
    person = action.member.id
    if person not in stage.world.people():
        raise Refused(f"没有 {action.member.name} 这个人 (no such contact)")
    stage.world.journal.write_deed(f"bot accepts {quote(person)}")
    stage.world.grey(f"{PRIVATE}{person}", f"机器人通过了“{action.member.name}”的好友请求，现在可以聊天了")
    return Receipt()


def _recall(stage: Stage, action: RecallMessage) -> Receipt:
    post = stage.world.find(action.message_id)
    if post is None or post.sender != BOT or post.kind == "system":
        raise Refused("找不到机器人自己的这条消息 (no such message)")
    stage.world.replace(post.recalled())
    private = post.chat.startswith(PRIVATE)
    stage.world.journal.write_deed(f"bot recalls: {escape(post.text)}", "" if private else post.chat)
    return Receipt(post.id)


def _with_rights(stage: Stage, group: str) -> Group:
    known = stage.world.group(group)
    if not known.bot_is_admin:
        raise Refused("机器人不是管理员，没有这个权限 (no right)")
    return known


def _echo(stage: Stage, post: Post, group: str, to: str) -> Receipt:
    """The bot's own message comes back to it, as evidence that it was sent."""
    where = "" if to else group
    stage.emit(OwnMessageSeen(id=f"{post.id}:own", at=post.at, group=where, text=post.text, to=to, message_id=post.id))
    return Receipt(post.id)
