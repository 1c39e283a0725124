"""Test: every chat in `tests/chats` goes exactly as it is written, with every plugin on."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli.company import Company
from bot.loader import find_plugins
from bot.transports.transcript.diff import explain
from bot.transports.transcript.expect import compare

ROOT = Path(__file__).parent.parent
CHATS = sorted((ROOT / "tests" / "chats").rglob("*.chat"))


@pytest.fixture(scope="module")
def company() -> Company:
    return Company(ROOT / "config", find_plugins())


@pytest.mark.parametrize("chat", CHATS, ids=[chat.relative_to(ROOT).as_posix() for chat in CHATS])
async def test_chat(chat: Path, company: Company) -> None:
    played = await company.play(str(chat))
    outcome = compare(played)
    assert outcome.met, "\n" + "\n".join(explain(played, outcome))
