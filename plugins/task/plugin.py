"""Plugin: task: its settings and the plugin itself, to which the other files hang their handlers."""

from __future__ import annotations

from bot.plugin import Context, Plugin, PluginSettings, template
from plugins.task.tables import tasks


class Settings(PluginSettings):
    notice: str = template(
        "📌 今日任务：{任务}\n做完了发 打卡 加一句话～",
        "任务", "群名", "人数", "日期",
        description="任务到点时说的话",
        max_length=300,
        english="📌 Today's task: {任务}\nWhen it is done: /clockin and a few words",
    )  # fmt: skip


plugin = Plugin("task", Settings, help="任务：今天要做的一件事，到点提醒，做完打卡", tables=(tasks,))

Ctx = Context[Settings]
