"""Test: the metrics page counts what passed, with labels, in a form that Prometheus reads."""

from __future__ import annotations

from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from bot.board import AppBoard
from bot.tally import BOUNDS, Histogram
from bot.web.health import BoardCollector
from tests.engine.stage import running_app


async def test_what_passed_can_be_read(tmp_path: Path):
    async with running_app(tmp_path, bot__mode="shadow") as stage:
        for number in range(5):
            await stage.say(f"say {number}")
        await stage.say("kick l")
        registry = CollectorRegistry(auto_describe=False)
        registry.register(BoardCollector(AppBoard(stage.app)))
        families = {one.name: one for one in text_string_to_metric_families(generate_latest(registry).decode())}
    refused = {sample.labels["reason"]: sample.value for sample in families["shequn_refused"].samples}
    assert refused == {"shadow": 1.0}
    taken = {sample.labels.get("le", sample.name): sample.value for sample in families["shequn_event_seconds"].samples}
    assert taken["+Inf"] == taken["shequn_event_seconds_count"] >= 7
    assert 0 < taken["shequn_event_seconds_sum"] < 60
    assert families["shequn_ready"].samples[0].value == 1.0


def test_a_histogram_counts_below_its_bounds():
    found = Histogram()
    for seconds in (0.001, 0.0011, 3, 1000):
        found.add(seconds)
    buckets = dict(found.buckets())
    assert buckets["0.001"] == 1
    assert buckets["0.0025"] == 2
    assert buckets[str(BOUNDS[-1])] == 3
    assert buckets["+Inf"] == 4
