"""House: the promises of the house itself: layers, complete plugins, complete texts, migrations that match."""

from __future__ import annotations

import ast
import re
import socket
import sqlite3
import tomllib
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from bot.commands import Registry
from bot.loader import find_plugins
from bot.model import Role
from bot.storage.migrate import upgrade
from bot.storage.tables import metadata

ROOT = Path(__file__).parent.parent
PLUGINS = find_plugins()

WORDS = {"bot.model", "bot.events", "bot.actions", "bot.errors"}
CORE = {
    f"bot.{room}"
    for room in [
        "clock",
        "commands",
        "context",
        "download",
        "duration",
        "encoding",
        "fold",
        "letter",
        "mode",
        "number",
        "obstacle",
        "pacing",
        "paint",
        "patience",
        "picture",
        "plugin",
        "policy",
        "ports",
        "question",
        "records",
        "recurrence",
        "section",
        "settings",
        "share",
        "shipped",
        "tally",
        "text",
        "timeofday",
        "transport",
        "value",
        "when",
        "workday",
    ]
}
STORAGE = {"bot.storage"}
ENGINE = {
    f"bot.{room}"
    for room in [
        "alarm",
        "alert",
        "assistant",
        "attendance",
        "blocks",
        "book",
        "boundary",
        "commander",
        "courier",
        "dispatch",
        "docket",
        "enrich",
        "errand",
        "evidence",
        "fetch",
        "housekeeping",
        "inquiry",
        "limit",
        "loader",
        "naming",
        "nightly",
        "orders",
        "outbox",
        "outcome",
        "override",
        "panels",
        "parcel",
        "presets",
        "proposal",
        "rounds",
        "reader",
        "reading",
        "reconcile",
        "roster",
        "schedule",
        "scope",
        "texts",
        "timetable",
        "turn",
        "upkeep",
    ]
}
FAR = {"bot.transports", "bot.web"}
TOP = {
    "bot.account",
    "bot.app",
    "bot.readiness",
    "bot.scan",
    "bot.reception",
    "bot.build",
    "bot.desk",
    "bot.board",
    "bot.live",
    "bot.log",
    "bot.bench",
    "bot.cli",
    "bot.__main__",
}
LAYERS = [
    ("words", WORDS),
    ("core", CORE),
    ("storage", STORAGE),
    ("engine room", ENGINE),
    ("far side", FAR),
    ("top", TOP),
]
FIRST_WORDS = {
    "words": ("Words:",),
    "core": ("Core:", "Tool:"),
    "storage": ("Storage:",),
    "engine room": ("Engine room:",),
    "top": ("Top:", "Cli:", "Bench:"),
}
FOR_PLUGINS = (
    *WORDS,
    "bot.plugin",
    "bot.context",
    "bot.commands",
    "bot.text",
    "bot.duration",
    "bot.number",
    "bot.timeofday",
    "bot.when",
    "bot.picture",
    "bot.paint",
    "bot.fold",
    "bot.question",
    "bot.mode",
    "bot.recurrence",
    "bot.share",
    "bot.value",
    "bot.workday",
)
WITH_TABLES = "bot.storage.tables"
# Core reads the gateway's own settings model, which is a plain pydantic class beside the adapter it belongs to.
ALLOWED = {("bot.settings", "bot.transports.wechaty.settings"), ("bot.loader", "plugins")}


def imported(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def module_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def layer_of(module: str) -> tuple[int, str] | None:
    for level, (name, rooms) in enumerate(LAYERS):
        if any(module == room or module.startswith(room + ".") for room in rooms):
            return level, name
    return None


def is_in(module: str, rooms: tuple[str, ...]) -> bool:
    return any(module == room or module.startswith(room + ".") for room in rooms)


BOT_FILES = sorted((ROOT / "bot").rglob("*.py"))
PLUGIN_FILES = sorted((ROOT / "plugins").rglob("*.py"))


@pytest.mark.parametrize("path", BOT_FILES, ids=module_of)
def test_imports_point_inwards(path: Path):
    module = module_of(path)
    if module == "bot":
        return
    own = layer_of(module)
    assert own is not None, f"{module} is in no room: add it to the layers above"
    for name in imported(path):
        if name.startswith("plugins"):
            pytest.fail(f"{module} names the plugin {name}; bot knows no feature")
        there = layer_of(name)
        if there is None or any(is_in(module, (a,)) and is_in(name, (b,)) for a, b in ALLOWED):
            continue
        assert there[0] <= own[0], f"{module} ({own[1]}) reaches outwards to {name} ({there[1]})"


def test_transports_do_not_know_the_engine_room_or_one_another():
    shared = {"wechaty": (), "sandbox": ("transcript",), "transcript": ()}
    for path in (ROOT / "bot" / "transports").rglob("*.py"):
        parts = path.relative_to(ROOT / "bot" / "transports").parts
        for name in imported(path):
            there = layer_of(name)
            assert there is None or there[1] != "engine room", f"{module_of(path)} imports {name}"
            match = re.match(r"bot\.transports\.(\w+)", name)
            if match and len(parts) > 1:
                assert match[1] in (parts[0], *shared[parts[0]]), f"{module_of(path)} imports {name}"


@pytest.mark.parametrize("path", PLUGIN_FILES, ids=module_of)
def test_plugins_know_only_words_and_core(path: Path):
    module = module_of(path)
    own = ".".join(module.split(".")[:2])
    for name in imported(path):
        if name.startswith(("bot", "plugins", "wechaty")):
            allowed = (*FOR_PLUGINS, own, WITH_TABLES)
            assert is_in(name, allowed), f"{module} imports {name}; a plugin knows only words and core"
        assert name not in ("asyncio", "aiosqlite", "aiohttp"), (
            f"{module} imports {name}; a plugin yields, it does not do"
        )


@pytest.mark.parametrize("path", [*BOT_FILES, *PLUGIN_FILES], ids=module_of)
def test_every_file_says_what_room_it_is(path: Path):
    doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert doc, f"{module_of(path)} has no first line"
    layer = layer_of(module_of(path))
    if layer is not None and layer[1] in FIRST_WORDS:
        assert doc.startswith(FIRST_WORDS[layer[1]]), f"{module_of(path)} is of the {layer[1]} and says otherwise"
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 400, f"{module_of(path)} has more than one room in it"


@pytest.mark.parametrize("path", PLUGIN_FILES, ids=module_of)
def test_plugins_take_their_time_from_the_context(path: Path):
    source = path.read_text(encoding="utf-8")
    found = re.search(r"datetime\.now\(|date\.today\(|time\.time\(|utcnow\(", source)
    assert not found, f"{module_of(path)} asks the machine for the time: {found and found[0]}"


@pytest.mark.parametrize("plugin", PLUGINS, ids=lambda p: p.name)
def test_a_plugin_is_complete(plugin):
    assert re.fullmatch(r"[a-z][a-z_]*", plugin.name)
    assert plugin.help
    assert re.search(r"[\u4e00-\u9fff]", plugin.help), "help is Chinese first"
    assert list((ROOT / "tests/chats").rglob(f"{plugin.name}*.chat")), f"{plugin.name} has no chat"
    for name, field in plugin.settings.model_fields.items():
        assert not field.is_required(), f"{plugin.name}.{name} needs a default"
        assert field.description, f"{plugin.name}.{name} needs a description"
    for table in plugin.tables:
        assert table.name.startswith(f"{plugin.name}_") or table.name == plugin.name, f"{table.name} needs the prefix"
    if any(registration.guard for registration in plugin.registrations):
        assert plugin.name.endswith("_guard"), "guards end in _guard"


def test_commands_do_not_clash_and_have_examples():
    commands = [command for plugin in PLUGINS for command, _ in plugin.commands]
    registry = Registry.of(commands)
    for command in commands:
        line = registry.parse(command.example)
        assert line is not None, f"/{command.name}: the example {command.example!r} is no command"
        assert line.command is command, f"/{command.name}: the example belongs to another command"
        assert command.help


def test_what_a_refusal_offers_a_member_is_a_members_command():
    commands = {command.name: command for plugin in PLUGINS for command, _ in plugin.commands}
    offered = [(command, name) for command in commands.values() for name in command.for_members]
    assert offered
    for command, name in offered:
        assert name in commands, f"/{command.name} offers /{name}, which nobody has"
        assert commands[name].role is Role.MEMBER, f"/{command.name} offers /{name}, which is not a member's"
        assert command.role > Role.MEMBER, f"/{command.name} is a member's own: nobody is refused"


def keys(path: Path) -> dict[str, set[str]]:
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return {key: set(re.findall(r"\{([^{}\s]{1,20})\}", value)) for key, value in data.items()}


CHINESE = sorted((ROOT / "config/texts/zh-CN").glob("*.toml"))


@pytest.mark.parametrize("path", CHINESE, ids=lambda p: p.stem)
def test_texts_are_complete_in_both_languages(path: Path):
    english = ROOT / "config/texts/en" / path.name
    assert english.exists(), f"no English for {path.name}"
    assert keys(path) == keys(english)


def test_sentences_that_admins_may_write_have_a_default_in_both_languages():
    for plugin in PLUGINS:
        for name, setting in plugin.settings.model_fields.items():
            extra = setting.json_schema_extra
            if isinstance(extra, dict) and "placeholders" in extra and setting.default:
                english = str(extra["en"])
                assert english, f"{plugin.name}.{name} has no English default"
                unknown = set(re.findall(r"\{([^{}\s]{1,20})\}", english)) - set(extra["placeholders"])
                assert not unknown, f"{plugin.name}.{name}: {unknown}"


def test_no_english_text_without_chinese():
    assert {p.name for p in (ROOT / "config/texts/en").glob("*.toml")} == {p.name for p in CHINESE}


@pytest.mark.parametrize("path", PLUGIN_FILES, ids=module_of)
def test_every_sentence_a_plugin_asks_for_exists(path: Path):
    plugin = path.relative_to(ROOT / "plugins").with_suffix("").parts[0]
    catalogue = ROOT / "config/texts/zh-CN" / f"{plugin}.toml"
    asked = re.findall(r"ctx\.text\(\s*\"([a-z_0-9]+)\"", path.read_text(encoding="utf-8"))
    known = keys(catalogue) if catalogue.exists() else {}
    assert not set(asked) - set(known), f"{plugin} asks for sentences that do not exist"


def shape(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(path) as db:
        tables = [row[0] for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = {
            table: sorted(row[1:4] for row in db.execute(f"PRAGMA table_info('{table}')"))
            for table in tables
            if table != "alembic_version" and not table.startswith(("sqlite_", "messages_fts"))
        }
        for table in list(found):
            indexes = db.execute(f"PRAGMA index_list('{table}')").fetchall()
            found[f"{table} indexes"] = sorted(
                (row[1], row[2]) for row in indexes if not row[1].startswith("sqlite_auto")
            )
    db.close()
    return found


def test_migrations_and_tables_agree(tmp_path: Path):
    upgrade(tmp_path / "migrated.db")
    engine = create_engine(f"sqlite:///{tmp_path}/made.db")
    metadata.create_all(engine)
    engine.dispose()
    assert shape(tmp_path / "migrated.db") == shape(tmp_path / "made.db")


def test_tests_cannot_reach_the_network():
    with socket.socket() as sock, pytest.raises(AssertionError, match=r"192\.0\.2\.1"):
        sock.connect(("192.0.2.1", 80))


def test_nobody_sleeps_in_a_test():
    for path in (ROOT / "tests").rglob("*.py"):
        if path.name == "test_house.py" or "node_modules" in path.parts:
            continue
        found = re.search(r"time\.sleep\(|asyncio\.sleep\((?!0\))", path.read_text(encoding="utf-8"))
        assert not found, f"{path.relative_to(ROOT)} sleeps: {found and found[0]}"


def test_the_project_does_not_know_where_it_was_built():
    for path in ROOT.rglob("*"):
        if path.is_file() and path.suffix in (
            ".py",
            ".toml",
            ".md",
            ".chat",
            ".yaml",
            ".yml",
            ".mjs",
            ".html",
            ".js",
            ".css",
        ):
            if {"node_modules", ".venv", ".git"} & set(path.parts) or path == Path(__file__):
                continue
            text = path.read_text(encoding="utf-8")
            assert str(ROOT) not in text, f"{path.relative_to(ROOT)} names the place it was built in"
