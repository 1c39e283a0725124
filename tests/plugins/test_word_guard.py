"""Test: word_guard: what a word meets, and that its list is a setting like any other."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.storage.tables import cases
from plugins.moderation import plugin as moderation
from plugins.word_guard import Matcher, Settings
from plugins.word_guard import plugin as word_guard
from tests.engine.stage import ADMIN, XIAOLI, running_app


@pytest.mark.parametrize(
    ("word", "text", "written"),
    [
        ("代购", "有海外代购吗", "代购"),
        ("代购", "代★购", "代★购"),
        ("代购", "代 購 一 下", "代 購"),
        ("代購", "代购", "代购"),
        ("砍一刀", "帮我砍\u200b一刀", "砍\u200b一刀"),
        ("spam", "This is SPAM!", "spam"),
        ("spam", "ｓｐａｍ", "spam"),
        ("加v", "加V：abc", "加V"),
        ("free gift", "a  free  gift", None),
        ("free gift", "a free gift", "free gift"),
        ("spam", "spamming", None),
        ("art", "party", None),
        ("代购", "代理购物车", None),
        ("123", "订单 123 到了", "123"),
        ("123", "订单 91234", None),
        ("代购", "说来话长，" * 1500 + "有代购吗" + "，说完了" * 1500, "代购"),
        ("代购", "\u200b" * 30_000 + "代购" + "🌹" * 30_000, "代购"),
    ],
)
def test_what_a_word_meets(word: str, text: str, written: str | None):
    found = Matcher([word]).find(text)
    assert (found[1] if found else None) == written


def test_many_words_and_an_ordinary_text():
    words = [f"禁词{n}号" for n in range(400)]
    assert Matcher(words).find("今天天气不错") is None
    assert Matcher(words).find("这里有禁词 3 9 9 号") == ("禁词399号", "禁词 3 9 9 号")


@pytest.mark.parametrize("wrong", ["", "★★", "长" * 41, " "])
def test_what_is_no_word_is_refused(wrong: str):
    with pytest.raises(ValidationError, match="禁词"):
        Settings.model_validate({"words": [wrong]})


async def test_a_list_survives_a_restart_and_stays_in_its_group(tmp_path: Path):
    async with running_app(tmp_path, word_guard, moderation) as stage:
        await stage.roster(ADMIN, XIAOLI, group="g2", topic="二群")
        await stage.say("/禁词 加 代购", ADMIN)
        await stage.restart()
        await stage.say("代购吗", XIAOLI, group="g2")
        assert await stage.count(cases) == 0
        await stage.say("代购吗", XIAOLI)
        (case,) = await stage.rows(cases)
        assert (case["verdict"], case["member"]) == ("word", "l")
        assert "代购" in case["signals"][0][1]


async def test_a_full_list_says_so(tmp_path: Path):
    async with running_app(tmp_path, word_guard, word_guard__words=[f"词{n}" for n in range(500)]) as stage:
        await stage.say("/禁词 加 再来一个", ADMIN)
        assert "最多 500" in stage.far.texts()[-1]
        await stage.say("/禁词 列表", ADMIN)
        assert len(stage.far.texts()[-1]) < 700
