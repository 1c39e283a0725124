"""Plugin: quiet: the admins' command: who is silent, tell them, clear out, stop, undo, keep somebody."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime, timedelta

from bot.actions import Action, InviteMember, SendText
from bot.commands import Call
from bot.context import Profile
from bot.duration import parse_duration
from bot.errors import CommandError
from bot.model import Capability, Member, Role
from bot.text import clean_name, clip
from plugins.quiet import store
from plugins.quiet.clear import BATCH, DUE, NOTICE, names, remove_batch, still_quiet
from plugins.quiet.plugin import Ctx, plugin
from plugins.quiet.silence import KEPT, silence
from plugins.quiet.store import Fate, Round, State

LINES = 15
SHORTEST = timedelta(days=1)
_LIFT = {"取消", "解除", "off"}


@plugin.command(
    "潜水",
    "quiet",
    usage="[30天] | 通知 [30天] [3天] | 移出 | 停 | 撤销 | 保留 @名 [取消]",
    example="/潜水 30天",
    help="谁潜水很久了；通知、分批移出、撤销",
    role=Role.ADMIN,
)
async def steer(call: Call, ctx: Ctx) -> AsyncIterator[Action]:
    words = call.words
    doing = _DOING.get(words[0].lower() if words else "")
    if doing is None:
        yield ctx.reply(call.event, await _listing(ctx, _length(ctx, words, 0, ctx.settings.lasts)), mention=False)
        return
    for action in await doing(call, ctx):
        yield action


def _length(ctx: Ctx, words: list[str], index: int, otherwise: timedelta) -> timedelta:
    """A length of time among the words. Raises CommandError for anything else, and for less than a day."""
    if len(words) <= index:
        return otherwise
    try:
        found = parse_duration(f"{words[index]}天" if words[index].isdigit() else words[index])
    except ValueError:
        raise CommandError(ctx.text("usage")) from None
    if found < SHORTEST:
        raise CommandError(ctx.text("too_short"))
    return found


async def _listing(ctx: Ctx, lasts: timedelta) -> str:
    found = await silence(ctx, lasts)
    lines = []
    if found.watched < lasts:
        lines.append(ctx.text("watched", 天数=found.watched.days, 时长=ctx.say_duration(lasts)))
    if not found.quiet:
        return "\n".join([ctx.text("nobody", 时长=ctx.say_duration(lasts)), *lines])
    lines += [_line(ctx, person, since) for person, since in found.quiet[:LINES]]
    if len(found.quiet) > LINES:
        lines.append(ctx.text("more", 人数=len(found.quiet) - LINES))
    if found.spared:
        lines.append(ctx.text("spared", 人数=found.spared))
    return "\n".join([ctx.text("head", 人数=len(found.quiet), 时长=ctx.say_duration(lasts)), *lines])


def _line(ctx: Ctx, person: Profile, since: datetime) -> str:
    name = clip(clean_name(person.name), 16) or ctx.text("unnamed")
    key = "line_never" if person.last_spoke_at is None else "line"
    return ctx.text(key, 昵称=name, 天数=(ctx.now - since).days)


async def _notice(call: Call, ctx: Ctx) -> list[Action]:
    """Name them in the group, with the day; the round begins here."""
    lasts = _length(ctx, call.words, 1, ctx.settings.lasts)
    notice = _length(ctx, call.words, 2, ctx.settings.notice)
    before = await store.newest(ctx.db, ctx.group.id)
    if before is not None and before.state is State.REMOVING:
        raise CommandError(ctx.text("busy"))
    people = [person.member for person, _ in (await silence(ctx, lasts)).quiet]
    if not people:
        return [ctx.reply(call.event, ctx.text("nobody", 时长=ctx.say_duration(lasts)))]
    due_at = ctx.now + notice
    if not call.confirmed:
        about = {
            "人数": len(people),
            "时长": ctx.say_duration(lasts),
            "名单": names(ctx, people),
            "时间": ctx.say_moment(due_at),
        }
        return [await ctx.ask_first(call, ctx.text("preview_notice", **about))]
    if before is not None and before.state is State.NOTICED:
        await store.move(ctx.db, before, State.STOPPED)
    one = await store.begin(ctx.db, ctx.group.id, lasts, ctx.now, due_at, call.asker.id, people)
    await ctx.timers.cancel(DUE)
    await ctx.timers.start(DUE, at=due_at)
    most = ctx.settings.most_names
    pages = [people[start : start + most] for start in range(0, len(people), most)]
    said: list[Action] = [_page(ctx, one, page, len(people)) for page in pages]
    return [*said, ctx.reply(call.event, ctx.text("noticed", 人数=len(people), 时间=ctx.say_moment(due_at)))]


def _page(ctx: Ctx, one: Round, people: list[Member], count: int) -> SendText:
    """Everybody is named: who may be removed must have been told, so what becomes of the page matters."""
    named = " ".join(f"@{clean_name(member.name) or ctx.text('unnamed')}" for member in people)
    text = ctx.render(ctx.settings.text, 昵称=named, 时间=ctx.say_moment(one.due_at), 人数=count)
    return SendText(group=ctx.group.id, text=text, mentions=tuple(people), tag=f"{NOTICE}{one.no}")


async def _remove(call: Call, ctx: Ctx) -> list[Action]:
    one = await store.newest(ctx.db, ctx.group.id)
    if one is None or one.state in (State.DONE, State.STOPPED):
        raise CommandError(ctx.text("notice_first"))
    if one.state is State.REMOVING:
        raise CommandError(ctx.text("busy"))
    if ctx.now < one.due_at:
        raise CommandError(ctx.text("not_yet", 时间=ctx.say_moment(one.due_at)))
    if Capability.REMOVE not in ctx.capabilities:
        raise CommandError(ctx.text("no_right"))
    still = await still_quiet(ctx, one)
    if not still:
        await store.move(ctx.db, one, State.DONE)
        return [ctx.reply(call.event, ctx.text("all_spoke"))]
    settings = ctx.settings
    about = {
        "人数": len(still),
        "名单": names(ctx, still),
        "每批": settings.batch,
        "间隔": ctx.say_duration(settings.pause),
    }
    if not call.confirmed:
        return [await ctx.ask_first(call, ctx.text("preview_remove", **about))]
    await ctx.timers.cancel(DUE)
    await store.move(ctx.db, one, State.REMOVING, by=call.asker.id)
    begun = Round(one.no, one.group, State.REMOVING, one.lasts, one.began_at, one.due_at, call.asker.id)
    return [ctx.reply(call.event, ctx.text("removing", **about)), *[each async for each in remove_batch(ctx, begun)]]


async def _stop(call: Call, ctx: Ctx) -> list[Action]:
    one = await store.newest(ctx.db, ctx.group.id)
    if one is None or one.state not in (State.NOTICED, State.REMOVING):
        raise CommandError(ctx.text("nothing_goes_on"))
    await store.move(ctx.db, one, State.STOPPED)
    await ctx.timers.cancel(BATCH)
    await ctx.timers.cancel(DUE)
    gone = await store.people(ctx.db, one, Fate.REMOVED, Fate.REMOVING)
    return [ctx.reply(call.event, ctx.text("stopped", 人数=len(gone)))]


async def _undo(call: Call, ctx: Ctx) -> list[Action]:
    """Invite everybody of the last round back."""
    one = await store.newest(ctx.db, ctx.group.id)
    removed = [] if one is None else await store.people(ctx.db, one, Fate.REMOVED)
    if one is None or not removed:
        raise CommandError(ctx.text("nothing_to_undo"))
    if one.state is State.REMOVING:
        raise CommandError(ctx.text("stop_first"))
    if Capability.INVITE not in ctx.capabilities:
        raise CommandError(ctx.text("invite_by_hand", 名单=names(ctx, removed)))
    if not call.confirmed:
        return [await ctx.ask_first(call, ctx.text("preview_undo", 人数=len(removed), 名单=names(ctx, removed)))]
    await store.mark(ctx.db, one, [member.id for member in removed], Fate.INVITED)
    invitations: list[Action] = [InviteMember(group=ctx.group.id, member=member) for member in removed]
    return [*invitations, ctx.reply(call.event, ctx.text("undone", 人数=len(removed)))]


async def _keep(call: Call, ctx: Ctx) -> list[Action]:
    """Nobody so marked is ever listed as quiet."""
    if not ctx.named(call):
        raise CommandError(ctx.text("usage_keep"))
    lifts = call.words[-1].lower() in _LIFT
    for member in call.members[:20]:
        if lifts:
            await ctx.notes.delete(f"{KEPT}{member.id}")
        else:
            await ctx.notes.set(f"{KEPT}{member.id}", call.asker.id)
    named = "、".join(clean_name(member.name) for member in call.members[:20])
    return [ctx.reply(call.event, ctx.text("kept_no_more" if lifts else "kept", 名单=named))]


_Doing = Callable[[Call, Ctx], Awaitable[list[Action]]]
_DOING: dict[str, _Doing] = {
    "通知": _notice, "notice": _notice, "移出": _remove, "remove": _remove, "停": _stop, "停止": _stop, "stop": _stop,
    "撤销": _undo, "undo": _undo, "保留": _keep, "keep": _keep,
}  # fmt: skip
