"""Plugin: the tables of the digest: the windows it has closed, and the words each group is used to."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, Table, Text

from bot.storage.tables import UtcDateTime, metadata

windows = Table(
    "digest_window",
    metadata,
    Column("group", Text, nullable=False),
    Column("no", Integer, nullable=False),
    Column("after_no", Integer, nullable=False),
    Column("upto_no", Integer, nullable=False),
    Column("closed_at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("digest", Text, nullable=False, server_default=""),
    Column("phrased", Text, nullable=False, server_default=""),
    PrimaryKeyConstraint("group", "no"),
    Index(None, "group", "closed_at"),
)
"""The messages that the archive took in after number `after_no` up to `upto_no`; each begins where the last one ended.
state: open, phrasing, done, failed.
"""

words = Table(
    "digest_word",
    metadata,
    Column("group", Text, primary_key=True),
    Column("word", Text, primary_key=True),
    Column("windows", Integer, nullable=False),
    Column("last_no", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""In how many windows of the group a word was said; `last_no`: in which last."""
