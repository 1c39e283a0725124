"""Plugin: schedule: `/定时`: say what was understood, keep it after 确认, list, pause, delete."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import timedelta

from bot.actions import Action
from bot.commands import Call
from bot.errors import CommandError, Misread
from bot.model import Role
from bot.number import read_number
from bot.recurrence import Rule
from bot.text import clip, unknown_placeholders
from plugins.schedule import store
from plugins.schedule.plugin import Ctx, plugin, works_on
from plugins.schedule.read import read
from plugins.schedule.say import entry_line, moment_text, preview
from plugins.schedule.store import Entry

LONGEST = 1000
SHOWN = 10
KNOWN = ("群名", "人数", "日期")
"""What is filled in when a text is said; it speaks to everybody, so there is no 昵称."""
_LIST = {"列表", "list", "查看"}
_DELETE, _PAUSE, _RESUME = {"删", "删除", "删掉", "取消", "delete"}, {"暂停", "pause", "停"}, {"恢复", "继续", "resume"}
_SHOW = {"看", "show"}
_REWRITE = {"改", "修改", "更改", "编辑", "change", "edit"}
_GLUED = re.compile(r"([^\W\d]{1,6})(\d{1,6})")
"""`删1`, as typed without a space."""


@plugin.command(
    "定时",
    "schedule",
    usage="每周一三五 9:00 发 内容 | 列表 | 看|暂停|恢复|删 N",
    example="/定时 每周一三五 9:00 发 早安，今天也要读书哦",
    help="到点在群里说一句：每天、每周、工作日、每月最后一天，或只一次",
    role=Role.ADMIN,
)
async def steer(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    words = [*glued.groups()] if (glued := _GLUED.fullmatch(call.text)) else call.words
    first = words[0].lower() if words else ""
    if not words or (first in _LIST and len(words) == 1):
        yield ctx.reply(call.event, await _list(ctx))
    elif first in _DELETE | _PAUSE | _RESUME | _SHOW and len(words) <= 2:
        yield ctx.reply(call.event, await _change(ctx, first, words[1] if len(words) > 1 else ""))
    elif first in _REWRITE:
        raise CommandError(ctx.text("wrong_rewrite"))
    elif call.confirmed:
        yield ctx.reply(call.event, await _keep(call, ctx))
    else:
        yield await ctx.ask_first(call, await _understand(call, ctx))


async def _understand(call: Call, ctx: Ctx) -> str:
    """What would be kept; it is noted for the minute of 确认, so that `半小时后` stays the time that was shown."""
    try:
        wanted = read(call.raw, ctx.now, ctx.group.zone)
    except Misread as error:
        raise CommandError(ctx.text(f"wrong_{error.key}", **error.values)) from None
    if not wanted.text:
        raise CommandError(ctx.text("wrong_empty"))
    if unknown := unknown_placeholders(wanted.text, KNOWN):
        raise CommandError(ctx.text("wrong_placeholder", 词=unknown[0]))
    if len(wanted.text) > LONGEST:
        raise CommandError(ctx.text("wrong_long", 最多=LONGEST, 字数=len(wanted.text)))
    if len(await store.of_group(ctx.db, ctx.group.id)) >= ctx.settings.most:
        raise CommandError(ctx.text("wrong_many", 最多=ctx.settings.most))
    coming = wanted.rule.some_after(ctx.now, ctx.group.zone, 3, lambda day: works_on(ctx, day))
    if not coming:
        raise CommandError(ctx.text("wrong_never"))
    await ctx.notes.set(_shown(call), f"{wanted.rule}\n{wanted.text}", lasts=timedelta(minutes=2))
    return preview(ctx, wanted.rule, wanted.text, coming, assumed=wanted.assumed)


def _shown(call: Call) -> str:
    """Where what was shown is noted: as the question waits, by place and person."""
    return f"shown:{call.event.group}:{call.asker.id}"


async def _keep(call: Call, ctx: Ctx) -> str:
    shown = await ctx.notes.get(_shown(call))
    if shown is None:
        raise CommandError(ctx.text("wrong_gone"))
    await ctx.notes.delete(_shown(call))
    said, _, text = shown.partition("\n")
    rule = Rule.from_text(said)
    if len(await store.of_group(ctx.db, ctx.group.id)) >= ctx.settings.most:
        raise CommandError(ctx.text("wrong_many", 最多=ctx.settings.most))
    next_at = rule.next_after(ctx.now, ctx.group.zone, lambda day: works_on(ctx, day))
    if next_at is None:
        raise CommandError(ctx.text("wrong_too_late"))
    no = await store.add(ctx.db, ctx.group.id, rule, text, next_at, by=call.asker.id, now=ctx.now)
    await ctx.timers.start(f"entry:{no}", at=next_at, payload={"no": str(no)})
    return ctx.text("kept", 编号=no, 时间=moment_text(ctx, next_at))


async def _list(ctx: Ctx) -> str:
    found = await store.of_group(ctx.db, ctx.group.id)
    if not found:
        return ctx.text("none")
    lines = [ctx.text("list", 总数=len(found)), *(entry_line(ctx, entry) for entry in found[:SHOWN])]
    if len(found) > SHOWN:
        lines.append(ctx.text("list_more", 其余="、".join(str(entry.no) for entry in found[SHOWN:])))
    return "\n".join(lines)


async def _change(ctx: Ctx, word: str, number: str) -> str:
    entry = await _named(ctx, word, number)
    if word in _SHOW:
        return f"{entry_line(ctx, entry)}\n{ctx.text('quoted', 内容=entry.text)}"
    await ctx.timers.cancel(f"entry:{entry.no}")
    if word in _DELETE:
        await store.remove(ctx.db, ctx.group.id, entry.no)
        return ctx.text("deleted", 编号=entry.no, 内容=clip(entry.text, 20))
    if word in _PAUSE:
        await store.move(ctx.db, ctx.group.id, entry.no, None)
        return ctx.text("now_paused", 编号=entry.no)
    next_at = entry.rule.next_after(ctx.now, ctx.group.zone, lambda day: works_on(ctx, day))
    if next_at is None:
        await store.remove(ctx.db, ctx.group.id, entry.no)
        return ctx.text("over", 编号=entry.no)
    await store.move(ctx.db, ctx.group.id, entry.no, next_at)
    await ctx.timers.start(f"entry:{entry.no}", at=next_at, payload={"no": str(entry.no)})
    return ctx.text("resumed", 编号=entry.no, 时间=moment_text(ctx, next_at))


async def _named(ctx: Ctx, word: str, number: str) -> Entry:
    try:
        no = read_number(number.strip("#号."))
    except ValueError:
        raise CommandError(ctx.text("which", 词=word)) from None
    entry = await store.get(ctx.db, ctx.group.id, no)
    if entry is None:
        raise CommandError(ctx.text("unknown_no", 编号=no))
    return entry
