"""Plugin: entry: the door: a stranger's private words, from the first one to the invitation."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.actions import Action, NotifyAdmins
from bot.events import MemberJoined, MessageReceived, TimerDue
from bot.model import Kind, Member
from bot.text import clean_name
from plugins.entry import store
from plugins.entry.admit import admit, is_barred, seat_in, tell
from plugins.entry.plugin import Ctx, plugin
from plugins.entry.store import LIVE, Application, State
from plugins.entry.word import core, says, says_paid

_HEARD = frozenset({Kind.TEXT, Kind.IMAGE, Kind.TRANSFER})
MOST_TOPICS = 5
MOST_WORDS, MOST_STRANGERS = 30, 20_000


@plugin.on(MessageReceived, when=lambda event: not event.group and event.kind in _HEARD)
async def hear(event: MessageReceived, ctx: Ctx) -> AsyncIterator[Action]:
    """Somebody writes to the bot alone; only groups with a gate listen."""
    gates = await open_gates(ctx)
    if not gates or not _may_speak(event, ctx):
        return
    begun = [] if event.kind is not Kind.TEXT else _meant(event.text, gates)
    if len(begun) > 1:
        topics = "、".join(gate.group.topic or gate.group.id for gate in begun[:MOST_TOPICS])
        yield ctx.reply(event, ctx.text("which", 群=topics, 关键词=begun[0].settings.keyword))
        return
    if begun:
        async for action in begin(event.sender, event.text, begun[0]):
            yield action
        return
    for one in await store.of_person(ctx.db, event.sender.id):
        gate = next((gate for gate in gates if gate.group.id == one.group), None)
        if gate is not None and one.state in LIVE:
            async for action in _go_on(event, one, gate):
                yield action
            return


def _may_speak(event: MessageReceived, ctx: Ctx) -> bool:
    """Nobody guesses passwords all day: past so many words an hour a stranger is not heard."""
    hour = event.at.replace(minute=0, second=0, microsecond=0)
    if ctx.memory.get("hour") != hour:
        ctx.memory.clear()
        ctx.memory["hour"] = hour
    ctx.memory[event.sender.id] = ctx.memory.get(event.sender.id, 0) + 1
    return len(ctx.memory) <= MOST_STRANGERS and ctx.memory[event.sender.id] <= MOST_WORDS


async def open_gates(ctx: Ctx) -> list[Ctx]:
    """The groups that somebody may ask to come into, each as its own context."""
    inside = [ctx.inside(group) for group in await ctx.groups() if group.enabled]
    return [gate for gate in inside if gate.settings.gate != "off"]


def _meant(text: str, gates: list[Ctx]) -> list[Ctx]:
    """Which groups the words are about: a password names its group, a keyword may be followed by the group's name."""
    known = [gate for gate in gates if gate.settings.gate == "password" and says(text, gate.settings.passwords)]
    if known:
        return known[:1]
    asked = [gate for gate in gates if says(text, (gate.settings.keyword,))]
    if len(asked) < 2:
        return asked
    said = core(text)
    named = [gate for gate in asked if (topic := core(gate.group.topic)) and topic in said]
    longest = max((len(core(gate.group.topic)) for gate in named), default=0)
    return [gate for gate in named if len(core(gate.group.topic)) == longest] or asked


async def begin(person: Member, text: str, gate: Ctx) -> AsyncIterator[Action]:
    """Somebody wants to come in: barred, here already, refused a while ago, under way, or anew."""
    if await is_barred(person, gate):
        async for action in _turn_away(person, gate):
            yield action
        return
    seat = await seat_in(gate)
    profile = await seat.members.get(person.id)
    if profile is not None and profile.present:
        yield tell(gate, person, gate.text("here_already", 群名=seat.group.topic))
        return
    before = next(iter(await store.of_person(gate.db, person.id, gate.group.id)), None)
    settings = gate.settings
    if before is not None and before.state is State.REFUSED and gate.now < before.due_at:
        yield tell(gate, person, gate.text("refused_before", 时间=gate.say_moment(before.due_at)))
    elif before is not None and before.state is State.INVITED and gate.now < before.due_at:
        async for action in admit(gate, before):
            yield action
    elif before is not None and before.state in LIVE and before.gate == settings.gate:
        yield tell(gate, person, _ask(gate, before))
    else:
        due_at = gate.now + settings.expires
        if settings.gate == "password" and not says(text, settings.passwords):
            yield tell(gate, person, gate.text("ask_password", 群名=gate.group.topic))
            return
        one = await store.begin(gate.db, gate.group.id, person, settings.gate, State.ASKED, gate.now, due_at)
        if settings.gate == "password":
            async for action in admit(gate, one):
                yield action
            return
        await gate.timers.start(f"expire:{one.no}", at=due_at, payload={"no": str(one.no)})
        yield tell(gate, person, _ask(gate, one))


def _ask(gate: Ctx, one: Application) -> str:
    if one.state is State.REVIEW:
        return gate.text("in_review", 编号=one.no)
    wanted = {"question": gate.settings.question, "task": gate.settings.task, "payment": gate.settings.payment}
    what = gate.render(wanted[one.gate])
    return gate.text(f"ask_{one.gate}", 内容=what, 群名=gate.group.topic, 时间=gate.say_moment(one.due_at))


async def _turn_away(person: Member, gate: Ctx) -> AsyncIterator[Action]:
    """Nobody on the blacklist is invited; the admins hear of it once a day."""
    yield tell(gate, person, gate.text("barred"))
    if await gate.once(f"barred:{person.id}", lasts=gate.settings.expires):
        yield NotifyAdmins(group=gate.group.id, text=gate.text("admins_barred", 昵称=clean_name(person.name)))


async def _go_on(event: MessageReceived, one: Application, gate: Ctx) -> AsyncIterator[Action]:
    """The next word of somebody whose application is under way."""
    person = event.sender
    if one.state is State.REVIEW:
        yield tell(gate, person, gate.text("in_review", 编号=one.no))
    elif one.gate == "question":
        async for action in _answered(event, one, gate):
            yield action
    elif event.kind is Kind.IMAGE or (one.gate == "payment" and _is_paid(event)):
        await store.move(gate.db, one, State.REVIEW, gate.now)
        yield tell(gate, person, gate.text(f"handed_in_{one.gate}", 编号=one.no))
        text = gate.text(f"admins_{one.gate}", 编号=one.no, 昵称=clean_name(person.name), 群名=gate.group.topic)
        image = event.media.path if event.media is not None and event.kind is Kind.IMAGE else ""
        yield NotifyAdmins(group=gate.group.id, text=text, image=image)
    else:
        yield tell(gate, person, _ask(gate, one))


def _is_paid(event: MessageReceived) -> bool:
    return event.kind is Kind.TRANSFER or says_paid(event.text)


async def _answered(event: MessageReceived, one: Application, gate: Ctx) -> AsyncIterator[Action]:
    if event.kind is not Kind.TEXT:
        yield tell(gate, event.sender, _ask(gate, one))
        return
    if says(event.text, gate.settings.answers):
        async for action in admit(gate, one):
            yield action
        return
    tries = one.tries + 1
    left = gate.settings.tries - tries
    if left > 0:
        await store.move(gate.db, one, State.ASKED, gate.now, tries=tries)
        yield tell(gate, event.sender, gate.text("wrong_answer", 次=left))
        return
    await store.move(gate.db, one, State.REFUSED, gate.now, tries=tries, note="tries")
    await gate.timers.cancel(f"expire:{one.no}")
    yield tell(gate, event.sender, gate.text("out_of_tries", 时间=gate.say_moment(one.due_at)))


@plugin.on(TimerDue)
async def expire(event: TimerDue, ctx: Ctx) -> AsyncIterator[Action]:
    """An application that came to nothing is over; they may begin again."""
    one = await store.get(ctx.db, int(event.payload["no"]))
    if one is None or one.state not in LIVE:
        return
    await store.move(ctx.db, one, State.EXPIRED, ctx.now)
    if one.state is State.REVIEW:
        text = ctx.text("admins_expired", 编号=one.no, 昵称=clean_name(one.member.name))
        yield NotifyAdmins(group=ctx.group.id, text=text)
    yield tell(ctx, one.member, ctx.text("expired", 群名=ctx.group.topic, 关键词=ctx.settings.keyword))


@plugin.on(MemberJoined)
async def arrived(event: MemberJoined, ctx: Ctx) -> AsyncIterator[Action]:
    await store.arrived(ctx.db, event.member.id, ctx.now)
    return
    yield
