"""Test: a plugin that does to the letter what it is told in the chat, for tests of what surrounds plugins."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import (
    Action,
    Announce,
    InviteMember,
    NotifyAdmins,
    Purpose,
    RecallMessage,
    RemoveMember,
    SendImage,
    SendText,
    SetTopic,
)
from bot.duration import Duration, parse_duration
from bot.events import Event, MemberJoined, MessageReceived, RedPacketSent, TimerDue
from bot.model import Member
from bot.plugin import Context, Field, Plugin, PluginSettings


class Settings(PluginSettings):
    tone: str = Field("好的", description="怎么答应")
    after: Duration = Field(parse_duration("3m"), description="“等”多久")


plugin = Plugin("obedient", Settings, help="说什么做什么")


def _action(event: Event, verb: str, rest: str, ctx: Context[Settings]) -> Action | None:
    group = event.group
    match verb:
        case "说":
            return SendText(group=group, text=rest.replace("|", "\n"), purpose=Purpose.REPLY)
        case "答应":
            return SendText(group=group, text=ctx.settings.tone, purpose=Purpose.REPLY)
        case "私":
            who, _, text = rest.partition(" ")
            return SendText(group=group, to=who, text=text, purpose=Purpose.REPLY)
        case "移出":
            return RemoveMember(group=group, member=Member(rest, rest), reason="说了要移出", case=7)
        case "公告":
            return Announce(group=group, text=rest)
        case "告诉管理员":
            return NotifyAdmins(group=group, text=rest)
        case "图":
            return SendImage(group=group, path=rest)
        case "邀":
            who, _, where = rest.partition(" ")
            return InviteMember(group=where, member=Member(who, who))
        case "群名":
            return SetTopic(group=group, topic=rest)
        case "撤":
            quote = getattr(event, "quote", None)
            return RecallMessage(group=group, message_id=quote.id if quote else "")
    return None


@plugin.on(MessageReceived)
async def obey(event: MessageReceived, ctx: Context[Settings]) -> AsyncIterator[Action]:
    """`动词 内容`; `等 动词 内容` does it later; anything about the message itself is told when asked `看`."""
    verb, _, rest = event.text.partition(" ")
    if verb == "等":
        await ctx.timers.start(event.id, ctx.settings.after, payload={"what": rest})
    elif verb == "看":
        quoted = event.quote.text if event.quote else "-"
        names = ",".join(event.mentions) or "-"
        text = f"{event.sender.role.name} 点名={names} 引用={quoted} 找我={event.mentions_bot}"
        yield SendText(group=event.group, text=text, purpose=Purpose.REPLY)
    elif event.kind != "text":
        size = event.media.size if event.media else "-"
        yield SendText(group=event.group, text=f"{event.kind} {event.title}|{event.url}|{size}", purpose=Purpose.REPLY)
    elif (action := _action(event, verb, rest, ctx)) is not None:
        yield action


@plugin.on(TimerDue)
async def later(event: TimerDue, ctx: Context[Settings]) -> AsyncIterator[Action]:
    verb, _, rest = event.payload["what"].partition(" ")
    if (action := _action(event, verb, rest, ctx)) is not None:
        yield action


@plugin.on(MemberJoined)
async def greet(event: MemberJoined, ctx: Context[Settings]) -> AsyncIterator[Action]:
    by = event.inviter.name if event.inviter else "-"
    count = (await ctx.members.count(), ctx.group.size)
    yield SendText(group=event.group, text=f"{event.member.name} 来了，{by} 请的，共 {count[1]} 人")


@plugin.on(RedPacketSent)
async def thank(event: RedPacketSent, ctx: Context[Settings]) -> AsyncIterator[Action]:
    yield SendText(group=event.group, text=f"谢谢 {event.sender.name}")
