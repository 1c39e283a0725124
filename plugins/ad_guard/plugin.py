"""Plugin: ad_guard: what can be set, and the plugin itself with its judge within reach of the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta

from bot.duration import Duration
from bot.model import Signal
from bot.plugin import Field, Plugin, PluginSettings
from plugins.ad_guard.message import JudgeContext, Judgement
from plugins.ad_guard.record import judge_record


class Settings(PluginSettings):
    """When a message counts as an ad, and of whom more care is taken."""

    enabled: bool = Field(True, description="要不要识别广告")
    warn_at: float = Field(0.5, gt=0, lt=1, description="分数到这里算“像广告”：提醒补红包，到点只请管理员决定")
    act_at: float = Field(0.8, gt=0, lt=1, description="分数到这里算“是广告”：提醒补红包，到点移出")
    allow_domains: tuple[str, ...] = Field(
        (), description='自己人的网址，永远放行，如 ["example.com"]（连同它的子域名）'
    )
    newcomer_days: int = Field(7, ge=0, le=365, description="进群几天内算新成员，对新成员更严一点；0 不区分")
    newcomer_messages: int = Field(3, ge=0, le=1000, description="说过几句话以后就不再算新成员")
    join_within: Duration = Field(timedelta(minutes=2), description="同一个人在这段时间里的几条短消息合起来看；0s 不合")

    def context(self, days_in_group: float | None = None, messages_before: int | None = None) -> JudgeContext:
        """These settings and what is known of a sender, as the judge wants them."""
        return JudgeContext(
            days_in_group=days_in_group,
            messages_before=messages_before,
            allow_domains=frozenset(domain.lower().strip().strip(".") for domain in self.allow_domains),
            newcomer_days=self.newcomer_days,
            newcomer_messages=self.newcomer_messages,
            warn_at=self.warn_at,
            act_at=max(self.act_at, self.warn_at),
        )


_SHIPPED = Settings.model_validate({})


class AdGuard(Plugin[Settings]):
    """The plugin; `judge_record` judges without a chat."""

    def judge_record(self, record: Mapping[str, object], findings: Sequence[Signal] = ()) -> Judgement:
        """See `plugins.ad_guard.record`."""
        return judge_record(record, findings, _SHIPPED.context)


plugin = AdGuard("ad_guard", Settings, help="认出广告，交给群规处理，平常聊天不打扰")
