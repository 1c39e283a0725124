"""Plugin: what a group may decide about invitations, and the plugin that the handlers hang on."""

from __future__ import annotations

from datetime import timedelta

from pydantic import field_validator

from bot.duration import Duration, DurationOrOff
from bot.plugin import Field, Plugin, PluginSettings
from plugins.invite.ladder import read_ladder
from plugins.invite.tables import channels, codes, holds, invitations, rewards


class Settings(PluginSettings):
    reward: int = Field(10, ge=0, le=10_000, description="每邀请一个新人得多少积分；0 表示只记人数")
    second: int = Field(
        0, ge=0, le=10_000, description="我邀请的人又邀请来新人，我得多少积分；只到这一层为止，0 表示没有"
    )
    ladder: str = Field("3=20 10=100 30=300", description="邀请满几人另得几分，如 3=20 10=100；空着表示没有")
    cap: int = Field(
        1000, ge=1, le=1_000_000, description="一个人一个月靠邀请（各种奖励合计）最多得多少积分，满了只记人数"
    )
    sure: int = Field(
        60,
        ge=0,
        le=100,
        description="邀请关系的把握低于百分之几就先不算，等管理员确认；新人自己说的是 60，邀请人说的是 40",
    )
    vest_days: int = Field(1, ge=0, le=365, description="新人留群满几天才到账；0 表示马上到账")
    vest_messages: int = Field(0, ge=0, le=1000, description="到账前新人至少要发几条言；0 表示不要求")
    vest_introduction: bool = Field(True, description="新人做了自我介绍就不用再说够条数")
    give_up: Duration = Field(timedelta(days=30), description="新人一直没说够话，多久后不再等、这次邀请不计")
    deduct_on_leave: bool = Field(True, description="到账以后新人退群，要不要把奖励扣回来")
    deduct_within: DurationOrOff = Field(timedelta(days=30), description="进群多久以内退群才扣回；off 表示任何时候")
    claim_within: Duration = Field(timedelta(hours=24), description="新人进群多久以内可以自己说“我是@某某邀请的”")
    burst: int = Field(5, ge=0, le=500, description="同一个人短时间拉进几个人就要看看是不是刷的；0 表示不看")
    burst_within: Duration = Field(timedelta(minutes=10), description="“短时间”是多久")
    hold_score: int = Field(60, ge=1, le=150, description="可疑程度到多少就先不到账，等管理员放行或作废")
    tell: bool = Field(False, description="奖励到账时要不要在群里告诉邀请人（几分钟内的合并成一句）")
    listed: int = Field(12, ge=3, le=30, description="/我的邀请 和 /邀请排行 最多列几行")

    @field_validator("ladder")
    @classmethod
    def _steps_can_be_read(cls, value: str) -> str:
        read_ladder(value)
        return value


plugin = Plugin(
    "invite",
    Settings,
    help="邀请有奖：带朋友进群得积分，到账、待到账看得清楚",
    tables=(invitations, rewards, holds, channels, codes),
)
