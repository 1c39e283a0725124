"""Transport: what people of the sandbox say and send; each tells the world, the script and the bot."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from bot.events import MessageRecalled, MessageReceived, RedPacketSent
from bot.model import Kind, Media, Member, Quote
from bot.text import clean_name, clean_text
from bot.transports.sandbox.defaults import BOT_NAME
from bot.transports.sandbox.stage import Stage
from bot.transports.sandbox.things import BOT, PRIVATE, NotPossible, Post, Seat
from bot.transports.transcript.names import always_quote, escape, quote
from bot.transports.transcript.world import names_of

TEXT_LIMIT = 16_000


def group_of(chat: str) -> str:
    """The group of a chat, empty for a private one."""
    return "" if chat.startswith(PRIVATE) else chat


def say(stage: Stage, chat: str, who: str, text: str, answers: str = "") -> Post:
    """Somebody writes; `answers` is the id of the post they quote."""
    seat = _speaker(stage, chat, who)
    text = clean_text(text).strip()
    if not text:
        raise NotPossible("先写点什么再发送")
    if len(text) > TEXT_LIMIT:
        raise NotPossible(f"一条消息最多 {TEXT_LIMIT} 个字")
    quoted = stage.world.find(answers) if answers else None
    quote_of = None
    if quoted is not None and quoted.sender:
        quote_of = Quote(text=quoted.text or quoted.title, id=quoted.id, sender=quoted.sender)
    mentions, to_bot = _mentions(stage, chat, text)
    line = stage.write(_line(chat, who, text, to_bot, quote_of), group_of(chat))
    shown = f"{quoted.name}：{quote_of.text}" if quoted and quote_of else ""
    post = stage.world.post(chat, "text", seat, text=text, quote=shown, id=line)
    return _said(stage, chat, seat, post, text=text, mentions=mentions, mentions_bot=to_bot, quote=quote_of)


def send_red_packet(stage: Stage, chat: str, who: str, wish: str = "") -> Post:
    seat = _speaker(stage, chat, who)
    if not group_of(chat):
        raise NotPossible("红包要发在群里")
    line = stage.write(f"{quote(who)} sends red packet", chat)
    post = stage.world.post(chat, "packet", seat, text=clean_name(wish, 20) or "恭喜发财，大吉大利", id=line)
    stage.emit(RedPacketSent(id=post.id, at=post.at, group=chat, sender=seat.member))
    return post


def send_link(stage: Stage, chat: str, who: str, title: str, url: str) -> Post:
    """A link card. Only http and https, as the page makes it a link that people click on."""
    url = url.strip()
    try:
        parts = urlsplit(url)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname or len(url) > 2000 or any(c.isspace() for c in url):
        raise NotPossible("链接要以 http:// 或 https:// 开头")
    title = clean_name(title, 100) or parts.hostname
    return _send(stage, chat, who, Kind.LINK, f"link {always_quote(title)} {url}", title=title, url=url)


def send_card(stage: Stage, chat: str, who: str, name: str) -> Post:
    """Somebody's contact card."""
    name = clean_name(name) or "神秘好友"
    return _send(stage, chat, who, Kind.CARD, f"card {always_quote(name)}", title=name)


def send_miniprogram(stage: Stage, chat: str, who: str, title: str) -> Post:
    title = clean_name(title, 100) or "小程序"
    return _send(stage, chat, who, Kind.MINIPROGRAM, f"miniprogram {always_quote(title)}", title=title)


def send_image(stage: Stage, chat: str, who: str, name: str, path: str, size: int) -> Post:
    """A picture that lies at `path`; `name` is what the page and the script call it."""
    media = Media(name=name, path=path, size=size)
    return _send(stage, chat, who, Kind.IMAGE, f"image {quote(name)}", media=media)


def recall(stage: Stage, post_id: str) -> None:
    """Its sender takes a message back."""
    post = stage.world.find(post_id)
    if post is None or post.kind in ("system", "stage", "admins", "packet") or post.sender in ("", BOT):
        raise NotPossible("这一条不能撤回")
    stage.world.replace(post.recalled())
    last = next((p for p in reversed(stage.world.posts) if p.chat == post.chat and p.sender == post.sender), post)
    line = f"{quote(post.sender)} recalls"
    if last.seq != post.seq or not group_of(post.chat):
        line = f"# {line}（较早的或私聊的一条，脚本只能撤回群里最近的）"
        recalled = stage.world.journal.remark(line)
    else:
        recalled = stage.write(line, group_of(post.chat))
    sender = Member(post.sender, post.name, post.role)
    stage.emit(
        MessageRecalled(
            id=recalled,
            at=stage.world.now(),
            group=group_of(post.chat),
            message_id=post.id,
            sender=sender,
        )
    )


def _send(
    stage: Stage, chat: str, who: str, kind: Kind, line: str, title: str = "", url: str = "", media: Media | None = None
) -> Post:
    seat = _speaker(stage, chat, who)
    to_bot = "" if group_of(chat) else "> bot "
    line_id = stage.write(f"{quote(who)} {to_bot}sends {line}", group_of(chat))
    name = media.name if media else ""
    post = stage.world.post(chat, kind.value, seat, title=title, url=url, media=name, id=line_id)
    return _said(stage, chat, seat, post, kind=kind, title=title, url=url, media=media)


def _said(stage: Stage, chat: str, seat: Seat, post: Post, **what: Any) -> Post:
    """The bot hears of a post."""
    group = group_of(chat)
    stage.emit(MessageReceived(id=post.id, at=post.at, group=group, sender=seat.member, **what))
    return post


def _speaker(stage: Stage, chat: str, who: str) -> Seat:
    if who == BOT:
        raise NotPossible("机器人自己会说话，不用代劳")
    if group_of(chat):
        return stage.world.seat(chat, who)
    if chat != PRIVATE + who or who not in stage.world.people():
        raise NotPossible("没有这个私聊")
    return Seat(who, stage.world.name_of(who))


def _mentions(stage: Stage, chat: str, text: str) -> tuple[tuple[str, ...], bool]:
    """Whom the text names with @ and whether it names the bot; a longer name goes before one it begins with.

    A name that several have names nobody: the page knows only the text.
    """
    if not group_of(chat) or "@" not in text:
        return (), False
    seats = stage.world.group(chat).seats.values()
    names = names_of({seat.person: seat.name for seat in seats})
    longest_first = sorted(names, key=len, reverse=True)
    found: dict[str, None] = {}
    for start, sign in enumerate(text):
        if sign in "@＠":
            name = next((name for name in longest_first if text.startswith(name, start + 1)), None)
            if name is not None and names[name]:
                found[names[name]] = None
    return tuple(person for person in found if person != BOT), BOT in found


def _line(chat: str, who: str, text: str, to_bot: bool, quoted: Quote | None) -> str:
    """How the script says it."""
    head = quote(who) + (" > bot" if not group_of(chat) else " @bot" if to_bot else "")
    tail = f'  (re "{escape(quoted.text)}")' if quoted is not None else ""
    return f"{head}: {escape(text.replace(f'@{BOT_NAME}', '@bot'))}{tail}"
