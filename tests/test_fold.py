"""Test: folding takes away disguises, keeps meaning, and knows where everything stood."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.fold import LONGEST, Folded, fingerprint, fold, squeezed, tighten


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("ＡＢＣ１２３", "abc123"),
        ("聯繫方式", "联系方式"),
        ("想賺錢", "想赚钱"),
        ("①③⑧ ❶❷ ⑩", "138 12 10"),
        ("1️⃣3️⃣8️⃣", "138"),
        ("𝓥𝐗 🅥🅧 🇻🇽 Ⓥⓧ", "vx vx vx vx"),
        ("兼\u200b职\u202e", "兼职"),
        ("v\u0301x̶", "vx"),
        ("аррlе", "apple"),
        ("加➕🛰️", "加+卫星"),
        ("微❤信", "微 信"),
        ("⽊羣妳", "木群你"),
        ("価格\u3000￥５", "価格 ¥5"),
        ("早上好，大家！", "早上好,大家!"),
    ],
)
def test_what_is_meant_is_seen(written: str, plain: str):
    assert fold(written) == plain


def test_the_tight_view_joins_what_was_pulled_apart():
    assert tighten(fold("兼★职 日·结，加 V：a_b-1")) == "兼职日结加vab1"


def test_ordinary_text_stays_as_it_is():
    text = "今天晚上去吃火锅吧,我请客!"
    assert fold(text) == text


def test_a_part_of_a_view_is_found_in_the_original():
    text = Folded("需要👉兼❤职❤的，Ｖ①２③")
    start = text.tight.index("兼职")
    first, last = text.span(start, start + 2)
    assert text.original[first:last] == "兼❤职"
    at = text.plain.index("v123")
    first, last = text.span(at, at + 4, tight=False)
    assert text.original[first:last] == "Ｖ①２③"


def test_a_very_long_text_is_looked_at_from_both_ends():
    text = Folded("头" + "中" * 70_000 + "尾")
    assert len(text.original) <= LONGEST
    assert text.plain[0] == "头"
    assert text.plain[-1] == "尾"


def test_padding_shrinks_before_anything_is_left_out():
    text = Folded("头" + "\u200b" * 5000 + "中" + "\n🎉" * 3000 + "哈" * 5000 + "尾")
    assert text.tight == "头中" + "哈" * 12 + "尾"
    assert squeezed("13888888888，哈哈哈……ok") == "13888888888，哈哈哈……ok"


def test_places_of_the_original_lead_to_the_tight_view():
    text = Folded("兼❤职❤的，来 吧")
    assert [text.letters_before(place) for place in (0, 1, 2, 3, 8)] == [0, 1, 1, 2, 4]


def test_the_fingerprint_sees_through_disguise_and_no_further():
    assert fingerprint("兼职，加V：abc") == fingerprint("兼★职 加Ｖ:ａｂｃ！！")
    assert fingerprint("兼职") != fingerprint("兼职吗")
    assert fingerprint("★☆") == ""


@settings(max_examples=400, deadline=None)
@given(st.text(st.characters(), max_size=200))
def test_every_text_folds_and_every_part_of_it_has_a_place(text: str):
    folded = Folded(text)
    for view, tight in ((folded.plain, False), (folded.tight, True)):
        for at in range(len(view)):
            first, last = folded.span(at, at + 1, tight=tight)
            assert 0 <= first < last <= len(text)
            assert view[at] in fold(text[first:last])


def test_a_picture_behind_every_character_only_stands_between_them():
    text = Folded("兼💰职💰招💰人，日💰结")
    assert text.tight == "兼职招人日结"
    assert text.original[slice(*text.span(0, 2))] == "兼💰职"
    assert Folded("今天💰到了，请大家看好自己的💰").tight == "今天钱到了请大家看好自己的钱"


def test_it_is_known_how_many_characters_stood_in_parts():
    assert Folded("亻言用 讠果呈").apart == 2
    assert Folded("信用课呈").apart == 0
