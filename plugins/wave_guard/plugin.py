"""Plugin: wave_guard: what counts as a wave of newcomers, and the plugin itself."""

from __future__ import annotations

from datetime import timedelta

from bot.duration import Duration
from bot.plugin import Context, Field, Plugin, PluginSettings


class Settings(PluginSettings):
    """When so many come at once that newcomers are looked at more strictly."""

    enabled: bool = Field(True, description="一下子进很多人时，要不要对新人从严并告诉管理员")
    per_minute: int = Field(30, ge=2, le=500, description="一分钟进群超过几人算进群潮")
    per_inviter: int = Field(15, ge=2, le=500, description="一个人一分钟拉进超过几人算进群潮")
    calm: Duration = Field(timedelta(minutes=10), description="多久没有新一波就自动结束")
    strict: bool = Field(False, description="现在对新人从严；进群潮来时自动打开，结束时自动关上，也可以手动开")


plugin = Plugin("wave_guard", Settings, help="一下子涌进很多人时，对新人从严，马上告诉管理员")
Ctx = Context[Settings]
