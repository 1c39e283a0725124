"""Plugin: a lottery as a row of its table, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from plugins.lottery.model import Condition, Draft, Lottery, Need, Rules, State, Tier


def read_rules(data: Mapping[str, Any]) -> Rules:
    spans = {key: timedelta(seconds=data[key]) for key in ("extend", "claim") if data.get(key) is not None}
    return Rules(**{**data, **spans})


def plain_rules(rules: Rules) -> dict[str, Any]:
    """Only what differs from a lottery without rules; spans in seconds."""
    usual = asdict(Rules())
    told = {key: value for key, value in asdict(rules).items() if value != usual[key]}
    return {key: value.total_seconds() if isinstance(value, timedelta) else value for key, value in told.items()}


def read_lottery(row: Any, others: Sequence[str]) -> Lottery:
    return Lottery(
        no=row.no,
        group=row.group,
        state=State(row.state),
        draft=Draft(
            tiers=tuple(Tier(prize, stock) for prize, stock in row.tiers),
            draw_at=row.draw_at,
            target=row.target,
            conditions=tuple(Condition(Need(need), amount, days) for need, amount, days in row.conditions),
            rules=read_rules(row.rules),
            groups=tuple(others),
        ),
        seed=row.seed,
        created_at=row.created_at,
        created_by=row.created_by,
        closed_at=row.closed_at,
        proof=row.proof,
        sealed_at=row.sealed_at,
        announced=row.announced,
    )
