"""Storage: who may use the console, and their sessions; passwords and session keys only as hashes."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select, update

from bot.storage.tables import console_sessions, console_users, installation
from bot.storage.tables import upsert as insert
from bot.storage.work import Work

LINK = "console_link"
DEVICES, MOST_DEVICES = "console_devices", 50


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who may log in. role: owner, operator or viewer. password: as `bot.web.console.password` makes it."""

    name: str
    role: str
    password: str
    created_at: datetime
    login_at: datetime | None = None


def digest(secret: str) -> str:
    """What is kept of a session key or a link: whoever reads the file cannot use it."""
    return hashlib.sha256(secret.encode()).hexdigest()


async def users(work: Work) -> list[User]:
    rows = await work.execute(select(console_users).order_by(console_users.c.created_at))
    return [User(**row._mapping) for row in rows]


async def user(work: Work, name: str) -> User | None:
    row = (await work.execute(select(console_users).where(console_users.c.name == name))).first()
    return None if row is None else User(**row._mapping)


async def count_owners(work: Work) -> int:
    found = select(func.count()).select_from(console_users).where(console_users.c.role == "owner")
    return int((await work.execute(found)).scalar_one())


async def put_user(work: Work, name: str, role: str, password: str, at: datetime) -> None:
    """Add somebody, or give them another role and password; their sessions end."""
    row = insert(console_users).values(name=name, role=role, password=password, created_at=at)
    known = row.on_conflict_do_update(index_elements=["name"], set_={"role": role, "password": password})
    await work.execute(known)
    await end_sessions(work, name)


async def set_password(work: Work, name: str, password: str) -> None:
    await work.execute(update(console_users).where(console_users.c.name == name).values(password=password))


async def set_role(work: Work, name: str, role: str) -> None:
    await work.execute(update(console_users).where(console_users.c.name == name).values(role=role))


async def drop_user(work: Work, name: str) -> bool:
    await end_sessions(work, name)
    return (await work.execute(delete(console_users).where(console_users.c.name == name))).rowcount > 0


async def begin_session(work: Work, name: str, secret: str, at: datetime, until: datetime) -> None:
    """Note a login; sessions that are over go."""
    await work.execute(delete(console_sessions).where(console_sessions.c.expires_at < at))
    row = {"hash": digest(secret), "user": name, "created_at": at, "seen_at": at, "expires_at": until}
    await work.execute(insert(console_sessions).values(**row))
    await work.execute(update(console_users).where(console_users.c.name == name).values(login_at=at))


async def session_user(work: Work, secret: str, at: datetime) -> User | None:
    """Whose session this key opens, None when it is unknown or over."""
    found = (
        select(console_users)
        .join(console_sessions, console_sessions.c.user == console_users.c.name)
        .where(console_sessions.c.hash == digest(secret), console_sessions.c.expires_at > at)
    )
    row = (await work.execute(found)).first()
    return None if row is None else User(**row._mapping)


async def end_session(work: Work, secret: str) -> None:
    await work.execute(delete(console_sessions).where(console_sessions.c.hash == digest(secret)))


async def end_sessions(work: Work, name: str, *, but: str = "") -> None:
    """End all sessions of somebody; `but` is the key of one that stays."""
    mine = delete(console_sessions).where(console_sessions.c.user == name)
    await work.execute(mine.where(console_sessions.c.hash != digest(but)) if but else mine)


async def put_link(work: Work, secret: str, name: str, role: str, until: datetime) -> None:
    """The one link that lets somebody set their password; a new one replaces it."""
    kept = json.dumps({"hash": digest(secret), "name": name, "role": role, "until": until.timestamp()})
    row = insert(installation).values(key=LINK, value=kept)
    await work.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": kept}))


async def read_link(work: Work, secret: str, at: datetime) -> tuple[str, str] | None:
    """(name, role) that the link stands for; None when it is wrong, used or over."""
    kept = (await work.execute(select(installation.c.value).where(installation.c.key == LINK))).scalar_one_or_none()
    link = json.loads(kept) if kept else None
    if not link or link["hash"] != digest(secret) or at.timestamp() > link["until"]:
        return None
    return link["name"], link["role"]


async def use_link(work: Work) -> None:
    await work.execute(delete(installation).where(installation.c.key == LINK))


async def add_device(work: Work, secret: str, name: str, at: datetime) -> None:
    """A browser in which somebody has logged in; of many the oldest are forgotten."""
    devices = await _devices(work)
    devices[digest(secret)] = {"name": name, "at": at.timestamp()}
    newest = sorted(devices.items(), key=lambda item: item[1]["at"])[-MOST_DEVICES:]
    kept = json.dumps(dict(newest), ensure_ascii=False)
    row = insert(installation).values(key=DEVICES, value=kept)
    await work.execute(row.on_conflict_do_update(index_elements=["key"], set_={"value": kept}))


async def knows_device(work: Work, secret: str, name: str) -> bool:
    """Whether this person has logged in there before."""
    return (await _devices(work)).get(digest(secret), {}).get("name") == name


async def _devices(work: Work) -> dict[str, dict[str, Any]]:
    kept = (await work.execute(select(installation.c.value).where(installation.c.key == DEVICES))).scalar_one_or_none()
    return dict(json.loads(kept)) if kept else {}
