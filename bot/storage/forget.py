"""Storage: what is kept of one person, and how it is forgotten: over all groups, in one transaction.

What they said goes; what only counts stays under a pseudonym that nobody can turn back; what others rely on (cases,
draws, orders) stays. Tables say for themselves which they are (`bot.storage.tables.personal`).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Table, delete, func, or_, select, update

from bot.storage.index import Said, index_of
from bot.storage.known import RosterCache
from bot.storage.ledger import account_of
from bot.storage.search import indexed
from bot.storage.tables import (
    Personal,
    activity,
    cases,
    ledger_days,
    member_history,
    members,
    messages,
    metadata,
    postings,
    transfers,
)
from bot.storage.work import Work

ALIAS = "~"
"""What a pseudonym begins with; no platform's ids do."""
UNDER_WAY = ("open", "warned", "removing")


def personal_tables() -> list[tuple[Table, Personal]]:
    """Every table of a plugin that holds members' ids."""
    return [(table, table.info["personal"]) for table in metadata.sorted_tables if "personal" in table.info]


def _about(table: Table, columns: tuple[str, ...], member_id: str) -> ColumnElement[bool]:
    return or_(*(table.c[column] == member_id for column in columns))


async def traces(work: Work, member_id: str) -> dict[str, int]:
    """How many rows are about a person, by table; only those that have any. Of messages those with words."""
    asked: dict[str, Any] = {
        "messages": select(func.count()).where(messages.c.sender == member_id, messages.c.text != ""),
        "cases": select(func.count()).where(cases.c.member == member_id),
        "postings": select(func.count()).where(postings.c.account == account_of(member_id)),
    }
    for table, kept in personal_tables():
        asked[table.name] = select(func.count()).select_from(table).where(_about(table, kept.columns, member_id))
    counts = {name: int((await work.execute(statement)).scalar_one()) for name, statement in asked.items()}
    return {name: count for name, count in counts.items() if count}


@dataclass(slots=True)
class Forgetting:
    """alias: what the person is called from now on where only the numbers stay."""

    work: Work
    cache: RosterCache
    member_id: str
    alias: str

    async def run(self, *, evidence: bool) -> list[str]:
        """Forget; says in which groups they were. evidence: what their cases quote stays, as they are blacklisted."""
        where = select(members.c.group).where(members.c.id == self.member_id).order_by(members.c.group)
        groups = [str(row.group) for row in await self.work.execute(where)]
        await self._unindex()
        mine = update(messages).where(messages.c.sender == self.member_id)
        await self.work.execute(mine.values(text="", sender=self.alias))
        await self._rename(activity.c.member)
        await self._rename_history()
        await self._rename_account()
        if not evidence:
            await self._blank_cases()
        for table, kept in personal_tables():
            await self._plugin_table(table, kept)
        await self._leave_roster(groups)
        return groups

    async def _rename(self, column: Any) -> None:
        changed = update(column.table).where(column == self.member_id).values({column.name: self.alias})
        await self.work.execute(changed)

    async def _unindex(self) -> None:
        """A word of theirs must not be found any more, not even as an empty message."""
        last = await indexed(self.work)
        said = select(messages.c.no, messages.c.group, messages.c.text).where(
            messages.c.sender == self.member_id, messages.c.no <= last
        )
        theirs = [Said(row.no, row.group, row.text) for row in await self.work.execute(said) if row.text.strip()]
        if theirs:
            await index_of(self.work).remove(self.work, theirs)

    async def _rename_history(self) -> None:
        mine = member_history.c.member == self.member_id
        named = update(member_history).where(mine, member_history.c.what == "renamed")
        await self.work.execute(named.values(detail=func.json_remove(member_history.c.detail, "$.from", "$.to")))
        await self._rename(member_history.c.member)

    async def _rename_account(self) -> None:
        """The sums stay true; whose they were is gone, out of the keys as well."""
        account, alias = account_of(self.member_id), account_of(self.alias)
        mine = select(transfers.c.id, transfers.c.key, transfers.c.actor).where(
            transfers.c.id.in_(select(postings.c.transfer_id).where(postings.c.account == account))
        )
        for row in list(await self.work.execute(mine)):
            key = f":{row.key}:".replace(f":{self.member_id}:", f":{self.alias}:")[1:-1]
            actor = self.alias if row.actor == self.member_id else row.actor
            if (key, actor) != (row.key, row.actor):
                changed = update(transfers).where(transfers.c.id == row.id)
                await self.work.execute(changed.values(key=key, actor=actor))
        for column in (postings.c.account, ledger_days.c.account):
            changed = update(column.table).where(column == account).values({column.name: alias})
            await self.work.execute(changed)

    async def _blank_cases(self) -> None:
        """That there was a case stays, what was said does not."""
        mine = (cases.c.member == self.member_id, cases.c.state.not_in(UNDER_WAY))
        for row in list(await self.work.execute(select(cases.c.no, cases.c.signals).where(*mine))):
            bare = [[name, "", weight] for name, _, weight in row.signals]
            await self.work.execute(update(cases).where(cases.c.no == row.no).values(text="", signals=bare))

    async def _plugin_table(self, table: Table, kept: Personal) -> None:
        if kept.then == "delete":
            await self.work.execute(delete(table).where(_about(table, kept.columns, self.member_id)))
        elif kept.then == "alias":
            names = dict(kept.names)
            for column in kept.columns:
                values = {column: self.alias} | ({names[column]: ""} if column in names else {})
                await self.work.execute(update(table).where(table.c[column] == self.member_id).values(values))

    async def _leave_roster(self, groups: list[str]) -> None:
        """Who is in a group stays on its list, which is the platform's; of one left nothing stays."""
        gone = (members.c.id == self.member_id, members.c.left_at.is_not(None))
        await self.work.execute(delete(members).where(*gone))
        still = (await self.work.execute(select(members.c.group).where(members.c.id == self.member_id))).first()
        if still is None:
            await self._rename(members.c.inviter_id)
        for group in groups:
            self.cache.drop(group)
            self.work.after_commit.append(partial(self.cache.drop, group))
            self.work.on_rollback.append(partial(self.cache.drop, group))
