"""Test: the login code in the terminal can be scanned and comes once per code; a real gateway's scan reaches it."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from bot.scan import LoginCode, drawn
from bot.transport import Health
from tests.faults.process import BotProcess, moments
from tests.gateway.client import Gateway

URL = "https://login.weixin.qq.com/l/4Zbq0RkXfA=="
SIDE = 6
"""Pixels of a module when a terminal is photographed."""


def read(text: str) -> list[str]:
    """What a phone sees in the terminal: each character two modules, one above the other, light on dark."""
    lines = [line for line in text.splitlines() if set(line) <= set("█▀▄ ")]
    picture = Image.new("L", (max(map(len, lines)), 2 * len(lines)), 0)
    for y, line in enumerate(lines):
        for x, character in enumerate(line):
            picture.putpixel((x, 2 * y), 255 if character in "█▀" else 0)
            picture.putpixel((x, 2 * y + 1), 255 if character in "█▄" else 0)
    large = picture.resize((picture.width * SIDE, picture.height * SIDE), Image.Resampling.NEAREST)
    return [found.text for found in zxingcpp.read_barcodes(large)]


@pytest.mark.parametrize("code", [URL, "http://weixin.qq.com/x/" + "k" * 120, "微信扫一扫"])
def test_what_is_drawn_can_be_scanned(code: str) -> None:
    assert read(drawn(code)) == [code]
    assert max(map(len, drawn(URL).splitlines())) < 80, "wider than a terminal"


def test_what_no_code_can_hold_is_told_as_a_link_only() -> None:
    assert drawn("x" * 5000) == ""


def test_each_code_is_shown_once_until_somebody_has_logged_in() -> None:
    asking, again, done = Health(True, False, code=URL), Health(True, False, code=f"{URL}2"), Health(True, True)
    states = iter([Health(True, False), asking, asking, again, done, again])
    far: Any = SimpleNamespace(health=lambda: next(states))
    shown: list[str] = []
    code = LoginCode(far, shown.append)
    counts = []
    for _ in range(6):
        code.look()
        counts.append(len(shown))
    assert counts == [0, 1, 1, 2, 2, 3]
    assert [told.splitlines()[-1] for told in shown] == [URL, f"{URL}2", f"{URL}2"]


@pytest.mark.gateway
async def test_a_real_gateway_asks_for_a_scan(tmp_path: Path, gateway: Gateway) -> None:
    bot = await BotProcess(tmp_path / "data", gateway).start()
    try:
        await gateway.post("/event/logout")
        for code in (f"{URL}1", f"{URL}1", f"{URL}2"):
            await gateway.post("/event/scan", qrcode=code)
            await _until(bot, code)
    finally:
        await bot.kill()
    _, first, second = bot.log().split("用机器人的微信扫一下登录")
    assert read(first) == [f"{URL}1"]
    assert read(second) == [f"{URL}2"]


async def _until(bot: BotProcess, line: str) -> None:
    for _ in range(200):
        if line in bot.log().splitlines():
            return
        await moments()
    raise AssertionError(f"never printed {line}: {bot.log()[-2000:]}")
