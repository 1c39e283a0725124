"""Test: what admins write after `/抽奖`: understood, or refused for a reason that is told."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.errors import Misread
from bot.text import normalise
from plugins.lottery.model import Condition, Draft, Need, Tier
from plugins.lottery.parse import parse

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
"""Monday 09:00 in Shanghai."""
SHANGHAI = ZoneInfo("Asia/Shanghai")


def read(text: str) -> Draft:
    return parse(normalise(text), NOW, SHANGHAI, timedelta(days=90))


def local(draft: Draft) -> str:
    return f"{draft.draw_at.astimezone(SHANGHAI):%m-%d %H:%M}" if draft.draw_at else ""


@pytest.mark.parametrize(
    ("text", "tiers"),
    [
        ("咖啡券", [("咖啡券", 1)]),
        ("咖啡券 x2", [("咖啡券", 2)]),
        ("咖啡券 Ｘ２", [("咖啡券", 2)]),
        ("咖啡券×2", [("咖啡券", 2)]),
        ("咖啡券*两百", [("咖啡券", 200)]),
        ("咖啡券 x 2", [("咖啡券", 2)]),
        ("咖啡券 x2份", [("咖啡券", 2)]),
        ("咖啡券 两份", [("咖啡券", 2)]),
        ("咖啡两杯", [("咖啡", 2)]),
        ("奖品 x2、书 x1，笔x三", [("奖品", 2), ("书", 1), ("笔", 3)]),
        ("奖品 x2 书 x1", [("奖品", 2), ("书", 1)]),
        ("一等奖：iPhone x1；二等奖:耳机 x3", [("一等奖:iPhone", 1), ("二等奖:耳机", 3)]),
        ("一等奖 iPhone、二等奖 耳机 x3", [("一等奖 iPhone", 1), ("二等奖 耳机", 3)]),
        ("一等奖 iPhone 1台 二等奖 红包 3个", [("一等奖 iPhone", 1), ("二等奖 红包", 3)]),
        ("咖啡券2份 书1本", [("咖啡券", 2), ("书", 1)]),
        ("咖啡券 两张 书 一本", [("咖啡券", 2), ("书", 1)]),
        ("三体 3本 x2", [("三体 3本", 2)]),
        ("三体 3本 套装", [("三体 3本 套装", 1)]),
        ("买一件 送一件 2份", [("买一件 送一件", 2)]),
        ("Kindlex2", [("Kindle", 2)]),
        ("RTX5090", [("RTX5090", 1)]),
        ("Mate60 x1", [("Mate60", 1)]),
        ("100元红包 x3", [("100元红包", 3)]),
        ("三只松鼠 x2", [("三只松鼠", 2)]),
        ("8点读书会门票 x2", [("8点读书会门票", 2)]),
        ("“入群3天 大礼 x5” x2", [("入群3天 大礼 x5", 2)]),
        ("“20:00 的电影票”", [("20:00 的电影票", 1)]),
    ],
)
def test_prizes(text: str, tiers: list[tuple[str, int]]) -> None:
    assert [(tier.prize, tier.stock) for tier in read(text).tiers] == tiers


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("咖啡券 x2 10分钟", "01-05 09:10"),
        ("咖啡券 x2 １０分钟", "01-05 09:10"),
        ("10分钟后 咖啡券 x2", "01-05 09:10"),
        ("咖啡券 半小时后开奖", "01-05 09:30"),
        ("咖啡券 一个半小时", "01-05 10:30"),
        ("咖啡券 2小时", "01-05 11:00"),
        ("咖啡券 1小时30分", "01-05 10:30"),
        ("咖啡券 1h30m", "01-05 10:30"),
        ("咖啡券 三天后", "01-08 09:00"),
        ("咖啡券 20:00", "01-05 20:00"),
        ("咖啡券 20：00 开奖", "01-05 20:00"),
        ("咖啡券 今晚8点半", "01-05 20:30"),
        ("咖啡券 晚上八点", "01-05 20:00"),
        ("咖啡券 下午3点一刻", "01-05 15:15"),
        ("咖啡券 明早8点", "01-06 08:00"),
        ("咖啡券 明天 20:00", "01-06 20:00"),
        ("咖啡券 后天中午12点", "01-07 12:00"),
        ("咖啡券 晚上12点", "01-06 00:00"),
        ("咖啡券 24:00", "01-06 00:00"),
        ("咖啡券 周五 20:00", "01-09 20:00"),
        ("咖啡券 周日下午3点", "01-11 15:00"),
        ("咖啡券 周一 8:00", "01-12 08:00"),
        ("咖啡券 下周一 8:00", "01-12 08:00"),
        ("咖啡券 星期1 10:00", "01-05 10:00"),
        ("咖啡券 1月10日 20:00", "01-10 20:00"),
        ("咖啡券 2026-01-10 20:00", "01-10 20:00"),
        ("咖啡券", ""),
    ],
)
def test_times(text: str, at: str) -> None:
    draft = read(text)
    assert local(draft) == at
    assert [tier.prize for tier in draft.tiers] == ["咖啡券"]


@pytest.mark.parametrize(
    ("text", "target", "at"),
    [
        ("咖啡券 满20人", 20, ""),
        ("咖啡券 满 两百 人 开奖", 200, ""),
        ("咖啡券 满五十人或10分钟", 50, "01-05 09:10"),
        ("咖啡券 20:00 满20人", 20, "01-05 20:00"),
    ],
)
def test_a_number_of_people(text: str, target: int, at: str) -> None:
    draft = read(text)
    assert (draft.target, local(draft)) == (target, at)
    assert draft.tiers == (Tier("咖啡券", 1),)


@pytest.mark.parametrize(
    ("text", "conditions"),
    [
        ("咖啡券 x2 入群3天", [Condition(Need.HOURS, 72)]),
        ("咖啡券 x2 入群 满12小时", [Condition(Need.HOURS, 12)]),
        ("咖啡券 x2 入群两周", [Condition(Need.HOURS, 336)]),
        ("咖啡券 x2 发言５条", [Condition(Need.MESSAGES, 5)]),
        ("咖啡券 x2 近7天发言 五条以上", [Condition(Need.MESSAGES, 5, 7)]),
        ("咖啡券 x2 邀请2人", [Condition(Need.INVITES, 2)]),
        ("咖啡券 x2 积分10", [Condition(Need.POINTS, 10)]),
        ("咖啡券 x2 积分满一百分", [Condition(Need.POINTS, 100)]),
        ("咖啡券 x2 已签到", [Condition(Need.CHECKIN)]),
        ("咖啡券 x2 无警告", [Condition(Need.CLEAN, days=30)]),
        ("咖啡券 x2 条件：入群3天，邀请2人", [Condition(Need.HOURS, 72), Condition(Need.INVITES, 2)]),
        ("咖啡券 x2 入群3天发言5条", [Condition(Need.HOURS, 72), Condition(Need.MESSAGES, 5)]),
    ],
)
def test_conditions(text: str, conditions: list[Condition]) -> None:
    draft = read(text)
    assert list(draft.conditions) == conditions
    assert draft.tiers == (Tier("咖啡券", 2),)
    assert draft.draw_at is None


def test_everything_at_once() -> None:
    draft = read("咖啡券 x2、书 x1 20:00 入群3天 发言5条 邀请2人 积分10")
    assert draft.stock == 3
    assert local(draft) == "01-05 20:00"
    assert [one.need for one in draft.conditions] == [Need.HOURS, Need.MESSAGES, Need.INVITES, Need.POINTS]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no_prize"),
        ("！！！", "no_prize"),
        ("x2", "no_prize"),
        ("10分钟", "no_prize"),
        ("入群3天", "no_prize"),
        ("“ ” x2", "no_prize"),
        ("x0", "no_stock"),
        ("咖啡券 x0", "no_stock"),
        ("咖啡券 零份", "no_stock"),
        ("咖啡券 x-1", "not_understood"),
        ("咖啡券 x1.5", "not_understood"),
        ("咖啡券 x99999999999999999999", "not_understood"),
        ("咖啡券 x2 入群三", "not_understood"),
        ("一等奖 1名 iPhone 二等奖 3名 红包", "not_understood"),
        ("咖啡券 x2 十分中", "not_understood"),
        ("咖啡券 x2 满人", "not_understood"),
        ("咖啡券 x2 积分很多", "not_understood"),
        ("咖啡券 入群0天", "no_amount"),
        ("咖啡券 满0人", "no_target"),
        ("咖啡券 08:00", "past"),
        ("咖啡券 今天9:00", "past"),
        ("咖啡券 1月2日 20:00", "past"),
        ("咖啡券 2025-12-31 20:00", "past"),
        ("咖啡券 25:00", "no_time"),
        ("咖啡券 20:60", "no_time"),
        ("咖啡券 2月30日 20:00", "no_time"),
        ("咖啡券 0分钟", "no_time"),
        ("咖啡券 99999999天", "no_time"),
        ("咖啡券 明天", "no_clock"),
        ("咖啡券 周五", "no_clock"),
        ("咖啡券 100天", "too_far"),
        ("咖啡券 10分钟 20:00", "two_times"),
        ("咖啡券 20:00 21:00", "two_times"),
        ("、".join(f"奖{i}" for i in range(11)), "many_tiers"),
        ("咖啡券 x20000", "many_seats"),
        ("字" * 41, "long_prize"),
        ("0积分 x2", "points_prize"),
        ("1000000000000000000积分", "points_prize"),
        ("字" * 600, "long_line"),
    ],
)
def test_what_is_refused_and_why(text: str, why: str) -> None:
    with pytest.raises(Misread) as caught:
        read(text)
    assert caught.value.key == why


def test_the_zone_of_the_group_decides() -> None:
    night = datetime(2026, 3, 28, 22, 0, tzinfo=UTC)
    berlin = parse("券 明天 8:00", night, ZoneInfo("Europe/Berlin"), timedelta(days=90))
    # Clocks go forward that night: 08:00 is UTC+2 by then.
    assert berlin.draw_at == datetime(2026, 3, 29, 6, 0, tzinfo=UTC)
    honolulu = parse("券 23:00", night, ZoneInfo("Pacific/Honolulu"), timedelta(days=90))
    assert honolulu.draw_at == datetime(2026, 3, 29, 9, 0, tzinfo=UTC)


def test_a_day_of_next_year_said_in_december() -> None:
    december = datetime(2025, 12, 30, 1, 0, tzinfo=UTC)
    draft = parse("券 1月2日 20:00", december, SHANGHAI, timedelta(days=90))
    assert draft.draw_at == datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


names = st.text("咖啡券书电影票优惠iPhone", min_size=1, max_size=12).filter(lambda name: not name.endswith("x"))


@given(st.lists(st.tuples(names, st.integers(1, 500)), min_size=1, max_size=10), st.integers(1, 600))
def test_what_is_written_is_what_is_read(prizes: list[tuple[str, int]], minutes: int) -> None:
    text = "、".join(f"{name} x{stock}" for name, stock in prizes)
    draft = read(f"{text} {minutes}分钟 入群3天")
    assert [(tier.prize, tier.stock) for tier in draft.tiers] == prizes
    assert draft.draw_at == NOW + timedelta(minutes=minutes)


@given(
    st.text(max_size=120)
    | st.text('咖券x×*0123456789零十百千万半天分钟小时周:点满人入群发言积分邀请、， "“”-', max_size=60)
)
@example("1天" * 60 + "!")
@example("1天半天半天半天半天半天!")
@example("券 ٣天")
@example("券 x²")
def test_nothing_anybody_types_is_more_than_refused(text: str) -> None:
    with suppress(Misread):
        draft = read(text)
        assert all(tier.prize and 0 < tier.stock <= 10_000 for tier in draft.tiers)
        assert draft.draw_at is None or NOW < draft.draw_at <= NOW + timedelta(days=90)
