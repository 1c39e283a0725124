"""Engine room: what a guard found becomes a case with a number."""

from __future__ import annotations

from typing import cast

from bot.actions import OpenCase
from bot.boundary import Counts
from bot.events import CaseOpened, Event
from bot.scope import Room, WorkScope
from bot.settings import PolicySection
from bot.storage.work import Work


async def open_case(
    room: Room, counts: Counts, work: Work, event: Event, plugin: str, action: OpenCase
) -> CaseOpened | None:
    """The case with its number; None for whom no rule may hit, and while one of the same plugin is still open."""
    scope = WorkScope(room, work, plugin, event.id, event.at)
    if action.member.role > 0 or await scope.members(action.group).is_exempt(action.member.id):
        return None
    cases = scope.cases(action.group)
    if any(case.plugin == plugin for case in await cases.open_of(action.member.id)):
        return None
    rules = cast(PolicySection, room.book.sections(action.group)["policy"])
    case = await cases.open(
        action.member,
        action.verdict,
        action.signals,
        message_id=action.message_id,
        text=action.text,
        mode=action.mode.milder(rules.rule_modes.get(plugin, action.mode)),
    )
    key = (plugin, action.verdict)
    counts.cases_by_plugin[key] = counts.cases_by_plugin.get(key, 0) + 1
    return CaseOpened(
        id=f"case:{case.no}",
        at=event.at,
        group=action.group,
        case=case.no,
        member=action.member,
        plugin=plugin,
        verdict=action.verdict,
        message_id=action.message_id,
        signals=action.signals,
    )
