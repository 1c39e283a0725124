"""Test: what is added to the rows that the ad model learns from: other words in the same sentence, mere words."""

from __future__ import annotations

from random import Random

from plugins.ad_guard.training.rows import Row, disguised
from plugins.ad_guard.training.substitute import Dictionary

LINES = """兼职 594 v
招聘 900 v
打工 100 v
日结 12 n
小区 80 n
门口 90 n
下午 800 t
B超 3 n
罕见 2 v
图书馆 77 n
打字员 9 n
"""
WORDS = Dictionary(iter(LINES.splitlines()))


def chance(seed: int) -> Random:
    return Random(seed)  # noqa: S311


def test_words_are_replaced_by_words_of_their_kind_and_length():
    random = chance(1)
    found = {WORDS.substituted("招聘打字员，在小区abc12345", 1.0, random) for _ in range(200)}
    assert {text[0:2] for text in found} == {"兼职", "招聘", "打工"}
    assert {text[2:5] for text in found} == {"图书馆", "打字员"}
    assert {text[5:7] for text in found} == {"，在"}
    assert {text[9:] for text in found} == {"abc12345"}


def test_a_share_of_none_changes_nothing():
    assert WORDS.substituted("招聘打字员，在小区门口", 0.0, chance(1)) == "招聘打字员，在小区门口"


def test_rare_words_and_other_scripts_are_not_drawn():
    text = "".join(WORDS.nonsense(chance(seed)) for seed in range(300))
    assert "罕见" not in text
    assert "超" not in text
    assert "招聘" in text


def test_the_same_seed_gives_the_same_text():
    assert WORDS.substituted("下午招聘打工", 0.5, chance(7)) == WORDS.substituted("下午招聘打工", 0.5, chance(7))


def test_a_disguised_copy_belongs_to_the_source_of_its_row():
    rows = [Row(True, "here", "高薪兼职日结三百加微信聊", 2.0), Row(False, "there", "今天下午三点在小区门口见面")]
    added = disguised(rows)
    assert {row.source for row in added} <= {"here", "there"}
    assert all(row.kind and row.weight <= 2.0 for row in added)
