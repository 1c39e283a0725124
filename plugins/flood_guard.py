"""Plugin: flood_guard: too many messages, or the same one again and again, by one member; counted in memory only."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from pydantic import field_validator

from bot.actions import Action, NotifyAdmins, OpenCase
from bot.duration import Duration, say_duration
from bot.events import MessageReceived
from bot.model import Mode, Signal
from bot.plugin import Context, Field, Plugin, PluginSettings
from bot.text import clip

MOST = 100
"""The largest limit that can be set; so many times of a member are remembered."""
SENDERS = 20_000
CROWD = 1000
"""The largest limit for a whole group."""
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CROWD_AGAIN = timedelta(minutes=10)
_SAME_TEXTS = 20
_SHORTEST = 4
"""Shorter texts are never "the same again": 收到, 哈哈, +1."""


class Settings(PluginSettings):
    """How much is too much. Nothing is kept over a restart: at most one burst is then counted anew."""

    enabled: bool = Field(True, description="要不要管刷屏")
    burst: int = Field(8, ge=2, le=MOST, description="burst_within 里发到几条算刷屏")
    burst_within: Duration = Field(timedelta(seconds=10), description="短的一段时间")
    sustained: int = Field(30, ge=2, le=MOST, description="sustained_within 里发到几条算刷屏")
    sustained_within: Duration = Field(timedelta(minutes=1), description="长的一段时间")
    hourly: int = Field(0, ge=0, le=5000, description="一小时里发到几条算刷屏；0 不看")
    repeats: int = Field(4, ge=2, le=_SAME_TEXTS, description="repeats_within 里同一句话说到几遍算刷屏")
    repeats_within: Duration = Field(timedelta(minutes=2), description="重复的话在多久里算")
    group_burst: int = Field(0, ge=0, le=CROWD, description="全群一分钟里（不管是谁）到几条就告诉管理员一次；0 不看")
    night: str = Field("off", description='夜里更严的时段，如 "23:00-07:00"；off 不分昼夜')
    night_share: float = Field(0.5, gt=0, le=1, description="夜里的条数是白天的几成")
    again: Duration = Field(timedelta(minutes=1), description="同一阵刷屏只算一次，隔这么久才算下一次")

    mode: Mode = Field(
        Mode.ENFORCE, description="刷屏最多做到哪一步：enforce 跟着群的模式，shadow 只告诉管理员，dry 只记录"
    )

    @field_validator("night")
    @classmethod
    def _is_a_window(cls, value: str) -> str:
        if value != "off":
            _window(value)
        return value


@dataclass(slots=True)
class Recent:
    """What one member did lately in one group; after `until` it says nothing any more."""

    until: datetime
    times: list[datetime] = field(default_factory=list)
    texts: list[tuple[datetime, int]] = field(default_factory=list)
    """Lists, because most members say a word or two, and an empty deque takes ten times the room of one."""
    reported_at: datetime | None = None
    hour_from: datetime | None = None
    hour_count: int = 0

    def count(self, event: MessageReceived, settings: Settings) -> None:
        counted = max(settings.burst_within, settings.sustained_within)
        while self.times and self.times[0] <= event.at - counted:
            del self.times[0]
        while self.texts and self.texts[0][0] <= event.at - settings.repeats_within:
            del self.texts[0]
        self.until = event.at + max(counted, settings.repeats_within, settings.again, HOUR)
        self.times.append(event.at)
        del self.times[:-MOST]
        if len(event.text) >= _SHORTEST:
            self.texts.append((event.at, hash(event.text)))
            del self.texts[:-_SAME_TEXTS]
        if self.hour_from is None or event.at >= self.hour_from + HOUR:
            self.hour_from, self.hour_count = event.at, 0
        self.hour_count += 1


@dataclass(slots=True)
class Crowd:
    """When messages came lately in one group, whoever sent them."""

    times: deque[datetime] = field(default_factory=lambda: deque(maxlen=CROWD))
    told_at: datetime | None = None


plugin = Plugin("flood_guard", Settings, help="有人刷屏时提醒一次，别让消息淹没大家")


@plugin.guard(MessageReceived)
async def count(event: MessageReceived, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """Count the message; the one that makes it a flood opens a case, those after it pass in silence."""
    settings = ctx.settings
    if not settings.enabled:
        return
    recent = _recent(ctx.memory.setdefault(Recent, {}), (event.group, event.sender.id), event.at)
    recent.count(event, settings)
    if settings.group_burst and _is_crowded(ctx.memory.setdefault(Crowd, {}), event, settings.group_burst):
        text = ctx.text("crowded", 条数=settings.group_burst)
        yield NotifyAdmins(group=event.group, text=text)
    night = settings.night != "off" and is_night(event.at.astimezone(ctx.group.zone).time(), settings.night)
    signal = excess(recent, event, settings, night)
    if signal is None:
        return
    if settings.mode is Mode.ENFORCE:
        ctx.stop()
    if recent.reported_at is not None and event.at < recent.reported_at + settings.again:
        return
    recent.reported_at = event.at
    yield OpenCase(
        group=event.group,
        member=event.sender,
        verdict="flood",
        signals=(signal,),
        message_id=event.id,
        text=clip(event.text, 200),
        mode=settings.mode,
    )


def _is_crowded(crowds: dict[str, Crowd], event: MessageReceived, limit: int) -> bool:
    """Whether so many messages came within a minute, and nobody was told of it lately."""
    crowd = crowds.setdefault(event.group, Crowd())
    crowd.times.append(event.at)
    if len(crowd.times) < limit or crowd.times[-limit] <= event.at - MINUTE:
        return False
    if crowd.told_at is not None and event.at < crowd.told_at + CROWD_AGAIN:
        return False
    crowd.told_at = event.at
    return True


def _recent(senders: dict[tuple[str, str], Recent], key: tuple[str, str], now: datetime) -> Recent:
    """The member's record. Those silent for longest are forgotten, once they say nothing or are too many."""
    recent = senders.pop(key, None) or Recent(now)
    for _ in range(2):
        oldest = next(iter(senders), None)
        if oldest is None or (len(senders) < SENDERS and senders[oldest].until > now):
            break
        del senders[oldest]
    senders[key] = recent
    return recent


def excess(recent: Recent, event: MessageReceived, settings: Settings, night: bool) -> Signal | None:
    """Why this message is one too many, None when it is not. Costs the same however long the flood is."""
    if max(len(recent.times), len(recent.texts), recent.hour_count) < 2:
        return None
    share = settings.night_share if night else 1.0
    for limit, within in (
        (settings.burst, settings.burst_within),
        (settings.sustained, settings.sustained_within),
    ):
        allowed = max(2, round(limit * share))
        if len(recent.times) >= allowed and recent.times[-allowed] > event.at - within:
            return Signal("flood_rate", f"{say_duration(within)}内 {allowed} 条以上", 1.0)
    if settings.hourly and recent.hour_count >= max(2, round(settings.hourly * share)):
        return Signal("flood_rate", f"一小时内 {recent.hour_count} 条", 1.0)
    allowed = max(2, round(settings.repeats * share))
    if len(event.text) < _SHORTEST or len(recent.texts) < allowed:
        return None
    said, since = hash(event.text), event.at - settings.repeats_within
    same = sum(text == said and at > since for at, text in recent.texts)
    return Signal("flood_repeat", f"同一句话 {same} 遍：{clip(event.text, 30)}", 1.0) if same >= allowed else None


def _window(text: str) -> tuple[time, time]:
    """`"23:00-07:00"` as two local times. Raises ValueError with a sentence."""
    try:
        start, end = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError:
        raise ValueError(f"“{text[:20]}”不是时段，请写成 23:00-07:00 或 off (not a time window)") from None
    return start, end


def is_night(now: time, window: str) -> bool:
    """Whether a local time lies in the window, which may pass midnight."""
    if window == "off":
        return False
    start, end = _window(window)
    return start <= now < end if start <= end else now >= start or now < end
