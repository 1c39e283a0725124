"""Test: help: with every command there is, each stands in one topic, and no page is longer than a phone shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.commands import Command
from bot.loader import find_plugins
from bot.model import Role
from plugins.help.page import LINES
from plugins.help.topics import TOPICS, by_topic
from tests.engine.stage import OWNER, running_app

PLUGINS = find_plugins()
COMMANDS = [command for plugin in PLUGINS for command, _ in plugin.commands]


def test_every_command_is_in_exactly_one_topic() -> None:
    shown = [command.name for _, mine in by_topic(COMMANDS) for command in mine]
    assert sorted(shown) == sorted(command.name for command in COMMANDS)


def test_what_is_shown_first_exists_and_stands_first() -> None:
    for topic, mine in by_topic(COMMANDS):
        names = [command.name for command in mine]
        assert tuple(names[: len(topic.first)]) == topic.first, topic.key


def test_topics_share_no_plugin() -> None:
    plugins = [plugin for topic in TOPICS for plugin in topic.plugins]
    assert len(plugins) == len(set(plugins))


@pytest.mark.parametrize("footer", ["", "有事找群主"])
async def test_an_owner_reaches_every_command_in_two_steps(tmp_path: Path, footer: str) -> None:
    mine = [one for one in COMMANDS if one.role <= Role.OWNER and one.group]
    async with running_app(tmp_path, *PLUGINS) as stage:
        if footer:
            await stage.say(f"/设置 help.footer {footer}", OWNER)
        pages = []
        await stage.say("/帮助", OWNER)
        overview = stage.far.texts()[-1]
        words = [line.partition("：")[0] for line in overview.splitlines()[1:] if "：/" in line]
        for word in words:
            await stage.say(f"/帮助 {word}", OWNER)
            pages.append(stage.far.texts()[-1])
    assert len(words) == len(by_topic(mine))
    assert footer in overview
    assert max(len(page.splitlines()) for page in (overview, *pages)) <= LINES
    assert not [one.name for one in mine if not _stands_in(one, pages)]


def _stands_in(command: Command, pages: list[str]) -> bool:
    return any(f"/{command.name}" in page.replace("：", " ").split() for page in pages)
