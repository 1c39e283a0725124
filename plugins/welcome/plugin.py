"""Plugin: welcome: what can be set, with defaults a shop's group could use as they are, and the plugin itself."""

from __future__ import annotations

from datetime import timedelta

from bot.duration import Duration
from bot.plugin import Field, Plugin, PluginSettings, template

_KNOWN = ("昵称", "群名", "人数", "邀请人", "日期")
PARTS = ("topic", "services", "forbidden", "encouraged")


class Settings(PluginSettings):
    enabled: bool = Field(True, description="有人进群时要不要欢迎")
    greeting: str = template("欢迎 {昵称} 加入{群名}！", *_KNOWN, description="欢迎的第一句", max_length=200)
    topic: str = template(
        "大家因为同一件事聚到这里，多交流，常来往。", *_KNOWN, description="四部分之一：群的主题", max_length=500
    )
    services: str = template(
        "每天有早报晚报，常有任务和抽奖；玩法发 /帮助，有事找群主或管理员。",
        *_KNOWN,
        description="四部分之二：群里有什么服务",
        max_length=500,
    )
    forbidden: str = template(
        "外来广告、刷屏和违法内容。发了广告请马上补个红包，不补会被请出群。",
        *_KNOWN,
        description="四部分之三：禁止什么，做了会怎样",
        max_length=500,
    )
    encouraged: str = template(
        "多分享、多帮忙，签到和邀请朋友都有积分和礼物。",
        *_KNOWN,
        description="四部分之四：鼓励什么，有什么回报",
        max_length=500,
    )
    introduction: str = template(
        "先认识一下吧 👋 称呼、城市、职业、需要什么、能提供什么，发一条就行～",
        *_KNOWN,
        description="请新人自我介绍的话，留空不写",
        max_length=300,
    )
    back: str = template(
        "欢迎回来，{昵称}！好久不见，群规没变，发 /群规 可以再看看。",
        *_KNOWN,
        description="几天内退群又回来的人看到的话",
        max_length=300,
    )
    delay: Duration = Field(timedelta(seconds=5), description="第一个人进群后等多久再欢迎，好让一起来的人并成一条")
    window: Duration = Field(timedelta(seconds=60), description="欢迎过一次后，这段时间里进群的人合成下一条")
    back_within: Duration = Field(timedelta(days=7), description="退群后多久之内回来算“回来”，只说一句")
    most_names: int = Field(30, ge=1, le=100, description="一条欢迎里最多点几个人的名，再多写“等 N 人”")


plugin = Plugin("welcome", Settings, help="新人进群有人欢迎，这个群做什么、怎么玩，一看就懂")
