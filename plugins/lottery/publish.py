"""Plugin: handing out a proof: seed and fingerprint in the chat, everything in a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.actions import Action, Purpose, SendImage, SendText
from bot.context import Context
from bot.model import Capability
from plugins.lottery.model import Lottery
from plugins.lottery.settings import Settings

Ctx = Context[Settings]


def proof_of(ctx: Ctx, lottery: Lottery, published: Mapping[str, Any], text: str) -> list[Action]:
    """What a group is shown after the draw, as far as it wants to see it."""
    if not ctx.settings.show_proof:
        return []
    key = "proof_short_outside" if published["outside"] else "proof_short"
    values = {"编号": lottery.name, "种子": lottery.seed, "名单指纹": published["entrants_sha256"]}
    said = ctx.text(key, **values, 数字=published["outside"])
    return [SendText(group=ctx.group.id, text=said), *as_file(ctx, lottery, text)]


def as_file(ctx: Ctx, lottery: Lottery, text: str, *, to: str = "", purpose: Purpose = Purpose.SERVICE) -> list[Action]:
    """The proof as a file, where files can be sent."""
    if Capability.IMAGE not in ctx.capabilities:
        return []
    return [SendImage(group=ctx.group.id, to=to, name=f"{lottery.name}.json", text=text, purpose=purpose)]
