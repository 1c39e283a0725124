"""Plugin: newcomer: its settings and the plugin itself."""

from __future__ import annotations

from datetime import time, timedelta

from pydantic import model_validator

from bot.duration import Duration
from bot.plugin import Field, Plugin, PluginSettings, template
from bot.timeofday import TimeOrOff


class Settings(PluginSettings):
    enabled: bool = Field(True, description="新人进群一天还没说话、没介绍自己，要不要请一次")
    after: Duration = Field(timedelta(hours=24), description="进群多久以后请")
    text: str = template(
        "{昵称} 来{群名}有一天啦，还没和大家打过招呼呢～\n说说称呼、城市、职业，或者随便问一句都行 😊",
        "昵称",
        "群名",
        "人数",
        "日期",
        description="请新人说句话的话",
        max_length=500,
        english="{昵称}, you have been in {群名} for a day: say hello!\nYour name, city and work, or any question 😊",
    )
    not_before: TimeOrOff = Field(time(9, 0), description="一天里最早几点请（群所在时区），off 不限")
    not_after: TimeOrOff = Field(time(21, 0), description="一天里最晚几点请，再晚等到第二天，off 不限")
    most_names: int = Field(20, ge=1, le=100, description="一条里最多点几个人的名，再多写“等 N 人”")

    @model_validator(mode="after")
    def _day_has_hours(self) -> Settings:
        if not self.text.strip():
            raise ValueError("text: 这句话不能为空，不想请新人就关掉 enabled (must not be empty)")
        if self.not_before is not None and self.not_after is not None and self.not_before >= self.not_after:
            raise ValueError("not_before: 最早要早于最晚，如 09:00 和 21:00 (must be earlier than not_after)")
        return self


plugin = Plugin("newcomer", Settings, help="新人来了一天还没说话，温和地请一次，只请一次")
