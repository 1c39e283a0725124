"""Core: the bot's own sections of the configuration; plugins bring theirs."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from bot.duration import Duration, DurationOrOff
from bot.mode import WrittenMode
from bot.model import Mode
from bot.settings.window import WindowOrOff, parse_window
from bot.timeofday import TimeOrOff

SCHEMES = ("postgresql://", "postgres://", "postgresql+asyncpg://")


_HOST_NAME = re.compile(r"[\w-]+(?:\.[\w-]+)*")


class Section(BaseModel):
    """A section of the installation. `per_group` names the keys that a group may have its own value of."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)
    per_group: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def group_keys(cls) -> list[str]:
        return [key for key in cls.model_fields if key in cls.per_group]


class BotSection(Section):
    """谁拥有机器人，它照看哪些群，怎么行事"""

    per_group = frozenset({"mode", "timezone", "language", "name", "control", "renamed", "switched_off"})

    owners: tuple[str, ...] = Field((), description="机器人主人的联系人 id；主人在每个群和私聊里都可以做任何事")
    manage: tuple[str, ...] = Field(
        (),
        description='照看哪些群：群 id，或群名的通配（"读书*"，"*" 为全部）；也可以由主人在群里发 /启用。'
        "照看了的群改名也还照看，不要了发 /停用",
    )
    mode: WrittenMode = Field(
        Mode.SHADOW, description="dry 演练：只记录 · shadow 观察：告诉管理员但不处置 · enforce 执行：处置"
    )
    timezone: str = Field("Asia/Shanghai", description="群所在的时区，与服务器的时区无关")
    language: Literal["zh-CN", "en"] = Field("zh-CN", description="机器人说话的语言：zh-CN 或 en")
    name: str = Field("群管家", min_length=1, max_length=20, description="机器人怎么称呼自己")
    prefixes: str = Field("/／", min_length=1, max_length=8, description="命令的开头，写几个都可以，一个字符一个")
    seed: str = Field("", max_length=200, description="抽签用的种子，只为重放脚本；平时留空，安装时自动生成")
    control: tuple[str, ...] = Field(
        (), description='通知发给谁：联系人 id，或一个管理群的群 id；空：发给 owners；["admins"]：群主和管理员'
    )
    renamed: tuple[str, ...] = Field(
        (), max_length=100, description="命令另外起的名字，写成 抽奖=抽个奖；用 /命令 改名 来改"
    )
    switched_off: tuple[str, ...] = Field((), max_length=200, description="不用的命令；用 /命令 关 来改")

    @field_validator("owners")
    @classmethod
    def _are_not_empty(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if not all(owner.strip() for owner in value):
            raise ValueError("有一个是空的：私聊机器人发 /我是谁，把编号写在这里 (an empty id)")
        return tuple(owner.strip() for owner in value)

    @field_validator("timezone")
    @classmethod
    def _is_known(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise ValueError(f"不认识时区“{value[:40]}”，请写成 Asia/Shanghai (unknown time zone)") from None
        return value

    @field_validator("prefixes")
    @classmethod
    def _is_punctuation(cls, value: str) -> str:
        if any(character.isalnum() or character.isspace() or character in "@＠" for character in value):
            raise ValueError("命令的开头只能是标点，如 /／!！# (prefixes must be punctuation)")
        return value

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.timezone)


class PolicySection(Section):
    """处置的刹车和安静时段"""

    per_group = frozenset({"removals_per_hour", "quiet", "fp_limit", "rule_modes"})

    removals_per_hour: int = Field(
        10, ge=0, le=500, description="每个群一小时最多移出几人，超过就停下来问管理员；0 表示从不移出"
    )
    quiet: WindowOrOff = Field(
        parse_window("23:00-07:00"),
        description="安静时段（群所在时区）：没人在等的群发（简报、群发、推荐）等到时段结束再发；"
        "处置、回答、欢迎、开奖照常。off：全天照发",
    )
    fp_limit: float = Field(
        0.2,
        gt=0,
        le=1,
        description="一条规则的案件被撤销多少就自动只观察，并告诉管理员；按最近 30 个案件的 90% 置信下限算，1 从不",
    )
    rule_modes: dict[str, WrittenMode] = Field(
        {}, description='哪条规则只观察不处置，如 { flood_guard = "shadow" }；按插件名；没写的跟群的模式走'
    )


class PacingSection(Section):
    """发送的节奏：像人一样发，账号才安全"""

    gap: Duration = Field(timedelta(seconds=1), description="账号两次发送至少相隔多久")
    jitter: Duration = Field(timedelta(milliseconds=500), description="间隔再随机加上至多多久")
    group_gap: Duration = Field(timedelta(seconds=2), description="同一个群两次发送至少相隔多久")
    per_minute: int = Field(20, ge=1, le=600, description="账号一分钟最多发几条")
    per_day: int = Field(3000, ge=1, description="账号一天最多发几条；处置和回答不受此限")
    group_per_day: int = Field(300, ge=1, description="一个群一天最多发几条；处置和回答不受此限")
    answers_per_minute: int = Field(
        10, ge=1, le=100, description="一位群友一分钟最多得到几次回答，再问就不理；有管理身份的人不受此限"
    )
    warm_up: DurationOrOff = Field(
        None, description='新账号养号多久，如 "14d"：上限从一成慢慢放到十成，从第一次启动算起；off：不养'
    )
    max_attempts: int = Field(8, ge=1, le=100, description="发不出去最多试几次")
    backoff: Duration = Field(timedelta(seconds=5), description="第一次重试前等多久，以后每次加倍")
    backoff_longest: Duration = Field(timedelta(minutes=10), description="重试前最多等多久")

    evidence: Duration = Field(
        timedelta(seconds=60), description="不确定发没发出去的消息，等多久自己的回声，再问管理员（绝不重发）"
    )

    @field_validator("backoff", "backoff_longest")
    @classmethod
    def _is_positive(cls, value: timedelta) -> timedelta:
        if value <= timedelta(0):
            raise ValueError("时长必须大于零 (must be longer than zero)")
        return value


class StorageSection(Section):
    """数据放在哪里，留多久"""

    url: SecretStr = Field(
        SecretStr(""),
        description="PostgreSQL 的地址 postgresql://用户:密码@主机:端口/库，也可以用环境变量 DATABASE_URL；"
        "空：数据文件夹里的 SQLite 文件，一个账户用它就够了",
    )
    account: str = Field(
        "main", description="这个进程照看哪个微信账户：小写字母、数字、下划线；每个账户在 PostgreSQL 里有自己的 schema"
    )
    lease: Duration = Field(
        timedelta(seconds=15),
        description="只用于 PostgreSQL：进程没了声息多久，备用的进程接手它的账户",
    )
    archive_days: int = Field(180, ge=1, le=3660, description="聊天记录留多少天")
    handled_days: int = Field(7, ge=1, le=365, description="处理过的事件的编号留多少天（用来识别重复）")
    backup_at: TimeOrOff = Field(
        time(4, 30), description="每天几点备份数据库（bot.timezone）到 data/backups/daily，做完核对；off：不备份"
    )
    backups_kept: int = Field(7, ge=1, le=365, description="每日备份留几份")
    group_commit: int = Field(256, ge=1, le=4096, description="忙的时候最多几个事件合成一次提交")
    checked_first_mb: int = Field(
        128, ge=0, le=100_000, description="不超过这么多 MB 的数据库，启动时先查完有没有损坏再干活；更大的边干活边查"
    )

    @field_validator("url")
    @classmethod
    def _is_a_server(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not value.get_secret_value().startswith(SCHEMES):
            raise ValueError("要写成 postgresql://用户:密码@主机:端口/库 (not a PostgreSQL address)")
        return value

    @field_validator("lease")
    @classmethod
    def _is_sensible(cls, value: timedelta) -> timedelta:
        if not timedelta(seconds=3) <= value <= timedelta(minutes=10):
            raise ValueError("要在 3s 到 10m 之间 (must be between 3s and 10m)")
        return value

    @field_validator("account")
    @classmethod
    def _is_account(cls, value: str) -> str:
        if re.fullmatch(r"[a-z][a-z0-9_]{0,39}", value) is None:
            raise ValueError("只用小写字母、数字和下划线，字母开头，最多 40 个 (not an account's name)")
        return value


class FetchSection(Section):
    """从网上取天气、新闻等：取多久，取多大，哪些内网地址可以取"""

    allow_hosts: tuple[str, ...] = Field(
        (), description='内网里也可以访问的主机名或 IP，如 ["feeds.lan"]；平时只访问公网地址'
    )
    timeout: Duration = Field(timedelta(seconds=10), description="一次最多等多久，转址也算在内")
    max_bytes: int = Field(2 << 20, ge=1024, le=64 << 20, description="一次最多取多少字节")


class AssistantSection(Section):
    """可选的大模型（OpenAI 兼容接口）：给可疑广告第二意见，给摘要润色；没有它一切照常"""

    url: str = Field("", max_length=500, description="接口地址，如 https://api.example.com/v1；空：不用")
    key: SecretStr = Field(SecretStr(""), description="接口的密钥")
    model: str = Field("gpt-4o-mini", min_length=1, max_length=200, description="模型的名字")
    timeout: Duration = Field(timedelta(seconds=20), description="最多等它多久")
    max_tokens: int = Field(800, ge=16, le=16_000, description="它最多答多少个 token")
    per_day: int = Field(200, ge=0, le=1_000_000, description="一天（UTC）最多问几次，整个安装合起来算；0 不问")

    @field_validator("url")
    @classmethod
    def _is_address(cls, value: str) -> str:
        if value and not value.startswith(("http://", "https://")):
            raise ValueError("要写成 http:// 或 https:// 开头的地址 (not an http address)")
        return value


class WebSection(Section):
    """网页：健康检查、沙盒"""

    host: str = Field("127.0.0.1", min_length=1, description="监听的地址；0.0.0.0 会让别的机器也能打开，请先想好")
    port: int = Field(8080, ge=1, le=65535, description="监听的端口")
    hosts: tuple[str, ...] = Field(
        (), description='除了 localhost 和 IP，还可以用哪些域名打开，如 ["bot.example.com"]（放在反向代理后面时）'
    )

    @field_validator("hosts")
    @classmethod
    def _are_names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not _HOST_NAME.fullmatch(name):
                raise ValueError(
                    f"“{name[:60]}”应只写域名，如 bot.example.com，不带 https://、端口和路径 (a host name)"
                )
        return tuple(name.lower() for name in value)


class WatchSection(Section):
    """出了事怎么告诉部署的人：微信断了就不能靠微信说"""

    webhook: SecretStr = Field(
        SecretStr(""), description="群机器人的 webhook 地址（企业微信、钉钉、飞书或自己的）；空：不发"
    )
    kind: Literal["wecom", "dingtalk", "feishu", "generic"] = Field(
        "generic",
        description='wecom 企业微信 · dingtalk 钉钉 · feishu 飞书 · generic 收 {"text": …, "at": …} 的任何地址',
    )
    secret: SecretStr = Field(SecretStr(""), description="钉钉、飞书的加签密钥；没有开加签就留空")
    after: Duration = Field(timedelta(minutes=2), description="问题持续多久才说：网关闪断一下不必半夜叫醒人")
    repeat: Duration = Field(timedelta(hours=6), description="问题还在的话，隔多久再说一次")
    silence: DurationOrOff = Field(
        None, description='多久没有收到任何消息就算不正常（/readyz 变红并告警），如 "6h"；off：不管'
    )

    @field_validator("webhook")
    @classmethod
    def _is_address(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value() and not value.get_secret_value().startswith(("http://", "https://")):
            raise ValueError("要写成 http:// 或 https:// 开头的地址 (not an http address)")
        return value


class LogSection(Section):
    """日志"""

    level: Literal["debug", "info", "warning", "error"] = Field("info", description="debug、info、warning 或 error")
    format: Literal["console", "json"] = Field("console", description="console 给人看，json 一行一个对象给程序看")
    text: bool = Field(False, description="是否把群友说的话写进日志；一般不要")


CORE: dict[str, type[Section]] = {
    "bot": BotSection,
    "policy": PolicySection,
    "pacing": PacingSection,
    "storage": StorageSection,
    "web": WebSection,
    "fetch": FetchSection,
    "assistant": AssistantSection,
    "watch": WatchSection,
    "log": LogSection,
}
