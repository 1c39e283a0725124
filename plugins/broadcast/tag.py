"""Plugin: broadcast: groups get tags, by which a broadcast may name them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from bot.actions import Action
from bot.commands import Call
from bot.errors import CommandError
from bot.model import Role
from bot.text import clip
from plugins.broadcast import store
from plugins.broadcast.audience import listed, run_by, title
from plugins.broadcast.plugin import Ctx, plugin
from plugins.broadcast.target import EVERYTHING

MOST = 20
_NAME = re.compile(r"[\w·]{1,12}")
_TAKEN = frozenset((*EVERYTHING, "报告", "停", "停止", "回执", "列表", "加", "删", "report", "stop", "list"))
_LIST = frozenset(("列表", "list"))
_ADD, _REMOVE = frozenset(("加", "添加", "add")), frozenset(("删", "删除", "remove"))


@plugin.command(
    "标签",
    "grouptag",
    usage="<标签> 加|删|列表 | 列表",
    example="/标签 读书 加",
    help="给群贴标签，群发时按标签选群",
    role=Role.ADMIN,
)
async def steer_tags(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    words = call.words
    if not words or (len(words) == 1 and words[0].lower() in _LIST):
        yield ctx.reply(call.event, await _overview(call, ctx), mention=False)
        return
    name, doing = words[0].lstrip("#"), words[1].lower() if len(words) > 1 else "列表"
    if len(words) > 2 or not _NAME.fullmatch(name) or name in _TAKEN or doing not in _ADD | _REMOVE | _LIST:
        raise CommandError(ctx.text("tag_wrong"))
    if doing in _LIST:
        yield ctx.reply(call.event, await _of_tag(call, ctx, name), mention=False)
        return
    if not ctx.group.id:
        raise CommandError(ctx.text("tag_where"))
    if doing in _ADD:
        mine = [tag for tag, groups in (await store.tagged(ctx.db)).items() if ctx.group.id in groups]
        if name not in mine and len(mine) >= MOST:
            raise CommandError(ctx.text("tag_most", 最多=MOST))
        changed = await store.tag(ctx.db, name, ctx.group.id)
    else:
        changed = await store.untag(ctx.db, name, ctx.group.id)
    key = ("tag_added" if changed else "tag_had") if doing in _ADD else ("tag_removed" if changed else "tag_none")
    yield ctx.reply(call.event, ctx.text(key, 标签=name, 群名=title(ctx.group)))


async def _overview(call: Call, ctx: Ctx) -> str:
    mine = {group.id: title(group) for group in await run_by(ctx, call.asker)}
    lines = []
    for tag, groups in (await store.tagged(ctx.db)).items():
        names = [mine[group] for group in groups if group in mine]
        if names:
            lines.append(ctx.text("tag_line", 标签=tag, 群数=len(names), 名单=listed(ctx, names)))
    return "\n".join([ctx.text("tag_head"), *lines[:10]]) if lines else ctx.text("tag_empty")


async def _of_tag(call: Call, ctx: Ctx, name: str) -> str:
    mine = {group.id: title(group) for group in await run_by(ctx, call.asker)}
    names = [mine[group] for group in (await store.tagged(ctx.db)).get(name, []) if group in mine]
    if not names:
        raise CommandError(ctx.text("tag_unknown", 标签=clip(name, 12)))
    return ctx.text("tag_line", 标签=name, 群数=len(names), 名单=listed(ctx, names))
