"""Storage: what a bot's file tells about its account: who it is, which groups it knows, what it managed to do there."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from bot.errors import StorageError
from bot.storage.archive import WALKED
from bot.storage.trouble import connect

_OWN = """
SELECT sender FROM messages
WHERE kind = 'own' AND no > (SELECT max(no) FROM messages) - :walked ORDER BY no DESC LIMIT 1
"""
_DEEDS = """
SELECT kind, count(*) FILTER (WHERE state = 'done'), count(*) FILTER (WHERE state = 'failed'),
       (SELECT error FROM outbox AS last WHERE last.kind = outbox.kind AND state = 'failed' ORDER BY id DESC LIMIT 1)
FROM outbox GROUP BY kind
"""


@dataclass(frozen=True, slots=True)
class Deeds:
    """How often something was done, how often it failed for good, and why it failed last."""

    done: int = 0
    failed: int = 0
    error: str = ""


@dataclass(frozen=True, slots=True)
class Experience:
    """account: empty while the bot has not said anything yet. enabled: said in the group, None when it was not."""

    account: str = ""
    topics: Mapping[str, str] = field(default_factory=dict)
    enabled: Mapping[str, bool | None] = field(default_factory=dict)
    deeds: Mapping[str, Deeds] = field(default_factory=dict)


def experience(path: Path) -> Experience:
    """Of a bot that may be running; nothing known when the file is missing, damaged or of an older form."""
    try:
        with closing(connect(path)) as db:
            own = db.execute(_OWN, {"walked": WALKED}).fetchone()
            groups = db.execute("SELECT id, topic, enabled FROM groups").fetchall()
            deeds = {kind: Deeds(done, failed, error or "") for kind, done, failed, error in db.execute(_DEEDS)}
    except (StorageError, sqlite3.Error):
        return Experience()
    return Experience(
        own[0] if own else "",
        {group: topic for group, topic, _ in groups},
        {group: None if enabled is None else bool(enabled) for group, _, enabled in groups},
        deeds,
    )
