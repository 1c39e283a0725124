"""Plugin: the morning and the evening edition: when they go out, and the commands that steer them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta

from bot.actions import Action, Purpose, SendText
from bot.commands import Call
from bot.context import Context
from bot.errors import CommandError
from bot.events import JobDue
from bot.model import Capability, Role
from bot.timeofday import is_time, parse_time
from plugins.brief.block import BLOCKS, assemble
from plugins.brief.plugin import Settings, plugin

LATE = timedelta(hours=2)
_ON, _OFF, _TIME, _PREVIEW = {"开", "开启", "on"}, {"关", "关闭", "off"}, {"时间", "time"}, {"预览", "preview"}


@dataclass(frozen=True, slots=True)
class Edition:
    """Which of the two; `key` is its setting and the beginning of its texts."""

    key: str

    async def compose(self, ctx: Context[Settings], day: date) -> str:
        """What goes out on that day: at most twelve lines."""
        settings = ctx.settings
        title, blocks, ending = (
            (settings.morning_title, settings.morning_blocks, settings.morning_ending)
            if self.key == "morning"
            else (settings.evening_title, settings.evening_blocks, settings.evening_ending)
        )
        lines = [ctx.render(title), *await assemble(ctx, day, blocks, BLOCKS), ctx.render(ending)]
        return "\n".join(line for line in lines if line)

    async def send(self, event: JobDue, ctx: Context[Settings]) -> AsyncIterator[Action]:
        day = event.due_at.astimezone(ctx.group.zone).date()
        yield SendText(group=ctx.group.id, text=await self.compose(ctx, day), purpose=Purpose.BROADCAST)

    async def steer(self, call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
        """`/早报 开|关|时间 08:00|预览`, or nothing: how it stands."""
        word, _, rest = call.text.partition(" ")
        if word in _PREVIEW:
            yield to_asker(call, ctx, await self.compose(ctx, ctx.today))
        elif not word:
            yield ctx.reply(call.event, self._state(ctx))
        elif word in _TIME:
            yield ctx.reply(call.event, await self._move(call, ctx, rest))
        elif word in _ON:
            before = await ctx.notes.get(f"{self.key}.before") or f"{Settings.model_fields[self.key].default:%H:%M}"
            yield ctx.reply(call.event, await self._move(call, ctx, before))
        elif word in _OFF:
            if at := getattr(ctx.settings, self.key):
                await ctx.notes.set(f"{self.key}.before", f"{at:%H:%M}")
            await ctx.group_settings.set(f"brief.{self.key}", "off", by=call.asker.id)
            yield ctx.reply(call.event, ctx.text("turned_off", 报=self._name(ctx)))
        elif is_time(call.text):
            yield ctx.reply(call.event, await self._move(call, ctx, call.text))
        else:
            raise CommandError(ctx.text("wrong_word", 报=self._name(ctx), 词=word[:10]))

    async def _move(self, call: Call, ctx: Context[Settings], text: str) -> str:
        try:
            at = parse_time(text)
        except ValueError:
            raise CommandError(ctx.text("wrong_time", 报=self._name(ctx))) from None
        await ctx.group_settings.set(f"brief.{self.key}", f"{at:%H:%M}", by=call.asker.id)
        return ctx.text("turned_on", 报=self._name(ctx), 时间=f"{at:%H:%M}")

    def _name(self, ctx: Context[Settings]) -> str:
        """What members call it, which is also the command's name."""
        return ctx.text(f"{self.key}_name")

    def _state(self, ctx: Context[Settings]) -> str:
        at, name = getattr(ctx.settings, self.key), self._name(ctx)
        return ctx.text("state_on", 报=name, 时间=f"{at:%H:%M}") if at else ctx.text("state_off", 报=name)


def to_asker(call: Call, ctx: Context[Settings], text: str) -> SendText:
    """To the asker alone where the transport can, so that a preview never reaches the group."""
    if call.event.group and Capability.PRIVATE not in ctx.capabilities:
        return ctx.reply(call.event, text, mention=False)
    return SendText(group=ctx.group.id, to=call.asker.id, text=text, purpose=Purpose.REPLY)


MORNING, EVENING = Edition("morning"), Edition("evening")
_USAGE = "开|关|时间 08:00|预览"


@plugin.daily(lambda settings: settings.morning, name="morning", late=LATE)
async def send_morning(event: JobDue, ctx: Context[Settings]) -> AsyncIterator[Action]:
    async for action in MORNING.send(event, ctx):
        yield action


@plugin.daily(lambda settings: settings.evening, name="evening", late=LATE)
async def send_evening(event: JobDue, ctx: Context[Settings]) -> AsyncIterator[Action]:
    async for action in EVENING.send(event, ctx):
        yield action


@plugin.command(
    "早报", "morning", usage=_USAGE, example="/早报 时间 07:30", help="开关早报、改时间、预览", role=Role.ADMIN
)
async def steer_morning(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    async for action in MORNING.steer(call, ctx):
        yield action


@plugin.command(
    "晚报", "evening", usage=_USAGE, example="/晚报 时间 21:30", help="开关晚报、改时间、预览", role=Role.ADMIN
)
async def steer_evening(call: Call, ctx: Context[Settings]) -> AsyncIterator[Action]:
    async for action in EVENING.steer(call, ctx):
        yield action
