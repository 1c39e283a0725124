"""Plugin: welcome: what can be set, with defaults a shop's group could use as they are, and the plugin itself."""

from __future__ import annotations

import re
from datetime import timedelta

from pydantic import field_validator, model_validator

from bot.duration import Duration
from bot.plugin import Field, Plugin, PluginSettings, picture, template

_KNOWN = ("昵称", "群名", "人数", "邀请人", "日期")
PARTS = ("topic", "services", "forbidden", "encouraged")
LONGEST = 2000
"""Characters of everything together; a longer message is cut by the platform and read by nobody."""
_ADDRESS = re.compile(r"https?://[^\s/]+\.[^\s]+")


class Settings(PluginSettings):
    enabled: bool = Field(True, description="有人进群时要不要欢迎")
    greeting: str = template(
        "欢迎 {昵称} 加入{群名}！",
        *_KNOWN,
        description="欢迎的第一句",
        max_length=200,
        english="Welcome {昵称} to {群名}!",
    )
    topic: str = template(
        "大家因为同一件事聚到这里，多交流，常来往。",
        *_KNOWN,
        description="四部分之一：群的主题",
        max_length=500,
        english="One thing brought us together here: say hello, ask, share.",
    )
    services: str = template(
        "每天有早报晚报，常有任务和抽奖；玩法发 /帮助，有事找群主或管理员。",
        *_KNOWN,
        description="四部分之二：群里有什么服务",
        max_length=500,
        english="A brief every morning and evening, tasks and prize draws; send /help, or ask an admin.",
    )
    forbidden: str = template(
        "外来广告、刷屏和违法内容。发了广告请马上补个红包，不补会被请出群。",
        *_KNOWN,
        description="四部分之三：禁止什么，做了会怎样",
        max_length=500,
        english="Outside ads, flooding, anything illegal. After an ad send a red packet at once, or you are out.",
    )
    encouraged: str = template(
        "多分享、多帮忙，签到和邀请朋友都有积分和礼物。",
        *_KNOWN,
        description="四部分之四：鼓励什么，有什么回报",
        max_length=500,
        english="Share and help; checking in and inviting friends earn points and gifts.",
    )
    link: str = Field("", description="群公告或群规全文的网址，写在四部分后面，留空不写", max_length=500)
    introduction: str = template(
        "先认识一下吧 👋 称呼、城市、职业、需要什么、能提供什么，发一条就行～",
        *_KNOWN,
        description="请新人自我介绍的话，留空不写",
        max_length=300,
        english="Tell us about yourself 👋 Your name, city and work, what you look for and what you offer: /intro …",
    )
    back: str = template(
        "欢迎回来，{昵称}！群规没变，发 /群规 可以再看看。",
        *_KNOWN,
        description="几天内退群又回来的人看到的话",
        max_length=300,
        english="Welcome back, {昵称}! The rules are as they were: /rules.",
    )
    picture: str = picture(description="跟在欢迎语后面的图片：数据目录 files 文件夹里的文件名，留空不发")
    private_rules: bool = Field(False, description="欢迎时再私信新人一份群规（通道能私聊才发，微信里要先是好友）")
    delay: Duration = Field(timedelta(seconds=5), description="第一个人进群后等多久再欢迎，好让一起来的人并成一条")
    window: Duration = Field(timedelta(seconds=60), description="欢迎过一次后，这段时间里进群的人合成下一条")
    back_within: Duration = Field(timedelta(days=7), description="退群后多久之内回来算“回来”，只说一句")
    most_names: int = Field(30, ge=1, le=100, description="一条欢迎里最多点几个人的名，再多写“等 N 人”")

    @field_validator("link")
    @classmethod
    def _link_is_an_address(cls, link: str) -> str:
        if link and not _ADDRESS.fullmatch(link):
            raise ValueError(f"“{link[:40]}”不是网址，请写 https:// 开头的完整地址 (not a web address)")
        return link

    @model_validator(mode="after")
    def _fits_one_message(self) -> Settings:
        length = sum(len(getattr(self, part)) for part in ("greeting", *PARTS, "link", "introduction"))
        if length > LONGEST:
            raise ValueError(f"欢迎语合起来有 {length} 个字，最多 {LONGEST} 个，请短一点 (too long together)")
        return self


plugin = Plugin("welcome", Settings, help="新人进群有人欢迎，这个群做什么、怎么玩，一看就懂")
