"""Test: what goes with a welcome: its picture, its private copy of the rules, its own language."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image
from pydantic import ValidationError

from bot.actions import NotifyAdmins, SendImage, SendText
from bot.loader import find_plugins
from bot.model import Member
from bot.picture import SHOWN_BYTES, PictureError, find_picture
from plugins.welcome.plugin import LONGEST, PARTS, Settings
from tests.engine.stage import ADMIN, G, running_app

WELCOME = next(plugin for plugin in find_plugins() if plugin.name == "welcome")
NEW = Member("a", "小陈")


def draw(folder: Path, name: str = "welcome.png") -> Path:
    folder.mkdir(exist_ok=True)
    Image.new("RGB", (8, 8)).save(folder / name)
    return folder / name


async def test_a_picture_follows_the_welcome_and_is_in_the_preview(tmp_path: Path):
    path = draw(tmp_path / "files")
    async with running_app(tmp_path, WELCOME) as stage:
        await stage.say("/欢迎 设置 图片 welcome.png", by=ADMIN)
        await stage.say("/欢迎 预览", by=ADMIN)
        shown = stage.far.actions[1:]
        assert [type(action) for action in shown] == [SendText, SendImage]
        assert {action.to for action in shown} == {ADMIN.id}  # type: ignore[attr-defined]
        await stage.handle(stage.joined(NEW))
        await stage.after(seconds=10)
        text, picture = stage.far.actions[3:]
        assert isinstance(text, SendText)
        assert text.text == shown[0].text.replace("@管理员", "@小陈")  # type: ignore[attr-defined]
        assert isinstance(picture, SendImage)
        assert (picture.group, picture.path) == (G, str(path.resolve()))


async def test_a_picture_that_is_gone_is_told_to_the_admins_once_and_the_welcome_goes_on(tmp_path: Path):
    path = draw(tmp_path / "files")
    async with running_app(tmp_path, WELCOME) as stage:
        await stage.say("/欢迎 设置 图片 welcome.png", by=ADMIN)
        path.unlink()
        for who in "ab":
            await stage.handle(stage.joined(Member(who, f"新人{who}")))
            await stage.after(minutes=3)
        later = stage.far.actions[1:]
        assert [type(action) for action in later].count(NotifyAdmins) == 1
        assert sum("欢迎 @新人" in action.text for action in later if isinstance(action, SendText)) == 2


async def test_pictures_are_looked_at_when_they_are_saved(tmp_path: Path):
    files = tmp_path / "files"
    draw(files)
    (files / "note.png").write_text("no picture", encoding="utf-8")
    (files / "large.png").write_bytes(b"\0" * (SHOWN_BYTES + 1))
    for name, reason in (
        ("gone.png", "没有"),
        ("../files/welcome.png", "不带目录"),
        (".hidden.png", "不带目录"),
        ("note.png", "不是图片"),
        ("large.png", "超过 5 MB"),
        ("", "不带目录"),
    ):
        with pytest.raises(PictureError, match=reason):
            find_picture(files, name)
    assert find_picture(files, "welcome.png") == files / "welcome.png"
    async with running_app(tmp_path, WELCOME) as stage:
        await stage.say("/欢迎 设置 图片 note.png", by=ADMIN)
        assert stage.far.texts() == ["@管理员 “图片”：“note.png”不是图片，请用 png 或 jpg (not a picture)"]
        assert stage.app.book.sections(G)["welcome"].picture == ""  # type: ignore[attr-defined]


async def test_a_wave_gets_private_copies_only_as_far_as_names_go(tmp_path: Path):
    async with running_app(tmp_path, WELCOME, welcome__private_rules=True, welcome__most_names=3) as stage:
        await stage.handle(*(stage.joined(Member(f"m{n}", f"新人{n}")) for n in range(10)))
        await stage.after(minutes=5)
        assert sum(bool(action.to) for action in stage.far.actions) == 3  # type: ignore[attr-defined]


async def test_an_english_group_hears_english_unless_it_wrote_its_own(tmp_path: Path):
    async with running_app(tmp_path, WELCOME, bot__language="en", welcome__topic="读书") as stage:
        settings = stage.app.book.sections(G)["welcome"]
        assert settings.topic == "读书"  # type: ignore[attr-defined]
        rest = [getattr(settings, key) for key in ("greeting", *PARTS[1:], "introduction", "back")]
        assert all(text.isprintable() and not any("\u4e00" <= c <= "\u9fff" for c in _bare(text)) for text in rest)


def _bare(text: str) -> str:
    return text.replace("{昵称}", "").replace("{群名}", "")


def test_all_parts_together_fit_one_message():
    assert Settings(topic="长" * 500, services="长" * 500, forbidden="长" * 500).topic
    with pytest.raises(ValidationError, match=f"最多 {LONGEST} 个"):
        Settings(**dict.fromkeys(PARTS, "长" * 500), greeting="长")


@pytest.mark.parametrize("link", ["群公告", "www.example.com", "javascript:alert(1)", "https://", "https://a b.com"])
def test_a_link_is_an_address(link: str):
    with pytest.raises(ValidationError, match="不是网址"):
        Settings(link=link)
    assert Settings(link="https://mp.weixin.qq.com/s/abc?x=1").link
