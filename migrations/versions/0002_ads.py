"""Adds what the ad guard has learnt.

Revises: 0001
Date: 2026-11-22
Reason: what the ad guard has learnt
"""

from __future__ import annotations

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only; restore the backup instead")
