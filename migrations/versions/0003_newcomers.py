"""Adds newcomers: introductions, nicknames, entry, quiet members.

Revises: 0002
Date: 2026-11-22
Reason: newcomers: introductions, nicknames, entry, quiet members
"""

from __future__ import annotations

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("migrations go forward only; restore the backup instead")
