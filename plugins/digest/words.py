"""Plugin: digest: Chinese text as words, and which of them say what a talk is about. Pure; runs in a thread."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

_TELLING = ("n", "vn", "eng", "j")
"""Kinds of words (jieba's tags begin so) that can name a topic."""
_NUMBER = re.compile(r"[\d零一二两三四五六七八九十百千万点分号年月日时周天半]+")
_URL = re.compile(r"https?://\S+")
_MENTION = re.compile(r"@\S{1,30}")
_EMOJI_NAME = re.compile(r"\[[^\[\]]{1,4}\]")
STOP = frozenset(
    """大家 时候 事情 问题 东西 感觉 一下 有人 朋友 老师 今天 明天 昨天 后天
    现在 刚才 早上 晚上 上午 下午 中午 周末 下周 上周
    地方 样子 意思 时间 哈哈 哈哈哈 谢谢 收到 好的 辛苦
    群主 群里 管理员 人家 自己 别人 图片 表情 链接 小程序 语音 视频 文件
    今晚 明早 楼上 楼下 同学 各位 老板 亲们 宝子 家人 ok OK Ok hi Hi the and you for of to in is it on""".split()  # noqa: SIM905
)


@cache
def _tagger() -> Any:
    # Read when the first digest is made: the dictionary costs 0.15 s and 30 MB that nobody else needs.
    import rjieba

    return rjieba


def plain(text: str) -> str:
    """Without addresses, names after @ and [表情]."""
    return _EMOJI_NAME.sub(" ", _MENTION.sub(" ", _URL.sub(" ", text)))


def telling_words(text: str) -> set[str]:
    """The words of a message that can name a topic."""
    found = set()
    for word, kind in _tagger().tag(plain(text)):
        if (
            len(word) >= 2
            and kind.startswith(_TELLING)
            and kind != "nr"
            and word not in STOP
            and not _NUMBER.fullmatch(word)
        ):
            found.add(word.lower() if word.isascii() else word)
    return found


def content_words(text: str) -> set[str]:
    """All words of two characters and more but the emptiest: what a question and its answer share."""
    cut = _tagger().cut(plain(text))
    return {word for word in cut if len(word) >= 2 and word not in STOP and not word.isspace()}
