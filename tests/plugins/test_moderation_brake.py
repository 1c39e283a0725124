"""Test: when a rule is taken back too often to go on acting by itself."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.context import Case
from bot.model import Member, Mode
from plugins.moderation.brake import ENOUGH, estimate, is_too_often

NOW = datetime(2026, 1, 5, tzinfo=UTC)


def case(state: str, verdict: str = "flood") -> Case:
    return Case(1, "g", Member("w", "小王"), "flood_guard", verdict, state, NOW, NOW, (), "", "", Mode.ENFORCE, "")


def test_few_cases_conclude_nothing_and_many_mistakes_do():
    assert not is_too_often(ENOUGH - 1, ENOUGH - 1, 0.2)
    assert is_too_often(ENOUGH, ENOUGH, 0.2)
    assert not is_too_often(2, 30, 0.2)
    assert is_too_often(12, 30, 0.2)
    assert not is_too_often(30, 30, 1.0)


def test_what_an_admin_ordered_is_no_rules_doing():
    cases = [case("undone"), case("closed"), case("undone", "kick"), case("undone", "warn"), case("removed", "ban")]
    assert estimate(cases) == (1, 2)
