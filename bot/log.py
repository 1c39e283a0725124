"""Top: logging: what is written about the bot's own doings, never what members say."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import structlog

from bot.settings.sections import LogSection

PRIVATE = {"text", "message", "content", "raw", "quote", "title"}
"""Keys that carry members' words; written only with `[log] text = true`."""

_SECRET_KEY = re.compile(r"token|secret|password|authorization|cookie|api_?key", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"(?i)\b((?:token|secret|password|authorization|api_?key)\W{1,3}(?:(?:bearer|wechaty)\s+)?)[^\s,;\"']+"
)
_NOISY = ("apscheduler", "aiosqlite", "aiohttp.access", "alembic", "grpclib", "hpack", "asyncio", "PIL")


class Redaction:
    """Takes members' words and secrets out of a line before anybody sees it."""

    def __init__(self, text: bool) -> None:
        self.text = text

    def __call__(self, _logger: Any, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        for key, value in line.items():
            if _SECRET_KEY.search(key):
                line[key] = "••••"
            elif key in PRIVATE and not self.text:
                line[key] = f"({len(str(value))} 字)"
            elif isinstance(value, str):
                line[key] = _SECRET_TEXT.sub(r"\1••••", value)
        return line


def _is_ours(record: logging.LogRecord) -> bool:
    """No bytes of strangers who do not speak HTTP: whoever reaches the port could fill the disk with their tracebacks,
    and a cookie may stand among them. They are answered 400; of our own failures everything is told."""
    error = record.exc_info[1] if record.exc_info else None
    return type(error).__module__ != "aiohttp.http_exceptions"


def set_up_logging(settings: LogSection, *, stream: TextIO | None = None) -> None:
    """Everything that logs, ours and the libraries', goes through one chain to `stream` (default: standard error).

    May be called again; the last call counts.
    """
    out = sys.stderr if stream is None else stream
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        Redaction(settings.text),
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(out)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(settings.format, out)],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(settings.level.upper())
    logging.getLogger("aiohttp.server").filters[:] = [_is_ours]
    for name in _NOISY:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))


def _renderer(form: str, out: TextIO) -> Any:
    if form == "json":
        return structlog.processors.JSONRenderer(ensure_ascii=False, default=str)
    return structlog.dev.ConsoleRenderer(colors=out.isatty(), pad_event_to=24)
