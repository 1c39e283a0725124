"""Test: rows by somebody who had not seen the judge, its seeds or its rules: floors just under what was measured."""

from __future__ import annotations

from pathlib import Path

from plugins.ad_guard.judge import judge
from plugins.ad_guard.message import Message

ROWS = Path(__file__).parent / "ad_guard_blind.tsv"


def rows(label: str) -> list[tuple[str, str]]:
    lines = (line.split("\t") for line in ROWS.read_text("utf-8").splitlines() if line and not line.startswith("#"))
    return [(kind, text.replace("\\n", "\n")) for written, kind, text in lines if written == label]


def test_hardly_an_ordinary_row_is_noticed_or_acted_upon():
    ordinary = rows("ok")
    judged = [(judge(Message(text=text)).verdict, text) for _, text in ordinary]
    noticed = [text for verdict, text in judged if verdict != "pass"]
    acted = [text for verdict, text in judged if verdict == "act"]
    assert len(noticed) <= 0.027 * len(ordinary), "\n".join(noticed)
    assert len(acted) <= 1, "\n".join(acted)


def test_most_advertisements_are_noticed():
    judged = [judge(Message(text=text)).score for _, text in rows("ad")]
    assert sum(score >= 0.5 for score in judged) >= 0.77 * len(judged)
    assert sum(score >= 0.8 for score in judged) >= 0.51 * len(judged)
    assert sum(judge(Message(text=text)).verdict == "act" for _, text in rows("ad")) >= 0.4 * len(judged)


def test_disguised_advertisements_too():
    judged = [judge(Message(text=text)).score for kind, text in rows("ad") if kind.startswith("disguise")]
    assert sum(score >= 0.5 for score in judged) >= 0.59 * len(judged)
