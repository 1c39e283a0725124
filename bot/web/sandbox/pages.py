"""Web: what the sandbox shows: the page, its stream, pictures, the reason of a case, the script."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Iterator

from aiohttp import web

from bot.errors import BotError
from bot.transports.sandbox.export import write_script
from bot.web.sandbox.view import SHOWN_POSTS, View
from bot.web.sse import Message, Streams

_PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".json": "application/json",
    ".webp": "image/webp",
}


class Pages:
    """The GET routes."""

    def __init__(self, view: View, streams: Streams) -> None:
        self._view = view
        self._streams = streams

    def add_to(self, app: web.Application) -> None:
        app.add_routes(
            [
                web.get("/", self.index),
                web.get("/sandbox/events", self.events),
                web.get("/sandbox/media/{name}", self.media),
                web.get("/sandbox/why/{case:\\d{1,9}}", self.why),
                web.get("/sandbox/export", self.export),
            ]
        )

    async def index(self, request: web.Request) -> web.Response:
        chat = self._view.chat(request.query.get("chat", ""))
        async with self._view.gate:
            return web.Response(text=await self._view.page(chat), content_type="text/html")

    async def events(self, request: web.Request) -> web.StreamResponse:
        """What changes from now on; `after` or the browser's Last-Event-ID is the last post it has."""
        chat = self._view.chat(request.query.get("chat", ""))
        after = max(_number(request.query.get("after")), _number(request.headers.get("Last-Event-ID")))
        look = _Look(self._view, chat, after, request.query.get("birth", ""))
        return await self._streams.serve(request, self._subscribe, look.changes)

    def _subscribe(self, watcher: Callable[[], None]) -> Callable[[], None]:
        leave = [self._view.board.subscribe(watcher), self._view.world.subscribe(watcher)]
        return lambda: [each() for each in leave].clear()

    async def media(self, request: web.Request) -> web.FileResponse:
        name = request.match_info["name"]
        path = self._view.transport.media / name
        kind = _PICTURES.get(path.suffix.lower())
        if kind is None or not re.fullmatch(r"[\w-]{1,80}\.\w{1,8}", name, re.ASCII) or not path.is_file():
            raise web.HTTPNotFound(text="没有这张图片 (no such picture)\n")
        return web.FileResponse(path, headers={"Content-Type": kind, "Cache-Control": "private, max-age=3600"})

    async def why(self, request: web.Request) -> web.Response:
        try:
            text = await self._view.board.why(int(request.match_info["case"]))
        except BotError as error:
            text = str(error)
        return web.Response(text=text)

    async def export(self, _request: web.Request) -> web.Response:
        """The script; with the pictures that it names in one archive, when there are any."""
        view = self._view
        now = view.board.now()
        script = write_script(
            view.world.journal.lines(),
            now=now,
            zone=view.board.zone,
            first_group=next(iter(view.world.groups)),
            settings=view.board.replay_settings(),
        )
        name = f"sandbox-{now.astimezone(view.board.zone):%m%d-%H%M}"
        sent = [post.media for post in view.world.posts if post.media and f"sends image {post.media}" in script]
        if not sent:
            return _download(script.encode(), f"{name}.chat", "text/plain")
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr(f"{name}.chat", script)
            for media in dict.fromkeys(sent):
                file.write(view.transport.media / media, media)
        return _download(archive.getvalue(), f"{name}.zip", "application/zip")


class _Look:
    """What one open page has seen; `changes` is the rest."""

    def __init__(self, view: View, chat: str, after: int, birth: str) -> None:
        self._view = view
        self._chat = chat
        self._after = after
        self._edits = len(view.world.edits)
        self._birth = birth or view.world.birth
        self._parts: dict[str, str] = {}

    async def changes(self) -> list[Message]:
        async with self._view.gate:
            if self._view.world.birth != self._birth:
                return [Message("renew", "reset")]
            return [*self._posts(), *await self._changed_parts()]

    def _posts(self) -> Iterator[Message]:
        view, world = self._view, self._view.world
        for post in view.posts(self._chat, self._after)[-SHOWN_POSTS:]:
            self._after = post.seq
            yield Message("post", view.post(post), id=str(post.seq))
        edited, self._edits = set(world.edits[self._edits :]), len(world.edits)
        for post in view.posts(self._chat) if edited else ():
            if post.seq in edited:
                yield Message("post", view.post(post, instead=True))

    async def _changed_parts(self) -> list[Message]:
        parts = await self._view.parts(self._chat)
        changed = [Message(name, part.html) for name, part in parts.items() if self._parts.get(name) != part.key]
        self._parts = {name: part.key for name, part in parts.items()}
        return changed


def _number(text: str | None) -> int:
    return int(text) if text and re.fullmatch(r"[0-9]{1,15}", text) else 0


def _download(body: bytes, name: str, kind: str) -> web.Response:
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    return web.Response(
        body=body,
        headers={"Content-Type": kind + charset, "Content-Disposition": f'attachment; filename="{name}"'},
    )
