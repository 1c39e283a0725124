"""Test: every command has a chat for success, for refusal and for bad input, and the table of them.

    python -m tests.test_command_table     prints the table

A call's answer is the first thing the script expects of the bot before anybody speaks again. It is a refusal when it is
one of the sentences that say no before a command runs; bad input when it is a sentence that the plugin raises as
CommandError (or, for a command that takes nothing, when the call says something all the same); else it is a success.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest

from bot.commands import Command, Registry
from bot.loader import find_plugins
from bot.transports.transcript.lines import Did, Expects, Line, Says
from bot.transports.transcript.script import parse

ROOT = Path(__file__).parent.parent
TEXTS = ROOT / "config" / "texts" / "zh-CN"
REFUSALS = (
    "not_allowed", "not_allowed_but", "owner_only", "keeper_only", "only_group", "only_private", "off", "stranger"
)  # fmt: skip
"""Sentences of `command.toml` that say no before a command runs."""
OWN_REFUSALS = {
    "帮助": ("help", "not_yours"),
    "我的数据": ("privacy", "ask_in_private"),
    "忘记我": ("privacy", "case_open"),
}
"""What nobody is kept from says no in its own words."""
LEAST = 3
"""So many characters of a sentence must be the same."""
_NAMING = re.compile(r"在\s{0,10}[^/／\s][^/／]{0,99}(?=[/／])")
_MENTION = re.compile(r"^\^?\(?@\S+?\s+")
_SPECIAL = re.compile(r"[\\.\[\](){}*+?|^$]")
REGISTRY = Registry.of(command for plugin in find_plugins() for command, _ in plugin.commands)


@dataclass
class Row:
    """Chats that show a command, by what comes of it."""

    success: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)


# ---- the sentences


def texts(name: str) -> dict[str, str]:
    path = TEXTS / f"{name}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def head(template: str) -> str:
    """What stands before the first placeholder."""
    return re.split(r"\{[^{}\s]{1,20}\}", template, maxsplit=1)[0]


@cache
def refusals(command: str) -> tuple[str, ...]:
    own = [texts(plugin)[key] for plugin, key in [OWN_REFUSALS[command]]] if command in OWN_REFUSALS else []
    return (*(texts("command")[key] for key in REFUSALS), *own)


@cache
def errors(plugin: str) -> tuple[str, ...]:
    """Every sentence that the plugin, or the core for it, raises as CommandError."""
    known = texts(plugin)
    found: set[str] = set()
    for path in sources(plugin):
        for literal, is_key in raised(path):
            if not is_key:
                found.add(literal)
            elif literal.endswith("*"):
                found |= {text for key, text in known.items() if key.startswith(literal[:-1])}
            elif literal in known:
                found.add(known[literal])
    return tuple(found)


def sources(plugin: str) -> list[Path]:
    folder = ROOT / "plugins" / plugin
    own = sorted(folder.rglob("*.py")) if (folder / "__init__.py").exists() else [ROOT / "plugins" / f"{plugin}.py"]
    return [*own, *sorted((ROOT / "bot" / "settings").glob("*.py")), ROOT / "bot" / "when.py"]


def raised(path: Path) -> Iterator[tuple[str, bool]]:
    """The texts in `CommandError(…)`: (catalogue key, `*` at the end for a prefix; True) or (sentence, False)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("CommandError", "Misread"):
            for part in ast.walk(node):
                yield from _literals(part)


def _literals(part: ast.AST) -> Iterator[tuple[str, bool]]:
    if isinstance(part, ast.Constant) and isinstance(part.value, str) and len(part.value) >= LEAST:
        yield part.value, part.value.isascii()
    elif isinstance(part, ast.JoinedStr):
        first = part.values[0]
        literal = str(first.value) if isinstance(first, ast.Constant) else ""
        if len(literal) >= LEAST:
            yield (f"{literal}*", True) if literal.isascii() else (f"{literal}{{…}}", False)


# ---- the chats


def says(expected: Expects, sentence: str) -> bool:
    """Whether the expectation is this sentence of the catalogue, its placeholders filled."""
    begin = head(sentence)
    if expected.pattern is not None:
        pattern = _MENTION.sub("", expected.pattern.pattern).removeprefix("^")
        literal = _SPECIAL.split(pattern.replace("[+]", "+"), maxsplit=1)[0]
        same = min(len(literal), len(begin))
        return same >= LEAST and literal[:same] == begin[:same]
    said = _MENTION.sub("", expected.text or "")
    if len(begin) >= LEAST:
        return said.startswith(begin)
    parts = [re.escape(part) for part in re.split(r"\{[^{}\s]{1,20}\}", sentence)]
    return re.fullmatch(".*?".join(parts), said, re.DOTALL) is not None


def calls(lines: tuple[Line, ...]) -> Iterator[tuple[Command, str, Expects]]:
    """Each command given in a script, what follows its name, and the first answer to it."""
    for n, line in enumerate(lines):
        if not isinstance(line.fact, Says):
            continue
        said = REGISTRY.parse(_NAMING.sub("", line.fact.text.strip(), count=1))
        if said is None or said.command is None:
            continue
        answers = []
        for later in lines[n + 1 :]:
            if isinstance(later.fact, Expects):
                answers.append(later.fact)
            else:
                break
        if answers:
            yield said.command, said.rest, answers[0]


@cache
def table() -> dict[str, Row]:
    rows = {command.name: Row() for command in REGISTRY.commands}
    for path in sorted((ROOT / "tests" / "chats").glob("*.chat")):
        for command, rest, answer in calls(parse(path.read_bytes(), path.name).lines):
            row = rows[command.name]
            if any(says(answer, sentence) for sentence in refusals(command.name)):
                kept = row.refused
            elif (not command.usage and rest) or any(says(answer, one) for one in errors(command.plugin)):
                kept = row.bad
            else:
                kept = row.success
            if path.stem not in kept:
                kept.append(path.stem)
    return rows


@pytest.mark.parametrize("command", sorted(row.name for row in REGISTRY.commands))
def test_there_is_a_chat_for_success_refusal_and_bad_input(command: str) -> None:
    row = table()[command]
    missing = [kind for kind in ("success", "refused", "bad") if not getattr(row, kind)]
    assert not missing, f"/{command}: no chat for {'、'.join(missing)}"


def test_the_example_of_every_command_is_a_call_of_it() -> None:
    for command in REGISTRY.commands:
        line = REGISTRY.parse(command.example)
        assert line is not None, command.example
        assert line.command is command, command.example


def test_a_sentence_is_recognised_with_its_names_filled_in() -> None:
    assert says(Expects(Did.SAY, "@小李 /签到 只有管理员可以用哦"), "/{name} 只有管理员可以用哦")
    assert not says(Expects(Did.SAY, "@小李 签到成功"), "/{name} 只有管理员可以用哦")
    assert says(Expects(Did.SAY, pattern=re.compile(r"^@小李 写成：/统计")), "写成：/统计 7天")
    assert not says(Expects(Did.SAY, pattern=re.compile(r"^.*")), "写成：/统计 7天")


if __name__ == "__main__":
    for name, row in sorted(table().items()):
        shown = (f"{kind}={','.join(getattr(row, kind)[:3]) or '—'}" for kind in ("success", "refused", "bad"))
        print(f"/{name}", *shown, sep="  ")  # noqa: T201  it is what it is run for
