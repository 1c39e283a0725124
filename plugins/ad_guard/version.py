"""Plugin: which judge and which settings a case was decided by, short enough to be shown."""

from __future__ import annotations

from hashlib import blake2b

from bot.model import Signal
from plugins.ad_guard.guard import Settings

WEIGHTS = 2
"""Raised when what is known of sender and copies weighs differently."""


def policy_signal(settings: Settings) -> Signal:
    """`策略 v2-3fa2`: the same for the same rules, another when a setting of ad_guard changes."""
    digest = blake2b(settings.model_dump_json().encode(), digest_size=2).hexdigest()
    limits = f"{settings.warn_at:g} 提醒，{settings.act_at:g} 处置"
    return Signal("policy", f"策略 v{WEIGHTS}-{digest}（{limits}）", 0.0)
