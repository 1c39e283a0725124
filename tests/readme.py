"""Test: the table of commands in the README, written from the registry: `python tests/readme.py` writes it anew."""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bot.commands import Command  # noqa: E402
from bot.loader import find_plugins  # noqa: E402
from bot.model import Role  # noqa: E402

README = ROOT / "README.md"
BEGIN, END = "<!-- commands: written by tests/readme.py -->", "<!-- /commands -->"
WHO = ((Role.KEEPER, "机器人的主人"), (Role.OWNER, "群主"), (Role.HELPER, "管理员"), (Role.MEMBER, "大家"))


def table() -> str:
    """The rows by who may give the command, then by plugin."""
    commands = [command for plugin in find_plugins() for command, _ in plugin.commands]
    lines = ["| 谁 | 命令 | 做什么 | 例 |", "|---|---|---|---|"]
    for _, who in reversed(WHO):
        lines += [_row(who, command) for command in commands if _who(command) == who]
    return "\n".join(lines)


def _who(command: Command) -> str:
    return next(who for role, who in WHO if command.role >= role)


def _row(who: str, command: Command) -> str:
    english = next((alias for alias in command.aliases if alias.isascii()), "")
    name = f"`/{command.name}{' ' + command.usage if command.usage else ''}`" + (f" ({english})" if english else "")
    cells = (who, name, command.help, f"`{command.example}`")
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def written(text: str) -> str:
    """The README with the table as it should be."""
    assert text.count(BEGIN) == text.count(END) == 1
    block = f"{BEGIN}\n{table()}\n{END}"
    return re.sub(f"{re.escape(BEGIN)}.*{re.escape(END)}", lambda _: block, text, flags=re.DOTALL)


def example(name: str, text: str) -> str:
    """The code block that follows `<!-- example: name -->`."""
    found = re.search(rf"<!-- example: {re.escape(name)} -->\n```\w*\n(.*?)```", text, re.DOTALL)
    assert found, f"the README has no example {name}"
    return found[1]


if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
