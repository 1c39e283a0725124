"""Test: timers and jobs: each exactly once, over a year of odd clocks and any number of deaths."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import pytest
from pydantic import BeforeValidator, Field

from bot.actions import Action, SendText
from bot.clock import ManualClock
from bot.events import JobDue, MessageReceived, TimerDue
from bot.model import Member
from bot.plugin import Context, Plugin, PluginSettings
from bot.storage.tables import audit, jobs, timers
from bot.timetable import next_daily, planned
from tests.engine.stage import FarSide, G, Stage, make_plugin, parrot, running_app

pytestmark = pytest.mark.usefixtures("both")

TimeOrOff = Annotated[time | None, BeforeValidator(lambda value: None if value == "off" else value)]


class BriefSettings(PluginSettings):
    at: TimeOrOff = Field(time(8, 0), description="几点")


def brief(when: time = time(8, 0)) -> tuple[Plugin[Any], list[JobDue]]:
    class Its(BriefSettings):
        at: TimeOrOff = Field(when, description="几点")

    plugin = make_plugin("brief", Its)
    rung: list[JobDue] = []

    @plugin.daily(lambda s: s.at, name="morning", late=timedelta(hours=2))
    async def morning(event: JobDue, ctx: Context[Any]) -> AsyncIterator[Action]:
        rung.append(event)
        yield SendText(group=event.group, text=f"早报 {ctx.today.isoformat()}")

    return plugin, rung


def days_said(stage: Stage) -> list[str]:
    return [text.removeprefix("早报 ") for text in stage.far.texts(G)]


# ---- jobs


@pytest.mark.file_only
@pytest.mark.parametrize(
    ("zone", "at"),
    [
        ("Europe/Berlin", time(2, 30)),
        ("America/New_York", time(1, 30)),
        ("America/New_York", time(2, 30)),
        ("Asia/Shanghai", time(8, 0)),
        ("Australia/Lord_Howe", time(1, 45)),
        ("America/Havana", time(0, 30)),
        ("Africa/Cairo", time(0, 0)),
    ],
)
def test_every_day_of_three_years_once(zone: str, at: time):
    """Also on the days whose clocks leave that time out or show it twice."""
    tz = ZoneInfo(zone)
    now, seen = datetime(2026, 1, 1, tzinfo=tz).astimezone(UTC), []
    now -= timedelta(seconds=1)
    while now < datetime(2029, 1, 1, tzinfo=tz):
        now = next_daily(at, tz, now)
        seen.append(now.astimezone(tz).date())
    seen.pop()
    counts = Counter(seen)
    day = datetime(2026, 1, 1, tzinfo=UTC).date()
    while day.year < 2029:
        assert counts[day] == 1, day
        day += timedelta(days=1)


@pytest.mark.file_only
@pytest.mark.parametrize(
    ("zone", "at", "start"),
    [
        ("Europe/Berlin", time(2, 30), datetime(2026, 3, 26, tzinfo=UTC)),
        ("Europe/Berlin", time(2, 30), datetime(2026, 10, 22, tzinfo=UTC)),
        ("America/New_York", time(1, 30), datetime(2026, 10, 29, tzinfo=UTC)),
        ("America/New_York", time(2, 30), datetime(2026, 3, 5, tzinfo=UTC)),
    ],
)
async def test_a_week_around_the_change_of_clocks(tmp_path: Path, zone: str, at: time, start: datetime):
    plugin, rung = brief(at)
    far = FarSide(clock=ManualClock(start))
    async with running_app(tmp_path, plugin, far=far, bot__timezone=zone) as stage:
        for _ in range(7):
            await stage.after(days=1)
            await stage.restart()
        assert len(rung) == 7
        assert len(set(days_said(stage))) == 7


@pytest.mark.file_only
async def test_a_year_of_mornings(tmp_path: Path):
    plugin, rung = brief()
    async with running_app(tmp_path, plugin) as stage:
        began = stage.clock.now()
        await stage.after(days=365)
        assert len(rung) == 365
        assert len(set(days_said(stage))) == 365
        assert {(event.at.hour, event.at.minute) for event in rung} == {(0, 0)}
        assert rung[0].due_at - began == timedelta(hours=23)


async def test_a_late_run_is_made_up_within_its_limit(tmp_path: Path):
    plugin, rung = brief()
    async with running_app(tmp_path, plugin) as stage:
        await stage.app.settle()
        await stage.crash()
        stage.clock.set(stage.clock.now() + timedelta(hours=24, minutes=59))
        await stage.reopen()
        await stage.app.settle()
        assert [(e.at - e.due_at) for e in rung] == [timedelta(hours=1, minutes=59)]


async def test_a_run_that_is_too_late_is_noted_as_missed(tmp_path: Path):
    plugin, rung = brief()
    async with running_app(tmp_path, plugin) as stage:
        await stage.app.settle()
        await stage.crash()
        stage.clock.set(stage.clock.now() + timedelta(days=3, hours=2))
        await stage.reopen()
        await stage.app.settle()
        assert rung == []
        assert [row["what"] for row in await stage.rows(audit)] == ["job.missed"]
        assert stage.app.schedule.missed == 1
        await stage.after(days=1)
        assert len(rung) == 1


async def test_a_run_is_not_repeated_by_a_restart(tmp_path: Path):
    plugin, rung = brief()
    async with running_app(tmp_path, plugin) as stage:
        await stage.after(hours=23)
        for _ in range(3):
            await stage.restart()
            await stage.app.settle()
        assert len(rung) == 1


async def test_a_changed_time_counts_from_now(tmp_path: Path):
    plugin, rung = brief()
    async with running_app(tmp_path, plugin) as stage:
        await stage.app.set_setting(G, "brief.at", "10:00")
        await stage.after(hours=1)
        assert len(rung) == 1
        await stage.app.set_setting(G, "brief.at", "09:00")
        await stage.after(hours=22)
        assert len(rung) == 1
        await stage.after(hours=1)
        assert len(rung) == 2
        await stage.app.set_setting("", "brief.at", None)
        await stage.app.set_setting(G, "brief.at", None)
        await stage.after(days=3)
        assert len(rung) == 2
        assert await stage.count(jobs) == 0


async def test_the_same_time_of_the_same_day_does_not_ring_twice(tmp_path: Path):
    plugin, rung = brief(time(9, 30))
    async with running_app(tmp_path, plugin) as stage:
        await stage.after(minutes=30)
        await stage.app.set_setting(G, "brief.at", "11:00")
        await stage.app.set_setting(G, "brief.at", "09:30")
        await stage.app.set_setting(G, "bot.timezone", "Asia/Tokyo")
        await stage.app.set_setting(G, "bot.timezone", "Asia/Bangkok")
        await stage.after(hours=4)
        assert len(rung) == 1


async def test_a_group_that_is_switched_off_has_no_jobs(tmp_path: Path):
    plugin, rung = brief()
    switch = make_plugin("switch")

    @switch.on(MessageReceived)
    async def flip(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.group_settings.enable(event.text == "on", by="owner")
        return
        yield

    async with running_app(tmp_path, plugin, switch) as stage:
        assert await stage.count(jobs) == 1
        await stage.say("off")
        assert await stage.count(jobs) == 0
        await stage.after(days=2)
        assert rung == []


async def test_a_new_group_gets_its_jobs(tmp_path: Path):
    plugin, rung = brief()
    async with running_app(tmp_path, plugin) as stage:
        await stage.say("hi", group="g2")
        await stage.after(hours=23)
        assert {event.group for event in rung} == {"g1", "g2"}


async def test_a_job_that_fails_rings_again_the_next_day(tmp_path: Path):
    plugin = make_plugin("brief", BriefSettings)

    @plugin.daily(lambda s: s.at, name="morning", late=timedelta(hours=2))
    async def morning(event: JobDue, ctx: Context[Any]) -> AsyncIterator[Action]:
        if event.due_at.day == 6:
            raise LookupError
        yield SendText(group=event.group, text="早报")

    async with running_app(tmp_path, plugin) as stage:
        await stage.after(days=3)
        assert stage.far.texts() == ["早报", "早报"]


# ---- timers


def timekeeper() -> tuple[Plugin[Any], list[str]]:
    """`start N` sets a timer of N seconds, `cancel` takes it back; `many N` sets N of them."""
    plugin = make_plugin("timekeeper")
    rung: list[str] = []

    @plugin.on(MessageReceived)
    async def hear(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        verb, _, rest = event.text.partition(" ")
        said: object = ""
        if verb == "start":
            said = await ctx.timers.start("t", timedelta(seconds=int(rest)), payload={"by": event.sender.id})
        elif verb == "cancel":
            said = await ctx.timers.cancel("t")
        elif verb == "due":
            due = await ctx.timers.due_at("t")
            said = due and round((due - ctx.now).total_seconds())
        elif verb == "many":
            for number in range(int(rest)):
                await ctx.timers.start(f"t{number}", timedelta(milliseconds=number % 1000))
        yield SendText(group=event.group, text=f"{verb} {said}")

    @plugin.on(TimerDue)
    async def ring(event: TimerDue, ctx: Context[Any]) -> AsyncIterator[Action]:
        rung.append(event.name)
        yield SendText(group=event.group, text=f"rung {event.payload.get('by', event.name)}")

    return plugin, rung


async def test_a_timer_rings_once_at_its_time(tmp_path: Path):
    plugin, _ = timekeeper()
    async with running_app(tmp_path, plugin) as stage:
        await stage.say("start 180")
        assert await stage.app.next_at() == stage.clock.now() + timedelta(seconds=180)
        await stage.after(seconds=179)
        assert stage.far.texts() == ["start True"]
        await stage.after(seconds=1)
        await stage.after(hours=1)
        assert stage.far.texts() == ["start True", "rung w"]


async def test_starting_and_cancelling_say_whether_they_did_anything(tmp_path: Path):
    plugin, rung = timekeeper()
    async with running_app(tmp_path, plugin) as stage:
        for line in ("cancel", "start 60", "start 10", "due", "cancel", "cancel", "due"):
            await stage.say(line)
        texts = ["cancel False", "start True", "start False", "due 60", "cancel True", "cancel False", "due None"]
        assert stage.far.texts() == texts
        await stage.after(hours=1)
        assert rung == []


@pytest.mark.parametrize("step", range(5))
async def test_a_restart_at_any_step(tmp_path: Path, step: int):
    plugin, rung = timekeeper()

    async with running_app(tmp_path, plugin) as stage:
        steps = [
            lambda: stage.say("start 60"),
            lambda: stage.after(seconds=59),
            lambda: stage.after(seconds=1),
            lambda: stage.after(seconds=60),
        ]
        for number, act in enumerate(steps):
            if number == step:
                await stage.restart()
            await act()
        await stage.restart()
        await stage.app.settle()
        assert rung == ["t"]
        assert stage.far.texts() == ["start True", "rung w"]
        assert await stage.count(timers) == 0


async def test_a_timer_rings_late_when_the_bot_was_away(tmp_path: Path):
    plugin, rung = timekeeper()
    async with running_app(tmp_path, plugin) as stage:
        await stage.say("start 60")
        await stage.crash()
        stage.clock.set(stage.clock.now() + timedelta(days=30))
        await stage.reopen()
        await stage.app.settle()
        assert rung == ["t"]


async def test_dying_between_the_ring_and_its_commit(tmp_path: Path):
    plugin, rung = timekeeper()
    async with running_app(tmp_path, plugin) as stage:
        await stage.say("start 60")
        stage.clock.set(stage.clock.now() + timedelta(seconds=60))
        firing = asyncio.create_task(stage.app.schedule.fire_due())
        while not rung:  # noqa: ASYNC110
            await asyncio.sleep(0)
        await stage.app.kill()
        firing.cancel()
        await asyncio.gather(firing, return_exceptions=True)
        await stage.reopen()
        await stage.app.settle()
        assert stage.far.texts() == ["start True", "rung w"]


async def test_a_thousand_timers_in_one_second(tmp_path: Path):
    plugin, rung = timekeeper()
    async with running_app(tmp_path, plugin) as stage:
        await stage.say("many 1000")
        begun = stage.app.writer.commits
        stage.clock.set(stage.clock.now() + timedelta(seconds=1))
        await stage.app.schedule.fire_due()
        assert len(rung) == len(set(rung)) == 1000
        assert stage.app.writer.commits - begun < 100
        assert await stage.count(timers) == 0


async def test_a_clock_that_jumps_ahead_rings_in_order(tmp_path: Path):
    plugin, rung = timekeeper()
    async with running_app(tmp_path, plugin) as stage:
        await stage.say("many 20")
        stage.clock.set(stage.clock.now() + timedelta(days=400))
        await stage.app.settle()
        assert rung == [f"t{n}" for n in range(20)]
        stage.clock.set(stage.clock.now() - timedelta(days=400))
        await stage.say("start 60")
        await stage.after(seconds=60)
        assert rung[-1] == "t"


async def test_a_timer_set_while_the_next_one_is_being_looked_up(tmp_path: Path):
    plugin, _ = timekeeper()
    async with running_app(tmp_path, plugin) as stage:
        stage.app.schedule.changed()
        await asyncio.gather(stage.app.schedule.next_at(), stage.app.handle(stage.message("start 60")))
        assert await stage.app.schedule.next_at() == stage.clock.now() + timedelta(seconds=60)


async def test_a_ring_that_breaks_harms_no_other(tmp_path: Path):
    plugin, rung = timekeeper()
    broken = make_plugin("broken")

    @broken.on(MessageReceived)
    async def hear(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.timers.start("b", timedelta(0))
        return
        yield

    @broken.on(TimerDue)
    async def ring(event: TimerDue, ctx: Context[Any]) -> AsyncIterator[Action]:
        raise LookupError
        yield

    async with running_app(tmp_path, plugin, broken) as stage:
        await stage.say("many 5")
        await stage.after(seconds=1)
        assert len(rung) == 5
        assert await stage.count(timers) == 0
        assert [row["what"] for row in await stage.rows(audit)] == ["plugin.failed"]


async def test_a_timer_of_a_group_we_left_is_silent(tmp_path: Path):
    plugin, rung = timekeeper()
    switch = make_plugin("switch")

    @switch.on(MessageReceived, when=lambda event: event.text == "off")
    async def off(event: MessageReceived, ctx: Context[Any]) -> AsyncIterator[Action]:
        await ctx.group_settings.enable(False, by="owner")
        return
        yield

    async with running_app(tmp_path, plugin, switch) as stage:
        await stage.say("start 60")
        await stage.say("off")
        await stage.after(hours=1)
        assert rung == []
        assert await stage.count(timers) == 0


async def test_a_plugin_s_timers_are_its_own(tmp_path: Path):
    plugin, rung = timekeeper()
    async with running_app(tmp_path, plugin, parrot()) as stage:
        await stage.say("start 5")
        await stage.say("start 5", Member("n", "小陈"), group="g2")
        await stage.after(seconds=5)
        assert rung == ["t", "t"]


# ---- what is planned


async def test_a_group_sees_its_own_however_much_others_have_planned(tmp_path: Path):
    plugin, _ = brief()
    async with running_app(tmp_path, plugin) as stage:
        await stage.say("hi")
        await stage.say("hi", group="g2")
        lines = await stage.app.writer.run(lambda work: planned(work, 1, "g2"))
        assert [line.group for line in lines] == ["g2"]
        assert {line.group for line in await stage.app.writer.run(lambda work: planned(work, 10))} == {G, "g2"}
