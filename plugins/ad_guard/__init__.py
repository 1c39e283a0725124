"""Plugin: ad_guard: finds advertisements and opens a case; what follows is decided elsewhere."""

from __future__ import annotations

from plugins.ad_guard import learn, names, opinion, overturned, replay, tally, watch
from plugins.ad_guard.judge import judge, judge_together
from plugins.ad_guard.message import JudgeContext, Judgement, Message
from plugins.ad_guard.plugin import plugin

__all__ = [
    "JudgeContext",
    "Judgement",
    "Message",
    "judge",
    "judge_together",
    "learn",
    "names",
    "opinion",
    "overturned",
    "plugin",
    "replay",
    "tally",
    "watch",
]
