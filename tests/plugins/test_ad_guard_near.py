"""Test: sketches, the shelf, the trail and lessons: what is nearly the same is found again, what is not is not."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.bench.talk import TALK
from plugins.ad_guard.lesson import EVERYWHERE, Lesson, Lessons
from plugins.ad_guard.near import NEAR, Shelf, Sketch, distance, likeness, sketch_text
from plugins.ad_guard.trail import NO_COPIES, Copies, Sighting, Trail

BASE = "兼职日结两百一天，轻松做长期招人，加微信 abc12345 私聊我，名额有限先到先得"
NOW = datetime(2026, 1, 5, 1, tzinfo=UTC)
TEN = timedelta(minutes=10)


def sketch(text: str) -> Sketch:
    found = sketch_text(text, 1)
    assert found is not None
    return found


def changed(text: str, count: int, random: Random) -> str:
    letters = list(text)
    for _ in range(count):
        letters[random.randrange(len(letters))] = random.choice("的一是了我不人在他有这个上们来到时大地")
    return "".join(letters)


def test_the_sketch_of_a_text_is_always_the_same():
    assert sketch("Ｊｉａ 薇 ❤ 信") == sketch("jia薇❤信")


@given(st.text(max_size=300))
def test_any_text_has_a_sketch_of_64_bits_and_is_like_itself(text: str):
    found = sketch_text(text, 1)
    if found is not None:
        assert 0 <= found.bits < 1 << 64
        assert found.like(found) == 1.0


@given(st.text(alphabet="加薇信一二三abc", max_size=60), st.text(alphabet="加薇信一二三abc", max_size=60))
def test_likeness_is_a_share_and_has_no_direction(one: str, other: str):
    assert 0.0 <= likeness(one, other) <= 1.0
    assert likeness(one, other) == likeness(other, one)


def test_most_near_copies_are_found_among_a_thousand_others():
    random = Random(3)  # noqa: S311
    shelf: Shelf[int] = Shelf(2000)
    for number in range(1000):
        shelf.put(sketch("".join(random.choices("".join(TALK), k=30))), number)
    shelf.put(sketch(BASE), -1)
    near = found = 0
    for count in (1, 2, 3, 4):
        for _ in range(100):
            copy = sketch(changed(BASE, count, random))
            if likeness(copy.text, sketch(BASE).text) >= NEAR:
                near += 1
                hit = shelf.get(copy)
                found += hit is not None and hit[0] == -1
    assert found >= near * 95 // 100


@pytest.mark.parametrize("text", TALK)
def test_ordinary_talk_is_near_to_nothing_else(text: str):
    shelf: Shelf[str] = Shelf(1000)
    for other in TALK:
        if other != text:
            shelf.put(sketch(other), other)
    assert shelf.get(sketch(text)) is None


def test_a_new_number_in_a_short_ad_is_a_new_text_and_a_comma_is_not():
    shelf: Shelf[str] = Shelf(10)
    shelf.put(sketch("需要代理的加薇 abc12345，日结"), "ad")
    assert shelf.get(sketch("需要代理的加薇：ａｂｃ１２３４５！日结～")) == ("ad", 1.0)
    assert shelf.get(sketch("需要代理的加薇 zz998877，日结")) is None


def test_the_whole_of_a_long_text_counts():
    long = "".join(Random(1).choices("".join(TALK), k=3000))  # noqa: S311
    other = long[:500] + "".join(Random(2).choices("".join(TALK), k=2500))  # noqa: S311
    assert sketch(long).like(sketch(long[:-3])) > NEAR
    assert sketch(long).like(sketch(other)) < NEAR


def test_a_shelf_is_bounded_and_what_is_dropped_is_gone():
    shelf: Shelf[int] = Shelf(3)
    texts = [sketch(text) for text in TALK[:5] if len(text) > 3]
    for number, each in enumerate(texts):
        shelf.put(each, number)
    assert len(shelf) == 3
    assert shelf.get(texts[0]) is None
    shelf.drop(texts[-1])
    shelf.drop(texts[-1])
    assert shelf.get(texts[-1]) is None
    assert len(shelf._bands) <= 2 * 16


def test_pictures_are_only_like_pictures():
    picture, text = Sketch(0xF0F0F0F0F0F0F0F0, picture=True), Sketch(0xF0F0F0F0F0F0F0F0)
    assert picture.like(replace(picture, bits=0xF0F0F0F0F0F0F0F1)) > 0.9
    assert picture.like(replace(picture, bits=0x0F0F0F0FF0F0F0F0)) == 0.0
    assert picture.like(text) == 0.0
    assert distance(picture.bits, text.bits) == 0


# ---- the trail


def sighting(number: int, group: str = "g1", sender: str = "w", at: datetime = NOW) -> Sighting:
    return Sighting(at, group, sender, f"m{number}")


def test_who_sent_the_same_is_counted_by_sender_and_group():
    trail, ad = Trail(), sketch(BASE)
    assert trail.note(ad, sighting(1), TEN) == NO_COPIES
    assert trail.note(ad, sighting(2), TEN) == Copies(own=1)
    assert trail.note(sketch(BASE + "哦"), sighting(3, "g2"), TEN) == Copies(own_groups=1)
    assert trail.note(ad, sighting(4, "g1", "l"), TEN) == Copies(others=1, others_groups=1)
    assert trail.note(ad, sighting(5, "g3", "x"), TEN) == Copies(others_groups=2)
    assert trail.note(sketch("今天天气不错，适合出去走走"), sighting(6, "g2"), TEN) == NO_COPIES


def test_a_message_handled_twice_counts_once():
    trail, ad = Trail(), sketch(BASE)
    trail.note(ad, sighting(1), TEN)
    assert trail.note(ad, sighting(1), TEN) == NO_COPIES
    assert trail.note(ad, sighting(2), TEN) == Copies(own=1)


def test_what_is_older_than_the_window_does_not_count():
    trail, ad = Trail(), sketch(BASE)
    trail.note(ad, sighting(1), TEN)
    assert trail.note(ad, sighting(2, "g2", at=NOW + timedelta(minutes=9)), TEN) == Copies(own_groups=1)
    assert trail.note(ad, sighting(3, "g3", at=NOW + timedelta(minutes=11)), TEN) == Copies(own_groups=1)
    assert trail.note(ad, sighting(4, "g4", at=NOW + timedelta(minutes=30)), TEN) == NO_COPIES


# ---- lessons


def lesson(no: int, text: str, *, is_ad: bool = True, group: str = "g1") -> Lesson:
    return Lesson(no, group, is_ad, sketch(text), text[:20], "管理员", NOW)


def test_the_groups_own_lesson_comes_before_one_for_all_and_the_newest_counts():
    lessons = Lessons([lesson(1, BASE, group=EVERYWHERE), lesson(2, BASE, is_ad=False), lesson(3, BASE, group="g2")])
    assert [getattr(lessons.about(group, sketch(BASE)), "no", None) for group in ("g1", "g2", "g3")] == [2, 3, 1]
    assert lessons.any_for("g9")
    assert not Lessons([lesson(1, BASE)]).any_for("g2")


def test_what_was_cleared_must_be_nearer_than_what_is_an_ad():
    far = BASE.replace("轻松做", "人人会").replace("私聊我", "找我聊")
    assert NEAR <= sketch(BASE).like(sketch(far)) < 0.85
    assert Lessons([lesson(1, BASE)]).about("g1", sketch(far)) is not None
    assert Lessons([lesson(1, BASE, is_ad=False)]).about("g1", sketch(far)) is None
    assert Lessons([lesson(1, BASE, is_ad=False)]).about("g1", sketch(BASE + "！")) is not None
