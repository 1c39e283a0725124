"""Test: the rules an admin may add to a lottery, when one repeats, and what a nickname must look like."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Misread
from bot.text import normalise
from plugins.lottery import purse
from plugins.lottery.eligibility import fits
from plugins.lottery.model import MEMBERS_NUMBER, Condition, Draft, Lottery, Need, Rules, State, Tier
from plugins.lottery.parse import parse
from plugins.lottery.repeat import read_repeat
from plugins.lottery.say import percent
from plugins.lottery.worth import expected, is_odd, points_in

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
"""Monday 09:00 in Shanghai."""
SHANGHAI = ZoneInfo("Asia/Shanghai")


def read(text: str) -> Draft:
    return parse(normalise(text), NOW, SHANGHAI, timedelta(days=90))


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("书 至少10人", Rules(minimum=10)),
        ("书 最少三个人才开", Rules(minimum=3)),
        ("书 不满10人取消", Rules(minimum=10)),
        ("书 不足10人就取消 20:00", Rules(minimum=10)),
        ("书 20:00 不满10人延长1小时", Rules(minimum=10, extend=timedelta(hours=1))),
        ("书 10分钟 至少5人 不够就延长半小时", Rules(minimum=5, extend=timedelta(minutes=30))),
        ("书 每次5积分", Rules(cost=5, more=5)),
        ("书 10积分参与", Rules(cost=10, more=10)),
        ("书 花十个积分", Rules(cost=10, more=10)),
        ("书 每份5积分 每人最多3份", Rules(cost=5, more=5, most=3)),
        ("书 升级10积分", Rules(more=10, most=5)),
        ("书 升级10积分 每人限2次", Rules(more=10, most=2)),
        ("书 口令 新年快乐", Rules(word="新年快乐")),
        ("书 口令：888", Rules(word="888")),
        ("书 口令 “新年 快乐”", Rules(word="新年 快乐")),
        ("书 外部种子 上证指数收盘", Rules(outside="上证指数收盘")),
        ("书 混入“1月6日 上证指数”", Rules(outside="1月6日 上证指数")),
        ("书 外部种子 群友数字", Rules(outside=MEMBERS_NUMBER)),
        ("书 24小时内领奖", Rules(claim=timedelta(hours=24))),
        ("书 3天内必须领取", Rules(claim=timedelta(days=3))),
        ("书 领奖期限 两天", Rules(claim=timedelta(days=2))),
        ("刮奖 书 共100张", Rules(cards=100)),
        ("刮刮乐：书 共一百张 每次2积分 每人3次", Rules(cards=100, cost=2, more=2, most=3)),
        ("书 x1、全员书签", Rules(everyone="书签")),
        ("书 x1、书签 人人有份", Rules(everyone="书签")),
        ("书 x1 全员三等奖 书签", Rules(everyone="三等奖 书签")),
        ("书 x1、书签x全员", Rules(everyone="书签")),
        ("书 x1、人人都有“小 礼物”", Rules(everyone="小 礼物")),
    ],
)
def test_rules(text: str, rules: Rules) -> None:
    draft = read(text)
    assert draft.rules == rules
    assert draft.tiers == (Tier("书", 1),)


@pytest.mark.parametrize(
    ("text", "groups"),
    [
        ("书 联合 二群", ("二群",)),
        ("书 联合 二群、三群", ("二群", "三群")),
        ("书 联合“读书 二群”", ("读书 二群",)),
        ("书 所有群", ("*",)),
    ],
)
def test_groups(text: str, groups: tuple[str, ...]) -> None:
    assert read(text).groups == groups


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("书 近7天没中过奖", Condition(Need.FRESH, days=7)),
        ("书 未中过奖", Condition(Need.FRESH, days=30)),
        ("书 昵称规范", Condition(Need.NICKNAME)),
        ("书 群名片正确", Condition(Need.NICKNAME)),
    ],
)
def test_conditions(text: str, condition: Condition) -> None:
    draft = read(text)
    assert draft.conditions == (condition,)
    assert draft.tiers == (Tier("书", 1),)


def test_points_as_condition_price_and_prize_are_told_apart() -> None:
    draft = read("50积分 x2 积分10 每次5积分")
    assert draft.tiers == (Tier("50积分", 2),)
    assert draft.conditions == (Condition(Need.POINTS, 10),)
    assert (draft.rules.cost, points_in(draft.tiers[0].prize), points_in("500积分卡")) == (5, 50, 0)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("书 不够就取消", "how_few"),
        ("书 至少0人", "no_amount"),
        ("书 至少2人 不够就延长1小时", "extend_without_time"),
        ("书 满2人 至少4人", "minimum_over_target"),
        ("书 每次0积分", "no_amount"),
        ("书 每次99999999积分", "not_understood"),
        ("书 每人最多3份", "tickets_are_free"),
        ("书 每次5积分 每人最多21份", "many_tickets"),
        ("书 0天内领奖", "no_time"),
        ("书 100天内领奖", "no_time"),
        ("书 口令 " + "字" * 21, "long_word"),
        ("刮奖 书", "how_many_cards"),
        ("刮奖 书 x9 共5张", "more_than_cards"),
        ("刮奖 书 共20000张", "many_seats"),
        ("刮奖 书 共5张 满3人", "not_with_cards"),
        ("刮奖 书 共5张 全员 笔", "not_with_cards"),
        ("刮奖 书 共5张 口令 好", "not_with_cards"),
        ("书 全员笔、人人纸", "two_for_all"),
        ("书 全员", "no_prize"),
        ("书 x1、全员 笔 x3", "not_understood"),
        ("全员 笔", "no_prize"),
        ("书 昨天 20:00", "past"),
        ("书 10分钟前", "past"),
        ("书 上周五", "past"),
    ],
)
def test_what_is_refused_and_why(text: str, why: str) -> None:
    with pytest.raises(Misread) as caught:
        read(text)
    assert caught.value.key == why


@given(st.text("书券x2刮奖共至少不满人每次份积分全员口令联合外部种子领内小时天取消延长升级、 “”", max_size=50))
def test_nothing_anybody_types_is_more_than_refused(text: str) -> None:
    with suppress(Misread):
        draft = read(text)
        rules = draft.rules
        assert draft.stock >= 1
        assert rules.most >= 1
        assert not rules.cards or draft.stock <= rules.cards
        assert rules.claim is None or timedelta() < rules.claim <= timedelta(days=60)


@pytest.mark.parametrize(
    ("text", "after", "then"),
    [
        ("每天 20:00", "2026-01-05 09:00", "2026-01-05 20:00"),
        ("每天 09:00", "2026-01-05 09:00", "2026-01-06 09:00"),
        ("每周五 18:00", "2026-01-05 09:00", "2026-01-09 18:00"),
        ("每周一三 08:00", "2026-01-05 09:00", "2026-01-07 08:00"),
        ("每周日 08:00", "2026-01-05 09:00", "2026-01-11 08:00"),
        ("每月1日 12:00", "2026-01-05 09:00", "2026-02-01 12:00"),
        ("每月31日 12:00", "2026-02-05 09:00", "2026-02-28 12:00"),
    ],
)
def test_repetitions(text: str, after: str, then: str) -> None:
    found = read_repeat(f"{text} 福利")
    assert found is not None
    rule, name = found
    assert name == "福利"
    again = read_repeat(str(rule))
    assert again is not None
    assert again[0] == rule
    moment = datetime.fromisoformat(after).replace(tzinfo=SHANGHAI)
    assert f"{rule.next_after(moment, SHANGHAI).astimezone(SHANGHAI):%Y-%m-%d %H:%M}" == then


def test_repetitions_nobody_can_keep() -> None:
    assert read_repeat("周五 18:00 福利") is None
    for text in ("每天 25:00 福利", "每月32日 10:00 福利", "每月0日 10:00 福利"):
        with pytest.raises(ValueError):  # noqa: PT011  of `time`, whatever it says
            read_repeat(text)


@pytest.mark.parametrize(
    ("name", "form", "right"),
    [
        ("王明-上海-设计", "名称-地区-职业", True),
        ("王明 上海 设计", "名称-地区-职业", True),
        ("王明+上海", "名称-地区-职业", False),
        ("王明", "名称-地区-职业", False),
        ("金粉-王明-上海", '"金粉"-名称-地区', True),
        ("王明-上海-设计", '"金粉"-名称-地区', False),
        ("", "名称-地区", False),
    ],
)
def test_nicknames(name: str, form: str, right: bool) -> None:
    assert fits(name, form) is right


@pytest.mark.parametrize(("held", "wanted", "points"), [(0, 1, 5), (0, 3, 9), (1, 1, 2), (2, 2, 4)])
def test_what_tickets_cost(held: int, wanted: int, points: int) -> None:
    rules = Rules(cost=5, more=2, most=9)
    lottery = Lottery(1, "g1", State.OPEN, Draft((), rules=rules), "", NOW, "", None, "")
    assert purse.price(lottery, held, wanted) == points


def test_odds_and_worth_are_honest() -> None:
    assert [percent(share) for share in (1, 0.5, 0.125, 0.0125, 0.0005)] == ["100%", "50%", "12%", "1.2%", "0.05%"]
    assert expected((Tier("10积分", 2), Tier("5积分", 4)), 100) == pytest.approx(0.4)
    assert expected((Tier("10积分", 2), Tier("书", 4)), 100) is None


def test_a_prize_that_reads_like_points_is_points() -> None:
    values = {"五十积分": 50, "1万积分": 10000, "50个积分": 50, "0积分": 0, "积分卡": 0}
    assert {prize: points_in(prize) for prize in values} == values
    odd = ("0积分", "-5积分", "1.5积分", "1000001积分", "1000000000000000000积分", "万三积分")
    assert all(is_odd(prize, 1_000_000) for prize in odd)
    assert not any(is_odd(prize, 1_000_000) for prize in ("50积分", "积分", "积分卡", "500积分卡", "书"))
