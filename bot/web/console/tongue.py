"""Web: the console's two languages: whoever asks is answered in the one they chose, or that their browser prefers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from aiohttp import web

from bot.text import fill

LANGUAGES = {"zh-CN": "中文", "en": "English"}
COOKIE = "shequn_language"
_SECTION = "console."


@dataclass(frozen=True, slots=True)
class Tongue:
    """Says the console's sentences. They are asked for in Chinese, as they stand in the pages."""

    language: str
    texts: Mapping[str, str]

    def __call__(self, chinese: str, **values: object) -> str:
        """The sentence with its `{placeholders}` filled; one that the catalogue does not know stays as it is."""
        return fill(self.texts.get(_SECTION + chinese, chinese), values)

    @property
    def other(self) -> str:
        """The language to switch to."""
        return next(language for language in LANGUAGES if language != self.language)


def language_of(request: web.Request) -> str:
    """Chosen by a cookie, else the first of ours that the browser names, else Chinese."""
    chosen = request.cookies.get(COOKIE, "")
    if chosen in LANGUAGES:
        return chosen
    for wanted in request.headers.get("Accept-Language", "")[:200].split(","):
        word = wanted.strip().lower()
        if word.startswith("zh"):
            return "zh-CN"
        if word.startswith("en"):
            return "en"
    return "zh-CN"
