"""Test: what people write after /定时: understood as it was meant, or refused with the reason; never half."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Misread
from plugins.schedule.read import read

CHINA = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)  # 09:00, a Monday


@pytest.mark.parametrize(
    ("said", "rule", "text"),
    [
        ("每周一三五 9:00 发 早安", "weekly:0,2,4@09:00", "早安"),
        ("每周一、周三 9点 发 早安", "weekly:0,2@09:00", "早安"),
        ("每周一到周五 9点 发 早安", "weekly:0,1,2,3,4@09:00", "早安"),
        ("每周末 9:00 发 早安", "weekly:5,6@09:00", "早安"),
        ("每天早上9点发早安", "daily:@09:00", "早安"),
        ("每天 9：00 发： 大家早", "daily:@09:00", "大家早"),
        ("每天早晚8点 发 打卡", "daily:@08:00,20:00", "打卡"),
        ("每天早、晚8点半发打卡", "daily:@08:30,20:30", "打卡"),
        ("每天早上和晚上 8:00 发 打卡", "daily:@08:00,20:00", "打卡"),
        ("工作日早晚9点 发 打卡", "work:@09:00,21:00", "打卡"),
        ("每周一早晚8点、中午12点 发 打卡", "weekly:0@08:00,12:00,20:00", "打卡"),
        ("每年除夕 20:00 发 新年好", "moonyear:12,-1@20:00", "新年好"),
        ("大年初一 8:00 发 新年好", "moonyear:1,1@08:00", "新年好"),
        ("正月十五 8:00 发 元宵", "moonyear:1,15@08:00", "元宵"),
        ("农历腊月初八 8:00 发 喝粥", "moonyear:12,8@08:00", "喝粥"),
        ("每天 9:00、12:00和晚上6点半 发 喝水", "daily:@09:00,12:00,18:30", "喝水"),
        ("工作日(含调休) 8:30 发 打卡", "work:@08:30", "打卡"),
        ("休息日 10点 发 睡吧", "rest:@10:00", "睡吧"),
        ("每月最后一天 18:00 发 交报表", "monthly:-1@18:00", "交报表"),
        ("每月1号15号 9:00 发 盘点", "monthly:1,15@09:00", "盘点"),
        ("每月1、15号 9:00 发 盘点", "monthly:1,15@09:00", "盘点"),
        ("每月31号跳过 9:00 发 大月", "monthly:31@09:00", "大月"),
        ("每月第一个周一 9:00 发 例会", "nth:1,0@09:00", "例会"),
        ("每月最后一个周五 9:00 发 例会", "nth:-1,4@09:00", "例会"),
        ("每年3月8日 9:00 发 节日快乐", "yearly:3,8@09:00", "节日快乐"),
        ("每3天 9:00 发 浇花", "every:3,739621@09:00", "浇花"),
        ("农历每月初一十五 9:00 发 吃素", "moon:1,15@09:00", "吃素"),
        ("每年农历八月十五 9:00 发 赏月", "moonyear:8,15@09:00", "赏月"),
        ("每2小时 9点到15点 发 喝水", "daily:@09:00,11:00,13:00,15:00", "喝水"),
        ("每天9点到12点每半小时发喝水", "daily:@09:00,09:30,10:00,10:30,11:00,11:30,12:00", "喝水"),
        ("明天 20:00 发 开会", "once:2026,1,6@20:00", "开会"),
        ("明天20:00发开会", "once:2026,1,6@20:00", "开会"),
        ("周五 20:00 发 开会", "once:2026,1,9@20:00", "开会"),
        ("半小时后 发 该休息了", "once:2026,1,5@09:30", "该休息了"),
        ("每周一 9:00 发 明天 8:00 开会", "weekly:0@09:00", "明天 8:00 开会"),
        ("每周一 9:00 记得发作业", "weekly:0@09:00", "记得发作业"),
        ("每周一三五9点发早安", "weekly:0,2,4@09:00", "早安"),
        ("每周一至五9点半发早安", "weekly:0,1,2,3,4@09:30", "早安"),
        ("每周三五点 发 早安", "weekly:2@05:00", "早安"),
        ("每周135 9:00 发 早安", "weekly:0,2,4@09:00", "早安"),
        ("每晚10点 发 晚安", "daily:@22:00", "晚安"),
        ("每早七点半发早安", "daily:@07:30", "早安"),
        ("早上9点每天发早安", "daily:@09:00", "早安"),
        ("20:00 每天 发 早安", "daily:@20:00", "早安"),
        ("每月25号 9点 发 发工资", "monthly:25@09:00", "发工资"),
        ("25号 9点 发 发工资啦", "once:2026,1,25@09:00", "发工资啦"),
        ("3号 9点 发 开会", "once:2026,2,3@09:00", "开会"),
        ("下个月3号 9点 发 开会", "once:2026,2,3@09:00", "开会"),
        ("本周五 20:00 发 开会", "once:2026,1,9@20:00", "开会"),
        ("这周日晚上8点发开会", "once:2026,1,11@20:00", "开会"),
        ("下个星期三晚上8点 发 开会", "once:2026,1,14@20:00", "开会"),
        ("隔天 9:00 发 跑步", "every:2,739621@09:00", "跑步"),
        ("每隔一天 9:00 发 跑步", "every:2,739621@09:00", "跑步"),
        ("每隔3天 9:00 发 跑步", "every:3,739621@09:00", "跑步"),
        ("隔周三 9:00 发 周会", "every:14,739623@09:00", "周会"),
        ("每两周的周三 9:00 发 周会", "every:14,739623@09:00", "周会"),
        ("每1周周三 9:00 发 周会", "weekly:2@09:00", "周会"),
        ("每月初一、十五 9:00 发 吃素", "moon:1,15@09:00", "吃素"),
        ("初一十五 9:00 发 吃素", "moon:1,15@09:00", "吃素"),
        ("每天 9:00 发 第一行\n第二行", "daily:@09:00", "第一行\n第二行"),
    ],
)
def test_understood(said: str, rule: str, text: str):
    wanted = read(said, NOW, CHINA)
    assert (str(wanted.rule), wanted.text) == (rule, text)


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ("每月 31 号 9:00 发 交房租", "skips"),
        ("每月29、30号 9:00 发 交房租", "skips"),
        ("每年2月29日 9:00 发 生日", "leap"),
        ("每天 25:00 发 早安", "bad_time"),
        ("每天早晚25点 发 早安", "bad_time"),
        ("每天早晚20点 发 早安", "unknown"),
        ("每天早中晚8点 发 早安", "unknown"),
        ("每天早晚 发 早安", "unknown"),
        ("除夕 发 新年好", "no_time"),
        ("25:00 发 早安", "bad_time"),
        ("每天 9:75 发 早安", "bad_time"),
        ("今天 8:00 发 开会", "past"),
        ("9:00 发 早安", "past"),
        ("昨天 20:00 发 开会", "past"),
        ("2020年1月1日 9:00 发 开会", "past"),
        ("每秒 发 早安", "too_often"),
        ("每1分钟 发 早安", "too_often"),
        ("每20小时 发 早安", "too_seldom"),
        ("每2小时 21点到9点 发 喝水", "window"),
        ("2月30日 9:00 发 开会", "bad_day"),
        ("每月32号 9:00 发 开会", "bad_day"),
        ("每年13月1日 9:00 发 开会", "bad_day"),
        ("每天 发 早安", "no_time"),
        ("明天 发 早安", "no_time"),
        ("每周八 9:00 发 早安", "unknown"),
        ("每周 9:00 发 早安", "no_day"),
        ("每月9点 发 早安", "no_day"),
        ("本周一 8:00 发 早安", "past"),
        ("本月3号 8:00 发 早安", "past"),
        ("25号 25:00 发 早安", "bad_time"),
        ("32号 9:00 发 早安", "bad_day"),
        ("随便写写", "unknown"),
        ("每天 9:00 10:00 11:00 12:00 13:00 14:00 15:00 发 早安", "many_times"),
    ],
)
def test_refused_with_the_reason(said: str, why: str):
    with pytest.raises(Misread) as refused:
        read(said, NOW, CHINA)
    assert refused.value.key == why


_PIECES = st.sampled_from(
    [
        *(
            "每",
            "每天",
            "每周",
            "周一三五",
            "每月",
            "31号",
            "最后一天",
            "工作日",
            "农历",
            "初一",
            "明天",
            "9:00",
            "9点",
        ),
        *("25:00", "半", "小时", "每2小时", "到", "21点", "发", "早安", "：", "、", "（", "1e9", "９", "〇", "跳过"),
    ]
)
_SAID = st.lists(_PIECES, max_size=12)


@given(_SAID.map(" ".join) | _SAID.map("".join) | st.text(max_size=80))
def test_anything_is_understood_or_refused(said: str):
    """Nothing else is raised, and what is understood has a time and can be kept and read back."""
    try:
        wanted = read(said, NOW, CHINA)
    except Misread:
        return
    assert wanted.rule.times
    assert type(wanted.rule).from_text(str(wanted.rule)) == wanted.rule


@pytest.mark.parametrize(
    ("said", "day"),
    [
        ("除夕 9:00 发 新年好", "2026,2,16@09:00"),
        ("除夕夜8点 发 新年好", "2026,2,16@20:00"),
        ("农历除夕晚上8点半 发 新年好", "2026,2,16@20:30"),
        ("大年三十早晚8点 发 新年好", "2026,2,16@08:00,20:00"),
        ("腊月三十 20:00 发 新年好", "2026,2,16@20:00"),
    ],
)
def test_the_last_day_of_the_lunar_year_is_the_next_one(said: str, day: str):
    assert str(read(said, datetime(2026, 1, 5, tzinfo=UTC), CHINA).rule) == f"once:{day}"
    after = datetime(2026, 2, 16, 13, 0, tzinfo=UTC)
    assert str(read(said, after, CHINA).rule) == f"once:2027,2,5@{day.partition('@')[2]}"
