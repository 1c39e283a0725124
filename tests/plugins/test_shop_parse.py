"""Test: how goods and coupon codes read, and what is refused with which word."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.errors import Misread
from bot.text import normalise
from plugins.shop.model import Kind
from plugins.shop.parse import Draft, parse_codes, parse_goods

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
ZONE = ZoneInfo("Asia/Shanghai")


def read(text: str) -> Draft:
    return parse_goods(normalise(text), NOW, ZONE, timedelta(days=90))


def at(day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 1, day, hour, minute, tzinfo=ZONE)


@pytest.mark.parametrize(
    ("text", "draft"),
    [
        ("咖啡券 20分", Draft("咖啡券", 20, None, 0, None, Kind.HAND)),
        ("咖啡券 ２０ 积分 x10 限2", Draft("咖啡券", 20, 10, 2, None, Kind.HAND)),
        ("20元 咖啡券 三十分 ×两份 每人限一份", Draft("20元 咖啡券", 30, 2, 1, None, Kind.HAND)),
        ("三体 3 册 100分 5件", Draft("三体 3 册", 100, 5, 0, None, Kind.HAND)),
        ("电影票 10分 券码 限1", Draft("电影票", 10, None, 1, None, Kind.CODE)),
        ("书 60分 x3 10点开抢", Draft("书", 60, 3, 0, at(5, 10), Kind.HAND)),
        ("书 60分 明晚20:00开抢 限1 x3", Draft("书", 60, 3, 1, at(6, 20), Kind.HAND)),
        ("书 60分 x3 明晚8点半 开抢", Draft("书", 60, 3, 0, at(6, 20, 30), Kind.HAND)),
        ("书 60分 半小时后开抢 券码", Draft("书", 60, None, 0, at(5, 9, 30), Kind.CODE)),
    ],
)
def test_goods(text: str, draft: Draft) -> None:
    assert read(text) == draft


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("", "no_price"),
        ("咖啡券", "no_price"),
        ("咖啡券20分", "no_price"),
        ("20分", "no_name"),
        ("字" * 31 + " 20分", "no_name"),
        ("书 0分", "price_range"),
        ("书 -5分", "price_range"),
        ("书 99999999分", "price_range"),
        ("书 5分 x0", "stock_range"),
        ("书 5分 x999999", "stock_range"),
        ("书 5分 限0", "each_range"),
        ("书 5分 x5 券码", "codes_have_no_stock"),
        ("书 5分 8点开抢", "time_past"),
        ("书 5分 25点开抢", "bad_time"),
        ("书 5分 有空开抢", "bad_time"),
        ("书 5分 2027-01-01 8:00开抢", "time_far"),
        ("书 5分 好看", "left_over"),
        ("书 5分 x2 x3", "left_over"),
    ],
)
def test_what_is_wrong_with_goods(text: str, key: str) -> None:
    with pytest.raises(Misread) as caught:
        read(text)
    assert caught.value.key == key


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("A1\nB2", ["A1", "B2"]),
        ("\ufeff券码\r\nA1\r\n\r\nB2\r\n", ["A1", "B2"]),
        ('序号,券码,面值\n1,"A,1",10\n2,B2,10', ["A,1", "B2"]),
        ("Code\nA1", ["A1"]),
        ("https://a.example/x?y=1\n卡号123密码456", ["https://a.example/x?y=1", "卡号123密码456"]),
        (" A1 ,\nB2,", ["A1", "B2"]),
    ],
)
def test_codes(text: str, codes: list[str]) -> None:
    assert parse_codes(text) == codes


@pytest.mark.parametrize(
    ("text", "key", "values"),
    [
        ("", "codes_none", {}),
        ("\n \n", "codes_none", {}),
        ("券码\n", "codes_none", {}),
        ("A1\nB2\nA1", "codes_twice", {"行": 3, "前行": 1, "券码": "A1"}),
        ("券码\nA1\n\nA1", "codes_twice", {"行": 4, "前行": 2, "券码": "A1"}),
        ("1,A1\n2,B2", "codes_columns", {}),
        ("序号,券码\n1,A1\n2,", "codes_line", {"行": 3, "最长": 64}),
        ("A1\n锟斤拷", "codes_line", {"行": 2, "最长": 64}),
        ("A1\n\ufffd\ufffd", "codes_line", {"行": 2, "最长": 64}),
        ("x" * 65, "codes_line", {"行": 1, "最长": 64}),
        ("A\x00B", "codes_line", {"行": 1, "最长": 64}),
        ('"A1\nB2', "codes_unreadable", {}),
        ("\n".join(map(str, range(20_001))), "codes_many", {"最多": 20_000}),
    ],
)
def test_what_is_wrong_with_codes(text: str, key: str, values: dict[str, object]) -> None:
    with pytest.raises(Misread) as caught:
        parse_codes(text)
    assert (caught.value.key, caught.value.values) == (key, values)


@given(st.text(max_size=200))
def test_any_text_is_goods_or_a_word_why_not(text: str) -> None:
    try:
        draft = read(text)
    except Misread:
        return
    assert 1 <= draft.price <= 1_000_000
    assert draft.name
    assert draft.stock is None or draft.stock >= 1


@given(st.text(max_size=300))
def test_any_text_is_codes_or_a_word_why_not(text: str) -> None:
    try:
        codes = parse_codes(text)
    except Misread:
        return
    assert len(set(codes)) == len(codes) > 0
