"""Cli: the doctor asks what the account behind the gateway can see and do, and what it may do in each group."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING

from bot.cli.doctor.finding import Finding, note, well, wrong
from bot.storage.experience import Deeds, Experience, experience

if TYPE_CHECKING:
    from bot.settings import Settings
    from bot.transports.wechaty.calls import GatewayPuppet

GROUPS = 20
"""So many groups are looked at: each costs three questions to an account that must not ask too much."""
DEADLINE = 8.0
DEEDS = {"recall": "撤回消息", "remove": "移出群友", "invite": "邀请进群", "announce": "发群公告"}
_WEB = "网页版微信没有这个功能"
LIMITS: dict[str, dict[str, str]] = {
    "wechaty-puppet-wechat4u": {
        "remove": "网页版接口，微信常常不认；机器人会核对，没移走就告诉管理员",
        "invite": "超过 40 人的群，微信只发一张邀请卡",
        "announce": _WEB,
    },
    "wechaty-puppet-wechat": {
        "remove": "网页版接口，微信常常不认；机器人会核对，没移走就告诉管理员",
        "invite": "超过 40 人的群，微信只发一张邀请卡",
        "announce": _WEB,
    },
    "wechaty-puppet-xp": dict.fromkeys(("remove", "invite", "announce"), "说做了，其实没有做；机器人会核对"),
}
"""What puppets say of themselves, in their code; by npm name."""


async def look_at_account(puppet: GatewayPuppet, settings: Settings, database: Path) -> AsyncIterator[Finding]:
    """Harmless questions only; what cannot be asked harmlessly is told from what the bot has done so far."""
    from bot.transports.wechaty import tidy
    from bot.transports.wechaty.trouble import PAYLOAD_ERRORS, first_line

    on_server = bool(settings.storage.url.get_secret_value())
    known = Experience() if on_server else await asyncio.to_thread(experience, database)
    try:
        async with asyncio.timeout(DEADLINE):
            rooms = tidy.idents(await puppet.rooms())
    except PAYLOAD_ERRORS as error:
        said = first_line(str(getattr(error, "message", "") or error), puppet.settings.token.get_secret_value())
        yield wrong(
            f"微信账号：群的名单要不到：{said or type(error).__name__}",
            "多半是还没有登录：shequn run 启动后扫它印出来的二维码",
        )
        return
    if rooms:
        yield well(f"微信账号：看得到 {len(rooms)} 个群")
    else:
        yield note("微信账号：一个群也看不到", "没有登录就去扫码；登录了就把群“保存到通讯录”，再等几分钟")
    for finding in _deeds(known):
        yield finding
    async for finding in _groups(puppet, settings, known, rooms):
        yield finding


def _deeds(known: Experience) -> Iterator[Finding]:
    puppet = os.environ.get("WECHATY_PUPPET", "")
    limits = LIMITS.get(puppet, {})
    for kind, name in DEEDS.items():
        limit = f"{puppet}：{limits[kind]}" if kind in limits else ""
        yield _deed(f"能力·{name}", known.deeds.get(kind, Deeds()), limit)


def _deed(title: str, deeds: Deeds, limit: str) -> Finding:
    if deeds.done and not deeds.failed:
        return well(f"{title}：做成过 {deeds.done} 次，没有失败过")
    if deeds.done:
        return note(f"{title}：做成 {deeds.done} 次，失败 {deeds.failed} 次，最近一次是：{deeds.error[:100]}", limit)
    if deeds.failed:
        return wrong(
            f"{title}：试过 {deeds.failed} 次，一次也没成：{deeds.error[:100]}", limit or "看下面机器人在群里的身份"
        )
    return note(f"{title}：还没有做过，{limit or '做过才知道这个 puppet 行不行'}")


async def _groups(
    puppet: GatewayPuppet, settings: Settings, known: Experience, rooms: list[str]
) -> AsyncIterator[Finding]:
    from bot.transports.wechaty.trouble import PAYLOAD_ERRORS

    managed = [group for group, on in known.enabled.items() if on or (on is None and _named(settings, known, group))]
    for group in sorted(set(managed) - set(rooms)):
        title = f"群 {known.topics.get(group) or group}"
        yield wrong(f"{title}：网关里没有这个群", "机器人不在群里，或者群没有“保存到通讯录”")
    seen = 0
    for group in rooms:
        if managed and group not in managed:
            continue
        if seen == GROUPS:
            yield note(f"群：只看了前 {GROUPS} 个")
            break
        seen += 1
        try:
            async with asyncio.timeout(DEADLINE):
                yield await _group(puppet, group, known.account)
        except PAYLOAD_ERRORS as error:
            yield wrong(f"群 {known.topics.get(group) or group}：资料要不到（{type(error).__name__}）", "稍后再试一次")


def _named(settings: Settings, known: Experience, group: str) -> bool:
    topic = known.topics.get(group, "")
    return any(pattern in (group, "*") or fnmatchcase(topic, pattern) for pattern in settings.bot.manage)


async def _group(puppet: GatewayPuppet, group: str, account: str) -> Finding:
    from bot.transports.wechaty import tidy

    room = await puppet.room(group)
    members = tidy.idents(await puppet.member_ids(group))
    title = f"群 {tidy.name(room.topic) or group}（{len(members)} 人）"
    owner, admins = tidy.ident(room.owner_id), tidy.idents(list(room.admin_ids))
    if not owner and not admins:
        return note(f"{title}：网关没说谁是群主和管理员", "机器人照做，做不成会告诉管理员")
    if not account:
        return note(f"{title}：机器人还没有说过话，认不出它是不是群主或管理员", "在群里发 /状态，再体检一次")
    if account == owner:
        return well(f"{title}：机器人是群主，移人、公告、改群名都可以")
    if account in admins:
        return well(f"{title}：机器人是管理员，移人、公告、改群名都可以")
    return note(
        f"{title}：机器人是普通成员，不能移人、发公告、改群名，只提醒管理员", "请群主在“群管理”里把机器人设为管理员"
    )
