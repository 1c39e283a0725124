"""Test: the learned part of the judge: what it reads, what its file is like, and rows it was never trained on."""

from __future__ import annotations

import math
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.fold import Folded
from plugins.ad_guard.judge import explain, judge
from plugins.ad_guard.label import LABELS
from plugins.ad_guard.message import JudgeContext, Message
from plugins.ad_guard.pieces import PLACES, place_of, places, written
from plugins.ad_guard.snippet import snippet
from plugins.ad_guard.sound import sounds_at, sounds_of
from plugins.ad_guard.training.disguise import KINDS
from plugins.ad_guard.training.rows import seeds
from plugins.ad_guard.training.seeds import grown, names, read
from plugins.ad_guard.wording import (
    ADDRESS,
    ID,
    PHONE,
    Model,
    Words,
    characters_of,
    model,
    windows,
)

HERE = Path(__file__).parent
SHIPPED = HERE.parents[1] / "plugins/ad_guard/model.bin"
OLD = JudgeContext(days_in_group=400, messages_before=200)
NEWCOMER = JudgeContext(days_in_group=0.2, messages_before=0)
PLAIN_ADS = 0.84
"""Of the unseen ads at least so many are noticed, disguised or not; the figures themselves stand in model.md."""


def unseen(label: str, name: str = "ad_guard_unseen.tsv") -> list[tuple[str, str]]:
    lines = (HERE / name).read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(situation, text.replace("\\n", "\n")) for written, situation, text in rows if written == label]


FRESH, SHORT = "ad_guard_fresh.tsv", "ad_guard_short.tsv"
BLIND = ("ad_guard_blind.tsv", "ad_guard_blind_second.tsv", "ad_guard_blind_third.tsv")
ADS, ORDINARY = unseen("ad"), unseen("ok")


def score(text: str) -> float:
    return judge(Message(text=text)).score


def test_ordinary_messages_that_look_like_ads_pass():
    noticed = [text for _, text in ORDINARY if judge(Message(text=text)).verdict != "pass"]
    assert len(noticed) <= 0.01 * len(ORDINARY), "\n".join(noticed)
    assert [text for _, text in ORDINARY if judge(Message(text=text), OLD).verdict == "act"] == []


@pytest.mark.parametrize("text", ["明天聚会的请联系小王 13812345678", "我做设计的朋友在上海，需要的找我"])
def test_a_call_among_friends_passes(text: str):
    assert judge(Message(text=text)).verdict == "pass"
    assert judge(Message(text=text), NEWCOMER).verdict == "pass"


def test_no_unseen_ordinary_row_of_a_newcomer_leads_to_a_removal():
    assert [text for _, text in ORDINARY if judge(Message(text=text), NEWCOMER).verdict == "act"] == []


def test_there_are_500_ordinary_rows_in_both_files_together():
    rows = (HERE / "ad_guard_rows.tsv").read_text("utf-8").splitlines()
    assert len(ORDINARY) + sum(row.startswith("ok\t") for row in rows) >= 500


def test_unseen_ads_are_noticed():
    missed = [text for _, text in ADS if judge(Message(text=text)).verdict == "pass"]
    assert 1 - len(missed) / len(ADS) >= PLAIN_ADS, "\n".join(missed)


def test_the_fresh_file_too():
    ads, ordinary = unseen("ad", FRESH), unseen("ok", FRESH)
    assert [text for _, text in ordinary if judge(Message(text=text)).verdict != "pass"] == []
    assert sum(score(text) >= 0.5 for _, text in ads) / len(ads) >= 0.78


def test_short_ordinary_messages_pass():
    short = [text for _, text in unseen("ok", SHORT)]
    assert len(short) > 300
    assert [text for text in short if judge(Message(text=text)).verdict != "pass"] == []


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_disguise_hides_few_ads(kind: str):
    chance = random.Random(7)  # noqa: S311
    texts = [text for situation, text in ADS if situation != "obfuscated"]
    plain = sum(judge(Message(text=text)).verdict != "pass" for text in texts)
    hidden = sum(judge(Message(text=KINDS[kind](text, chance))).verdict != "pass" for text in texts)
    assert hidden >= 0.79 * plain


HARMLESS = {
    "emoji": lambda text: f"😊{text}🎉🎉",
    "full width": lambda text: "".join(chr(ord(c) + 0xFEE0) if c.isascii() and c.isalnum() else c for c in text),
    "traditional": lambda text: KINDS["traditional"](text, random.Random(8)),  # noqa: S311
    "list": lambda text: "\n".join(f"{n}. {part}" for n, part in enumerate(text.split("，"), 1)),
    "shouting": lambda text: text.replace("。", "！！！") + "！！！",
}


@pytest.mark.parametrize("kind", HARMLESS)
def test_what_ordinary_people_do_with_symbols_is_no_sign(kind: str):
    warned = [text for _, text in ORDINARY if judge(Message(text=HARMLESS[kind](text))).verdict != "pass"]
    assert len(warned) <= 0.01 * len(ORDINARY), "\n".join(warned)


def test_the_file_is_small_and_quickly_read():
    data = SHIPPED.read_bytes()
    assert SHIPPED.stat().st_size <= 3_000_000
    code = (
        "import time; s = time.thread_time()\n"
        "from plugins.ad_guard.wording import Model\n"
        f"data = open({str(SHIPPED)!r}, 'rb').read()\n"
        "s = time.thread_time(); Model(data); print(time.thread_time() - s)"
    )
    took = float(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)
    assert took < 0.3
    assert Model(data).made == model().made


def test_the_same_text_gives_the_same_sum_in_every_process():
    text = "高薪兼职，日结三百，加微信 abc12345"
    code = f"from plugins.ad_guard.judge import *; print(judge(Message(text={text!r})).score)"
    found = {
        subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True, env={"PYTHONHASHSEED": seed}
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {str(score(text))}


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("加 abc12345 吧", ID),
        ("打 13812345678", PHONE),
        ("看 http://a.top/x 这", ADDRESS),
        ("幺三八零零一二三四五六", PHONE),
    ],
)
def test_numbers_ids_and_addresses_are_signs_of_their_kind(text: str, sign: str):
    assert sign in characters_of(Folded(text).plain)


@pytest.mark.parametrize("text", ["佳威芯", "jia wei xin", "加wx", "+vx", "家为新", "jiaweixin", "伽❤薇🌹信"])
def test_homophones_pinyin_and_initials_sound_the_same(text: str):
    assert sounds_of(characters_of(Folded(text).plain)) == sounds_of("加微信")


def test_what_is_no_pinyin_has_no_sound():
    assert sounds_of("hello你world") == sounds_of("你")


def test_parts_are_put_together():
    assert Folded("亻言用 讠果呈 力 口 我").tight == "信用课呈加我"
    text = Folded("请★亻★言我")
    assert text.original[slice(*text.span(1, 2))] == "亻★言"


def test_a_long_text_is_weighed_in_spans_and_the_highest_counts():
    assert windows("一" * 120) == ["一" * 120]
    spans = windows("".join(chr(0x4E00 + i) for i in range(1000)))
    assert all(len(span) <= 120 for span in spans)
    assert {c for span in spans for c in span} == {chr(0x4E00 + i) for i in range(1000)}


def test_the_highest_of_many_spans_has_had_as_many_tries_up_to_six():
    alone, of_four, of_six, of_many = (model().logit(Words(5.0, "", spans), {}) for spans in (1, 4, 6, 28))
    assert alone - of_four == pytest.approx(math.log(4) * math.log10(4))
    assert of_many == of_six


def test_places_of_sounds_lead_back_to_the_text():
    sounds, places = sounds_at("我jiawei了")
    assert len(sounds) == len(places) == 4
    assert places[1] == places[2] == (1, 7)


def test_the_wording_signal_quotes_the_original_and_its_weight_is_a_share():
    text = "姐妹们，兼🌹职刷🌹单一单一结，想做的私聊我"
    signal = next(s for s in judge(Message(text=text)).signals if s.name == "wording")
    assert 0 < signal.weight < 1
    quote = signal.detail.partition("：")[2].rstrip("…")
    assert quote
    assert quote in text


def test_a_snippet_of_nothing_is_empty():
    text = Folded("★★★")
    assert snippet(model(), model().words(characters_of(text.plain)), text) == ""


def test_a_text_of_no_letters_scores_next_to_nothing():
    for text in ("", "★★★", "🙂🙂", "……", "？？？"):
        assert score(text) < 0.02


def test_wording_without_contact_or_offer_is_never_acted_upon():
    judged = [judge(Message(text=text)) for _, text in ADS]
    alone = [j for j in judged if not any(s.weight >= 0.3 and s.name not in ("wording", "call") for s in j.signals)]
    assert all(j.verdict != "act" and j.score < 0.8 for j in alone)


def test_explain_answers_for_every_check():
    answers = explain(Message(text="兼职日结，加微信 abc12345"))
    assert {signal.name for signal in answers} >= set(LABELS)
    assert any(signal.weight == 0 and signal.detail.endswith("没有") for signal in answers)
    assert {s.name for s in explain(Message(text="早"))} == set(LABELS)


@pytest.mark.parametrize("name", names())
def test_seeds_are_well_formed_and_grow_the_same_each_time(name: str):
    assert len(read(name)) >= 30
    readings = grown(name, 4, 1)
    assert readings == grown(name, 4, 1)
    assert len(readings) == len(read(name))
    texts = [text for texts in readings for text in texts]
    assert not [text for text in texts if re.search(r"<[a-z]+>|\{[^{}]*\|", text) and "docker" not in text]


def test_no_unseen_row_is_a_seed():
    sentences = {row.text for row in seeds()}
    rows = [row for name in (FRESH, SHORT, *BLIND) for label in ("ad", "ok") for row in unseen(label, name)]
    rows += [*ADS, *ORDINARY]
    assert not sentences & {text for _, text in rows if len(text) > 3}


def test_pieces_are_of_one_to_four_signs():
    found = list(written("今天真好", ""))
    assert {"今", "今天", "天真好", "今天真好"} <= set(found)
    assert {len(piece) for piece in found} == {1, 2, 3, 4}


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_text_has_the_places_of_its_pieces(characters: str, sounds: str):
    assert places(characters, sounds) == {place_of(piece) for piece in written(characters, sounds)}


def test_hardly_two_words_of_the_seeds_share_a_place():
    pairs = {text[i : i + 2] for name in names() for _, text in read(name) for i in range(len(text) - 1)}
    assert len(pairs) > 50_000
    by_chance = PLACES * (1 - (1 - 1 / PLACES) ** len(pairs))
    assert len({place_of(pair) for pair in pairs}) > 0.98 * by_chance
