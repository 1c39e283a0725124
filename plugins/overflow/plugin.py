"""Plugin: overflow: when a group counts as full and where its newcomers go, and the plugin itself."""

from __future__ import annotations

from datetime import time, timedelta

from pydantic import model_validator

from bot.duration import Duration
from bot.plugin import Context, Field, Plugin, PluginSettings
from bot.timeofday import TimeOrOff


class Settings(PluginSettings):
    """Full groups lead on to the next number."""

    enabled: bool = Field(True, description="群快满时要不要告诉管理员，并把邀请转到下一个群")
    limit: int = Field(500, ge=3, le=2000, description="群最多几人")
    at: int = Field(480, ge=2, le=2000, description="到几人算快满")
    next: str = Field(
        "", max_length=100, description="满了以后邀请去哪个群（群 id），机器人找到就自动填，也可用 /分群 改"
    )
    check: TimeOrOff = Field(time(9, 40), description="每天几点看一次满没满、下一个群建好没有，off 不看")
    twice_after: Duration = Field(timedelta(hours=1), description="同一个人进了同系列的两个群，攒多久一起告诉管理员")

    @model_validator(mode="after")
    def _fits(self) -> Settings:
        if self.at > self.limit:
            raise ValueError(f"at（{self.at} 人算快满）不能比 limit（最多 {self.limit} 人）大 (at is above limit)")
        return self


plugin = Plugin("overflow", Settings, help="群快满时提醒，新人去下一个群，同一个人占两个群看得见")
Ctx = Context[Settings]
