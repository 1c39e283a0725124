"""Top: why the bot is not ready right now, one Chinese sentence each."""

from __future__ import annotations

import shutil
from datetime import timedelta

from bot.app import App
from bot.duration import say_duration
from bot.text import clip

LATE = timedelta(minutes=2)
LOW_DISK = 50 << 20


def reasons(app: App) -> tuple[str, ...]:
    """Empty when everything works: file, gateway, login, schedule, disk, and something has been heard lately."""
    now, far = app.clock.now(), app.transport.health()
    found = []
    if app.lost:
        found.append(app.lost)
    elif app.lease is not None and not app.lease.is_held():
        found.append("租约续不上，先不发送：数据库连不上，或者这个进程卡过 (the lease is in doubt)")
    if app.reception.trouble:
        found.append(clip(app.reception.trouble, 200))
    if app.upkeep.damage:
        found.append(app.upkeep.damage)
    if not far.connected:
        found.append(f"网关没有连上：{far.detail or '正在重连'}")
    elif not far.logged_in:
        found.append(f"微信没有登录：{far.detail or '请扫码'}")
    late = app.schedule.overdue(now)
    if late > LATE:
        found.append(f"定时任务晚了 {int(late.total_seconds())} 秒")
    free = shutil.disk_usage(app.database.parent).free
    if free < LOW_DISK:
        found.append(f"磁盘只剩 {free // 1_048_576} MB")
    longest, silent = app.settings.watch.silence, now - (app.reception.heard_at or app.started_at)
    if longest is not None and silent > longest:
        found.append(f"已经 {say_duration(silent)} 没有收到任何消息")
    if app.upkeep.backup_trouble:
        found.append(clip(f"每日备份没做成：{app.upkeep.backup_trouble}", 200))
    return tuple(found)
