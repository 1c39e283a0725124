"""Plugin: starting a lottery from a line, wherever the line comes from: an admin, or a template whose time has come."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from bot.actions import Action, SendText
from bot.context import Context
from bot.errors import CommandError, Misread
from bot.model import Role
from bot.text import normalise
from plugins.lottery import announce, store, word
from plugins.lottery.draw import new_seed
from plugins.lottery.model import Condition, Draft, Need
from plugins.lottery.parse import parse
from plugins.lottery.settings import Settings
from plugins.lottery.venue import draw_timer, everywhere

Ctx = Context[Settings]


async def start(ctx: Ctx, line: str, by: str) -> list[Action]:
    """Start what the line asks for and say so in each of its groups. Raises CommandError, changing nothing."""
    draft = await understood(ctx, line, by)
    running = await store.open_in(ctx.db, ctx.group.id)
    if len(running) >= ctx.settings.max_open:
        raise CommandError(ctx.text("too_many_open", 个数=len(running)))
    taken = {normalise(one.rules.word) for one in running}
    if draft.rules.word and normalise(draft.rules.word) in taken:
        raise CommandError(ctx.text("word_taken", 口令=draft.rules.word))
    lottery = await store.create(ctx.db, ctx.group.id, draft, new_seed(ctx.random), ctx.now, by)
    await store.keep_rules(ctx.db, lottery.no, "\n".join(await announce.rules(ctx, lottery)))
    word.look_again(ctx, lottery)
    if draft.draw_at:
        await ctx.timers.start(draw_timer(lottery.no), at=draft.draw_at, payload={"no": str(lottery.no)})
    actions: list[Action] = []
    for room in await everywhere(ctx, lottery):
        several = len(await store.open_in(room.db, room.group.id)) > 1
        actions.append(SendText(group=room.group.id, text=await announce.start(room, lottery, several=several)))
    return actions


async def understood(ctx: Ctx, line: str, by: str) -> Draft:
    """The draft with this group's standing rules, its groups found. Raises CommandError with what is wrong."""
    try:
        draft = parse(line, ctx.now, ctx.group.zone, ctx.settings.longest)
        draft = replace(draft, groups=await _groups(ctx, draft.groups, by))
        draft = _fitting(draft, await _people(ctx, draft))
    except Misread as error:
        raise CommandError(ctx.text(f"bad_{error.key}", **error.values)) from error
    conditions = draft.conditions
    if ctx.settings.winners_rest and not any(one.need is Need.FRESH for one in conditions):
        days = max(1, -(-ctx.settings.winners_rest // timedelta(days=1)))
        conditions = (*conditions, Condition(Need.FRESH, days=days))
    rules = replace(draft.rules, admins=ctx.settings.admins_may_enter)
    return replace(draft, conditions=conditions, rules=rules)


async def _groups(ctx: Ctx, names: tuple[str, ...], by: str) -> tuple[str, ...]:
    """Ids of the other groups named; the one who starts it must be an admin in each. Raises Misread."""
    if not names:
        return ()
    others = [one for one in await ctx.groups() if one.enabled and one.id != ctx.group.id]
    mine = [one for one in others if await ctx.inside(one).members.role_of(by) >= Role.ADMIN]
    if names == ("*",):
        if not mine:
            raise Misread("no_other_group")
        return tuple(one.id for one in mine)
    found: list[str] = []
    for name in names:
        wanted = normalise(name)
        fits = [one for one in mine if wanted in (one.id, normalise(one.topic))]
        fits = fits or [one for one in mine if wanted in normalise(one.topic)]
        if len(fits) != 1:
            raise Misread("which_group" if fits else "no_such_group", 群名=name)
        found.append(fits[0].id)
    return tuple(dict.fromkeys(found))


async def _people(ctx: Ctx, draft: Draft) -> int:
    """How many could take part, bots not counted; 0 when nobody knows."""
    sizes = {one.id: one.size for one in await ctx.groups()}
    known = [sizes.get(group, 0) for group in (ctx.group.id, *draft.groups)]
    return sum(size - 1 for size in known) if all(known) else 0


def _fitting(draft: Draft, people: int) -> Draft:
    """The draft, if the groups have the people for it. Raises Misread."""
    if people <= 0:
        return draft
    if draft.stock > people:
        raise Misread("more_than_people", 份数=draft.stock, 人数=people)
    if draft.target and draft.target > people:
        raise Misread("target_more_than_people", 满=draft.target, 人数=people)
    if draft.rules.minimum > people:
        raise Misread("minimum_more_than_people", 人数=people, 至少=draft.rules.minimum)
    return draft
