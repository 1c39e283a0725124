"""Plugin: setup: the first-run dialogue: at most seven questions, left at any time, kept over a restart."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta

from bot.actions import Action
from bot.commands import Call
from bot.errors import CommandError
from bot.events import MessageReceived
from bot.model import Kind, Role
from bot.text import clip, normalise
from bot.value import say
from plugins.setup.plugin import Ctx, plugin
from plugins.setup.question import LONGEST, QUESTIONS, Here, Values, understood

LASTS = timedelta(days=1)
_OPEN = "open"
_TALK = "talk:"
_SKIP = frozenset(("0", "跳过", "skip", "不改"))
_LEAVE = frozenset(("退出", "算了", "结束", "exit", "quit"))


@dataclass(frozen=True, slots=True)
class Talk:
    """A dialogue under way. step: the question asked last. hinted: whether they were told it was not understood."""

    group: str
    step: int = 0
    done: tuple[str, ...] = ()
    hinted: bool = False


@plugin.command(
    "开始",
    "begin",
    usage="",
    example="/开始",
    help="七个问题设好这个群，随时可以退出",
    role=Role.ADMIN,
)
async def begin(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    """The answers come from the same person in the same place."""
    ctx.need_group()
    if call.text:
        raise CommandError(ctx.text("begin_wrong"))
    key = await _keep(ctx, call.event, Talk(ctx.group.id))
    (await _open(ctx)).add(key)
    hint = ctx.text("mention_me") if call.event.group and call.event.sender.role < Role.ADMIN else ""
    yield ctx.reply(call.event, "\n".join(filter(None, [ctx.text("hello"), hint, _ask(ctx, 0)])))


def may_answer(event: MessageReceived) -> bool:
    """Asked of every message: only who runs a group answers, and members' talk costs nothing."""
    if event.kind is not Kind.TEXT or len(event.text) > LONGEST + 40:
        return False
    return event.sender.role >= Role.ADMIN or not event.group or event.mentions_bot


@plugin.on(MessageReceived, when=may_answer)
async def answer(event: MessageReceived, ctx: Ctx) -> AsyncIterator[Action]:
    """One answer sets what it sets at once, so that leaving early loses nothing."""
    key = _key(event)
    under_way = await _open(ctx)
    if key not in under_way:
        return
    kept = await _everywhere(ctx).notes.get(key)
    groups = {group.id: group for group in await ctx.groups()}
    if kept is None or (group := groups.get(json.loads(kept)["group"])) is None:
        under_way.discard(key)
        return
    there, talk = ctx.inside(group), Talk(**{**json.loads(kept), "done": tuple(json.loads(kept)["done"])})
    if await there.members.role_of(event.sender.id) < Role.ADMIN:
        return
    said = _without_name(event, ctx)
    word = normalise(said).lower()
    if word in _LEAVE:
        yield await _end(there, event, talk, early=True)
        return
    done = "" if word in _SKIP else await _take(there, event, talk.step, said)
    if done is None:
        if not talk.hinted:
            await _keep(ctx, event, replace(talk, hinted=True))
            yield ctx.reply(event, there.text("not_understood", 问题=there.text(f"ask_{QUESTIONS[talk.step][0]}")))
        return
    talk = replace(talk, step=talk.step + 1, done=(*talk.done, done) if done else talk.done, hinted=False)
    if talk.step == len(QUESTIONS):
        yield await _end(there, event, talk, early=False)
        return
    await _keep(ctx, event, talk)
    yield ctx.reply(event, "\n".join(filter(None, [done and there.text("noted", 改动=done), _ask(there, talk.step)])))


async def _take(there: Ctx, event: MessageReceived, step: int, said: str) -> str | None:
    """Save what the answer sets; what to say of it, None when it cannot be read."""
    commands: dict[str, tuple[str, ...]] = {}
    off = tuple(there.section("bot").switched_off)
    for command in [*there.commands.commands, *there.commands.off]:
        commands[command.plugin] = (*commands.get(command.plugin, ()), command.name)
    values = understood(step, said, Here(commands, event.sender.id, off))
    if values is None:
        return None
    try:
        await there.group_settings.set_many(values, by=event.sender.id, origin=there.text("step_begin"))
    except CommandError:
        return None
    return _tell(there, QUESTIONS[step][0], values)


def _tell(there: Ctx, name: str, values: Values) -> str:
    """The answer as it is kept, in a few words."""
    if name == "games":
        gone = there.section("bot").switched_off
        return there.text(
            "done_games", 关了=there.text("comma").join(f"/{one}" for one in gone[:8]) or there.text("none")
        )
    if name == "notices":
        control = values["bot.control"]
        who = "admins" if control == ["admins"] else "me" if control else "owners"
        return there.text("done_notices", 谁=there.text(f"notices_{who}"))
    shown = []
    for key in values:
        section, _, field = key.partition(".")
        shown.append(clip(say(getattr(there.sections[section], field)), 40))
    return there.text(f"done_{name}", 值=there.text("comma").join(shown))


async def _end(there: Ctx, event: MessageReceived, talk: Talk, *, early: bool) -> Action:
    await _everywhere(there).notes.delete(_key(event))
    (await _open(there)).discard(_key(event))
    head = there.text("left" if early else "finished", 群名=there.group.topic)
    lines = [there.text("line", 改动=one) for one in talk.done]
    return there.reply(event, "\n".join([head, *lines, there.text("after" if lines else "nothing_set")]))


def _ask(ctx: Ctx, step: int) -> str:
    name = QUESTIONS[step][0]
    return ctx.text("question", 第=step + 1, 共=len(QUESTIONS), 问题=ctx.text(f"ask_{name}"))


def _key(event: MessageReceived) -> str:
    return f"{_TALK}{event.group}:{event.sender.id}"


def _everywhere(ctx: Ctx) -> Ctx:
    return ctx.inside(replace(ctx.group, id=""))


async def _keep(ctx: Ctx, event: MessageReceived, talk: Talk) -> str:
    key = _key(event)
    await _everywhere(ctx).notes.set(key, json.dumps(asdict(talk), ensure_ascii=False), lasts=LASTS)
    return key


async def _open(ctx: Ctx) -> set[str]:
    """Who is in a dialogue where; read once after a start."""
    if _OPEN not in ctx.memory:
        ctx.memory[_OPEN] = set(await _everywhere(ctx).notes.all(_TALK))
    found: set[str] = ctx.memory[_OPEN]
    return found


def _without_name(event: MessageReceived, ctx: Ctx) -> str:
    """What is said, without the @ of the bot in front."""
    text = event.text.strip()
    if event.mentions_bot and text[:1] in "@＠":
        name = ctx.section("bot").name
        rest = text[1:].removeprefix(name)
        text = rest if len(rest) < len(text) - 1 else text.split(maxsplit=1)[-1]
    return text.replace("\u2005", " ").strip()
