"""Plugin: moderation: what can be set about the group's court, and the plugin itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from bot.duration import Duration, DurationOrOff
from bot.plugin import Field, Plugin, PluginSettings, template

Breach = Literal["ad", "suspect", "flood", "word", "warn", "name"]
ADS = frozenset({"ad", "suspect"})
"""Verdicts that a red packet makes good: surely an ad, and what only looks like one."""
NAME = "name"
"""The verdict about a nickname that advertises."""
NOT_MINE = frozenset({NAME, "report", "vote"})
"""Verdicts about which another handler says the first word."""


class Settings(PluginSettings):
    """What follows a breach of the rules. Empty texts mean the bot's own words."""

    grace: DurationOrOff = Field(
        timedelta(minutes=3),
        description='发了广告多久内补红包可以留下；"0s" 不等，马上移出；"off" 只提醒，从不因此移出',
    )
    remove_for: tuple[Breach, ...] = Field(
        ("ad",),
        description="哪些事可以走到移出：ad 广告、suspect 像广告、flood 刷屏、word 禁词、warn 管理员警告、"
        "name 昵称像广告；"
        "不在里面的只提醒并告诉管理员",
    )
    warnings_before_removal: int = Field(
        2, ge=1, le=20, description="刷屏、禁词、警告：提醒几次以后才移出（或请管理员决定）"
    )
    decay: Duration = Field(timedelta(days=7), description="提醒过多久就不再算进次数")
    merge: Duration = Field(timedelta(minutes=10), description="提醒之后这么久之内的同类事情合在一个案件里，不再说话")
    name_grace: Duration = Field(
        timedelta(days=1),
        description="私下请人改掉像广告的昵称后等多久；到时还没改就请管理员决定（或按 remove_for 移出）",
    )
    withdraw: bool = Field(True, description="发广告的人在期限内自己撤回，算不算和解")
    tell_admins: bool = Field(True, description="移出之后要不要告诉管理员（附原文和撤销办法）")
    warning: str = template(
        "", "昵称", "时长", "编号", "群名", description="广告提醒；要写明补红包、多久内、否则怎样；空：用自带的话"
    )
    thanks: str = template("", "昵称", "编号", "群名", description="收到红包后的一句话；空：用自带的话")


plugin = Plugin("moderation", Settings, help="有人违反群规时，先提醒，给机会，再处理")
