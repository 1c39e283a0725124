"""Core: what is allowed in a configuration but probably not meant."""

from __future__ import annotations

from bot.model import Mode
from bot.settings.load import Settings


def review(settings: Settings) -> list[str]:
    """Remarks, one Chinese sentence each; none of them keeps the bot from starting."""
    remarks = []
    if not settings.bot.owners:
        remarks.append("· 没有写 [bot] owners：没有人能用主人的命令，也没有人收到通知 (no owners)")
    for owner in settings.bot.owners:
        if not owner.isascii():
            remarks.append(f"· [bot] owners 里的“{owner[:20]}”像是昵称：要写 /我是谁 说的编号 (looks like a name)")
    if not settings.bot.manage:
        remarks.append("· [bot] manage 是空的：主人在群里发 /启用 之前，机器人不管任何群 (no groups)")
    if settings.bot.mode is not Mode.ENFORCE:
        word = "只记录" if settings.bot.mode is Mode.DRY else "只告诉管理员"
        remarks.append(f"· [bot] mode = {settings.bot.mode.value}：机器人{word}，不会移出人 (nobody is removed)")
    if settings.web.host not in ("127.0.0.1", "::1", "localhost"):
        remarks.append(f"· [web] host = {settings.web.host}：别的机器也能打开网页，请确认前面有防火墙 (reachable)")
    if settings.log.text:
        remarks.append("· [log] text = true：群友说的话会写进日志 (messages are logged)")
    return remarks
