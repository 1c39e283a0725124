"""Plugin: nickname: what can be set about group nicknames, and the plugin itself."""

from __future__ import annotations

from datetime import time, timedelta
from typing import Annotated

from pydantic import BeforeValidator, field_validator

from bot.duration import Duration, DurationOrOff
from bot.plugin import Context, Field, Plugin, PluginSettings, template
from bot.timeofday import TimeOrOff
from plugins.nickname.pattern import parse_pattern
from plugins.nickname.tables import reminder

SHORTEST = timedelta(days=1)


def _checked(value: object) -> object:
    return parse_pattern(value).source if isinstance(value, str) else value


class Settings(PluginSettings):
    """When somebody is asked to change their group nickname, and what follows if they do not."""

    enabled: bool = Field(False, description="要不要检查群昵称的格式")
    pattern: Annotated[str, BeforeValidator(_checked)] = Field(
        "名称-地区-职业",
        max_length=60,
        description='群昵称的格式：几项，用横线隔开；固定的字写在引号里，如 "金粉"-名称-地区。顺序和分隔符号不严格',
    )
    text: str = template(
        "{昵称} 请把群昵称改成“{格式}”，方便大家认识你～\n例：{例子}\n改法：右上角「···」→「我在本群的昵称」",
        "昵称",
        "格式",
        "例子",
        "群名",
        description="请人改群昵称的话，昵称处是要改的人",
        max_length=300,
        english="{昵称} please call yourself “{格式}” here, so that people know you\ne.g. {例子}\n"
        "Top right ···, My alias in group",
    )
    wait: Duration = Field(timedelta(minutes=30), description="进群或改名后等多久再提醒，好让他自己改，也好合成一条")
    gap: Duration = Field(timedelta(hours=1), description="两条提醒之间至少隔多久")
    every: Duration = Field(timedelta(days=7), description="同一个人多久最多提醒一次")
    reminders: int = Field(2, ge=1, le=10, description="提醒几次还没改，就列给管理员看")
    scan: TimeOrOff = Field(time(12, 30), description="每天几点把全群的名字看一遍，off 不看")
    remove_after: DurationOrOff = Field(
        None, description="列给管理员后再公开通知一次，过多久还没改就请出群；off 从不因此移出"
    )
    most_names: int = Field(20, ge=1, le=100, description="一条提醒里最多点几个人的名，再多写“等 N 人”")
    most_removals: int = Field(5, ge=1, le=50, description="一天最多因此请出几人")

    @field_validator("remove_after")
    @classmethod
    def _leaves_time(cls, after: timedelta | None) -> timedelta | None:
        if after is not None and after < SHORTEST:
            raise ValueError("至少 1 天，好让人来得及改，例：3天 (at least a day)")
        return after


plugin = Plugin("nickname", Settings, help="群昵称统一格式，没改的人温和提醒，谁是谁一眼看清", tables=(reminder,))
Ctx = Context[Settings]
