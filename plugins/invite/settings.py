"""Plugin: what a group may decide about invitations, and the plugin that the handlers hang on."""

from __future__ import annotations

from datetime import timedelta

from bot.duration import Duration, DurationOrOff
from bot.plugin import Field, Plugin, PluginSettings
from plugins.invite.tables import invitations


class Settings(PluginSettings):
    reward: int = Field(10, ge=0, le=10_000, description="每邀请一个新人得多少积分；0 表示只记人数")
    vest_days: int = Field(1, ge=0, le=365, description="新人留群满几天才到账；0 表示马上到账")
    vest_messages: int = Field(0, ge=0, le=1000, description="到账前新人至少要发几条言；0 表示不要求")
    give_up: Duration = Field(timedelta(days=30), description="新人一直没说够话，多久后不再等、这次邀请不计")
    deduct_on_leave: bool = Field(True, description="到账以后新人退群，要不要把奖励扣回来")
    deduct_within: DurationOrOff = Field(timedelta(days=30), description="进群多久以内退群才扣回；off 表示任何时候")
    claim_within: Duration = Field(timedelta(hours=24), description="新人进群多久以内可以自己说“我是@某某邀请的”")
    tell: bool = Field(False, description="奖励到账时要不要在群里告诉邀请人（几分钟内的合并成一句）")
    listed: int = Field(12, ge=3, le=30, description="/我的邀请 和 /邀请排行 最多列几行")


plugin = Plugin("invite", Settings, help="邀请有奖：带朋友进群得积分，到账、待到账看得清楚", tables=(invitations,))
