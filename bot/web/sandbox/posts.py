"""Web: what one does on the sandbox page: speaking as somebody, people coming and going, time, scenes."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, time, timedelta
from pathlib import Path

from aiohttp import web

from bot.errors import BotError
from bot.transports.sandbox import SandboxTransport, people, talk
from bot.transports.sandbox.things import NotPossible
from bot.web.board import Board
from bot.web.sandbox.play import Player

PICTURE_LIMIT = 5 * 1024 * 1024
POSTER = Path(__file__).parent.parent / "static" / "poster.png"
_MAGIC = {b"\x89PNG\r\n\x1a\n": ".png", b"\xff\xd8\xff": ".jpg", b"GIF8": ".gif"}
_STEPS = {"+1m": timedelta(minutes=1), "+3m": timedelta(minutes=3), "+1h": timedelta(hours=1)}
Form = dict[str, str]
Does = Callable[[Form], Awaitable[str]]


class Posts:
    """The POST routes. Each answers 204, or a short sentence for the page to show in a toast."""

    def __init__(self, board: Board, transport: SandboxTransport, player: Player, gate: asyncio.Lock) -> None:
        self._board = board
        self._gate = gate
        self._transport = transport
        self._stage = transport.stage
        self._player = player

    def add_to(self, app: web.Application) -> None:
        for does in (
            *(self.say, self.packet, self.link, self.card, self.miniprogram, self.poster, self.recall),
            *(self.join, self.leave, self.remove, self.rename, self.admin, self.topic),
            *(self.clock, self.scene, self.wire, self.rights, self.undo, self.reset),
        ):
            app.router.add_post(f"/sandbox/{does.__name__}", _answering(does))
        app.router.add_post("/sandbox/image", self.image)

    async def say(self, form: Form) -> str:
        talk.say(self._stage, form["chat"], form["who"], form["text"], form.get("quote", ""))
        return ""

    async def packet(self, form: Form) -> str:
        talk.send_red_packet(self._stage, form["chat"], form["who"], form.get("wish", ""))
        return ""

    async def link(self, form: Form) -> str:
        talk.send_link(self._stage, form["chat"], form["who"], form.get("title", ""), form["url"])
        return ""

    async def card(self, form: Form) -> str:
        talk.send_card(self._stage, form["chat"], form["who"], form.get("name", ""))
        return ""

    async def miniprogram(self, form: Form) -> str:
        talk.send_miniprogram(self._stage, form["chat"], form["who"], form.get("title", ""))
        return ""

    async def poster(self, form: Form) -> str:
        """The picture with a QR code that comes with the sandbox."""
        self._send_picture(form["chat"], form["who"], POSTER.read_bytes(), ".png")
        return ""

    async def recall(self, form: Form) -> str:
        talk.recall(self._stage, form["post"])
        return ""

    async def join(self, form: Form) -> str:
        names = re.split(r"[\s,，、;；]+", form.get("names", "").strip())
        how = form.get("how", "invited")
        by = "" if how == "alone" else form["who"]
        fresh = [name for name in names if name] or people.newcomers(self._stage, form["chat"], 1)
        people.join(self._stage, form["chat"], fresh[:50], by, by_code=how == "code")
        return ""

    async def leave(self, form: Form) -> str:
        people.leave(self._stage, form["chat"], form["person"])
        return ""

    async def remove(self, form: Form) -> str:
        people.leave(self._stage, form["chat"], form["person"], form["who"])
        return ""

    async def rename(self, form: Form) -> str:
        people.rename(self._stage, form["chat"], form["person"], form["name"])
        return ""

    async def admin(self, form: Form) -> str:
        people.set_admin(self._stage, form["chat"], form["person"], form.get("on") == "1")
        return ""

    async def topic(self, form: Form) -> str:
        people.set_topic(self._stage, form["chat"], form["who"], form["topic"])
        return ""

    async def clock(self, form: Form) -> str:
        if self._player.running:
            raise NotPossible("场景正在演，演完再快进")
        await self._stage.heard()
        await self._board.advance(self._until(form["to"]))
        self._transport.world.keep_time()
        return ""

    async def scene(self, form: Form) -> str:
        self._player.start(form["scene"], form["chat"])
        return ""

    async def wire(self, form: Form) -> str:
        if form.get("on") == "1":
            self._stage.mend()
        else:
            self._stage.cut()
        return ""

    async def rights(self, form: Form) -> str:
        self._stage.let_remove(self._transport.world.group(form["chat"]), form.get("on") == "1")
        return ""

    async def undo(self, form: Form) -> str:
        if not re.fullmatch(r"[0-9]{1,9}", form["case"]):
            raise NotPossible("没有这个案件")
        return await self._board.undo(int(form["case"]))

    async def reset(self, _form: Form) -> str:
        await self._player.stop()
        async with self._gate:
            await self._board.reset()
        return ""

    async def image(self, request: web.Request) -> web.Response:
        """A picture from the visitor's own disk, told by its first bytes."""
        form = await _posted(request)
        file = form.get("image")
        body = file.file.read(PICTURE_LIMIT + 1) if isinstance(file, web.FileField) else b""
        try:
            kind = next((suffix for magic, suffix in _MAGIC.items() if body.startswith(magic)), "")
            if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
                kind = ".webp"
            if not kind or len(body) > PICTURE_LIMIT:
                raise NotPossible("只收 PNG、JPEG、GIF、WebP 图片，5 MB 以内")
            self._send_picture(str(form["chat"]), str(form["who"]), body, kind)
        except KeyError:
            raise web.HTTPBadRequest(text="少了 chat 或 who (missing field)\n") from None
        except BotError as error:
            return _toast(str(error), bad=True)
        return web.Response(status=204)

    def _send_picture(self, chat: str, who: str, body: bytes, kind: str) -> None:
        media = self._transport.media
        media.mkdir(parents=True, exist_ok=True)
        name = f"{self._transport.world.new_id('pic')}{kind}"
        (media / name).write_bytes(body)
        talk.send_image(self._stage, chat, who, name, str(media / name), len(body))

    def _until(self, wanted: str) -> datetime:
        now = self._board.now()
        if (step := _STEPS.get(wanted)) is not None:
            return now + step
        if not re.fullmatch(r"(0\d|1\d|2[0-3]):[0-5]\d", wanted):
            raise NotPossible("不认识这个时间")
        local = now.astimezone(self._board.zone)
        goal = datetime.combine(local.date(), time.fromisoformat(wanted), self._board.zone)
        return goal if goal > local else datetime.combine(local.date() + timedelta(days=1), goal.time(), goal.tzinfo)


def _answering(does: Does) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def answer(request: web.Request) -> web.Response:
        fields = await _posted(request)
        form = {key: value for key, value in fields.items() if isinstance(value, str)}
        try:
            said = await does(form)
        except KeyError as error:
            raise web.HTTPBadRequest(text=f"少了 {error.args[0]} (missing field)\n") from None
        except BotError as error:
            return _toast(str(error), bad=True)
        return _toast(said) if said else web.Response(status=204)

    return answer


async def _posted(request: web.Request) -> Mapping[str, object]:
    """What a form sent; one that cannot be read (its bytes, its charset, its parts) is the sender's fault."""
    try:
        return await request.post()
    except (ValueError, LookupError, RuntimeError):
        raise web.HTTPBadRequest(text="这个表单读不懂 (unreadable form)\n") from None


def _toast(text: str, *, bad: bool = False) -> web.Response:
    """200, so that a wish that cannot be met is no error in the browser's console."""
    trigger = json.dumps({"toast": {"text": text, "bad": bad}})
    return web.Response(text=text, headers={"HX-Trigger": trigger, "X-Refused": "1" if bad else "0"})
