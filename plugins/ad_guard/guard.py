"""Plugin: ad_guard: what can be set, and the plugin itself with its judge within reach of the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import time, timedelta
from functools import cached_property
from typing import Literal

from pydantic import model_validator

from bot.duration import Duration
from bot.mode import WrittenMode
from bot.model import Signal
from bot.plugin import Field, Plugin, PluginSettings
from bot.timeofday import TimeOrOff
from plugins.ad_guard.family import FAMILIES, SignalFamily
from plugins.ad_guard.message import JudgeContext, Judgement
from plugins.ad_guard.reason import silent
from plugins.ad_guard.record import judge_record
from plugins.ad_guard.tables import TABLES

SHIPPED = JudgeContext()
"""What a judge without a chat goes by (`shequn check`): a group begins with the same."""


class Settings(PluginSettings):
    """When a message counts as an ad, and of whom more care is taken."""

    enabled: bool = Field(True, description="要不要识别广告")
    warn_at: float = Field(
        SHIPPED.warn_at, gt=0, lt=1, description="分数到这里算“像广告”：提醒补红包，到点只请管理员决定"
    )
    act_at: float = Field(SHIPPED.act_at, gt=0, lt=1, description="分数到这里算“是广告”：提醒补红包，到点移出")
    allow_domains: tuple[str, ...] = Field(
        (), description='自己人的网址，永远放行，如 ["example.com"]（连同它的子域名）'
    )
    act_needs_context: bool = Field(
        True,
        description="“是广告”还要有文字以外的旁证才自己移出：新成员、没说过几句平常话、同样的话发到几个群、图里二维码、"
        "提醒过又发、管理员指出过；没有旁证就只请管理员决定。关：只看分数",
    )
    newcomer_days: int = Field(
        int(SHIPPED.newcomer_days), ge=0, le=365, description="进群几天内算新成员，对新成员更严一点；0 不区分"
    )
    newcomer_messages: int = Field(SHIPPED.newcomer_messages, ge=0, le=1000, description="说过几句话以后就不再算新成员")
    newcomer_shortest: int = Field(4, ge=1, le=100, description="短于几个字的话（嗯、好的）不算新成员说过的话")
    ordinary_messages: int = Field(3, ge=0, le=20, description="最近 30 天说过几句平常话，就不再只凭文字移出；0 不看")
    join_within: Duration = Field(timedelta(minutes=2), description="同一个人在这段时间里的几条短消息合起来看；0s 不合")

    copies_within: Duration = Field(
        timedelta(minutes=10), description="多久之内几乎一样的话、图片算重复（同一个人、几个人、几个群）；0s 不看"
    )
    signal_modes: dict[SignalFamily, WrittenMode] = Field(
        {},
        description='哪类依据只观察不处置，如 { wording = "shadow", qr = "dry" }；案件只靠它们时，shadow 只告诉管理员，'
        f"dry 只记录。类别：{'、'.join(FAMILIES)}",
    )
    reversal_limit: float = Field(
        0.2,
        gt=0,
        le=1,
        description="一类依据被判误判的比例（90% 置信下限）高过这里，就自动改为只观察并告诉管理员；1 从不",
    )
    names: Literal["off", "tell", "act"] = Field(
        "tell",
        description="群昵称像广告：off 不看；tell 合成一条告诉管理员；act 还私下请本人改名（moderation.name_grace）",
    )
    names_at: TimeOrOff = Field(time(10), description="每天几点把全部群昵称看一遍；off 只看进群和改名")
    second_opinion_below: float = Field(
        0.0,
        ge=0,
        le=1,
        description="像广告但分数低于这里的，先问一下 [assistant] 的语言模型再提醒；它只能放过，不能加重。0 不问",
    )

    @model_validator(mode="after")
    def _warns_before_it_acts(self) -> Settings:
        if self.warn_at > self.act_at:
            raise ValueError(
                f"warn_at: 提醒的分数 warn_at {self.warn_at:g} 不能高过处置的分数 act_at {self.act_at:g}，"
                "请改小 warn_at 或改大 act_at (warn_at is above act_at)"
            )
        return self

    @cached_property
    def plain(self) -> JudgeContext:
        """What the judge is told before anybody has looked at the sender."""
        return self.context()

    def context(self, days_in_group: float | None = None, messages_before: int | None = None) -> JudgeContext:
        """These settings and what is known of a sender, as the judge wants them."""
        return JudgeContext(
            days_in_group=days_in_group,
            messages_before=messages_before,
            allow_domains=frozenset(domain.lower().strip().strip(".") for domain in self.allow_domains),
            newcomer_days=self.newcomer_days,
            newcomer_messages=self.newcomer_messages,
            warn_at=self.warn_at,
            act_at=self.act_at,
        )


class AdGuard(Plugin[Settings]):
    """The plugin; `judge_record` judges without a chat."""

    def judge_record(self, record: Mapping[str, object], findings: Sequence[Signal] = ()) -> Judgement:
        """See `plugins.ad_guard.record`."""
        return judge_record(record, findings)

    def silent(self, found: Sequence[Signal]) -> tuple[Signal, ...]:
        """The checks that found nothing, with no weight."""
        return silent(found)


plugin = AdGuard("ad_guard", Settings, help="认出广告，交给群规处理，平常聊天不打扰", tables=TABLES)
