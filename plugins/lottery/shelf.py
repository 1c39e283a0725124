"""Plugin: what the lottery keeps beside the draws: scratch cards, who is barred, templates."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, insert, select

from bot.context import Database
from bot.model import Member
from bot.storage.tables import upsert
from plugins.lottery.model import Card
from plugins.lottery.tables import barred, cards, templates


@dataclass(frozen=True, slots=True)
class Template:
    """A line under a name; `rule` says when it starts by itself, empty for never."""

    name: str
    line: str
    rule: str
    by: str


async def opened(db: Database, no: int) -> int:
    """How many scratch cards are open."""
    total = select(func.count()).select_from(cards).where(cards.c.lottery == no)
    return int((await db.execute(total)).scalar_one())


async def opened_by(db: Database, no: int, member_id: str) -> int:
    total = select(func.count()).select_from(cards).where(cards.c.lottery == no, cards.c.member == member_id)
    return int((await db.execute(total)).scalar_one())


async def open_card(db: Database, no: int, card: Card, at: datetime) -> None:
    row = {"lottery": no, "no": card.no, "member": card.member_id, "name": card.name, "group": card.group, "at": at}
    await db.execute(insert(cards).values(row))


async def cards_of(db: Database, no: int, after: int = 0) -> list[Card]:
    """In order of opening, those after the `after`-th."""
    listed = select(cards).where(cards.c.lottery == no, cards.c.no > after).order_by(cards.c.no)
    return [Card(row.no, row.member, row.name, row.group) for row in await db.execute(listed)]


async def bar(db: Database, group: str, member: Member, at: datetime, by: str) -> bool:
    """Whether they were not barred before."""
    row = {"group": group, "member": member.id, "name": member.name, "at": at, "by": by}
    return (await db.execute(upsert(barred).values(row).on_conflict_do_nothing())).rowcount > 0


async def unbar(db: Database, group: str, member_id: str) -> bool:
    gone = delete(barred).where(barred.c.group == group, barred.c.member == member_id)
    return (await db.execute(gone)).rowcount > 0


async def barred_in(db: Database, groups: Sequence[str]) -> dict[str, str]:
    """Id → name of those who may not take part in one of these groups."""
    listed = select(barred.c.member, barred.c.name).where(barred.c.group.in_(groups)).order_by(barred.c.at)
    return {row.member: row.name for row in await db.execute(listed)}


async def keep_template(db: Database, group: str, template: Template, at: datetime) -> None:
    row = {"group": group, "name": template.name, "line": template.line, "rule": template.rule}
    kept = upsert(templates).values(**row, at=at, by=template.by)
    again = kept.on_conflict_do_update(
        index_elements=["group", "name"],
        set_={"line": template.line, "rule": template.rule, "at": at, "by": template.by},
    )
    await db.execute(again)


async def templates_of(db: Database, group: str) -> list[Template]:
    listed = select(templates).where(templates.c.group == group).order_by(templates.c.name)
    return [Template(row.name, row.line, row.rule, row.by) for row in await db.execute(listed)]


async def forget_template(db: Database, group: str, name: str) -> bool:
    gone = delete(templates).where(templates.c.group == group, templates.c.name == name)
    return (await db.execute(gone)).rowcount > 0
