"""Plugin: quiet: what can be set about quiet members, and the plugin itself."""

from __future__ import annotations

from datetime import timedelta

from bot.duration import Duration
from bot.plugin import Context, Field, Plugin, PluginSettings, template
from plugins.quiet.tables import quiet_member, quiet_round


class Settings(PluginSettings):
    """Who counts as quiet, and how gently they are let go."""

    lasts: Duration = Field(timedelta(days=30), description="多久没说话算潜水（/潜水 后面没写时）")
    notice: Duration = Field(timedelta(days=3), description="移出前几天在群里通知")
    text: str = template(
        "{昵称} 好久没见你说话啦～ 冒个泡就好，{时间} 前还没动静的位子要让给新朋友",
        "昵称",
        "时间",
        "人数",
        "群名",
        description="移出前通知潜水的人的话",
        max_length=300,
        english="{昵称} we have not heard from you for long. Just say hi; places not used by {时间} go to new friends",
    )
    batch: int = Field(5, ge=1, le=20, description="一批移出几人")
    pause: Duration = Field(timedelta(minutes=10), description="两批之间隔多久")
    most_names: int = Field(30, ge=1, le=100, description="一条通知里最多点几个人的名")


plugin = Plugin(
    "quiet", Settings, help="谁潜水很久了，先通知，再分批请出，错了能请回来", tables=(quiet_round, quiet_member)
)
Ctx = Context[Settings]
