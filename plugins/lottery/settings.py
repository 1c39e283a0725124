"""Plugin: what a group may decide about its lotteries, and the plugin that the handlers hang on."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from bot.duration import Duration, DurationOrOff
from bot.plugin import Field, Plugin, PluginSettings
from plugins.lottery.tables import barred, cards, entrants, lotteries, seats, templates, venues


class Settings(PluginSettings):
    admins_may_enter: bool = Field(False, description="群主和管理员能不能参加抽奖；开始时会告诉大家")
    winners_rest: DurationOrOff = Field(
        None, description="中过奖的人多久内不能再参加（按天算，如 30d）；开始时会告诉大家；off 不限"
    )
    confirm: Literal["each", "merged", "off"] = Field(
        "merged",
        description="有人参与时怎样回应：merged 马上应第一位，随后一阵的合并成一句；each 每人一句；"
        "off 不回应（不能参加的仍会说明）",
    )
    merge_window: Duration = Field(timedelta(seconds=10), description="confirm = merged 时，隔多久合并回应一次")
    claim_within: DurationOrOff = Field(
        None,
        description="开奖后多久内领奖，到期提醒管理员；期限内 /重抽 不动还没领的奖，除非指明 @名；"
        "off 表示随时可重抽没领的",
    )
    longest: Duration = Field(timedelta(days=90), description="定时开奖最远可以定到多久以后")
    max_open: int = Field(5, ge=1, le=100, description="一个群里最多同时进行几个抽奖")
    show_proof: bool = Field(True, description="截止时是否在群里公布名单指纹，开奖后公布种子和名单（/证明 随时可查）")


plugin = Plugin(
    "lottery",
    Settings,
    help="抽奖：回复「参与」就能参加，结果谁都能验证",
    tables=(lotteries, venues, entrants, cards, seats, barred, templates),
)
