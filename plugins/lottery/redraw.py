"""Plugin: giving missing places again, to the next in the same order, and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from bot.actions import Action
from bot.context import Context
from bot.errors import CommandError
from bot.text import clean_name, say_many
from plugins.lottery import proof, publish, say, store
from plugins.lottery.closing import pay_prizes
from plugins.lottery.draw import entrant_code, ranking
from plugins.lottery.eligibility import Door
from plugins.lottery.model import Entrant, Lottery, Seat
from plugins.lottery.result import named
from plugins.lottery.settings import Settings
from plugins.lottery.venue import claim_timer, everywhere, home

Ctx = Context[Settings]
Handed = list[tuple[int, Seat | None, Entrant]]
"""Tier, who held the place before, who holds it now."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a redraw would do. excluded: codes of those passed over, with the reason."""

    seats: list[Seat]
    handed: Handed
    excluded: Mapping[str, str]

    @property
    def losers(self) -> list[str]:
        """Names of those whose place goes to somebody else."""
        return [clean_name(old.name) for _, old, _ in self.handed if old]


async def missing_seats(ctx: Ctx, lottery: Lottery, seats: list[Seat], who: Collection[str]) -> list[Seat]:
    """The places to give again: those of `who`, or else everybody's who did not claim in time or has left."""
    held = [seat for seat in seats if seat.state != "void" and seat.tier < len(lottery.draft.tiers)]
    if who:
        chosen = [seat for seat in held if seat.member_id in who]
        if claimed := [seat.name for seat in chosen if seat.state == "claimed"]:
            raise CommandError(ctx.text("already_claimed", 昵称=say_many(claimed), 编号=lottery.name))
        return chosen
    # The deadline runs as long as its timer does.
    overdue = await ctx.timers.due_at(claim_timer(lottery.no)) is None
    present: set[str] = set()
    for room in await everywhere(ctx, lottery):
        present |= {one.id for one in await room.members.present()}
    return [seat for seat in held if seat.state == "won" and (overdue or seat.member_id not in present)]


async def plan(ctx: Ctx, lottery: Lottery, who: Collection[str]) -> Plan:
    """The missing places, each with the next in the same order; who has won before is passed over.

    Raises CommandError when no place is missing or nobody is left to take one.
    """
    ctx = await home(ctx, lottery)
    if lottery.rules.cards:
        raise CommandError(ctx.text("no_redraw_of_cards", 编号=lottery.name))
    seats = await store.seats_of(ctx.db, lottery.no)
    places = _places(lottery, seats, await missing_seats(ctx, lottery, seats, who), fill=not who)
    if not places:
        raise CommandError(ctx.text("nothing_missing", 编号=lottery.name))
    heirs, excluded = await _heirs(ctx, lottery, seats, proof.read(lottery.proof), len(places))
    if not heirs:
        raise CommandError(ctx.text("no_more", 编号=lottery.name))
    handed: Handed = [(tier, old, new) for (tier, old), new in zip(places, heirs, strict=False)]
    return Plan(seats, handed, excluded)


async def redraw(ctx: Ctx, lottery: Lottery, planned: Plan, by: str) -> list[Action]:
    """Do what was planned in this event, and tell it."""
    ctx, handed = await home(ctx, lottery), planned.handed
    await _hand_over(ctx, lottery, planned.seats, handed, by)
    codes = [
        (tier, entrant_code(lottery.name, old.member_id) if old else "", entrant_code(lottery.name, new.member_id))
        for tier, old, new in handed
    ]
    again = proof.write(proof.with_redraw(proof.read(lottery.proof), planned.excluded, codes))
    await store.keep_proof(ctx.db, lottery.no, again)
    if within := lottery.rules.claim or ctx.settings.claim_within:
        await ctx.timers.cancel(claim_timer(lottery.no))
        await ctx.timers.start(claim_timer(lottery.no), within, payload={"no": str(lottery.no)})
    actions: list[Action] = []
    for room in await everywhere(ctx, lottery):
        lost = planned.losers
        tail = room.text("handed_on", 昵称=say_many(lost, 10)) if lost else room.text("congratulations")
        actions += named(room, lottery, room.text("redrawn", 编号=lottery.name), [(t, n) for t, _, n in handed], tail)
        if room.settings.show_proof:
            actions += publish.as_file(room, lottery, again)
    return actions


async def _heirs(
    ctx: Ctx, lottery: Lottery, seats: list[Seat], published: dict[str, object], places: int
) -> tuple[list[Entrant], dict[str, str]]:
    """The next in the order of the draw who may still win, and those passed over because they no longer may."""
    entrants = await store.entrants_of(ctx.db, lottery.no)
    by_code = {entrant_code(lottery.name, one.member_id): one for one in entrants}
    out = published["excluded"]
    assert isinstance(out, dict)
    weights = {code: one.weight for code, one in by_code.items() if code not in out}
    former = {seat.member_id for seat in seats if seat.tier < len(lottery.draft.tiers)}
    door, excluded, heirs = Door(ctx, lottery), dict[str, str](), list[Entrant]()
    for code in ranking(lottery.seed, lottery.name, weights, str(published.get("outside", ""))):
        one = by_code[code]
        if one.member_id in former or len(heirs) == places:
            continue
        if (refusal := await door.refusal(one.member_id, one.group)) is not None:
            excluded[code] = say.refused(ctx, refusal)
        else:
            heirs.append(one)
    return heirs, excluded


async def _hand_over(ctx: Ctx, lottery: Lottery, seats: list[Seat], handed: Handed, by: str) -> None:
    await store.settle(ctx.db, [old.id for _, old, _ in handed if old], "void", ctx.now, by)
    round_no = max([1, *(seat.round for seat in seats)]) + 1
    seated = {seat.member_id for seat in seats}
    for tier, _, new in handed:
        if new.member_id in seated:
            await store.move_up(ctx.db, lottery.no, round_no, tier, [new.member_id])
    fresh = [(tier, new.member_id, new.name) for tier, _, new in handed if new.member_id not in seated]
    await store.seat(ctx.db, lottery.no, round_no, fresh)
    await pay_prizes(ctx, lottery, [(tier, new) for tier, _, new in handed])


def _places(lottery: Lottery, seats: list[Seat], missing: list[Seat], *, fill: bool) -> list[tuple[int, Seat | None]]:
    """Missing places, best tier first; with `fill` also those nobody has held yet."""
    places: list[tuple[int, Seat | None]] = []
    for index, tier in enumerate(lottery.draft.tiers):
        places += [(index, seat) for seat in missing if seat.tier == index]
        if fill:
            held = sum(seat.tier == index and seat.state != "void" for seat in seats)
            places += [(index, None)] * (tier.stock - held)
    return places
