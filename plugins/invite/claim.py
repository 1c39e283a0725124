"""Plugin: how a newcomer says who brought them: `我是@小李邀请的`, `小李拉我进来的`."""

from __future__ import annotations

import re

_BROUGHT = r"(?:邀请|拉|介绍|带|推荐)"
_IN = r"(?:进群|入群|进来|过来|加入|来)?"
_CLAIM = re.compile(
    rf"(?:^|[\s,。!;、])(?:我是\s*(?:由|被)?\s*@?\s*(?P<me>[^\s@,。!;、]{{1,32}}?)\s*{_BROUGHT}(?:我)?{_IN}的"
    rf"|(?:是)?@?\s*(?P<who>[^\s@,。!;、]{{1,32}}?)\s*{_BROUGHT}我{_IN}的)"
)
_LONGEST = 100


def may_claim(text: str) -> bool:
    """A cheap look, so that ordinary talk costs nothing."""
    return "的" in text and "我" in text and len(text) <= _LONGEST


def claimed_name(text: str) -> str | None:
    """The name of who brought the speaker, None when the text (normalised) does not say so."""
    found = _CLAIM.search(text)
    return (found["me"] or found["who"]) if found else None
