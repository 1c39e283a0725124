"""Plugin: the families of signals: what admins can set a mode for, and what is counted when they find a mistake."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from bot.model import Signal

SignalFamily = Literal[
    "contact", "link", "qr", "card", "miniprogram", "record", "file", "wording", "disguise", "nickname", "newcomer",
    "copies", "split", "lesson",
]  # fmt: skip
FAMILIES: tuple[SignalFamily, ...] = get_args(SignalFamily)
NAMES: dict[SignalFamily, str] = {
    "contact": "联系方式", "link": "链接", "qr": "二维码", "card": "名片", "miniprogram": "小程序",
    "record": "聊天记录", "file": "文件", "wording": "用语", "disguise": "遮掩的写法", "nickname": "昵称",
    "newcomer": "新成员", "copies": "重复发送", "split": "拆开发送", "lesson": "管理员教的",
}  # fmt: skip
_OF: dict[str, SignalFamily] = {
    **dict.fromkeys(
        (
            "wechat_id", "add_wechat", "both_wechat", "qq_id", "add_qq", "group_number", "group_call", "telegram",
            "whatsapp", "phone", "call_phone", "local_phone", "landline", "email", "spelled_number", "bank_account",
        ),
        "contact",
    ),
    **dict.fromkeys(
        (
            "contact_link", "look_alike_link", "short_link", "ip_link", "cheap_link", "link", "share_token", "phishing",
        ),
        "link",
    ),
    "qr_code": "qr",
    "qr_invitation": "qr",
    "contact_card": "card",
    "miniprogram": "miniprogram",
    "forwarded_record": "record",
    "program_file": "file",
    "disguise": "disguise",
    "nickname": "nickname",
    "newcomer": "newcomer",
    "first_words": "newcomer",
    "nothing_ordinary": "newcomer",
    "split": "split",
    "lesson": "lesson",
    **dict.fromkeys(("copies_own", "copies_groups", "copies_others", "copies_elsewhere", "warned_before"), "copies"),
}  # fmt: skip
_NO_REASON = frozenset({"score", "policy", "otherwise", "opinion", "admin_word"})


def family_of(signal: str) -> SignalFamily:
    """The family of a signal by its name; what is in no other is wording."""
    return _OF.get(signal, "wording")


def families(signals: Iterable[Signal]) -> frozenset[SignalFamily]:
    """The families that speak against somebody."""
    return frozenset(family_of(s.name) for s in signals if s.weight > 0 and s.name not in _NO_REASON)
