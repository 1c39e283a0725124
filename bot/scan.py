"""Top: the QR code that logs the account in, drawn with characters for whoever watches the terminal or the log."""

from __future__ import annotations

import io
from collections.abc import Callable

import qrcode
from qrcode.exceptions import DataOverflowError

from bot.transport import Transport

BORDER = 2
"""Modules of light around it: fewer and phones do not find it on a dark terminal."""


def drawn(code: str) -> str:
    """Two rows of the code per line, in half blocks, light on dark; empty for what is too long for a QR code."""
    picture, text = qrcode.QRCode(border=BORDER), io.StringIO()
    picture.add_data(code)
    try:
        picture.print_ascii(out=text, invert=True)
    except (DataOverflowError, ValueError):
        return ""
    return text.getvalue().replace("\xa0", " ")


class LoginCode:
    """Shows each code once, however often the gateway repeats it, until somebody is logged in."""

    def __init__(self, transport: Transport, show: Callable[[str], object]) -> None:
        self._transport, self._show = transport, show
        self._shown = ""

    def look(self) -> None:
        """Show the code that is asked for now, if it is a new one."""
        health = self._transport.health()
        if health.logged_in:
            self._shown = ""
        elif health.code and health.code != self._shown:
            self._shown = health.code
            self._show(f"用机器人的微信扫一下登录，码过期会再印 (scan to log in)：\n{drawn(health.code)}{health.code}")
