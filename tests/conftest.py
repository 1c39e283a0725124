"""Tests: what every test has: no network but loopback, and the fixtures of the gateway, the browser, the server."""

from __future__ import annotations

import importlib
import importlib.util
import socket
from typing import Any

import pytest

LOOPBACK = ("127.0.0.1", "::1", "localhost")

for _module in ("tests.gateway.fixtures", "tests.web.fixtures", "tests.postgres"):
    if importlib.util.find_spec(_module) is not None:
        globals().update({n: v for n, v in vars(importlib.import_module(_module)).items() if not n.startswith("_")})


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that reaches for the network fails at once, naming the address."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOOPBACK:
            raise AssertionError(f"a test tried to reach {address}")
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)
