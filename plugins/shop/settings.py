"""Plugin: what a group may decide about its shop, and the plugin that the handlers hang on."""

from __future__ import annotations

from datetime import timedelta

from bot.duration import Duration, DurationOrOff
from bot.plugin import Field, Plugin, PluginSettings
from plugins.shop.tables import codes, goods, orders


class Settings(PluginSettings):
    most_goods: int = Field(20, ge=1, le=100, description="一个群最多同时上架几样商品")
    longest: Duration = Field(timedelta(days=90), description="开抢时间最远可以定到多久以后")
    refund_after: DurationOrOff = Field(
        timedelta(days=14), description="预订多久没发货就自动退还积分；off 表示一直等管理员"
    )
    may_cancel: bool = Field(True, description="还没发货的，兑换人能不能自己取消")
    rush: Duration = Field(timedelta(minutes=10), description="限时抢购开始后多久以内，抢到的合并成一句来说")
    merge_window: Duration = Field(timedelta(seconds=10), description="抢购时隔多久合并说一次")
    tell_admins: Duration = Field(timedelta(minutes=1), description="有人预订后多久提醒管理员发货（其间的合并成一条）")
    listed: int = Field(12, ge=3, le=30, description="/商品、/订单 和 /我的兑换 最多列几行")


plugin = Plugin(
    "shop", Settings, help="积分商店：用积分兑换礼物和券码，数量、价格、发货看得清楚", tables=(goods, orders, codes)
)
