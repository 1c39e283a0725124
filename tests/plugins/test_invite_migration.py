"""Test: a file from before the shop: what was paid for friends is still taken back when they leave."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from alembic import command

from bot.storage.migrate import configuration, upgrade

OLD = """
    INSERT INTO transfers VALUES (1, 'invite:p1', 'g1', 0, '', '邀请', 'e');
    INSERT INTO postings VALUES (1, 1, 'member:l', 10), (2, 1, 'house', -10);
    INSERT INTO invite_invitations
        ("group", invitee, invitee_name, inviter, inviter_name, source, confidence, joined_at, state, points,
         settled_at)
    VALUES ('g1', 'p1', '小陈', 'l', '小李', 'gateway', 100, 1767571200000, 'counted', 10, 1767657600000),
           ('g1', 'p2', '小赵', 'l', '小李', 'gateway', 100, 1767571200000, 'void', 0, 1767657600000),
           ('g1', 'p3', '小孙', 'l', '小李', 'gateway', 100, 1767571200000, 'counted', 0, NULL);
"""


def test_rewards_paid_before_are_known(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    command.upgrade(configuration(path), "0003")
    with closing(sqlite3.connect(path)) as db, db:
        db.executescript(OLD)
    upgrade(path)
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("SELECT * FROM invite_rewards").fetchall() == [("invite:p1", "l", 1, 1, 10, "2026-01")]
        assert db.execute("SELECT count(*) FROM transfers").fetchone() == (1,)
