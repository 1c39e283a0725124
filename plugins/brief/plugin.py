"""Plugin: brief: its settings and the plugin itself, to which the other files hang their handlers."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import SecretStr, StringConstraints

from bot.plugin import Field, Plugin, PluginSettings, template
from bot.timeofday import TimeOrOff
from plugins.brief.calendar import Overrides
from plugins.brief.tables import news, told

Part = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z_]{1,30}$")]
Address = Annotated[str, StringConstraints(pattern=r"^https?://\S{3,500}$")]
Sentence = Annotated[str, StringConstraints(min_length=1, max_length=120)]
_GROUP = ("群名", "人数", "日期")


class Settings(PluginSettings):
    morning: TimeOrOff = Field(time(8), description="早报几点发（群所在时区）；off 不发")
    evening: TimeOrOff = Field(time(21), description="晚报几点发（群所在时区）；off 不发")
    morning_title: str = template(
        "早安，{群名} ☀️", *_GROUP, description="早报第一行", max_length=100, english="Good morning, {群名} ☀️"
    )
    evening_title: str = template(
        "晚上好，{群名} 🌙", *_GROUP, description="晚报第一行", max_length=100, english="Good evening, {群名} 🌙"
    )
    morning_ending: str = template(
        "新的一天，有事群里说一声～",
        *_GROUP,
        description="早报最后一行，留空不写",
        max_length=100,
        english="A new day, just ask here if you need anything.",
    )
    evening_ending: str = template(
        "早点休息，明天见～",
        *_GROUP,
        description="晚报最后一行，留空不写",
        max_length=100,
        english="Sleep well, see you tomorrow.",
    )
    morning_blocks: tuple[Part, ...] = Field(
        (
            "date", "holiday", "countdown", "birthday", "weather", "news", "yesterday", "top", "newcomers", "tasks",
            "challenge", "topic", "lotteries", "checkin",
        ),
        max_length=30,
        description="早报由哪些版块组成，按顺序；没有可说的版块自己不出现（quote 是每日一句，要的话加进来）",
    )  # fmt: skip
    evening_blocks: tuple[Part, ...] = Field(
        ("date", "today", "top", "digest", "unanswered", "tomorrow"),
        max_length=30,
        description="晚报由哪些版块组成，按顺序",
    )
    form: Literal["text", "card"] = Field("text", description="早报晚报发成文字（text）还是一张图（card）")
    term_days: int = Field(3, ge=0, le=15, description="提前几天预告节气，0 只在当天说")
    holiday_days: int = Field(7, ge=0, le=30, description="提前几天预告放假，0 只在当天说")
    holidays: dict[date, str] = Field(
        default_factory=dict, description='放假的日子，比内置的放假安排优先，如 "2027-02-06" = "春节"'
    )
    workdays: dict[date, str] = Field(
        default_factory=dict, description='补班的日子，比内置的放假安排优先，如 "2027-02-20" = "春节"'
    )
    city: str = Field("", max_length=40, description="天气报哪个城市，空：不报天气；也可以写 纬度,经度")
    weather_source: Literal["open-meteo", "qweather"] = Field(
        "open-meteo",
        description="天气从哪里来：open-meteo 不要密钥；qweather 是和风天气",
        json_schema_extra={"installation": True},
    )
    weather_url: str = Field(
        "https://api.open-meteo.com",
        pattern=r"^https?://\S+$",
        max_length=200,
        description="天气接口的地址；和风天气写自己的 API Host，如 https://abc.qweatherapi.com",
        json_schema_extra={"installation": True},
    )
    geocoding_url: str = Field(
        "https://geocoding-api.open-meteo.com",
        pattern=r"^https?://\S+$",
        max_length=200,
        description="open-meteo 查城市位置的地址",
        json_schema_extra={"installation": True},
    )
    weather_key: SecretStr = Field(SecretStr(""), description="和风天气的密钥（API Key）")
    feeds: tuple[Address, ...] = Field((), max_length=10, description="新闻从哪些 RSS 或 Atom 地址来，空：不报新闻")
    news_count: int = Field(5, ge=1, le=10, description="一次报几条新闻")
    quotes: tuple[Sentence, ...] = Field((), max_length=2000, description="自己的每日一句，空：用内置的")

    @property
    def overrides(self) -> Overrides:
        return Overrides(self.holidays, self.workdays)


plugin = Plugin(
    "brief",
    Settings,
    help="每天早报晚报：日子、节气、放假、天气、新闻、群里的数字和今天的任务",
    tables=(news, told),
)
