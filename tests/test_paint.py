"""Test: pictures with text: whatever a stranger calls themselves is drawn or replaced, never a box."""

from __future__ import annotations

import gc
import io
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFont

from bot.paint import Sheet, drawable, fit, width_of, wrap
from bot.paint.font import EMOJI, FOLDER, MISSING, SANS, coverage, is_known, runs
from plugins.brief.card import LOOKS, paint

NASTY = st.text(st.one_of(st.characters(), st.sampled_from("🐯👨\u200d👩🏽🇨🇳❤\ufe0f𠮷镕陳สวั1\u20e3\u202e\u0301\ue000")))


def test_the_fonts_cover_what_a_chinese_chat_needs():
    gb2312 = "".join(
        bytes((high, low)).decode("gb2312", "ignore") for high in range(0xB0, 0xF8) for low in range(0xA1, 0xFF)
    )
    assert len(gb2312) == 6763
    for text in (gb2312, "陳馨鑫淼镕喆堃玥昇", "ぁァ가한글éßЖΩ", "，。！？“”《》……——·～", "①②★☆♥→℃㎡"):
        assert [char for char in text if ord(char) not in coverage(SANS)] == []
    assert [char for char in "🐯🎂📰👋☀🌙❤🏆⏳🎉👍🥲" if ord(char) not in coverage(EMOJI)] == []
    assert sum((FOLDER / name).stat().st_size for name in (SANS, EMOJI)) <= 4 * 1024 * 1024
    assert "SIL OPEN FONT LICENSE" in (FOLDER / "OFL.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("小李🐯", "小李🐯"),
        ("👨\u200d👩\u200d👧", "👨👩👧"),
        ("👍🏽", "👍"),
        ("❤\ufe0f 1\ufe0f\u20e3", "❤ 1"),
        ("𝓦𝓸𝓻𝓭 ℌ", "Word H"),
        ("𠮷田", "〓田"),
        ("مرحبا小李", "〓小李"),
        ("a\u202eb\u200bc\u0000d", "abcd"),
        ("一\n二", "一\n二"),
    ],
)
def test_names_become_drawable(text: str, drawn: str):
    assert drawable(text) == drawn


@given(NASTY)
def test_nothing_that_is_drawn_is_unknown_to_its_font(text: str):
    clean = drawable(text)
    assert drawable(clean) == clean
    assert is_known(ord(MISSING))
    for name, piece in runs(clean.replace("\n", "")):
        assert all(ord(char) in coverage(name) for char in piece)


@settings(deadline=None)
@given(NASTY, st.integers(30, 300), st.integers(1, 4))
def test_lines_are_never_wider_than_they_may_be(text: str, width: int, lines: int):
    assert width_of(fit(text, 16, width), 16) <= width + width_of("…", 16)
    broken = wrap(text, 16, width, lines)
    assert len(broken) <= lines
    # A closing mark may hang over by itself.
    assert all(width_of(line, 16) <= width + 2 * 16 for line in broken)


def test_a_wrapped_text_loses_nothing():
    text = "国务院办公厅发布关于 2027 年部分节假日安排的通知，Python 3.15 released today（详见正文）！"
    broken = wrap(text, 16, 120)
    assert "".join(broken).replace(" ", "") == text.replace(" ", "")
    assert not [line for line in broken[1:] if line[0] in "，）！"]
    assert len(broken) > 4
    assert wrap(text, 16, 120, 2)[1].endswith("…")


def test_a_sheet_is_a_picture_of_its_size():
    sheet = Sheet(100, 50, "#ffffff")
    sheet.box(0, 0, 50, 50, "#ff0000")
    sheet.text(75, 30, "好", 16, "#000000", align="middle", bold=True)
    picture = Image.open(io.BytesIO(sheet.png())).convert("RGB")
    assert picture.size == (200, 100)
    assert picture.getpixel((10, 10)) == (255, 0, 0)
    right = picture.crop((100, 0, 200, 100))
    assert right.convert("L").getextrema()[0] < 40


@settings(deadline=None, max_examples=40)
@given(NASTY, NASTY, st.sampled_from(sorted(LOOKS)))
def test_a_brief_of_any_words_can_be_painted(title: str, text: str, edition: str):
    parts = [["date", text], ["news", f"新闻\n1. {text}"], ["top", title]]
    png = paint(json.dumps({"edition": edition, "title": title, "ending": text, "parts": parts}))
    assert Image.open(io.BytesIO(png)).size[0] == 780


def test_many_sizes_do_not_stay_open():
    """A word cloud draws every word in a size of its own, and each open one maps the whole font."""
    for size in range(10, 110):
        assert width_of("社群🐯", size) > size
    gc.collect()
    assert sum(isinstance(item, ImageFont.FreeTypeFont) for item in gc.get_objects()) <= 20
