"""Cli: what a look through the ledger found, in one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.storage.ledger_check import Audit


def say_ledger(found: Audit) -> None:
    """Say that every point has its cause. Raises StorageError when it is not true."""
    from bot.errors import StorageError

    if found.problems:
        raise StorageError("\n".join(["✗ 积分账本有问题：", *found.problems]))
    click.echo(
        f"✓ 积分账本：{found.transfers} 笔、{found.accounts} 个账户，相加为 {found.total}，"
        f"成员共有 {found.issued} 分，每一笔都有起因 (the ledger balances)"
    )
