"""Test: what brief reads from strangers: feeds, forecasts, birthdays; nothing raises but a sentence."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.brief.blocks.birthday import read_birthday, said_in_introduction
from plugins.brief.blocks.quote import shipped
from plugins.brief.feed import LONGEST_TITLE, MOST_ITEMS, read_feed
from plugins.brief.forecast import Day, Forecast, read_coordinates, read_days, read_place
from plugins.brief.told import fold_title

ATOM = """<?xml version="1.0" encoding="gbk"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title type="html">早 &amp; 晚</title>
<entry><title type="html">&lt;b&gt;粗的&lt;/b&gt; 标题</title><updated>2026-01-05T08:00:00+08:00</updated></entry>
<entry><title>没有日子的</title></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="x" xmlns:dc="y" xmlns="z"><channel><title>旧式</title></channel>
<item><title><![CDATA[<a href="x">旧式</a>一条&nbsp;&#x26;]]></title><dc:date>2026-01-05</dc:date></item></rdf:RDF>"""
LOOSE = """<rss><channel><item><title>AT&T & 朋友&nbsp;们</title>
<pubDate>Mon, 05 Jan 2026 08:00:00 +0800</pubDate></item></channel></rss>"""


def test_atom_with_its_own_encoding_and_html_titles():
    feed = read_feed(ATOM)
    assert feed.title == "早 & 晚"
    assert [item.title for item in feed.items] == ["粗的 标题", "没有日子的"]
    assert feed.items[0].at == datetime(2026, 1, 5, tzinfo=UTC)
    assert feed.items[1].at is None


def test_rdf_and_cdata():
    feed = read_feed(RDF)
    assert (feed.title, feed.items[0].title) == ("旧式", "旧式 一条 &")
    assert feed.items[0].at == datetime(2026, 1, 5, tzinfo=UTC)


def test_a_title_has_no_marks_that_turn_or_hide_what_follows():
    title = "油价\u202e涨\u200b了\u2066 明天"
    feed = read_feed(f"<rss><channel><item><title>{title}</title></item></channel></rss>")
    assert feed.items[0].title == "油价涨了 明天"


def test_what_browsers_forgive_is_forgiven():
    item = read_feed(LOOSE).items[0]
    assert item.title == "AT&T & 朋友 们"
    assert item.at == datetime(2026, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "no XML"),
        ('{"not": "xml"}', "no XML"),
        ("<html><body>404</body></html>", "no items"),
        ("<rss><channel><item><title>半", "broken XML: line 1"),
        ('<!DOCTYPE r [<!ENTITY a "x">]><rss/>', "it declares entities"),
        ('<!DOCTYPE r [<!ENTITY a SYSTEM "file:///etc/passwd">]><rss>&a;</rss>', "it declares entities"),
        ('<!DOCTYPE r [<!ENTITY % a SYSTEM "http://10.0.0.1/x"> %a;]><rss/>', "it declares entities"),
        ("<a>" * 100, "nested too deeply"),
    ],
)
def test_what_is_no_feed_says_why(text: str, reason: str):
    with pytest.raises(ValueError, match=reason):
        read_feed(text)


def test_a_long_feed_and_a_long_title_are_cut():
    feed = read_feed("<rss><channel>" + f"<item><title>{'长' * 500}</title></item>" * 200 + "</channel></rss>")
    assert len(feed.items) == MOST_ITEMS
    assert len(feed.items[0].title) == LONGEST_TITLE


@given(st.one_of(st.text(), st.text(alphabet="<>/&;!?[]=\"'abctile :#x0").map(lambda rest: f"<rss>{rest}")))
def test_a_feed_is_read_or_refused(text: str):
    with suppress(ValueError):
        assert read_feed(text).items


_json = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=8) | st.just("2026-01-05"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["daily", "time", "weather_code", "temperature_2m_min", "temperature_2m_max", "results", "code", "location"]
    ), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(st.sampled_from(["open-meteo", "qweather"]), _json)
def test_a_forecast_is_read_or_refused(source: str, data: object):
    text = json.dumps(data)
    for read in (read_days, read_place):
        with suppress(ValueError):
            read(source, text)


def test_temperatures_that_are_nowhere_on_earth_are_refused():
    daily = {"time": ["2026-01-05"], "weather_code": [0], "temperature_2m_min": [400], "temperature_2m_max": [500]}
    with pytest.raises(ValueError, match="on earth"):
        read_days("open-meteo", json.dumps({"daily": daily}))


def test_a_forecast_is_kept_as_it_was():
    days = {"2026-01-05": Day("rain", -3, 4, 70), "2026-01-06": Day("多云转晴", 1, 2, None)}
    one = Forecast("杭州", "杭州市", datetime(2026, 1, 5, tzinfo=UTC), days)
    assert Forecast.load(one.dump()) == one


def test_coordinates():
    assert read_coordinates("杭州") is None
    assert read_coordinates("1,2,3") is None
    with pytest.raises(ValueError, match="earth"):
        read_coordinates("91,0")
    place = read_coordinates("30.25，120.17")
    assert place is not None
    assert (place.latitude, place.longitude) == (30.25, 120.17)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("3月5日", "03-05"), ("３月５号", "03-05"), ("03-05", "03-05"), ("十二月二十五", "12-25"), ("2月29日", "02-29"),
        ("农历八月十五", "moon 8-15"), ("农历正月初一", "moon 1-1"), ("阴历腊月廿三", "moon 12-23"),
        ("农历8月30", "moon 8-30"), ("2月30日", None), ("13月1日", None), ("农历十三月初一", None), ("明天", None),
    ],
)  # fmt: skip
def test_birthdays(text: str, kept: str | None):
    assert read_birthday(text) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("大家好，我叫小李，生日是3月5日，喜欢读书", "03-05"),
        ("我是小王，生日农历八月十五", "moon 8-15"),
        ("昨天是我妈的生日3月5日", None),
        ("我叫小李，你们生日快乐", None),
        ("生日是3月5日", None),
    ],
)
def test_a_birthday_is_taken_from_an_introduction_only(text: str, kept: str | None):
    assert said_in_introduction(text) == kept


@given(st.text(max_size=60))
def test_any_text_is_a_birthday_or_none(text: str):
    kept = read_birthday(text)
    if kept is not None and not kept.startswith("moon"):
        assert date.fromisoformat(f"2000-{kept}")
    said_in_introduction(f"我叫 生日 {text}")


def test_titles_are_the_same_without_their_marks():
    assert fold_title("ＡＢＣ：放假了！") == fold_title("abc 放假了")


def test_the_shipped_quotes_are_many_short_and_none_twice():
    quotes = shipped()
    assert len(quotes) >= 120
    assert len({fold_title(quote.partition("——")[0]) for quote in quotes}) == len(quotes)
    assert all("——" in quote and len(quote) <= 40 for quote in quotes)
