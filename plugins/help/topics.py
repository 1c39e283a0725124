"""Plugin: help: which commands belong together, and which of them are asked for most. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bot.commands import Command


@dataclass(frozen=True, slots=True)
class Topic:
    """Commands of one errand. key: of its word among the texts; first: what is shown first, the rest follows."""

    key: str
    plugins: frozenset[str]
    first: tuple[str, ...] = ()


def _topic(key: str, plugins: str, first: str) -> Topic:
    return Topic(key, frozenset(plugins.split()), tuple(first.split()))


TOPICS = (
    _topic("points", "points shop", "签到 积分 排行榜 兑换 加分 商品"),
    _topic("lottery", "lottery", "抽奖 开奖 参与 抽奖列表 取消 重抽"),
    _topic("invite", "invite", "我的邀请 邀请码 邀请排行"),
    _topic("people", "introduction", "介绍 找"),
    _topic("days", "checkin task topic brief schedule announce broadcast", "打卡 早报 定时 任务 公告 话题 生日"),
    _topic("talk", "faq digest leaderboard", "摘要 活跃榜 问答 词云"),
    _topic("order", "rule report appeal moderation ad_guard ban_guard word_guard", "群规 踢 拉黑 误判 撤销"),
    _topic("door", "welcome newcomer entry nickname quiet overflow wave_guard", "欢迎 门槛 群昵称 潜水"),
)
"""In the order they are shown; what no topic names stands last, under `REST`."""
REST = _topic("rest", "", "帮助 开始 启用 模式 停用 设置 状态")


def topic_of(command: Command) -> Topic:
    return next((topic for topic in TOPICS if command.plugin in topic.plugins), REST)


def by_topic(commands: Sequence[Command]) -> list[tuple[Topic, list[Command]]]:
    """Every topic that has a command, each with its commands, what is asked for most first."""
    found: list[tuple[Topic, list[Command]]] = []
    for topic in (*TOPICS, REST):
        mine = [one for one in commands if topic_of(one) is topic]
        if mine:
            found.append((topic, sorted(mine, key=lambda one: _place(topic, one))))
    return found


def _place(topic: Topic, command: Command) -> int:
    return topic.first.index(command.name) if command.name in topic.first else len(topic.first)
