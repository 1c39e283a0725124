"""Plugin: entry: what can be set about the way into a group, and the plugin itself."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import field_validator, model_validator

from bot.duration import Duration
from bot.plugin import Context, Field, Plugin, PluginSettings, template
from plugins.entry.tables import application
from plugins.entry.word import core

Gate = Literal["off", "password", "question", "task", "payment"]


class Settings(PluginSettings):
    """What somebody who is not in the group has to do before the bot invites them."""

    gate: Gate = Field(
        "off",
        description="进群门槛：off 不邀请，password 说对口令，question 答对问题，task 做任务交截图由管理员看，"
        "payment 付款由群主确认",
    )
    keyword: str = Field("进群", min_length=2, max_length=20, description="想进群的人私聊机器人说什么，就开始申请")
    passwords: tuple[str, ...] = Field((), description="口令，说对任何一个就邀请")
    question: str = template("", "群名", description="门槛是问题时问什么", max_length=300)
    answers: tuple[str, ...] = Field((), description="问题的答案，说到任何一个就算对")
    task: str = template("", "群名", description="门槛是任务时要做什么，做完交截图", max_length=500)
    payment: str = template("", "群名", description="门槛是付款时付多少、怎么付", max_length=500)
    expires: Duration = Field(timedelta(days=3), description="申请多久不完成就作废；没通过的人多久以后可以再申请")
    tries: int = Field(5, ge=1, le=20, description="问题最多答几次")
    friends: Literal["off", "word", "all"] = Field(
        "off", description="有人加机器人好友：off 不理，word 附言里有口令或关键词才通过，all 都通过"
    )
    friends_per_day: int = Field(20, ge=1, le=100, description="一天最多通过几个好友请求，太多账号不安全")
    hello: str = template(
        "你好～ 想进「{群名}」，请回复：{关键词}",
        "群名",
        "关键词",
        description="通过好友以后的第一句话",
        max_length=300,
        english="Hello! To join “{群名}”, answer with: {关键词}",
    )

    @field_validator("passwords", "answers")
    @classmethod
    def _can_be_said(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        for word in words:
            if not core(word):
                raise ValueError(f"“{word[:20]}”里没有字，谁也说不出来 (no letters in it)")
            if len(word) > 60:
                raise ValueError("口令和答案最多 60 个字 (too long)")
        return words

    @field_validator("passwords")
    @classmethod
    def _is_no_everyday_word(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        for word in words:
            if len(core(word)) < 2:
                raise ValueError(f"口令“{word[:20]}”太短，随便一句话都会说中，至少两个字 (too short)")
        return words

    @field_validator("keyword")
    @classmethod
    def _has_letters(cls, word: str) -> str:
        if len(core(word)) < 2:
            raise ValueError("关键词至少两个字，例：进群 (at least two letters)")
        return word

    @model_validator(mode="after")
    def _gate_is_whole(self) -> Settings:
        missing = {
            "password": ("口令", bool(self.passwords)),
            "question": ("问题和答案", bool(self.question and self.answers)),
            "task": ("任务", bool(self.task)),
            "payment": ("付款的说明", bool(self.payment)),
        }
        what, there = missing.get(self.gate, ("", True))
        if not there:
            raise ValueError(f"还没有写{what}，请用 /门槛 设置，例：/门槛 口令 芝麻开门 (nothing to ask for)")
        return self


plugin = Plugin(
    "entry", Settings, help="想进群的人先过门槛：口令、问题、任务、付款，过了自动邀请", tables=(application,)
)
Ctx = Context[Settings]
