"""Test: strange messages, commands and payloads of the gateway, through the whole bot on a real file."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from bot.events import Event, MemberJoined, MemberLeft, MessageReceived, Quote, RedPacketSent, TopicChanged
from bot.loader import find_plugins
from bot.model import Kind, Media, Member
from bot.transports.wechaty import tidy
from bot.transports.wechaty.convert import Converter
from bot.transports.wechaty.messages import MessagePayload
from bot.transports.wechaty.trouble import PAYLOAD_ERRORS
from tests.engine.stage import ADMIN, BOT, OWNER, START, XIAOLI, XIAOWANG, Stage, running_app
from tests.fuzz.inputs import TEXT, damaged, fuzz, talk

pytestmark = pytest.mark.slow
PLUGINS = find_plugins()
COMMANDS = [command for plugin in PLUGINS for command, _ in plugin.commands]
PEOPLE = (OWNER, ADMIN, XIAOWANG, XIAOLI)
WORDS = (
    *("@小王", "@小李", "@", "@nobody", "3分钟", "明早8点", "周五 20:00", "x2", "x99999999999999999999", "-1", "两百"),
    *("０", "⑨", "“", "”", '"', "「", "开", "关", "预览", "设置", "列表", "删", "加", "W1", "L1", "D1", "Q1", "{昵称}"),
    *("{", "}", "\n", "2月30日", "25:00", "99999天", "https://", "、", "，", "：", "确认", "[[", "(((((", "a" * 50),
    *("\u202e", "\u200b", "👨\u200d👩\u200d👧"),
)
NAMES = tuple(f"/{name}" for command in COMMANDS for name in (command.name, *command.aliases))
EXAMPLES = tuple(command.example for command in COMMANDS if command.example)


async def _live_a_day(stage: Stage) -> None:
    """A day with its briefs, and pictures: 60 MB of dictionaries and fonts are loaded once, when first needed."""
    for text in ("今天天气不错，适合出去走走", "晚上一起读书吗", "/词云", "/热力图"):
        await stage.say(text, OWNER)
    await stage.after(days=1)
    stage.far.sent.clear()


@contextmanager
def lively(tmp_path: Path) -> Iterator[tuple[asyncio.Runner, Stage]]:
    """A bot with every plugin and some people, in a loop that a plain function can turn."""
    with asyncio.Runner() as runner:
        manager = running_app(tmp_path, *PLUGINS, members=PEOPLE, bot__owners=("owner",))
        stage = runner.run(manager.__aenter__())
        try:
            runner.run(_live_a_day(stage))
            yield runner, stage
        finally:
            runner.run(manager.__aexit__(None, None, None))


def _unbroken(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    broken = [record.getMessage() for record in caplog.records if record.exc_info or record.levelno >= logging.ERROR]
    assert broken == []
    # The far side keeps all it is sent, and of a million inputs that is much; the bot itself must not.
    stage.far.sent.clear()
    assert stage.app.dispatcher.counts.handlers_failed == 0
    caplog.clear()


def _edited(line: str, words: list[str], at: int, cut: bool) -> str:
    """A good line with something put into it, or broken off."""
    place = at % (len(line) + 1)
    return line[:place] + " ".join(words) + ("" if cut else line[place:])


def lines() -> st.SearchStrategy[str]:
    """Commands: good ones changed a little, names with anything after them."""
    changed = st.builds(
        _edited,
        st.sampled_from(EXAMPLES),
        st.lists(st.sampled_from(WORDS), max_size=3),
        st.integers(0, 80),
        st.booleans(),
    )
    named = st.builds(lambda name, rest: f"{name} {rest}", st.sampled_from(NAMES), talk(*WORDS))
    return st.one_of(changed, changed, named, st.sampled_from(EXAMPLES))


def test_any_command_is_obeyed_or_answered(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with lively(tmp_path) as (runner, stage):

        def give(told: tuple[str, Member, str]) -> None:
            line, by, group = told
            runner.run(stage.app.handle(stage.message(line, by, group)))
            stage.clock.set(stage.clock.now() + timedelta(seconds=7))
            if stage._no % 20 == 0:
                runner.run(stage.app.settle())
            _unbroken(stage, caplog)

        fuzz("commands", 0.08, st.tuples(lines(), st.sampled_from(PEOPLE), st.sampled_from(["g1", "g1", ""])), give)


PERSON = st.one_of(st.sampled_from(PEOPLE), st.builds(Member, TEXT.filter(bool), TEXT))
MESSAGE = st.fixed_dictionaries(
    {"sender": PERSON, "text": talk(*WORDS, *NAMES[:5], "加微信 abc12345", "我叫小陈", "参与", "/", "红包")},
    optional={
        "kind": st.sampled_from(Kind),
        "mentions": st.lists(TEXT, max_size=3).map(tuple),
        "mentions_bot": st.booleans(),
        "quote": st.builds(Quote, TEXT, st.one_of(st.none(), TEXT), TEXT),
        "title": TEXT,
        "url": TEXT,
        "media": st.builds(Media, TEXT, TEXT.map(lambda name: f"/nowhere/{name[:20]}"), st.integers(0, 1 << 40)),
    },
)


def _events() -> st.SearchStrategy[tuple[type[Event], dict[str, Any]]]:
    someone = st.fixed_dictionaries({"member": PERSON})
    return st.one_of(
        st.tuples(st.just(MessageReceived), MESSAGE),
        st.tuples(st.just(MessageReceived), MESSAGE),
        st.tuples(st.sampled_from([MemberJoined, MemberLeft]), someone),
        st.tuples(st.just(RedPacketSent), st.fixed_dictionaries({"sender": PERSON})),
        st.tuples(st.just(TopicChanged), st.fixed_dictionaries({"topic": TEXT, "by": PERSON})),
    )


def test_any_event_is_handled(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with lively(tmp_path) as (runner, stage):

        def happen(told: tuple[type[Event], dict[str, Any]]) -> None:
            kind, fields = told
            stage._no += 1
            event = kind(id=f"e{stage._no}", at=stage.clock.now(), group="g1", **fields)
            runner.run(stage.app.handle(event))
            stage.clock.set(stage.clock.now() + timedelta(seconds=5))
            if stage._no % 20 == 0:
                runner.run(stage.app.settle())
            _unbroken(stage, caplog)

        fuzz("events", 0.06, _events(), happen)


class Strangers:
    """Stands in for the gateway's look-ups: nobody can be asked about, as when it is away."""

    async def member(self, group: str, member: str) -> Member:
        return Member(member, tidy.name(member))

    async def is_official(self, contact: str) -> bool:
        return False

    def known_name(self, group: str, member: str) -> str | None:
        return None

    def role(self, group: str, member: str) -> int:
        return 0

    def changed(self, group: str, *members: str) -> None:
        return None

    async def read(self, payload: MessagePayload, kind: Kind, text: str) -> Any:
        from bot.transports.wechaty.contents import _from_text

        return _from_text(payload, kind, text)


PAYLOADS = tuple(
    bytes(
        MessagePayload(
            id="m1", text=text, stamp=1795000000, type=kind, talker_id="wxid_a", room_id="1@chatroom", mention_ids=["b"]
        )
    )
    for kind, text in (
        (7, "早 @群管家\u2005 好"),
        (6, '<?xml version="1.0"?><msg><img aeskey="a" length="9"/></msg>'),
        (14, "<msg><appmsg><title>标题</title><des>说明</des><type>5</type></appmsg></msg>"),
        (7, "「小王：前文」\n- - - - - - - - - - - - - - -\n好的"),
        (13, "<sysmsg><revokemsg><newmsgid>99</newmsgid></revokemsg></sysmsg>"),
    )
)
FACTS = tuple(
    json.dumps({"roomId": "r", key: ["a", "b"], who: "c", "newTopic": "新群名", "timestamp": stamp}).encode()
    for key, who, stamp in (("inviteeIdList", "inviterId", 1795000000), ("removeeIdList", "removerId", 1795000000000))
)


def test_any_payload_is_converted_or_left(caplog: pytest.LogCaptureFixture) -> None:
    strangers: Any = Strangers()
    converter = Converter(strangers, strangers, lambda: START, lambda: BOT)
    with asyncio.Runner() as runner:

        def arrive(content: bytes) -> None:
            fact = tidy.payload_of(tidy.clean(content.decode("utf-8", "replace")))
            for told in (converter.joined, converter.left, converter.renamed):
                for event in runner.run(told(fact)) if fact is not None else ():
                    assert event.at.tzinfo is not None
            try:
                payload = MessagePayload().parse(content)
            except PAYLOAD_ERRORS:
                return
            if (found := converter.message(payload)) is not None:
                for event in runner.run(found[1]()):  # type: ignore[arg-type]
                    assert event.id.startswith("msg:")

        fuzz("payloads", 0.16, st.one_of(damaged(PAYLOADS), damaged(FACTS), st.binary(max_size=120)), arrive)
