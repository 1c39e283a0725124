"""Plugin: digest: which messages count, and how they are handed to the thread that reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from bot.actions import Compute
from bot.context import ArchivedMessage
from bot.model import Role
from bot.text import clean_name
from plugins.digest import store
from plugins.digest.compute import LONGEST
from plugins.digest.plugin import Ctx

MOST = 20_000
_TALK = frozenset(("text", "link", "file", "miniprogram", "image", "record", "voice", "video", "sticker", "card"))
_UNWANTED = frozenset(("open", "warned", "removing", "removed", "failed", "left"))
"""States of a case whose member is not quoted: a spammer's second link would be handed on to everybody."""
SILENT, RECALLED = "silent:", "recalled:"
"""Notes: who is not to be quoted, and which messages were taken back."""


async def computation(ctx: Ctx, said: Sequence[ArchivedMessage], payload: Mapping[str, str]) -> Compute:
    """The errand that reads these messages. People who are not to be quoted are counted and otherwise left out."""
    # What came late stands where it was said.
    said = sorted(said, key=lambda one: one.at)
    talk = [one for one in said if one.kind in _TALK]
    names, ranks = await _people(ctx, {one.sender_id for one in talk})
    silent = set(await ctx.notes.all(SILENT))
    recalled = set(await ctx.notes.all(RECALLED))
    cases = await ctx.cases.recent(200)
    breaches = {case.message_id for case in cases} - {""}
    unwanted = {case.member.id for case in cases if case.state in _UNWANTED}
    began = said[0].at if said else ctx.now
    rows = [
        [
            f"{one.at.astimezone(ctx.group.zone):%H:%M}",
            int((one.at - began).total_seconds()),
            names.get(one.sender_id, ""),
            one.text[:LONGEST],
            one.kind,
            ranks.get(one.sender_id, 0),
        ]
        for one in said
        if (one.kind in _TALK or one.kind == "own")
        and SILENT + one.sender_id not in silent
        and RECALLED + one.id not in recalled
        and one.id not in breaches
        and one.sender_id not in unwanted
    ]
    window = await store.last(ctx.db, ctx.group.id)
    asked = {
        "messages": rows,
        "count": len(talk),
        "people": len({one.sender_id for one in talk}),
        "history": await store.history(ctx.db, ctx.group.id),
        "days": min(window.no if window else 0, store.FORGET),
    }
    argument = json.dumps(asked, ensure_ascii=False, separators=(",", ":"))
    return Compute(group=ctx.group.id, name="summarise", argument=argument, payload=tuple(payload.items()))


async def _people(ctx: Ctx, ids: set[str]) -> tuple[dict[str, str], dict[str, int]]:
    """Names and ranks of these, of those who have left as well."""
    known = {profile.id: profile for profile in await ctx.members.present()} if ids else {}
    names, ranks = {}, {}
    for member_id in ids:
        profile = known.get(member_id) or await ctx.members.get(member_id)
        names[member_id] = clean_name(profile.name, 12) if profile else "？"
        ranks[member_id] = int(profile is not None and profile.role >= Role.HELPER)
    return names, ranks
