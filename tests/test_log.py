"""Test: what the log shows and what it never shows."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from aiohttp.http_exceptions import BadStatusLine, LineTooLong

from bot.log import set_up_logging
from bot.settings import LogSection


@pytest.fixture(autouse=True)
def own_logging() -> Iterator[None]:
    """The root logger as pytest has it, afterwards."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def lines(log: LogSection) -> tuple[io.StringIO, logging.Logger]:
    out = io.StringIO()
    set_up_logging(log, stream=out)
    return out, logging.getLogger("bot.tests")


def test_json_is_one_object_a_line_for_ours_and_the_libraries() -> None:
    out, plain = lines(LogSection(format="json"))
    structlog.get_logger("bot.x").info("started", group="g1")
    plain.warning("%s rows", 3)
    try:
        raise ValueError("odd")
    except ValueError:
        plain.exception("failed")
    first, second, third = (json.loads(line) for line in out.getvalue().splitlines())
    assert (first["event"], first["group"], first["level"], first["logger"]) == ("started", "g1", "info", "bot.x")
    assert second["event"] == "3 rows"
    assert "ValueError: odd" in third["exception"]
    assert first["timestamp"].endswith("Z")


def test_what_is_no_http_leaves_no_traceback_and_none_of_its_bytes() -> None:
    out, _ = lines(LogSection(format="json"))
    server = logging.getLogger("aiohttp.server")
    for error in (LineTooLong("Cookie: shequn_console=abc", "8190"), BadStatusLine(b"\x16\x03 hello")):
        server.error("Error handling request", exc_info=error)
    assert out.getvalue() == ""
    server.error("Error handling request", exc_info=ValueError("our own"))
    assert "our own" in out.getvalue()


def test_what_members_say_stays_out_unless_asked_for() -> None:
    out, _ = lines(LogSection(format="json"))
    structlog.get_logger().info("seen", text="加薇 abc12345", id="m1")
    (line,) = (json.loads(text) for text in out.getvalue().splitlines())
    assert line["text"] == "(11 字)"
    assert line["id"] == "m1"
    out, _ = lines(LogSection(format="json", text=True))
    structlog.get_logger().info("seen", text="加薇 abc12345")
    assert "abc12345" in out.getvalue()


@pytest.mark.parametrize("form", ["json", "console"])
def test_secrets_never_show(form: str) -> None:
    out, plain = lines(LogSection.model_validate({"format": form, "text": True}))
    structlog.get_logger().info("call", token="s3cr3t", headers="authorization: Wechaty s3cr3t")
    plain.error("bad answer: api_key=s3cr3t; token: s3cr3t")
    assert "s3cr3t" not in out.getvalue()
    assert "••••" in out.getvalue()


def test_levels_hold_and_noisy_libraries_are_quiet() -> None:
    out, plain = lines(LogSection(level="info"))
    plain.debug("small")
    plain.info("middle")
    logging.getLogger("apscheduler.scheduler").info("tick")
    logging.getLogger("apscheduler.scheduler").warning("late")
    assert [word in out.getvalue() for word in ("small", "middle", "tick", "late")] == [False, True, False, True]


def test_a_later_call_replaces_the_first() -> None:
    old, _ = lines(LogSection())
    new, plain = lines(LogSection())
    plain.info("once")
    assert "once" not in old.getvalue()
    assert new.getvalue().count("once") == 1
