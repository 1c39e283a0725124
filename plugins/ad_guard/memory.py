"""Plugin: ad_guard: what it keeps in memory over all groups; gone with the process, read back when first needed."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from datetime import timedelta

from bot.plugin import Context
from plugins.ad_guard import store
from plugins.ad_guard.guard import Settings
from plugins.ad_guard.lesson import SHORTEST, Lessons
from plugins.ad_guard.message import Message
from plugins.ad_guard.near import Sketch, sketch_picture, sketch_text
from plugins.ad_guard.trail import Trail

Ctx = Context[Settings]
OTHERS = 2000
NAMES = 50_000
CARD_TITLE = 4
"""Characters from which on the title of a card or mini program is compared; texts need twice as many."""
_KEY = "ad_guard"


@dataclass(slots=True)
class Memory:
    """others: sketches by message id of what the archive does not hold whole (pictures, cards), so that an admin can
    point at them. names: scores of names judged. kept: sightings written to the file.
    """

    lessons: Lessons
    trail: Trail = field(default_factory=Trail)
    others: OrderedDict[str, Sketch] = field(default_factory=OrderedDict)
    names: OrderedDict[str, float] = field(default_factory=OrderedDict)
    kept: int = 0

    def keep(self, message_id: str, sketch: Sketch) -> None:
        self.others[message_id] = sketch
        if len(self.others) > OTHERS:
            self.others.popitem(last=False)


def at_hand(ctx: Ctx) -> Memory | None:
    """The memory if it has been read; costs nothing."""
    memory: Memory | None = ctx.memory.get(_KEY)
    return memory


async def recall(ctx: Ctx) -> Memory:
    """The memory, read back from the file the first time."""
    memory = at_hand(ctx)
    if memory is None:
        memory = Memory(Lessons(await store.in_force(ctx.db)))
        within = max(ctx.settings.copies_within, timedelta(hours=1))
        for sketch, sighting in await store.remembered(ctx.db, ctx.now - within):
            memory.trail.note(sketch, sighting, within)
        ctx.memory[_KEY] = memory
    return memory


async def read_lessons_again(ctx: Ctx) -> None:
    """After a lesson was written or undone."""
    memory = await recall(ctx)
    memory.lessons = Lessons(await store.in_force(ctx.db))


def sketch_of(message: Message) -> Sketch | None:
    """What is compared of a message: its picture, or all that it says; None when that is too little."""
    for finding in message.findings:
        if finding.name == "picture_hash":
            return sketch_picture(finding.detail)
    if not message.title and not message.url:
        return sketch_text(message.text, SHORTEST)
    return sketch_text("\n".join((message.title, message.text, message.url)), CARD_TITLE)
