"""Plugin: report: what can be set, and the plugin itself."""

from __future__ import annotations

from datetime import timedelta

from bot.duration import Duration
from bot.plugin import Context, Field, Plugin, PluginSettings
from plugins.report.tables import TABLES


class Settings(PluginSettings):
    """How many it takes, for how long a report counts, and whose counts."""

    needed: int = Field(3, ge=1, le=50, description="几位群友举报同一个人，就请管理员来看")
    within: Duration = Field(timedelta(days=1), description="举报多久以内的合起来算，过后作废")
    vote_needed: int = Field(5, ge=0, le=100, description="/投票移出 要几票；0 不开放投票")
    vote_within: Duration = Field(timedelta(minutes=30), description="投票多久以内的合起来算，过后作废")
    vote_removes: bool = Field(False, description="票数够了要不要直接移出；否：只请管理员决定")
    member_days: int = Field(3, ge=0, le=365, description="进群满几天，举报和投票才算数")
    messages: int = Field(3, ge=0, le=1000, description="说过几句话，举报和投票才算数")
    per_day: int = Field(5, ge=1, le=100, description="一个人一天最多举报几位")
    memory: Duration = Field(timedelta(days=90), description="举报不实记多久：记着的时候，他的举报分量变轻")
    decide_within: Duration = Field(timedelta(days=7), description="管理员多久没有决定，举报就作废")


Ctx = Context[Settings]
plugin = Plugin("report", Settings, help="举报打扰大家的人，几位一起说，管理员就来看", tables=TABLES)
