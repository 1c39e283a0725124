"""Test: fixtures for everything that drives Debian's Chromium against a sandbox process of its own.

`conftest.py` of the tests imports `browser`, `sandbox_url` and `open_page` from here.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect, sync_playwright

CHROMIUM = Path(os.environ.get("CHROMIUM", "/usr/bin/chromium"))
QUIET_CHROMIUM = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SIZES = {"desktop": (1280, 800), "phone": (390, 844)}
READY_WITHIN = 60.0
STOP_WITHIN = 30.0
# Waits end as soon as what they wait for is there; a busy machine only needs longer.
expect.set_options(timeout=20_000)

OpenPage = Callable[[str], Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for the tests of a file; skipped where there is none, but not in CI.

    As long as it is open, Playwright's loop counts as running in this process, and no other can run: it closes with
    the file, before a worker goes on to tests that have a loop of their own.
    """
    if not CHROMIUM.exists():
        reason = f"{CHROMIUM} is not there; install it with: apt-get install -y chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET_CHROMIUM))
        yield chromium
        chromium.close()


@pytest.fixture
def sandbox_url(tmp_path: Path) -> Iterator[str]:
    """A fresh `shequn sandbox` of its own."""
    with running_sandbox(tmp_path / "data") as url:
        yield url


@contextmanager
def running_sandbox(data: Path) -> Iterator[str]:
    """A `shequn sandbox` on this data folder; it must stop cleanly on SIGTERM."""
    port = _free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "--data", str(data), "sandbox", "--port", str(port)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait_for(url, process)
        yield url
    finally:
        process.send_signal(signal.SIGTERM)
        output, _ = process.communicate(timeout=STOP_WITHIN)
    assert process.returncode == 0, output
    assert "Traceback" not in output, output


@pytest.fixture
def open_page(browser: Browser, sandbox_url: str) -> Iterator[OpenPage]:
    """Opens the sandbox at a size of SIZES. Errors in the console and requests to elsewhere fail the test."""
    wrong: list[str] = []
    contexts = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            wrong.append(f"{message.type}: {message.text}")

    def asked(request: Request) -> None:
        if not request.url.startswith((sandbox_url, "data:")):
            wrong.append(f"asked for {request.url}")

    def open_at(size: str) -> Page:
        width, height = SIZES[size]
        phone = size == "phone"
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", has_touch=phone, is_mobile=phone
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("request", asked)
        page.goto(sandbox_url)
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert wrong == []


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(url: str, process: subprocess.Popen[str]) -> None:
    """Reads what the process says until it names its address; a process that never does is ended."""
    assert process.stdout is not None
    watchdog = threading.Timer(READY_WITHIN, process.kill)
    watchdog.start()
    said: list[str] = []
    try:
        while not said or url not in said[-1]:
            line = process.stdout.readline()
            assert line, f"the sandbox did not come up: {''.join(said)}"
            said.append(line)
    finally:
        watchdog.cancel()
