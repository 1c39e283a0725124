"""Web: is the process alive, is the bot ready, and how is it doing, for machines."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Protocol

from aiohttp import web
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from bot.web.board import BoardHealth

PREFIX = "shequn_"


class HasHealth(Protocol):
    """Whoever can say how it is."""

    def health(self) -> BoardHealth: ...


class BoardCollector(Collector):
    """The board's numbers as gauges, read when they are asked for."""

    def __init__(self, board: HasHealth) -> None:
        self._board = board

    def collect(self) -> Iterator[Metric]:
        health = self._board.health()
        yield GaugeMetricFamily(PREFIX + "ready", "1 when the bot is ready", value=0 if health.reasons else 1)
        for name, value in sorted(health.numbers.items()):
            plain = re.sub(r"\W", "_", name, flags=re.ASCII)
            yield GaugeMetricFamily(PREFIX + plain, f"{name.replace('_', ' ')} now", value=value)
        for family in health.families:
            kind = CounterMetricFamily if family.kind == "counter" else GaugeMetricFamily
            metric = kind(PREFIX + family.name, family.help, labels=family.labels)
            for labels, value in sorted(family.values.items()):
                metric.add_metric(labels, value)
            yield metric
        if health.taken is not None:
            yield HistogramMetricFamily(
                PREFIX + "event_seconds",
                "from an event's arrival until what follows from it is on disk",
                buckets=health.taken.buckets(),
                sum_value=health.taken.total,
            )


def add_health(app: web.Application, board: HasHealth) -> None:
    """Routes /healthz, /readyz and /metrics."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(BoardCollector(board))

    async def healthz(_request: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def readyz(_request: web.Request) -> web.Response:
        reasons = board.health().reasons
        body = {"status": "not ready" if reasons else "ready", "reasons": list(reasons)}
        return web.json_response(
            body, status=503 if reasons else 200, dumps=lambda value: json.dumps(value, ensure_ascii=False)
        )

    async def metrics(_request: web.Request) -> web.Response:
        body = generate_latest(REGISTRY) + generate_latest(registry)
        return web.Response(body=body, headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    app.add_routes([web.get("/healthz", healthz), web.get("/readyz", readyz), web.get("/metrics", metrics)])
