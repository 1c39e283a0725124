"""Transport: every form a line of a script can have, to name the nearest one when a line cannot be read."""

from __future__ import annotations

import difflib
import re

DIRECTIVES = (
    "@day 2026-01-05",
    '@set moderation.grace = "3m"',
    '@group g1 "读书群 1" owner=群主 admins=管理员 members=小李,小王 size=480',
    "@file words.csv",
    "@loose",
    "@can -see_red_packet",
)
INPUTS = (
    "09:00 小陈 joins",
    "09:00 小陈,小赵 joins by 小李",
    "09:00 小陈 joins unannounced",
    "09:30 小陈 leaves",
    "09:30 小陈 leaves unannounced",
    "09:31 小陈 is removed by 管理员",
    "09:05 小王: 文字",
    "09:05 小王 > bot: 私聊文字",
    "09:05 小王 @bot: 文字",
    "09:05 小王 sends red packet",
    "09:05 小王 sends image qr.png",
    '09:05 小王 sends link "标题" https://…',
    '09:05 小王 sends card "名片名"',
    '09:05 小王 sends miniprogram "标题"',
    "09:05 小王 sends file a.apk",
    "09:05 小王 > bot sends image 截图.png",
    "09:05 小王 sends voice",
    "09:05 小王 sends video",
    "09:05 小王 sends sticker",
    "09:05 小王 > bot sends transfer",
    '09:05 小王 sends record "标题"',
    "09:06 小王 recalls",
    "09:06 小王 renames 张三-上海-设计",
    '09:06 群主 topic "新群名"',
    "09:00 小陈 asks to be friend: 你好",
    "09:10 roster",
    "09:10 bot restarts",
    "09:10 gateway down",
    "09:10 gateway up",
    "09:30 waits",
)
EXPECTATIONS = (
    "09:05 bot: 全文",
    "09:05 bot ~ 正则",
    "09:05 bot > 管理员: 私聊全文",
    "09:05 bot > 管理员 ~ 正则",
    "09:08 bot removes 小王",
    "09:00 bot announces: 全文",
    "09:00 bot announces ~ 正则",
    "09:08 bot tells admins: 全文",
    "09:08 bot tells admins ~ 正则",
    "09:00 bot sends image",
    "09:08 bot invites 小陈 to g2",
    "09:08 bot accepts 小陈",
    "09:08 bot recalls ~ 正则",
    '09:08 bot topic "新群名"',
)
_LONGEST = 80


def nearest(text: str, forms: tuple[str, ...]) -> str:
    """The form most like `text`, a line without its time: judged by its English words first, then as a whole."""
    words = _words(text)

    def likeness(form: str) -> tuple[float, float]:
        body = re.sub(r"^[0-9:]+ ", "", form)
        return (
            difflib.SequenceMatcher(None, words, _words(body)).ratio(),
            difflib.SequenceMatcher(None, text[:_LONGEST], body).ratio(),
        )

    return max(forms, key=likeness)


def nearest_word(word: str, known: list[str]) -> str | None:
    found = difflib.get_close_matches(word[:_LONGEST].lower(), known, n=1, cutoff=0.5)
    return found[0] if found else None


def _words(text: str) -> str:
    """The parts of a line that are the language's own: English words and signs."""
    return " ".join(re.findall(r"[a-z]+|[:>~@]", text[:_LONGEST].lower()))
