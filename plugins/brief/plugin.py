"""Plugin: brief: its settings and the plugin itself, to which the other files hang their handlers."""

from __future__ import annotations

from datetime import date, time
from typing import Literal

from bot.plugin import Field, Plugin, PluginSettings, template
from bot.timeofday import TimeOrOff
from plugins.brief.calendar import Overrides
from plugins.brief.tables import tasks

Part = Literal["date", "holiday", "yesterday", "today", "tasks", "tomorrow"]
_GROUP = ("群名", "人数", "日期")


class Settings(PluginSettings):
    morning: TimeOrOff = Field(time(8), description="早报几点发（群所在时区）；off 不发")
    evening: TimeOrOff = Field(time(21), description="晚报几点发（群所在时区）；off 不发")
    morning_title: str = template("早安，{群名} ☀️", *_GROUP, description="早报第一行", max_length=100)
    evening_title: str = template("晚上好，{群名} 🌙", *_GROUP, description="晚报第一行", max_length=100)
    morning_ending: str = template(
        "新的一天，有事群里说一声～", *_GROUP, description="早报最后一行，留空不写", max_length=100
    )
    evening_ending: str = template("早点休息，明天见～", *_GROUP, description="晚报最后一行，留空不写", max_length=100)
    morning_blocks: tuple[Part, ...] = Field(
        ("date", "holiday", "yesterday", "tasks"), description="早报由哪些版块组成，按顺序"
    )
    evening_blocks: tuple[Part, ...] = Field(("date", "today", "tomorrow"), description="晚报由哪些版块组成，按顺序")
    term_days: int = Field(3, ge=0, le=15, description="提前几天预告节气，0 只在当天说")
    holiday_days: int = Field(7, ge=0, le=30, description="提前几天预告放假，0 只在当天说")
    holidays: dict[date, str] = Field(
        default_factory=dict, description='放假的日子，比内置的放假安排优先，如 "2027-02-06" = "春节"'
    )
    workdays: dict[date, str] = Field(
        default_factory=dict, description='补班的日子，比内置的放假安排优先，如 "2027-02-20" = "春节"'
    )
    task_notice: str = template(
        "📌 今日任务：{任务}\n做完了在群里说一声～", "任务", *_GROUP, description="任务到点时说的话", max_length=300
    )

    @property
    def overrides(self) -> Overrides:
        return Overrides(self.holidays, self.workdays)


plugin = Plugin("brief", Settings, help="每天早报晚报：日子、节气、放假、群里的数字和今天的任务", tables=(tasks,))
