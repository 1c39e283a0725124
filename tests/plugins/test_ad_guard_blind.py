"""Test: rows by people who had not seen the judge, its seeds or its rules: floors just under what was measured.

By the first rows one model was chosen over another, by the second, unread, one way of training over another; by the
third nothing was chosen. Shares at 0.5 and 0.8 hang on where these are set (model.md says how); `above` hangs on
nothing but the order in which the judge puts the rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from plugins.ad_guard.judge import judge
from plugins.ad_guard.message import Message


@dataclass(frozen=True)
class Blind:
    """Shares of the ads that score 0.5 and 0.8, of those in disguise that score 0.5, and that get the verdict "act".

    `above`: the share of ads that score more than all but one in a hundred of the ordinary rows.
    """

    name: str
    noticed: float
    sure: float
    disguised: float
    acted: float
    above: float


SETS = (
    Blind("ad_guard_blind", noticed=0.81, sure=0.5, disguised=0.63, acted=0.36, above=0.84),
    Blind("ad_guard_blind_second", noticed=0.75, sure=0.37, disguised=0.49, acted=0.2, above=0.82),
    Blind("ad_guard_blind_third", noticed=0.86, sure=0.57, disguised=0.64, acted=0.46, above=0.94),
)


@pytest.fixture(params=SETS, ids=lambda blind: blind.name)
def blind(request: pytest.FixtureRequest) -> Blind:
    found: Blind = request.param
    return found


def rows(blind: Blind, label: str) -> list[tuple[str, str]]:
    written = Path(__file__).with_name(f"{blind.name}.tsv").read_text("utf-8")
    lines = (line.split("\t") for line in written.splitlines() if line and not line.startswith("#"))
    return [(kind, text.replace("\\n", "\n")) for wanted, kind, text in lines if wanted == label]


def test_hardly_an_ordinary_row_is_noticed_or_acted_upon(blind: Blind):
    ordinary = rows(blind, "ok")
    judged = [(judge(Message(text=text)).verdict, text) for _, text in ordinary]
    noticed = [text for verdict, text in judged if verdict != "pass"]
    acted = [text for verdict, text in judged if verdict == "act"]
    assert len(noticed) <= 0.008 * len(ordinary), "\n".join(noticed)
    assert len(acted) <= 1, "\n".join(acted)


def test_most_advertisements_are_noticed(blind: Blind):
    judged = [judge(Message(text=text)) for _, text in rows(blind, "ad")]
    assert sum(one.score >= 0.5 for one in judged) >= blind.noticed * len(judged)
    assert sum(one.score >= 0.8 for one in judged) >= blind.sure * len(judged)
    assert sum(one.verdict == "act" for one in judged) >= blind.acted * len(judged)


def test_disguised_advertisements_too(blind: Blind):
    judged = [judge(Message(text=text)).score for kind, text in rows(blind, "ad") if kind.startswith("dis")]
    assert sum(score >= 0.5 for score in judged) >= blind.disguised * len(judged)


def test_ads_stand_above_nearly_all_ordinary_rows(blind: Blind):
    ordinary = sorted((judge(Message(text=text)).score for _, text in rows(blind, "ok")), reverse=True)
    ads = [judge(Message(text=text)).score for _, text in rows(blind, "ad")]
    limit = ordinary[len(ordinary) // 100]
    assert sum(score > limit for score in ads) >= blind.above * len(ads)


def test_of_a_fair_sample_nineteen_in_twenty_stand_above_all_but_one_in_two_hundred_ordinary_rows():
    sample = SETS[-1]
    ordinary = sorted((judge(Message(text=text)).score for _, text in rows(sample, "ok")), reverse=True)
    limit = ordinary[len(ordinary) // 200]
    plain = [text for kind, text in rows(sample, "ad") if not kind.startswith("dis")]
    assert sum(judge(Message(text=text)).score > limit for text in plain) >= 0.95 * len(plain)
