"""Plugin: the steps of a lottery: enter, draw, draw again. Each is one transaction: whole, or not at all."""

from __future__ import annotations

from collections.abc import Collection

from bot.actions import Action, SendText
from bot.context import Context
from bot.errors import CommandError
from bot.events import MessageReceived
from bot.model import Member
from bot.text import clean_name, say_many
from plugins.lottery import proof, say, store
from plugins.lottery.draw import draw, entrant_code, ranking
from plugins.lottery.eligibility import Door
from plugins.lottery.model import Entrant, Lottery, Seat, State
from plugins.lottery.settings import Settings

Ctx = Context[Settings]


def draw_timer(no: int) -> str:
    return f"draw:{no}"


def merge_timer(no: int) -> str:
    return f"merge:{no}"


async def enter(ctx: Ctx, event: MessageReceived, lottery: Lottery) -> list[Action]:
    """Take somebody in, or tell them why not; the last one needed starts the draw."""
    if lottery.closed_for_entry(ctx.now):
        return [ctx.reply(event, ctx.text(f"late_{lottery.state}", 编号=lottery.name))]
    refusal = await Door(ctx, lottery.draft.conditions).refusal(event.sender.id)
    if refusal is not None:
        return [ctx.reply(event, ctx.text("refused", 编号=lottery.name, 原因=say.refused(ctx, refusal)))]
    member = Member(event.sender.id, clean_name(event.sender.name) or event.sender.id)
    seq, new = await store.enter(ctx.db, lottery.no, member, ctx.now)
    if not new:
        if not await ctx.once(f"again:{lottery.no}:{member.id}"):
            return []
        return [ctx.reply(event, ctx.text("again", 编号=lottery.name, 序号=seq))]
    actions: list[Action] = []
    if ctx.settings.confirm == "each" or not event.group:
        actions.append(ctx.reply(event, ctx.text("entered", 编号=lottery.name, 人数=seq)))
    elif ctx.settings.confirm == "merged":
        before = {"no": str(lottery.no), "seq": str(seq - 1)}
        await ctx.timers.start(merge_timer(lottery.no), ctx.settings.merge_window, payload=before)
    if seq == lottery.draft.target:
        actions += await finish(ctx, lottery)
    return actions


async def confirm_merged(ctx: Ctx, lottery: Lottery, after: int) -> list[Action]:
    """One line for everybody who came after the `after`-th."""
    names = [one.name for one in await store.entered_since(ctx.db, lottery.no, after)]
    text = ctx.text("entered_merged", 编号=lottery.name, 昵称=say_many(names, 10), 人数=after + len(names))
    return [SendText(group=ctx.group.id, text=text)] if names else []


async def finish(ctx: Ctx, lottery: Lottery) -> list[Action]:
    """Close the list and draw. Nothing happens when the lottery is over already."""
    if not await store.close(ctx.db, lottery, State.DRAWN, ctx.now):
        return []
    await ctx.timers.cancel(draw_timer(lottery.no))
    await ctx.timers.cancel(merge_timer(lottery.no))
    entrants = await store.entrants_of(ctx.db, lottery.no)
    by_code = {entrant_code(lottery.name, one.member_id): one for one in entrants}
    door, excluded = Door(ctx, lottery.draft.conditions), dict[str, str]()
    await door.read_roster()
    for code, one in by_code.items():
        if (refusal := await door.refusal(one.member_id)) is not None:
            excluded[code] = say.refused(ctx, refusal)
    wins = draw(lottery.seed, lottery.name, by_code.keys() - excluded.keys(), lottery.draft.tiers)
    await store.seat(ctx.db, lottery.no, 1, [(win.tier, by_code[win.entrant]) for win in wins])
    published = proof.first(lottery, proof.listed(lottery, entrants), excluded, wins)
    await store.keep_proof(ctx.db, lottery.no, proof.write(published))
    if not wins:
        key = "nobody_left" if entrants else "nobody"
        return [SendText(group=ctx.group.id, text=ctx.text(key, 编号=lottery.name))]
    head = ctx.text("drawn", 编号=lottery.name, 人数=len(entrants))
    if excluded:
        head += "\n" + ctx.text("excluded", 人数=len(excluded))
    left = lottery.draft.stock - len(wins)
    tail = (ctx.text("left_over", 份数=left) + "\n" if left else "") + ctx.text("congratulations")
    given = [(win.tier, by_code[win.entrant]) for win in wins]
    actions: list[Action] = [*say.roll(ctx.group.id, head, _by_tier(ctx, lottery, given), tail)]
    if ctx.settings.show_proof:
        values = {"编号": lottery.name, "种子": lottery.seed, "名单指纹": published["entrants_sha256"]}
        actions.append(SendText(group=ctx.group.id, text=ctx.text("proof_short", **values)))
    return actions


def _by_tier(ctx: Ctx, lottery: Lottery, given: Collection[tuple[int, Entrant]]) -> list[tuple[str, list[Member]]]:
    parts = []
    for index, tier in enumerate(lottery.draft.tiers):
        members = [say.as_member(one.member_id, one.name) for at, one in given if at == index]
        if members:
            parts.append((ctx.text("tier", 奖品=tier.prize), members))
    return parts


async def missing_seats(ctx: Ctx, lottery: Lottery, seats: list[Seat], named: Collection[str]) -> list[Seat]:
    """The places to give again: those of `named`, or else everybody's who did not claim in time or has left."""
    held = [seat for seat in seats if seat.state != "void"]
    if named:
        chosen = [seat for seat in held if seat.member_id in named]
        if claimed := [seat.name for seat in chosen if seat.state == "claimed"]:
            raise CommandError(ctx.text("already_claimed", 昵称=say_many(claimed), 编号=lottery.name))
        return chosen
    within = ctx.settings.claim_within
    overdue = within is None or lottery.closed_at is None or ctx.now >= lottery.closed_at + within
    missing = []
    for seat in held:
        if seat.state == "won" and not overdue:
            profile = await ctx.members.get(seat.member_id)
            if profile is None or not profile.present:
                missing.append(seat)
        elif seat.state == "won":
            missing.append(seat)
    return missing


async def redraw(ctx: Ctx, lottery: Lottery, named: Collection[str], by: str) -> list[Action]:
    """Give the missing places to the next in the same order; who has won before is passed over.

    Raises CommandError, changing nothing, when no place is missing or nobody is left to take one.
    """
    seats = await store.seats_of(ctx.db, lottery.no)
    places = _places(lottery, seats, await missing_seats(ctx, lottery, seats, named), fill=not named)
    if not places:
        raise CommandError(ctx.text("nothing_missing", 编号=lottery.name))
    published = proof.read(lottery.proof)
    by_code = {entrant_code(lottery.name, one.member_id): one for one in await store.entrants_of(ctx.db, lottery.no)}
    former = {seat.member_id for seat in seats}
    door, excluded, heirs = Door(ctx, lottery.draft.conditions), dict[str, str](), list[Entrant]()
    for code in ranking(lottery.seed, lottery.name, by_code.keys() - published["excluded"].keys()):
        if by_code[code].member_id in former or len(heirs) == len(places):
            continue
        if (refusal := await door.refusal(by_code[code].member_id)) is not None:
            excluded[code] = say.refused(ctx, refusal)
        else:
            heirs.append(by_code[code])
    if not heirs:
        raise CommandError(ctx.text("no_more", 编号=lottery.name))
    handed = [(tier, old, new) for (tier, old), new in zip(places, heirs, strict=False)]
    await store.settle(ctx.db, [old.id for _, old, _ in handed if old], "void", ctx.now, by)
    await store.seat(ctx.db, lottery.no, max([1, *(s.round for s in seats)]) + 1, [(t, new) for t, _, new in handed])
    codes = [
        (tier, entrant_code(lottery.name, old.member_id) if old else "", entrant_code(lottery.name, new.member_id))
        for tier, old, new in handed
    ]
    again = proof.with_redraw(published, excluded, codes)
    await store.keep_proof(ctx.db, lottery.no, proof.write(again))
    lost = [clean_name(old.name) for _, old, _ in handed if old]
    tail = ctx.text("handed_on", 昵称=say_many(lost, 10)) if lost else ctx.text("congratulations")
    parts = _by_tier(ctx, lottery, [(tier, new) for tier, _, new in handed])
    return [*say.roll(ctx.group.id, ctx.text("redrawn", 编号=lottery.name), parts, tail)]


def _places(lottery: Lottery, seats: list[Seat], missing: list[Seat], *, fill: bool) -> list[tuple[int, Seat | None]]:
    """Missing places, best tier first; with `fill` also those nobody has held yet."""
    places: list[tuple[int, Seat | None]] = []
    for index, tier in enumerate(lottery.draft.tiers):
        places += [(index, seat) for seat in missing if seat.tier == index]
        if fill:
            held = sum(seat.tier == index and seat.state != "void" for seat in seats)
            places += [(index, None)] * (tier.stock - held)
    return places
