"""Test: presets as they are shipped, answers as they are read, several settings as one step."""

from __future__ import annotations

from datetime import time, timedelta
from pathlib import Path

import pytest

from bot.errors import ConfigError
from bot.loader import find_plugins
from bot.override import SettingStore
from bot.presets import load_presets
from bot.storage.work import Work
from plugins.setup.question import QUESTIONS, Here, understood
from tests.engine.stage import ADMIN, CONFIG, G, running_app

SHIPPED = load_presets(CONFIG / "presets")
HERE = Here({"lottery": ("抽奖",), "points": ("签到", "积分"), "shop": ("兑换",)}, "admin", ("群规", "抽奖"))
STEPS = [name for name, _ in QUESTIONS]


def test_the_four_presets_are_there() -> None:
    assert set(SHIPPED) == {"知识社群", "电商", "同城", "读书会"}


@pytest.mark.parametrize("name", sorted(SHIPPED))
async def test_a_preset_fits_every_group_and_is_taken_back_whole(tmp_path: Path, name: str) -> None:
    async with running_app(tmp_path, *find_plugins()) as stage:
        book, now = stage.app.book, stage.clock.now()
        before = dict(book.sections(G))

        async def use(work: Work) -> int:
            store = SettingStore(work, book, G, now, "")
            return len(await store.set_many(SHIPPED[name].values, by=ADMIN.id, origin=name))

        async def undo(work: Work) -> int:
            return len(await SettingStore(work, book, G, now, "").undo(by=ADMIN.id))

        changed = await stage.app.writer.run(use)
        assert changed > 1
        assert dict(book.sections(G)) != before
        await stage.restart()
        book = stage.app.book
        assert await stage.app.writer.run(undo) == changed
        assert dict(book.sections(G)) == before
        assert await stage.app.writer.run(undo) == 0


@pytest.mark.parametrize(
    "text",
    ["name = 'x'", "name = 'x'\nabout = 'y'\nsettings = 3", "name = 'x'\nabout = 'y'\nmore = 1\n[settings.a]", "="],
)
def test_a_file_of_another_form_is_refused_by_name(tmp_path: Path, text: str) -> None:
    (tmp_path / "mine.toml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"mine\.toml"):
        load_presets(tmp_path)


def test_two_presets_of_one_name_are_refused(tmp_path: Path) -> None:
    for file in ("a.toml", "b.toml"):
        (tmp_path / file).write_text(
            "name = '甲'\nabout = '乙'\n[settings.moderation]\ngrace = '5m'\n", encoding="utf-8"
        )
    with pytest.raises(ConfigError, match="两个"):
        load_presets(tmp_path)


@pytest.mark.parametrize(
    ("step", "said", "values"),
    [
        ("topic", " 一起读书 ", {"welcome.topic": "一起读书"}),
        ("topic", "书", None),
        ("mode", "２", {"bot.mode": "shadow"}),
        ("mode", "执行。", {"bot.mode": "enforce"}),
        ("mode", "4", None),
        ("grace", "三分钟", {"moderation.grace": timedelta(minutes=3)}),
        ("grace", "2", {"moderation.grace": "0s"}),
        ("grace", "随便", None),
        ("welcome", "YES", {"welcome.enabled": True}),
        ("welcome", "不用", {"welcome.enabled": False}),
        ("welcome", "也许", None),
        ("brief", "2", {"brief.morning": "08:00", "brief.evening": "off"}),
        ("brief", "7点半、21:00", {"brief.morning": time(7, 30), "brief.evening": time(21)}),
        ("brief", "7:30 12:00 21:00", None),
        ("games", "1", {"bot.switched_off": ["群规"]}),
        ("games", "2", {"bot.switched_off": ["群规", "签到", "积分", "兑换"]}),
        ("games", "5", None),
        ("notices", "2", {"bot.control": ["admin"]}),
        ("notices", "谁", None),
        ("mode", "", None),
        ("topic", "长" * 201, None),
    ],
)
def test_an_answer_is_read_or_asked_again(step: str, said: str, values: object) -> None:
    assert understood(STEPS.index(step), said, HERE) == values


def test_there_are_at_most_seven_questions() -> None:
    assert len(QUESTIONS) <= 7
