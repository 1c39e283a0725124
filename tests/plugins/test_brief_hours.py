"""Test: times of day as people write them, and as a setting."""

from __future__ import annotations

import re
from datetime import date, time
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import load_settings
from bot.timeofday import parse_time, split_time
from plugins.brief.plugin import Settings, plugin


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("08:00", 8, 0), ("8：00", 8, 0), ("０８：３０", 8, 30), ("8点", 8, 0), ("8点半", 8, 30), ("8点一刻", 8, 15),
        ("早上8点", 8, 0), ("早 8点", 8, 0), ("晚上九点", 21, 0), ("晚8点", 20, 0), ("下午3点15分", 15, 15),
        ("中午12点", 12, 0), ("中午1点", 13, 0), ("凌晨1点", 1, 0), ("十二点半", 12, 30), ("二十一点三十", 21, 30),
        ("7点零五分", 7, 5), ("23:59", 23, 59), ("0:00", 0, 0),
    ],
)  # fmt: skip
def test_times(text: str, hour: int, minute: int):
    assert parse_time(text) == time(hour, minute)


@pytest.mark.parametrize("text", ["", "随便", "8", "8:5", "24:00", "25:00", "8:60", "08:00 交作业", "十十点", "-1:00"])
def test_what_is_no_time_is_refused_with_a_sentence(text: str):
    with pytest.raises(ValueError, match=r"[\u4e00-\u9fff]"):
        parse_time(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("08:00 交作业", (None, time(8), "交作业")),
        ("08：30，拍照", (None, time(8, 30), "拍照")),
        ("明早8点 交作业", (1, time(8), "交作业")),
        ("今晚8点 直播", (0, time(20), "直播")),
        ("后天 晚上9点\n读书", (2, time(21), "读书")),
        ("早上 8点 读书", (None, time(8), "读书")),
        ("明天交作业", (1, None, "交作业")),
        ("8点前交作业", (None, None, "8点前交作业")),
        ("今年目标", (None, None, "今年目标")),
        ("明星八卦", (None, None, "明星八卦")),
        ("读到第３章（全角）", (None, None, "读到第３章（全角）")),
        ("08:00", (None, time(8), "")),
    ],
)
def test_a_leading_day_and_time_are_cut_off(text: str, expected: tuple[int | None, time | None, str]):
    assert split_time(text) == expected


@pytest.mark.parametrize("text", ["25:00 早起", "明天 24:00 复盘", "8:75 交作业"])
def test_an_impossible_time_is_not_taken_for_text(text: str):
    with pytest.raises(ValueError, match="时间从 00:00 到 23:59"):
        split_time(text)


@pytest.mark.parametrize("value", ["off", "OFF", "关", "", None, False])
def test_a_setting_can_be_off(value: object):
    assert Settings(morning=value).morning is None  # type: ignore[arg-type]


def test_a_setting_is_a_time_and_is_written_back_as_one():
    assert Settings().morning == time(8)
    assert Settings().evening == time(21)
    settings = Settings(morning="7:30", evening=time(22, 15))  # type: ignore[arg-type]
    assert (settings.morning, settings.evening) == (time(7, 30), time(22, 15))
    assert settings.model_dump()["morning"] == "07:30"
    assert Settings(morning="off").model_dump()["morning"] == "off"  # type: ignore[arg-type]


@pytest.mark.parametrize("value", ["25:00", "早点", 8, True, ["08:00"]])
def test_a_wrong_setting_is_told_how_to_write_it(value: object):
    with pytest.raises(ValidationError, match=r"08:00|00:00 到 23:59"):
        Settings(morning=value)  # type: ignore[arg-type]


def test_the_shipped_list_of_holidays_works_when_its_lines_are_uncommented(tmp_path: Path):
    shipped = (Path(__file__).parents[2] / "config" / "holidays.toml").read_text(encoding="utf-8")
    live = re.sub(r"^# ?(\[brief\.|\")", r"\1", shipped, flags=re.MULTILINE)
    (tmp_path / "bot.toml").write_text("[brief]\nholidays = {}\n", encoding="utf-8")
    (tmp_path / "holidays.toml").write_text(live, encoding="utf-8")
    settings: Settings = load_settings(tmp_path, [plugin], env={}).sections["brief"]
    assert settings.overrides.off == {date(2027, 2, 5): "春节", date(2027, 2, 6): "春节"}
    assert settings.overrides.work == {date(2027, 2, 20): "春节"}


def test_holidays_are_dates_with_names():
    settings = Settings(holidays={"2050-01-23": "春节"})  # type: ignore[dict-item]
    assert list(settings.overrides.off.values()) == ["春节"]
    with pytest.raises(ValidationError):
        Settings(workdays={"2050-02-30": "春节"})  # type: ignore[dict-item]
