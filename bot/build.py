"""Top: puts a bot together: the only place where every room is named at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import time, timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import create_engine

from bot.alarm import Alarm
from bot.app import App
from bot.assistant import Assistant
from bot.book import Book
from bot.clock import Clock
from bot.commander import Commander
from bot.commands import Registry
from bot.courier import Backoff, Courier
from bot.dispatch import Dispatcher
from bot.download import Web
from bot.errand import Errands
from bot.loader import find_plugins
from bot.nightly import Nightly
from bot.outbox import Outbox
from bot.pacing import Pace, Pacer
from bot.patience import Patience
from bot.plugin import Plugin
from bot.presets import load_presets
from bot.roster import Roster
from bot.schedule import Schedule
from bot.scope import Room
from bot.settings import PacingSection, Settings
from bot.shipped import config_part, shipped
from bot.storage import schema
from bot.storage.engine import open_reader, open_server_reader, open_server_writer, open_writer
from bot.storage.known import RosterCache
from bot.storage.lease import Lease, is_sound
from bot.storage.migrate import upgrade
from bot.storage.server import Server
from bot.storage.tables import metadata
from bot.storage.writer import Writer
from bot.text import fill
from bot.texts import load_texts
from bot.transport import Transport


def migrate(database: Path, plugins: Sequence[Plugin[Any]]) -> list[str]:
    """Bring the file to this program's form; tables of plugins that ship elsewhere are made when absent."""
    applied = upgrade(database)
    engine = create_engine(f"sqlite:///{database}")
    try:
        metadata.create_all(engine, tables=[table for plugin in plugins for table in plugin.tables])
    finally:
        engine.dispose()
    return applied


async def build_app(
    settings: Settings,
    *,
    transport: Transport,
    clock: Clock,
    database: Path,
    plugins: Sequence[Plugin[Any]] | None = None,
    seed: str = "",
    config_dir: Path | None = None,
    server: Server | None = None,
    lease: Lease | None = None,
) -> App:
    """Put a bot together on a database (migrated here): the file, or a server's. It is not started.

    database: with a server no such file is made; pictures and copies lie beside it all the same. lease: our right to
    write to the server. seed: what `ctx.random` draws from; empty: the installation's own secret. Raises StorageError,
    ConfigError.
    """
    found = list(plugins) if plugins is not None else find_plugins()
    if server is None:
        await asyncio.to_thread(migrate, database, found)
    else:
        await schema.upgrade(
            server, [table for plugin in found for table in plugin.tables], database.parent / "backups"
        )
    texts = load_texts(config_part(config_dir or shipped("config"), "texts"))
    registry = Registry.of((command for plugin in found for command, _ in plugin.commands), settings.bot.prefixes)
    writer = _open(server, lease, database, settings.storage.group_commit)
    book = Book(settings, database.parent / "files")
    cache = RosterCache(frozenset(settings.bot.owners))
    holder: list[App] = []
    room = Room(
        book,
        cache,
        transport,
        texts,
        registry,
        settings.bot.seed or seed,
        timers_changed=lambda: holder[0].schedule.changed(),
        status=lambda: holder[0].status(),
        own_tables={plugin.name: frozenset(plugin.tables) for plugin in found},
        blocks={block.name: block for plugin in found for block in plugin.blocks},
        presets=load_presets(config_part(config_dir or shipped("config"), "presets")),
    )
    outbox = Outbox(
        room,
        hand_over=lambda rows: holder[0].courier.accept(rows),
        now=clock.now,
        send_errands=lambda *sent: errands.send(*sent),
        withdraw=lambda *about: holder[0].courier.withdraw(*about),
    )
    pacing = settings.pacing
    courier = Courier(
        writer,
        transport,
        clock,
        Pacer(_pace(pacing), Random(seed or None)),  # noqa: S311  gaps, not secrets
        Backoff(pacing.backoff, pacing.backoff_longest, pacing.max_attempts),
        outbox.notice,
        lambda work, event: holder[0].dispatcher.handle(work, event),
        lambda group, key, values: fill(texts[book.info(group).language][f"courier.{key}"], values),
        wake=lambda: holder[0].look_at_parcels(),
        evidence=pacing.evidence,
        folder=database.parent / "outgoing",
    )
    patience = Patience(pacing.answers_per_minute)
    commander = Commander(registry, book, cache, texts, settings.bot.name, patience, room.commands)
    dispatcher = Dispatcher(
        writer, room, Roster(book, cache), commander, found, settle=outbox.settle, seen_own=courier.seen_own
    )
    schedule = Schedule(writer, clock, book, found, dispatcher.handle, wake=lambda: holder[0].look_at_schedule())
    web = Web(settings.fetch.allow_hosts, settings.fetch.max_bytes, settings.fetch.timeout.total_seconds())
    model_host = urlsplit(settings.assistant.url).hostname
    errands = Errands(
        clock,
        web,
        Assistant(settings.assistant, Web({model_host} if model_host else ()), writer, clock),
        folder=database.parent / "pictures",
        submit=dispatcher.submit,
        computations={(plugin.name, name): run for plugin in found for name, run in plugin.computations.items()},
        nightly=Nightly(database, time(0), settings.bot.zone, settings.storage.backups_kept, server),
    )
    writer.forget += [cache.clear, book.forget]
    app = App(
        settings=settings,
        plugins=found,
        transport=transport,
        clock=clock,
        database=database,
        writer=writer,
        reader=open_reader(database) if server is None else open_server_reader(server),
        server=server,
        lease=lease,
        book=book,
        dispatcher=dispatcher,
        outbox=outbox,
        courier=courier,
        schedule=schedule,
        texts=texts,
        errands=errands,
        alarm=Alarm(clock),
        started_at=clock.now(),
    )
    holder.append(app)
    book.changed.append(app.plan_later)
    outbox.on_refused.append(app.count_refused)
    return app


def _open(server: Server | None, lease: Lease | None, database: Path, group_commit: int) -> Writer:
    if server is None:
        return Writer(open_writer(database), group_commit)
    if lease is None:
        return Writer(open_server_writer(server), group_commit, fence=is_sound)
    return Writer(open_server_writer(server, lease.name), group_commit, fence=lease.check)


def _pace(pacing: PacingSection) -> Pace:
    caps = (pacing.per_minute, pacing.per_day, pacing.group_per_day)
    return Pace(pacing.gap, pacing.group_gap, pacing.jitter, *caps, warm_up=pacing.warm_up or timedelta(0))
