"""Test: the contract of every transport: what it declares, it does.

A transport's own test plays its far side as a `World` and runs each of `CHECKS`:

    @pytest.mark.parametrize("check", CHECKS, ids=name_of)
    async def test_contract(check, transport, world, inbox):
        await check(Contract(transport, world, inbox))

where `inbox.deliver` was given to `transport.run`, and the transport is online. A check of a capability that the
transport does not declare is skipped, by `Contract.needs`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Protocol, TypeVar

import pytest

from bot.actions import (
    Announce,
    InviteMember,
    RecallMessage,
    RemoveMember,
    SendImage,
    SendText,
    SetTopic,
)
from bot.errors import Refused, Unavailable, Uncertain
from bot.events import (
    Event,
    GatewayChanged,
    MemberJoined,
    MemberLeft,
    MessageRecalled,
    MessageReceived,
    OwnMessageSeen,
    RedPacketSent,
    RosterSeen,
    TopicChanged,
)
from bot.model import Capability, Member, Role
from bot.transport import Transport

WITHIN = 10.0
E = TypeVar("E", bound=Event)


@dataclass(frozen=True)
class Said:
    """What the far side saw the bot send."""

    text: str
    mentions: tuple[str, ...] = ()
    to: str = ""
    is_image: bool = False


class World(Protocol):
    """The far side, played by a test. Members are ids; `group` is where nothing else is said."""

    group: str
    """The bot is owner or admin here; its owner or another admin is `boss`, plain members are `members`."""
    plain_group: str
    """The bot is an ordinary member here; empty where there is no such group."""
    boss: str
    members: tuple[str, str, str]
    newcomer: str
    """Somebody the bot may invite, who is in no group yet."""
    picture: Path

    async def says(self, member: str, text: str, *, mention_bot: bool = False, private: bool = False) -> str:
        """Returns the id its event must have."""

    async def repeats(self) -> None:
        """The last message is delivered once more."""

    async def sends_red_packet(self, member: str) -> None: ...

    async def recalls(self, member: str, message: str) -> None: ...

    async def joins(self, member: str, inviter: str) -> None: ...

    async def leaves(self, member: str) -> None: ...

    async def renames_group(self, topic: str, by: str) -> None: ...

    async def hears(self) -> Said:
        """The next thing the bot says; waits for it."""

    async def has_recalled(self, message: str) -> bool: ...

    async def members_now(self) -> frozenset[str]: ...

    async def announcement_now(self) -> str: ...

    async def topic_now(self) -> str: ...

    async def goes_down(self) -> None: ...

    async def comes_back(self) -> None: ...


@dataclass
class Inbox:
    """Keeps what a transport delivers, in order."""

    events: list[Event] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def deliver(self, event: Event) -> None:
        async with self._news:
            self.events.append(event)
            self._news.notify_all()

    def of(self, kind: type[E], wanted: Callable[[E], bool] = lambda _: True) -> list[E]:
        return [each for each in self.events if isinstance(each, kind) and wanted(each)]

    async def wait(
        self, kind: type[E], wanted: Callable[[E], bool] = lambda _: True, count: int = 1, within: float = WITHIN
    ) -> E:
        """The `count`-th event of that kind that is wanted; AssertionError when it does not come in `within` s."""
        seen, found = 0, 0
        try:
            async with asyncio.timeout(within), self._news:
                while True:
                    for event in self.events[seen:]:
                        seen += 1
                        if isinstance(event, kind) and wanted(event):
                            found += 1
                            if found == count:
                                return event
                    await self._news.wait()
        except TimeoutError:
            raise AssertionError(f"{found} of {count} {kind.__name__}; last came {self.events[-10:]}") from None


@dataclass(frozen=True)
class Contract:
    transport: Transport
    world: World
    inbox: Inbox

    def needs(self, *capabilities: Capability) -> None:
        missing = set(capabilities) - self.transport.capabilities(self.world.group)
        if missing:
            pytest.skip(f"{self.transport.name} does not declare {', '.join(sorted(missing))}")

    def text(self, text: str, *mentions: Member, to: str = "") -> SendText:
        return SendText(group="" if to else self.world.group, text=text, mentions=mentions, to=to)

    async def message(self, event_id: str) -> MessageReceived:
        return await self.inbox.wait(MessageReceived, lambda event: event.id == event_id)

    async def roster(self) -> RosterSeen:
        """The next member list of the group in which everybody has a name."""
        seen = len(self.inbox.of(RosterSeen, self._is_whole))
        return await self.inbox.wait(RosterSeen, self._is_whole, max(seen, 1))

    def _is_whole(self, event: RosterSeen) -> bool:
        return event.group == self.world.group and all(each.name for each in event.members)


Check = Callable[[Contract], Awaitable[None]]
CHECKS: list[Check] = []


def name_of(check: Check) -> str:
    return getattr(check, "__name__", "check")


def _check(function: Check) -> Check:
    async def checked(it: Contract) -> None:
        await function(it)
        _keeps_the_rules_of_events(it)

    checked.__name__ = name_of(function)
    CHECKS.append(checked)
    return checked


def _keeps_the_rules_of_events(it: Contract) -> None:
    for event in it.inbox.events:
        assert event.id, event
        assert event.at.utcoffset() == timedelta(0), event
    roster_of = {event.group for event in it.inbox.of(RosterSeen)}
    assert "" not in roster_of


@_check
async def it_knows_its_own_account(it: Contract) -> None:
    account, health = it.transport.account, it.transport.health()
    assert account.id
    assert account.name
    assert health.connected
    assert health.logged_in
    assert (await it.inbox.wait(GatewayChanged)).up


@_check
async def a_message_arrives_whole(it: Contract) -> None:
    text = "大家好 👋 <b>&amp;</b> 第一行\n第二行"
    message = await it.message(await it.world.says(it.world.members[0], text))
    assert message.text == text
    assert message.group == it.world.group
    assert message.sender.id == it.world.members[0]
    assert message.sender.name
    assert message.sender.role == Role.MEMBER
    assert not message.mentions_bot


@_check
async def the_boss_is_known_by_role(it: Contract) -> None:
    message = await it.message(await it.world.says(it.world.boss, "我说两句"))
    assert message.sender.role >= Role.ADMIN


@_check
async def an_at_for_the_bot_is_noticed(it: Contract) -> None:
    message = await it.message(await it.world.says(it.world.members[0], "在吗", mention_bot=True))
    assert message.mentions_bot
    assert it.transport.account.id not in message.mentions


@_check
async def order_is_kept(it: Contract) -> None:
    said = [await it.world.says(it.world.members[number % 3], f"第 {number} 句") for number in range(60)]
    await it.message(said[-1])
    assert [event.id for event in it.inbox.of(MessageReceived) if event.id in said] == said


@_check
async def a_repeated_message_has_the_same_id(it: Contract) -> None:
    first = await it.world.says(it.world.members[0], "只说一次")
    await it.world.repeats()
    await it.message(await it.world.says(it.world.members[0], "说完了"))
    assert {event.id for event in it.inbox.of(MessageReceived, lambda event: event.text == "只说一次")} == {first}


@_check
async def a_text_is_said(it: Contract) -> None:
    receipt = await it.transport.perform(it.text("欢迎新朋友 👏\n请看群规"))
    said = await it.world.hears()
    assert (said.text, said.to) == ("欢迎新朋友 👏\n请看群规", "")
    if Capability.ECHO in it.transport.capabilities(it.world.group):
        own = await it.inbox.wait(OwnMessageSeen, lambda event: event.text == "欢迎新朋友 👏\n请看群规")
        assert own.group == it.world.group
        assert own.message_id == receipt.message_id
    assert not it.inbox.of(MessageReceived, lambda event: event.sender.id == it.transport.account.id)


@_check
async def a_text_names_somebody(it: Contract) -> None:
    it.needs(Capability.MENTION)
    whom = (await it.message(await it.world.says(it.world.members[1], "叫我一声"))).sender
    await it.transport.perform(it.text(f"@{whom.name} 到你了", whom))
    said = await it.world.hears()
    assert said.mentions == (whom.id,)
    assert said.text.startswith(f"@{whom.name}")
    if Capability.ECHO in it.transport.capabilities(it.world.group):
        await it.inbox.wait(OwnMessageSeen, lambda event: event.text == f"@{whom.name} 到你了")


@_check
async def private_chats_work_both_ways(it: Contract) -> None:
    it.needs(Capability.PRIVATE)
    message = await it.message(await it.world.says(it.world.members[0], "悄悄话", private=True))
    assert message.group == ""
    await it.transport.perform(it.text("收到", to=message.sender.id))
    assert await it.world.hears() == Said("收到", to=message.sender.id)


@_check
async def a_picture_is_sent(it: Contract) -> None:
    it.needs(Capability.IMAGE)
    await it.transport.perform(SendImage(group=it.world.group, path=str(it.world.picture)))
    assert (await it.world.hears()).is_image
    with pytest.raises(Refused):
        await it.transport.perform(SendImage(group=it.world.group, path=str(it.world.picture) + ".gone"))


@_check
async def a_red_packet_is_seen(it: Contract) -> None:
    it.needs(Capability.SEE_RED_PACKET)
    await it.world.sends_red_packet(it.world.members[2])
    packet = await it.inbox.wait(RedPacketSent)
    assert (packet.group, packet.sender.id) == (it.world.group, it.world.members[2])


@_check
async def a_recalled_message_is_named(it: Contract) -> None:
    message = await it.world.says(it.world.members[0], "说错了")
    await it.message(message)
    await it.world.recalls(it.world.members[0], message)
    assert (await it.inbox.wait(MessageRecalled)).message_id == message


@_check
async def joins_and_leaves_are_seen(it: Contract) -> None:
    await it.world.joins(it.world.newcomer, it.world.members[0])
    joined = await it.inbox.wait(MemberJoined)
    assert (joined.group, joined.member.id) == (it.world.group, it.world.newcomer)
    assert joined.member.name
    if Capability.SEE_INVITER in it.transport.capabilities(it.world.group):
        assert joined.inviter is not None
        assert joined.inviter.id == it.world.members[0]
    await it.world.leaves(it.world.newcomer)
    left = await it.inbox.wait(MemberLeft)
    assert (left.group, left.member.id, left.member.name) == (it.world.group, it.world.newcomer, joined.member.name)
    assert left.id != joined.id


@_check
async def a_new_topic_is_seen(it: Contract) -> None:
    await it.world.renames_group("新群名", it.world.boss)
    changed = await it.inbox.wait(TopicChanged)
    assert (changed.group, changed.topic) == (it.world.group, "新群名")


@_check
async def a_removed_member_is_gone(it: Contract) -> None:
    it.needs(Capability.REMOVE)
    whom = (await it.message(await it.world.says(it.world.members[2], "加微信领红包"))).sender
    assert await it.transport.is_member(it.world.group, whom.id) is not False
    await it.transport.perform(RemoveMember(group=it.world.group, member=whom, reason="广告"))
    assert whom.id not in await it.world.members_now()
    assert await it.transport.is_member(it.world.group, whom.id) is not True
    assert (await it.inbox.wait(MemberLeft)).member.id == whom.id
    with pytest.raises(Refused):
        await it.transport.perform(RemoveMember(group=it.world.group, member=whom, reason="再来一次"))


@_check
async def who_is_a_member_can_be_asked(it: Contract) -> None:
    it.needs(Capability.ROSTER)
    assert await it.transport.is_member(it.world.group, it.world.members[0]) is True
    assert await it.transport.is_member(it.world.group, it.world.newcomer) is False


@_check
async def without_rights_nothing_is_promised(it: Contract) -> None:
    if not it.world.plain_group:
        pytest.skip("the bot may manage every group here")
    managing = {Capability.REMOVE, Capability.ANNOUNCE, Capability.TOPIC}
    assert not managing & it.transport.capabilities(it.world.plain_group)
    somebody = Member(it.world.members[0], "某人")
    with pytest.raises(Refused):
        await it.transport.perform(RemoveMember(group=it.world.plain_group, member=somebody, reason="广告"))


@_check
async def somebody_is_invited(it: Contract) -> None:
    it.needs(Capability.INVITE)
    await it.transport.perform(InviteMember(group=it.world.group, member=Member(it.world.newcomer, "新人")))
    assert it.world.newcomer in await it.world.members_now()


@_check
async def an_announcement_stands_and_is_read_back(it: Contract) -> None:
    it.needs(Capability.ANNOUNCE)
    await it.transport.perform(Announce(group=it.world.group, text="今晚八点分享会"))
    assert await it.world.announcement_now() == "今晚八点分享会"
    if Capability.READ_ANNOUNCEMENT in it.transport.capabilities(it.world.group):
        assert await it.transport.announcement(it.world.group) == "今晚八点分享会"


@_check
async def the_topic_is_set(it: Contract) -> None:
    it.needs(Capability.TOPIC)
    await it.transport.perform(SetTopic(group=it.world.group, topic="读书群 · 第二季"))
    assert await it.world.topic_now() == "读书群 · 第二季"


@_check
async def the_bot_takes_back_its_own_message(it: Contract) -> None:
    it.needs(Capability.RECALL)
    receipt = await it.transport.perform(it.text("发错了"))
    assert receipt.message_id
    await it.transport.perform(RecallMessage(group=it.world.group, message_id=receipt.message_id))
    assert await it.world.has_recalled(receipt.message_id)


@_check
async def the_roster_names_everybody(it: Contract) -> None:
    it.needs(Capability.ROSTER)
    roster = await it.roster()
    assert {each.id for each in roster.members} == await it.world.members_now()
    assert it.transport.account.id in {each.id for each in roster.members}
    assert {each.id: each.role for each in roster.members}[it.world.boss] >= Role.ADMIN
    assert roster.topic == await it.world.topic_now()


@_check
async def outages_are_told_and_survived(it: Contract) -> None:
    await it.world.says(it.world.members[0], "断线之前")
    await it.inbox.wait(MessageReceived)
    rosters = len(it.inbox.of(RosterSeen))
    await it.world.goes_down()
    down = await it.inbox.wait(GatewayChanged, lambda event: not event.up)
    assert down.reason
    with pytest.raises((Unavailable, Uncertain)):
        await it.transport.perform(it.text("有人吗"))
    assert await it.transport.is_member(it.world.group, it.world.members[0]) is None
    assert not it.transport.health().logged_in
    await it.world.comes_back()
    back = await it.inbox.wait(GatewayChanged, lambda event: event.up and event.at >= down.at)
    assert back.gap_from is not None
    assert back.gap_from <= down.at
    await it.message(await it.world.says(it.world.members[0], "又好了"))
    await it.transport.perform(it.text("我回来了"))
    assert (await it.world.hears()).text == "我回来了"
    if Capability.ROSTER in it.transport.capabilities(it.world.group):
        await it.inbox.wait(RosterSeen, count=rosters + 1)


@_check
async def many_actions_at_once_are_all_done(it: Contract) -> None:
    await asyncio.gather(*(it.transport.perform(it.text(f"并发 {number}")) for number in range(10)))
    assert {(await it.world.hears()).text for _ in range(10)} == {f"并发 {number}" for number in range(10)}


@_check
async def it_may_be_closed_twice(it: Contract) -> None:
    await it.transport.close()
    await it.transport.close()
    with pytest.raises(Unavailable):
        await it.transport.perform(it.text("还在吗"))
