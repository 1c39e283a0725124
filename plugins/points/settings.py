"""Plugin: what a group may decide about points, and the plugin that the handlers hang on."""

from __future__ import annotations

from datetime import time, timedelta

from bot.duration import Duration
from bot.plugin import Field, Plugin, PluginSettings
from bot.timeofday import TimeOrOff
from plugins.points.tables import cards, checkins, talked


class Settings(PluginSettings):
    checkin: int = Field(5, ge=1, le=10_000, description="每天签到得多少积分")
    streak_every: int = Field(7, ge=0, le=366, description="每连续签到几天另有奖励；0 表示没有")
    streak_bonus: int = Field(10, ge=0, le=10_000, description="连续签到奖励多少积分")
    card_every: int = Field(30, ge=0, le=366, description="每连续签到几天送一张补签卡；0 表示不送")
    makeup_days: int = Field(7, ge=0, le=31, description="最多补签几天以内漏掉的；0 表示不能补签")
    makeup_most: int = Field(3, ge=1, le=31, description="一个人三十天里最多补签几次")
    makeup_price: int = Field(20, ge=0, le=10_000, description="没有补签卡时，补签一天要多少积分；0 表示只能用卡")
    most_granted: int = Field(10_000, ge=1, le=1_000_000, description="管理员一次最多加减多少积分")
    top: int = Field(10, ge=3, le=20, description="排行榜列几个人")
    lines: int = Field(5, ge=1, le=10, description="/积分 显示最近几笔")
    talk: int = Field(0, ge=0, le=100, description="每条有内容的聊天得多少积分，第二天凌晨一起入账；0 表示没有")
    talk_most: int = Field(10, ge=1, le=1000, description="一个人一天靠聊天最多得多少积分，几个群合起来算")
    talk_shortest: int = Field(4, ge=2, le=100, description="少于几个字的不算（只数文字，重复的字、数字和表情不数）")
    talk_gap: Duration = Field(timedelta(minutes=1), description="同一个人多久以内只算一条")
    talk_night_from: TimeOrOff = Field(time(0), description="从几点起说的不算（防半夜挂机），off 表示整天都算")
    talk_night_to: TimeOrOff = Field(time(6), description="到几点为止说的不算")
    talk_at: TimeOrOff = Field(time(0, 20), description="每天几点结算前一天的聊天积分")


plugin = Plugin("points", Settings, help="积分：每天签到，随时查看，比比谁最多", tables=(checkins, cards, talked))
