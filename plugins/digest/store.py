"""Plugin: the digest's windows and words in the database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, desc, insert, select, update

from bot.context import Database
from bot.storage.tables import upsert
from plugins.digest.tables import windows, words

KEPT_WORDS = 3000
FORGET = 60
"""Windows after which a word that is not said any more is forgotten."""
_new = upsert(words)
_COUNT = _new.on_conflict_do_update(
    index_elements=["group", "word"],
    set_={"windows": words.c.windows + 1, "last_no": _new.excluded.last_no},
)


@dataclass(frozen=True, slots=True)
class Window:
    no: int
    after_no: int
    upto_no: int
    closed_at: datetime
    state: str
    attempts: int
    digest: str
    phrased: str


def _window(row: Row[Any]) -> Window:
    return Window(row.no, row.after_no, row.upto_no, row.closed_at, row.state, row.attempts, row.digest, row.phrased)


async def last(db: Database, group: str) -> Window | None:
    found = select(windows).where(windows.c.group == group).order_by(desc(windows.c.no)).limit(1)
    row = (await db.execute(found)).first()
    return _window(row) if row else None


async def get(db: Database, group: str, no: int) -> Window | None:
    row = (await db.execute(select(windows).where(windows.c.group == group, windows.c.no == no))).first()
    return _window(row) if row else None


async def close(db: Database, group: str, no: int, after_no: int, upto_no: int, at: datetime) -> None:
    row = {"group": group, "no": no, "after_no": after_no, "upto_no": upto_no, "closed_at": at, "state": "open"}
    await db.execute(insert(windows), row)


async def change(db: Database, group: str, no: int, **values: object) -> None:
    await db.execute(update(windows).where(windows.c.group == group, windows.c.no == no).values(**values))


async def history(db: Database, group: str) -> dict[str, int]:
    """In how many windows each of the commonest words was said."""
    common = select(words.c.word, words.c.windows).where(words.c.group == group)
    rows = await db.execute(common.order_by(desc(words.c.windows)).limit(KEPT_WORDS))
    return {row.word: row.windows for row in rows}


async def learn(db: Database, group: str, no: int, said: Sequence[str]) -> None:
    """Count the words of window `no`, and forget those not said for long."""
    if said:
        await db.execute(_COUNT, [{"group": group, "word": word, "windows": 1, "last_no": no} for word in said])
    await db.execute(delete(words).where(words.c.group == group, words.c.last_no < no - FORGET))
