"""Cli: `shequn db`: the database file: upgrade, check, backup, restore, export, move to a server."""

from __future__ import annotations

from pathlib import Path

import click

from bot.cli.ledger import say_ledger
from bot.cli.place import Place, place

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.group()
def db() -> None:
    """数据库：升级、检查、备份、恢复、导出、搬到 PostgreSQL。

    文件是数据文件夹里的 shequn.db；配置了 PostgreSQL 就是服务器上的。

    \b
    例：
      shequn db check
      shequn db backup ~/shequn-今天.db
      shequn --data /data db restore ~/shequn-今天.db
    """


@db.command()
@place
def upgrade(where: Place) -> None:
    """把数据库建立或升级到这个版本；升级前自动备份。

    \b
    例：shequn db upgrade
    """
    from bot.cli import served
    from bot.storage.hold import hold
    from bot.storage.migrate import upgrade as migrate
    from bot.storage.migrate import waiting
    from bot.storage.revision import is_current
    from bot.storage.soundness import must_be_whole

    where.make_data()
    if server := where.server():
        served.upgrade(server, where.data / "backups")
        return
    if not is_current(where.database):
        must_be_whole(where.database)
    applied = waiting(where.database)
    if applied:
        with hold(where.database):
            migrate(where.database)
    for revision in applied:
        click.echo(f"✓ {revision}")
    if not applied:
        click.echo(f"✓ 数据库 {where.database} 已经是最新 (up to date)")


@db.command()
@click.option("--rebuild", is_flag=True, help="先按分录重算积分的每日结余")
@place
def check(where: Place, rebuild: bool) -> None:
    """查数据库有没有损坏，积分账本平不平；有问题退出码 1，文件损坏退出码 3。

    账本：全部账户相加为零，每一笔一进一出，都写明起因，没有人低于零，每日结余与分录相符。

    \b
    例：
      shequn db check
      shequn db check --rebuild
    """
    from bot.cli import served
    from bot.errors import StorageError
    from bot.storage.backup import check as examine
    from bot.storage.ledger_check import audit, rebuild_days
    from bot.storage.soundness import must_be_whole

    if server := where.server():
        served.check(server, rebuild=rebuild)
        return
    must_be_whole(where.database)
    if problems := examine(where.database):
        raise StorageError("\n".join([f"✗ 数据库 {where.database} 有问题，可以用 shequn db restore 恢复：", *problems]))
    click.echo(f"✓ 数据库 {where.database} 完好 (sound)")
    if rebuild:
        click.echo(f"✓ 每日结余重算好了，改正 {rebuild_days(where.database)} 条 (day sums rebuilt)")
    say_ledger(audit(where.database))


@db.command()
@click.argument("file", type=_FILE)
@place
def backup(where: Place, file: Path) -> None:
    """复制一份数据库到 FILE 并检查这份复制；机器人可以照常运行。

    \b
    例：shequn db backup backups/shequn-20260105.db
    """
    from bot.cli import served
    from bot.storage.backup import backup as copy

    if server := where.server():
        served.backup(server, file)
        return
    size = copy(where.database, file)
    click.echo(f"✓ 备份好了：{file}（{size / 1e6:.1f} MB，已检查）(backed up)")


@db.command()
@click.argument("file", type=_FILE)
@place
def restore(where: Place, file: Path) -> None:
    """用备份 FILE 换掉数据库；先停机器人。旧文件留在旁边。

    \b
    例：shequn db restore backups/shequn-20260105.db
    """
    from bot.cli import served
    from bot.clock import SystemClock
    from bot.storage.backup import restore as put_back
    from bot.storage.hold import hold

    where.make_data()
    if server := where.server():
        served.restore(server, file)
        return
    with hold(where.database):
        kept = put_back(file, where.database, SystemClock().now())
    click.echo(f"✓ 已恢复 {where.database} (restored)")
    if kept is not None:
        click.echo(f"  原来的文件在 {kept}，确认无误后可以删掉")


@db.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@place
def export(where: Place, folder: Path) -> None:
    """把每张表写成 CSV 和 JSON Lines 放进 DIR。

    \b
    例：shequn db export export/
    """
    from bot.cli import served
    from bot.storage.export import export as write_out

    server = where.server()
    counts = write_out(where.database, folder) if server is None else served.export(server, folder)
    for table, count in counts.items():
        click.echo(f"{table}\t{count} 行")
    click.echo(f"✓ 导出到 {folder} (exported)")


@db.command()
@place
def move(where: Place) -> None:
    """把数据文件夹里的 shequn.db 搬到配置的 PostgreSQL；先停机器人。

    一次事务，要么全部搬到，要么一行也没有；搬完逐表核对，文件改名收在旁边，内容不动。那边的账户必须是空的。

    \b
    例：
      shequn db upgrade && shequn db check
      export DATABASE_URL=postgresql://shequn:密码@db:5432/shequn
      shequn db move && shequn db check && shequn run
    """
    from bot.cli import served
    from bot.errors import ConfigError, StorageError
    from bot.storage.moved import aside

    if (server := where.server()) is None:
        raise ConfigError("没有写要搬到哪里：设环境变量 DATABASE_URL=postgresql://用户:密码@主机:端口/库 (no target)")
    if not where.database.is_file():
        if (there := aside(where.database)) is not None:
            raise StorageError(
                f"已经搬过了，文件收在 {there}；要从它再搬一次：mv {there} {where.database} (moved before)"
            )
        raise StorageError(
            f"没有文件 {where.database} 可搬：用 --data 指到数据文件夹；新账户不用搬，shequn run 就行 (nothing to move)"
        )
    where.make_data()
    served.move(server, where.database, where.data / "plugins")
