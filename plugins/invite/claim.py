"""Plugin: how people say who brought whom: `我是@小李邀请的`, `小李拉我进来的`, `@小陈 是我邀请的`, `暗号 海报A`."""

from __future__ import annotations

import re

_BROUGHT = r"(?:邀请|拉|介绍|带|推荐)"
_IN = r"(?:进群|入群|进来|过来|加入|来)?"
_NAME = r"[^\s@,。!;、]{1,32}?"
_CLAIM = re.compile(
    rf"(?:^|[\s,。!;、])(?:我是\s*(?:由|被)?\s*@?\s*(?P<me>{_NAME})\s*{_BROUGHT}(?:我)?{_IN}的"
    rf"|(?:是)?@?\s*(?P<who>{_NAME})\s*{_BROUGHT}我{_IN}的)"
)
_WITNESS = re.compile(rf"@?\s*(?P<who>{_NAME})\s*是我{_BROUGHT}{_IN}的[。!~]*")
_CODE = re.compile(r"(?:(?:我的)?(?:邀请码|暗号|口令)(?:是|:)?\s*)?(yq\d{5})[。!~]*", re.IGNORECASE)
_FROM = ("暗号", "口令", "来自", "来的", "进来的", "进群的", "看到", "扫码", "扫的")
_LONGEST = 100


def may_claim(text: str) -> bool:
    """A cheap look, so that ordinary talk costs nothing."""
    return "的" in text and "我" in text and len(text) <= _LONGEST


def claimed_name(text: str) -> str | None:
    """The name of who brought the speaker, None when the text (normalised) does not say so."""
    found = _CLAIM.search(text)
    return (found["me"] or found["who"]) if found else None


def witnessed_name(text: str) -> str | None:
    """The name of the newcomer whom the speaker brought, None when the text (normalised) is anything else."""
    found = _WITNESS.fullmatch(text)
    return found["who"] if found else None


def may_be_word(text: str) -> bool:
    """A cheap look for a code word."""
    return len(text) <= 40 and ("yq" in text.lower() or any(mark in text for mark in _FROM))


def said_code(text: str) -> str | None:
    """A member's own code word, upper case."""
    found = _CODE.fullmatch(text)
    return found[1].upper() if found else None
