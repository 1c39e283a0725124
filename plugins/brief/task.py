"""Plugin: tasks: today's or tomorrow's thing to do, told at its hour and named in the morning brief."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, time, timedelta

from bot.actions import Action, Purpose, SendText
from bot.commands import Call
from bot.context import Context
from bot.errors import CommandError
from bot.events import TimerDue
from bot.model import Role
from bot.text import clip
from bot.timeofday import split_time
from plugins.brief import store
from plugins.brief.block import shown_tasks
from plugins.brief.edition import LATE
from plugins.brief.plugin import Settings, plugin
from plugins.brief.store import Task

LONGEST = 200
MOST = 50
_AHEAD = timedelta(days=30)
_LIST, _DELETE = {"列表", "list"}, {"删", "删除", "delete"}


@plugin.command(
    "任务",
    "task",
    usage="[明天] [08:00] 内容 | 列表 | 删 N",
    example="/任务 08:00 读完第三章，写一句感想",
    help="布置任务，到点提醒大家",
    role=Role.ADMIN,
)
async def steer_tasks(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    words = call.words
    if not words or words[0] in _LIST:
        yield ctx.reply(call.event, await _list(ctx))
    elif words[0] in _DELETE:
        yield ctx.reply(call.event, await _delete(ctx, words[1] if len(words) > 1 else ""))
    else:
        async for action in _add(call, ctx):
            yield action


async def _add(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    on_date, at, text = _read(call, ctx)
    if len(await store.between(ctx.db, ctx.group.id, ctx.today, ctx.today + _AHEAD)) >= MOST:
        raise CommandError(ctx.text("task_many", 最多=MOST))
    due_at = datetime.combine(on_date, at, ctx.group.zone).astimezone(UTC) if at else None
    task = await store.add(ctx.db, ctx.group.id, on_date, due_at, text, by=call.asker.id, now=ctx.now)
    if due_at:
        await ctx.timers.start(f"task:{task.no}", at=due_at, payload={"no": str(task.no)})
        yield ctx.reply(call.event, ctx.text("task_timed", 编号=task.no, 日子=_day(ctx, on_date), 时间=f"{at:%H:%M}"))
    elif on_date > ctx.today:
        key = "task_in_brief" if _in_brief(ctx) else "task_no_brief"
        yield ctx.reply(call.event, ctx.text(key, 编号=task.no, 日子=_day(ctx, on_date)))
    else:
        yield _notice(ctx, task)
        if not call.event.group:
            yield ctx.reply(call.event, ctx.text("task_told", 编号=task.no))


def _read(call: Call, ctx: Context[Settings]) -> tuple[date, time | None, str]:
    """Day, hour and text of a new task; without a day an hour that has passed means tomorrow."""
    try:
        days, at, text = split_time(call.raw)
    except ValueError:
        raise CommandError(ctx.text("task_wrong_time")) from None
    text = " ".join(text.split())
    if not text:
        raise CommandError(ctx.text("task_empty"))
    if len(text) > LONGEST:
        raise CommandError(ctx.text("task_long", 最多=LONGEST, 字数=len(text)))
    has_passed = at is not None and at <= ctx.now.astimezone(ctx.group.zone).time()
    if days == 0 and has_passed and at:
        raise CommandError(ctx.text("task_past", 时间=f"{at:%H:%M}"))
    return ctx.today + timedelta(days=days if days is not None else int(has_passed)), at, text


async def _list(ctx: Context[Settings]) -> str:
    found = await store.between(ctx.db, ctx.group.id, ctx.today, ctx.today + _AHEAD)
    if not found:
        return ctx.text("task_none")
    lines = [ctx.text("task_list", 总数=len(found))]
    for task in found[:10]:
        hour = f" {task.due_at.astimezone(ctx.group.zone):%H:%M}" if task.due_at else ""
        lines.append(f"{task.no}. {_day(ctx, task.on_date)}{hour} {clip(task.text, 30)}")
    return "\n".join(lines)


async def _delete(ctx: Context[Settings], word: str) -> str:
    if not word.isdecimal():
        raise CommandError(ctx.text("task_which"))
    task = await store.get(ctx.db, ctx.group.id, int(word[:9]))
    if task is None:
        raise CommandError(ctx.text("task_unknown", 编号=word[:9]))
    await store.remove(ctx.db, ctx.group.id, task.no)
    await ctx.timers.cancel(f"task:{task.no}")
    return ctx.text("task_deleted", 编号=task.no, 任务=clip(task.text, 20))


@plugin.on(TimerDue)
async def tell(event: TimerDue, ctx: Context[Settings]) -> AsyncIterator[Action]:
    task = await store.get(ctx.db, ctx.group.id, int(event.payload["no"]))
    if task is None or task.due_at is None or ctx.now - task.due_at > LATE:
        return
    if not await _told_by_brief(ctx, task):
        yield _notice(ctx, task)


async def _told_by_brief(ctx: Context[Settings], task: Task) -> bool:
    """Whether the morning brief goes out in the same minute and names the task: nobody wants to read it twice."""
    local = task.due_at.astimezone(ctx.group.zone) if task.due_at else None
    if local is None or not _in_brief(ctx) or local.time() != ctx.settings.morning:
        return False
    return task in shown_tasks(await store.between(ctx.db, ctx.group.id, task.on_date, task.on_date))


def _in_brief(ctx: Context[Settings]) -> bool:
    return ctx.settings.morning is not None and "tasks" in ctx.settings.morning_blocks


def _notice(ctx: Context[Settings], task: Task) -> SendText:
    text = ctx.render(ctx.settings.task_notice, 任务=task.text)
    return SendText(group=ctx.group.id, text=text, purpose=Purpose.SERVICE)


def _day(ctx: Context[Settings], day: date) -> str:
    days = (day - ctx.today).days
    return ctx.text(f"day_{days}") if days in (0, 1, 2) else ctx.text("day", 月=day.month, 日=day.day)
