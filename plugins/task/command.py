"""Plugin: task: today's or tomorrow's thing to do, told at its hour and named in the morning brief."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime, time, timedelta

from bot.actions import Action, Declare, Purpose, SendText
from bot.commands import Call
from bot.errors import CommandError
from bot.events import TaskChanged, TimerDue
from bot.model import Role
from bot.text import clip
from bot.timeofday import split_time
from plugins.task import store
from plugins.task.plugin import Ctx, plugin
from plugins.task.store import Task

LATE = timedelta(hours=2)
"""A notice that could not be given in time is not worth giving any more."""
IN_BRIEF = 4
LONGEST = 200
MOST = 50
_AHEAD = timedelta(days=30)
_EVERY = r"(?:每[天日周月晚早]|每个?(?:工作日|星期|礼拜)|天天|工作日)"
_REPEATS = re.compile(rf"{_EVERY}[^，。,]{{0,12}}?(?:\d{{1,2}}[:：点时]|[一二三四五六七八九十]+点(?:[半整钟\s]|$))")
"""A task is for one day; what has an hour of many days is a schedule."""
_LIST, _DELETE = {"列表", "list"}, {"删", "删除", "delete"}


@plugin.command(
    "任务",
    "task",
    usage="[明天] [08:00] 内容 | 列表 | 删 N",
    example="/任务 08:00 读完第三章，写一句感想",
    help="布置任务，到点提醒大家",
    role=Role.ADMIN,
)
async def steer_tasks(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    words = call.words
    if not words or words[0] in _LIST:
        yield ctx.reply(call.event, await _list(ctx))
    elif words[0] in _DELETE:
        task = await _named(ctx, words[1] if len(words) > 1 else "")
        await store.remove(ctx.db, ctx.group.id, task.no)
        await ctx.timers.cancel(f"task:{task.no}")
        yield _declare(ctx, task, dropped=True)
        yield ctx.reply(call.event, ctx.text("deleted", 编号=task.no, 任务=clip(task.text, 20)))
    else:
        async for action in _add(call, ctx):
            yield action


async def _add(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    on_date, at, text = _read(call, ctx)
    if len(await store.between(ctx.db, ctx.group.id, ctx.today, ctx.today + _AHEAD)) >= MOST:
        raise CommandError(ctx.text("many", 最多=MOST))
    due_at = datetime.combine(on_date, at, ctx.group.zone).astimezone(UTC) if at else None
    task = await store.add(ctx.db, ctx.group.id, on_date, due_at, text, by=call.asker.id, now=ctx.now)
    yield _declare(ctx, task)
    if due_at:
        await ctx.timers.start(f"task:{task.no}", at=due_at, payload={"no": str(task.no)})
        yield ctx.reply(call.event, ctx.text("timed", 编号=task.no, 日子=_day(ctx, on_date), 时间=f"{at:%H:%M}"))
    elif on_date > ctx.today:
        key = "in_brief" if _in_brief(ctx) else "no_brief"
        yield ctx.reply(call.event, ctx.text(key, 编号=task.no, 日子=_day(ctx, on_date)))
    else:
        yield _notice(ctx, task)
        if not call.event.group:
            yield ctx.reply(call.event, ctx.text("told", 编号=task.no))


def _read(call: Call, ctx: Ctx) -> tuple[date, time | None, str]:
    """Day, hour and text of a new task; without a day an hour that has passed means tomorrow."""
    try:
        days, at, text = split_time(call.raw)
    except ValueError:
        raise CommandError(ctx.text("wrong_time")) from None
    text = " ".join(text.split())
    if not text:
        raise CommandError(ctx.text("empty"))
    if _REPEATS.match(text):
        raise CommandError(ctx.text("repeats"))
    if len(text) > LONGEST:
        raise CommandError(ctx.text("long", 最多=LONGEST, 字数=len(text)))
    has_passed = at is not None and at <= ctx.now.astimezone(ctx.group.zone).time()
    if days == 0 and has_passed and at:
        raise CommandError(ctx.text("past", 时间=f"{at:%H:%M}"))
    return ctx.today + timedelta(days=days if days is not None else int(has_passed)), at, text


async def _list(ctx: Ctx) -> str:
    found = await store.between(ctx.db, ctx.group.id, ctx.today, ctx.today + _AHEAD)
    if not found:
        return ctx.text("none")
    lines = [ctx.text("list", 总数=len(found))]
    for task in found[:10]:
        hour = f" {task.due_at.astimezone(ctx.group.zone):%H:%M}" if task.due_at else ""
        lines.append(f"{task.no}. {_day(ctx, task.on_date)}{hour} {clip(task.text, 30)}")
    return "\n".join(lines)


async def _named(ctx: Ctx, word: str) -> Task:
    if not word.isdecimal():
        raise CommandError(ctx.text("which"))
    task = await store.get(ctx.db, ctx.group.id, int(word[:9]))
    if task is None:
        raise CommandError(ctx.text("unknown", 编号=word[:9]))
    return task


def _declare(ctx: Ctx, task: Task, *, dropped: bool = False) -> Declare:
    """For whoever goes by the tasks of a day, such as the check-in."""
    fact_id = f"{ctx.event.id}:task:{task.no}{':dropped' if dropped else ''}"
    text = "" if dropped else task.text
    fact = TaskChanged(id=fact_id, at=ctx.now, group=ctx.group.id, no=task.no, on_date=task.on_date, text=text)
    return Declare(fact=fact)


@plugin.on(TimerDue)
async def tell(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    task = await store.get(ctx.db, ctx.group.id, int(event.payload["no"]))
    if task is None or task.due_at is None or ctx.now - task.due_at > LATE:
        return
    if not await _told_by_brief(ctx, task):
        yield _notice(ctx, task)


async def _told_by_brief(ctx: Ctx, task: Task) -> bool:
    """Whether the morning brief goes out in the same minute and names the task: nobody wants to read it twice."""
    local = task.due_at.astimezone(ctx.group.zone) if task.due_at else None
    if local is None or not _in_brief(ctx) or local.time() != ctx.section("brief").morning:
        return False
    return task in shown(await store.between(ctx.db, ctx.group.id, task.on_date, task.on_date))


def _in_brief(ctx: Ctx) -> bool:
    """Whether this group's morning brief names the tasks of the day."""
    try:
        brief = ctx.section("brief")
    except KeyError:
        return False
    return brief.morning is not None and "tasks" in brief.morning_blocks


def shown(tasks: Sequence[Task]) -> Sequence[Task]:
    """Those that a brief names; the rest are only counted."""
    return tasks if len(tasks) <= IN_BRIEF else tasks[: IN_BRIEF - 1]


@plugin.block("tasks", "任务")
async def tasks_block(ctx: Ctx, day: date, edition: str) -> str:
    found = await store.between(ctx.db, ctx.group.id, day, day)
    if not found:
        return ""
    lines = [ctx.text("block_title")]
    for task in shown(found):
        hour = f"{task.due_at.astimezone(ctx.group.zone):%H:%M} " if task.due_at else ""
        lines.append(f"· {hour}{clip(task.text, 40)}")
    if len(found) > len(shown(found)):
        lines.append(ctx.text("block_more", 总数=len(found)))
    return "\n".join(lines)


def _notice(ctx: Ctx, task: Task) -> SendText:
    text = ctx.render(ctx.settings.notice, 任务=task.text)
    return SendText(group=ctx.group.id, text=text, purpose=Purpose.SERVICE)


def _day(ctx: Ctx, day: date) -> str:
    days = (day - ctx.today).days
    return ctx.text(f"day_{days}") if days in (0, 1, 2) else ctx.say_day(day)
