"""Test: an ad is found wherever it stands in a long text, whatever it is padded with."""

from __future__ import annotations

from random import Random

import pytest

from bot.fold import LONGEST
from plugins.ad_guard.excerpt import GLANCED, PART, excerpt
from plugins.ad_guard.judge import judge
from plugins.ad_guard.message import Message
from plugins.ad_guard.wording import model
from tests.plugins.test_ad_guard_judge import ORDINARY

AD = "需要代理的加薇 abc12345，日结，名额有限"
PADDING = {
    "unseen": "\u200b",
    "lines": "\n",
    "blanks": "\u3000 ",
    "emoji": "🌹🎉",
    "one letter": "哈",
    "symbols": "~*-",
}


def is_within(part: str, whole: str) -> bool:
    """Whether all signs of a text stand in another one in the same order."""
    rest = iter(whole)
    return all(sign in rest for sign in part)


def talk(length: int, chance: Random) -> str:
    """Ordinary messages, one after the other."""
    return "，".join(chance.choice(ORDINARY)[1] for _ in range(length // 8))[:length]


@pytest.mark.parametrize("padding", PADDING.values(), ids=PADDING)
def test_padding_hides_nothing(padding: str):
    around = padding * 2000
    found = judge(Message(text=f"{around}\n{AD}\n{around}"))
    assert found.score == pytest.approx(judge(Message(text=AD)).score, abs=0.05)
    assert found.verdict == "act"


@pytest.mark.parametrize("before", [1200, 3000, 7000])
def test_an_ad_in_the_middle_of_long_talk_is_read(before: int):
    """The talk is made of messages that were written to look like ads, so a few of them may win the place."""
    chance = Random(before)  # noqa: S311
    read = [excerpt(f"{talk(before, chance)}\n{AD}\n{talk(1500, chance)}", model()) for _ in range(20)]
    assert sum(AD in text for text in read) >= 13


def test_what_is_read_keeps_its_order_its_ends_and_its_bound():
    chance = Random(7)  # noqa: S311
    text = talk(GLANCED + 3000, chance)
    read = excerpt(text, model())
    assert len(read) <= LONGEST + LONGEST // PART
    assert text.startswith(read[: 2 * PART])
    assert read[-PART // 2 :] == text[-PART // 2 :]
    shortened = text[: GLANCED * 3 // 4] + text[-GLANCED // 4 :]
    assert is_within(read.replace("\n", ""), shortened.replace("\n", ""))


def test_a_text_that_is_not_long_is_read_as_it_stands():
    for text in ("", AD, "\u200b" * LONGEST, "a" * LONGEST):
        assert excerpt(text, model()) is text


def test_offer_and_contact_that_blanks_drive_apart_belong_together():
    near, far = judge(Message(text="诚招代理，一手货源\n加微信abc12345")), "诚招代理，一手货源{}加微信abc12345"
    assert near.verdict == "act"
    for padding in PADDING.values():
        if padding != "哈":
            assert judge(Message(text=far.format(padding * 300))).score == pytest.approx(near.score, abs=0.1)
