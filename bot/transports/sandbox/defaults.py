"""Transport: the sandbox's world as it is delivered: two reading groups, and names for newcomers."""

from __future__ import annotations

from bot.model import Role
from bot.transports.sandbox.things import BOT, Group, Seat

BOT_NAME = "群管家"
FIRST, SECOND = "g1", "g2"
NEWCOMERS = (
    *("小雨", "阿杰", "婷婷", "大鹏", "小满", "子轩", "佳怡", "思远"),
    *("可可", "老陈", "文静", "小北", "阿宁", "海涛", "青青", "若水"),
)

_TOPICS = {FIRST: "金万家郑州读书会1群", SECOND: "金万家郑州读书会2群"}
_PEOPLE = {
    FIRST: {"群主": Role.OWNER, "小美": Role.ADMIN, "阿强": Role.MEMBER, "老王": Role.MEMBER}
    | dict.fromkeys(("小李", "小赵", "晓芳", "大刘"), Role.MEMBER),
    SECOND: {"群主": Role.OWNER, "小美": Role.ADMIN, "阿强": Role.MEMBER}
    | dict.fromkeys(("小周", "云姐", "书虫"), Role.MEMBER),
}


def found() -> list[Group]:
    """The groups, each with the bot in it as an admin."""
    return [
        Group(
            id=group,
            topic=topic,
            seats={BOT: Seat(BOT, BOT_NAME, Role.ADMIN)}
            | {name: Seat(name, name, role) for name, role in _PEOPLE[group].items()},
        )
        for group, topic in _TOPICS.items()
    ]
