"""Storage: what is written of who is in a group; rows are buffered, so each is a statement with parameters."""

from __future__ import annotations

from sqlalchemy import bindparam, func, update

from bot.storage.tables import UtcDateTime, groups, members
from bot.storage.tables import upsert as insert

_new = insert(members)
ADD = _new.on_conflict_do_nothing(index_elements=["group", "id"])
SPOKE = (
    update(members)
    .where(members.c.group == bindparam("of"), members.c.id == bindparam("who"))
    .values(
        message_count=members.c.message_count + 1,
        last_spoke_at=func.max(func.coalesce(members.c.last_spoke_at, 0), bindparam("spoke_at", type_=UtcDateTime())),
    )
)
_of = (members.c.group == bindparam("of"), members.c.id == bindparam("who"))
RENAME = update(members).where(*_of).values(name=bindparam("name"), role=bindparam("as_role"))
INVITED_BY = update(members).where(*_of).values(inviter_id=bindparam("by"))
JOIN = update(members).where(*_of).values(inviter_id=bindparam("by"), joined_at=bindparam("at"), name=bindparam("name"))
JOIN_AGAIN = (
    update(members)
    .where(*_of)
    .values(
        name=bindparam("name"),
        inviter_id=bindparam("by"),
        joined_at=bindparam("at"),
        left_at=None,
        join_count=members.c.join_count + 1,
    )
)
LEAVE = update(members).where(*_of).values(left_at=bindparam("at"), named_role=None)
BASELINE = update(groups).where(groups.c.id == bindparam("of")).values(roster_at=bindparam("at"))
