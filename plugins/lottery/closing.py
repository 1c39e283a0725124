"""Plugin: closing the list and drawing. Each is one transaction: whole, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from bot.actions import Action, NotifyAdmins, SendText
from bot.context import Context
from bot.errors import CommandError
from plugins.lottery import cards, proof, publish, purse, say, store
from plugins.lottery.draw import draw, entrant_code
from plugins.lottery.eligibility import Door
from plugins.lottery.model import MEMBERS_NUMBER, Entrant, Lottery, State
from plugins.lottery.result import Field, result
from plugins.lottery.settings import Settings
from plugins.lottery.venue import claim_timer, draw_timer, everywhere, home, number_timer, stop_timers
from plugins.lottery.worth import points_in

Ctx = Context[Settings]
ASK_AGAIN = timedelta(minutes=30)
"""After so long without the public number it is asked for once more."""


async def _field(ctx: Ctx, lottery: Lottery) -> Field:
    entrants = await store.entrants_of(ctx.db, lottery.no)
    door, excluded = Door(ctx, lottery), dict[str, str]()
    await door.read_rosters()
    for one in entrants:
        if (refusal := await door.refusal(one.member_id, one.group)) is not None:
            excluded[entrant_code(lottery.name, one.member_id)] = say.refused(ctx, refusal)
    return Field(entrants, excluded)


async def fit(ctx: Ctx, lottery: Lottery) -> int:
    """How many of those who are in could win now."""
    return (await _field(await home(ctx, lottery), lottery)).fit


async def finish(ctx: Ctx, lottery: Lottery, *, by_hand: bool = False) -> list[Action]:
    """Close the list and, unless a public number is waited for, draw. Nothing happens when it is closed already.

    Raises CommandError, changing nothing, when it is ended by hand with fewer people than were promised.
    """
    ctx = await home(ctx, lottery)
    if lottery.rules.cards:
        return await cards.finish(ctx, lottery)
    field = await _field(ctx, lottery)
    if field.fit < lottery.rules.minimum:
        if by_hand:
            raise CommandError(ctx.text("few_yet", 编号=lottery.name, 人数=lottery.rules.minimum, 现有=field.fit))
        return await _too_few(ctx, lottery, field)
    if not await store.seal(ctx.db, lottery, ctx.now):
        return []
    await stop_timers(ctx, lottery)
    if not field.fit:
        return await _draw(ctx, lottery, field, "")
    actions: list[Action] = []
    fingerprint = proof.fingerprint(proof.listed(lottery, field.entrants))
    for room in await everywhere(ctx, lottery):
        if room.settings.show_proof or lottery.rules.outside:
            about = {"编号": lottery.name, "人数": len(field.entrants), "名单指纹": fingerprint}
            text = room.text("sealed", **about)
            actions.append(SendText(group=room.group.id, text=text + _asks(room, lottery)))
    if not lottery.rules.outside:
        return actions + await _draw(ctx, lottery, field, "")
    await ctx.timers.start(number_timer(lottery.no), ASK_AGAIN, payload={"no": str(lottery.no)})
    if lottery.rules.outside != MEMBERS_NUMBER:
        about = {"编号": lottery.name, "来源": lottery.rules.outside}
        actions.append(NotifyAdmins(group=ctx.group.id, text=ctx.text("number_wanted", **about)))
    return actions


def _asks(ctx: Ctx, lottery: Lottery) -> str:
    if not lottery.rules.outside:
        return ""
    key = "asks_member" if lottery.rules.outside == MEMBERS_NUMBER else "asks_index"
    return "\n" + ctx.text(key, 来源=lottery.rules.outside)


async def ask_again(ctx: Ctx, lottery: Lottery) -> list[Action]:
    """Nobody has said the public number yet."""
    if lottery.sealed_at is None:
        return []
    if lottery.rules.outside == MEMBERS_NUMBER:
        text = ctx.text("asks_member_again", 编号=lottery.name)
        return [SendText(group=room.group.id, text=text) for room in await everywhere(ctx, lottery)]
    about = {"编号": lottery.name, "来源": lottery.rules.outside}
    return [NotifyAdmins(group=ctx.group.id, text=ctx.text("number_wanted", **about))]


async def draw_with(ctx: Ctx, lottery: Lottery, number: str) -> list[Action]:
    """Draw a closed lottery with its public number."""
    ctx = await home(ctx, lottery)
    await stop_timers(ctx, lottery)
    return await _draw(ctx, lottery, await _field(ctx, lottery), number)


async def _too_few(ctx: Ctx, lottery: Lottery, field: Field) -> list[Action]:
    """What was said at the start for this: once more time, else it is off and everybody has their points back."""
    rules, at = lottery.rules, lottery.draft.draw_at
    about: dict[str, object] = {"编号": lottery.name, "人数": rules.minimum, "现有": field.fit}
    if rules.extend and not rules.extended and at is not None:
        later = await store.extend(ctx.db, lottery, max(at, ctx.now) + rules.extend)
        until = later.draft.draw_at or ctx.now
        await ctx.timers.start(draw_timer(lottery.no), at=until, payload={"no": str(lottery.no)})
        return [
            SendText(group=room.group.id, text=room.text("extended", **about, 时间=say.moment(room, until)))
            for room in await everywhere(ctx, lottery)
        ]
    if not await store.close(ctx.db, lottery, State.CANCELLED, ctx.now):
        return []
    await stop_timers(ctx, lottery)
    key = "called_off_refunded" if await purse.refund(ctx, lottery, field.entrants) else "called_off"
    return [SendText(group=room.group.id, text=room.text(key, **about)) for room in await everywhere(ctx, lottery)]


async def _draw(ctx: Ctx, lottery: Lottery, field: Field, number: str) -> list[Action]:
    if not await store.close(ctx.db, lottery, State.DRAWN, ctx.now):
        return []
    by_code = {entrant_code(lottery.name, one.member_id): one for one in field.entrants}
    weights = {code: one.weight for code, one in by_code.items() if code not in field.excluded}
    wins = draw(lottery.seed, lottery.name, weights, lottery.draft.tiers, number)
    given = [(win.tier, by_code[win.entrant]) for win in wins]
    if lottery.rules.everyone:
        won = {win.entrant for win in wins}
        last = len(lottery.draft.tiers)
        given += [(last, one) for code, one in by_code.items() if code in weights and code not in won]
    await store.seat(ctx.db, lottery.no, 1, [(tier, one.member_id, one.name) for tier, one in given])
    await pay_prizes(ctx, lottery, given)
    out = [by_code[code] for code in field.excluded]
    actions: list[Action] = []
    if await purse.refund(ctx, lottery, out):
        actions += [purse.returned(ctx, lottery, one) for one in out]
    said = lottery.announced.splitlines()
    listed = proof.listed(lottery, field.entrants)
    published = proof.first(lottery, listed, field.excluded, wins, outside=number, rules=said)
    text = proof.write(published)
    await store.keep_proof(ctx.db, lottery.no, text)
    if given and (within := lottery.rules.claim or ctx.settings.claim_within):
        await ctx.timers.start(claim_timer(lottery.no), within, payload={"no": str(lottery.no)})
    for room in await everywhere(ctx, lottery):
        actions += result(room, lottery, field, given, wins)
        if given:
            actions += publish.proof_of(room, lottery, published, text)
    return actions


async def pay_prizes(ctx: Ctx, lottery: Lottery, given: Sequence[tuple[int, Entrant]]) -> None:
    """Prizes that are points are handed out with the draw."""
    paid = {one.member_id: points_in(lottery.draft.prize(tier)) for tier, one in given}
    if not any(paid.values()):
        return
    for member_id, points in paid.items():
        if points:
            await purse.award(ctx, lottery, member_id, points)
    seats = [seat.id for seat in await store.seats_of(ctx.db, lottery.no) if paid.get(seat.member_id)]
    await store.settle(ctx.db, seats, "claimed", ctx.now, "")
