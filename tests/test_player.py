"""Test: playing `.chat` scripts through the real engine: what is played, what is compared, what is printed."""

from __future__ import annotations

import json
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.cli import cli
from bot.cli.company import Company
from bot.cli.play import tell
from bot.errors import ScriptError
from bot.transports.transcript.diff import explain
from bot.transports.transcript.expect import compare
from bot.transports.transcript.log import Play
from bot.transports.transcript.render import show
from tests import obedient

PlayIt = Callable[[str], Awaitable[Play]]
CONFIG = Path(__file__).parent.parent / "config"


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """The folder a script lies in."""
    (tmp_path / "qr.png").write_bytes(b"\x89PNG1234")
    return tmp_path


@pytest.fixture
def play(stage: Path) -> PlayIt:
    # No configuration folder: the shipped one speaks of plugins that are not here.
    company = Company(stage / "config", [obedient.plugin])

    async def play_it(source: str) -> Play:
        (stage / "x.chat").write_text(source, encoding="utf-8")
        return await company.play(str(stage / "x.chat"))

    return play_it


async def differences(played: Play) -> list[str]:
    """The lines that say what was missing or too much, without their notes."""
    told = list(explain(played, compare(played)))
    return [line.partition("    ←")[0] for line in told if line[0] in "+-" and not line.startswith(("---", "+++"))]


async def test_everything_the_bot_can_do_can_be_expected(play: PlayIt, stage: Path) -> None:
    script = f"""
@group g1 "一群" members=小李
@group g2 "二群"
09:00 小王: 说 你好|朋友
09:00 bot: 你好\\n朋友
09:01 小王: 私 小李 悄悄话
09:01 bot > 小李: 悄悄话
09:02 小王: 移出 小李
09:02 bot removes 小李
09:03 小王: 公告 今晚分享
09:03 bot announces ~ 分享$
09:04 小王: 告诉管理员 出事了
09:04 bot tells admins: 出事了
09:05 小王: 图 {stage}/qr.png
09:05 bot sends image
09:06 小王: 邀 小陈 g2
09:06 bot invites 小陈 to g2
09:07 小王: 群名 新名字
09:07 bot topic "新名字"
09:08 小王: 撤 (re "朋友")
09:08 bot recalls ~ 朋友
09:09 [g2] 小孙: 说 二群的话
09:09 [g2] bot: 二群的话
"""
    played = await play(script)
    assert await differences(played) == []
    assert compare(played).met
    assert compare(played).expected == 10


async def test_each_difference_is_named_at_its_place(play: PlayIt) -> None:
    played = await play(
        "@group g1 members=小李\n09:00 小王: 说 早\n09:00 bot: 晚\n09:01 小王: 移出 小李\n09:02 bot removes 小李\n"
        "09:03 waits\n10:00 bot ~ 谁"
    )
    assert not compare(played).met
    assert "\n".join(explain(played, compare(played))).replace(played.script.file, "x.chat") == (
        "x.chat 不符合期望：3 处没有发生，2 处没有料到 (differs from what was expected)\n"
        "--- 期望 (expected)\n"
        "+++ 实际 (actual)\n"
        "@@ x.chat:3 @@\n"
        " @group g1 members=小李\n"
        " 09:00 小王: 说 早\n"
        "-09:00 bot: 晚    ← x.chat:3 没有发生\n"
        "+09:00 bot: 早    ← 没有料到\n"
        " 09:01 小王: 移出 小李\n"
        "+09:01 bot removes 小李    ← 没有料到\n"
        "-09:02 bot removes 小李    ← x.chat:5 没有发生；01-05 09:01 倒是有\n"
        " 09:03 waits\n"
        "-10:00 bot ~ 谁    ← x.chat:7 没有发生"
    )


@pytest.mark.parametrize(
    ("script", "wrong"),
    [
        ("09:00 小王: 说 甲", ["+09:00 bot: 甲"]),
        ("@loose\n09:00 小王: 说 甲", []),
        ("@loose\n09:00 小王: 移出 小李\n09:01 小李: 在", ["+09:00 bot removes 小李"]),
        ("09:00 小王: 说 甲\n@loose\n09:01 小王: 说 乙", ["+09:00 bot: 甲"]),
        ("09:00 小王: 说 甲\n09:00 小王: 说 甲乙\n09:00 bot ~ 甲\n09:00 bot ~ 乙", []),
        ("09:00 小王: 说 甲乙\n09:00 bot ~ 甲\n09:00 bot ~ 乙", []),
        ("09:00 小王: 说 甲乙\n09:00 bot ~ 甲\n09:00 bot ~ 甲", ["-09:00 bot ~ 甲"]),
        ("09:00 小王: 说 甲\n09:00 小王: 说 甲\n09:00 bot ~ 甲", ["+09:00 bot: 甲"]),
        ("09:00 小王: 说 甲\n09:01 bot: 甲", ["+09:00 bot: 甲", "-09:01 bot: 甲"]),
        ("09:00 小王: 说 甲\n09:00:59 bot: 甲", []),
        ("09:00 小王: 私 小李 甲\n09:00 bot ~ 甲\n09:01 小李: 在", ["-09:00 bot ~ 甲", "+09:00 bot > 小李: 甲"]),
        (
            "09:00 小王: 私 小李 甲\n09:00 bot > 小王 ~ 甲\n09:01 小李: 在",
            ["-09:00 bot > 小王 ~ 甲", "+09:00 bot > 小李: 甲"],
        ),
        ("@group a\n@group b\n09:00 小王: 说 甲\n09:00 [b] bot: 甲", ["-09:00 [b] bot: 甲", "+09:00 bot: 甲"]),
        ("09:00 bot removes 小王", ["-09:00 bot removes 小王"]),
    ],
)
async def test_exactly_or_loosely(play: PlayIt, script: str, wrong: list[str]) -> None:
    assert await differences(await play(script)) == wrong


async def test_a_wide_pattern_takes_nothing_from_narrow_ones(play: PlayIt) -> None:
    said = "\n".join(f"09:00 小王: 说 第 {number} 句" for number in range(40))
    wanted = "\n".join(f"09:00 bot ~ 第 {number}? ?[0-9]* 句" for number in (*range(39, 0, -1), ""))
    assert await differences(await play(f"{said}\n{wanted}")) == []


async def test_time_passes_and_the_process_dies(play: PlayIt) -> None:
    script = """
@set obedient.after = "90s"
09:00:30 小王: 等 说 甲
09:01 bot restarts
09:02 bot: 甲
09:02 小王: 等 说 乙
@set obedient.after = "1h"
09:03 bot: 乙
09:05 小王: 等 说 丙
10:05 bot: 丙
+3d 09:00 waits
"""
    assert await differences(await play(script)) == []


async def test_an_expectation_below_a_later_line_means_the_next_day(play: PlayIt) -> None:
    script = "09:00 小王: 等 说 甲\n09:05 waits\n09:03 bot: 甲"
    assert await differences(await play(script)) == ["+09:03 bot: 甲", "-09:03 bot: 甲"]


async def test_due_things_within_the_last_minute_happen(play: PlayIt) -> None:
    assert await differences(await play('@set obedient.after = "59s"\n09:00 小王: 等 说 甲')) == ["+09:00:59 bot: 甲"]
    assert await differences(await play('@set obedient.after = "60s"\n09:00 小王: 等 说 甲')) == []


async def test_the_gateway_goes_and_comes(play: PlayIt) -> None:
    script = "09:00 gateway down\n09:01 小王: 说 甲\n09:02 小陈 joins\n09:05 gateway up\n09:05 bot: 甲"
    assert await differences(await play(f"{script}\n09:05 bot ~ 小陈 来了")) == []
    assert await differences(await play("09:00 gateway down\n09:01 小王: 说 甲\n09:01 bot restarts\n09:03 waits")) == []


async def test_settings_of_all_and_of_one_group(play: PlayIt) -> None:
    script = """
@group g1
@group g2
@set obedient.tone = "遵命"
@set [g2] obedient.tone = "是"
09:00 小王: 答应
09:00 bot: 遵命
09:00 [g2] 小李: 答应
09:00 [g2] bot: 是
@set [g1] obedient.tone = "行"
09:01 小王: 答应
09:01 bot: 行
09:01 bot restarts
09:02 小王: 答应
09:02 bot: 行
09:02 [g2] 小李: 答应
09:02 [g2] bot: 是
"""
    assert await differences(await play(script)) == []
    script = '09:00 waits\n@set obedient.tone = "嗯"\n09:01 小王: 答应\n09:01 bot: 嗯'
    assert await differences(await play(script)) == []


async def test_what_the_bot_sees_of_a_message(play: PlayIt) -> None:
    script = """
@group g1 members=小王,小王子 admins=老张
09:00 老张: 看 @小王子 和 @小王！
09:00 bot: ADMIN 点名=小王子,小王 引用=- 找我=False
09:01 小王 @bot: 看
09:01 bot: MEMBER 点名=- 引用=- 找我=True
09:02 小王: 看 (re "@小王子")
09:02 bot: MEMBER 点名=- 引用=看 @小王子 和 @小王！ 找我=False
09:03 小王: 看 (re "找我=True")
09:03 bot: MEMBER 点名=- 引用=MEMBER 点名=- 引用=- 找我=True 找我=False
09:04 小王 renames 王总
09:05 老张: 看 @王总
09:05 bot: ADMIN 点名=小王 引用=- 找我=False
09:06 王总 sends image qr.png
09:06 bot: image ||8
09:07 小王 sends image 没有.png
09:07 bot: image ||0
09:08 小王 sends file a.apk
09:08 bot: file a.apk||0
09:09 小王 sends link "标题" https://a.b/c
09:09 bot: link 标题|https://a.b/c|-
09:10 小王 sends card "名片"
09:10 bot: card 名片||-
"""
    assert await differences(await play(script)) == []


async def test_who_is_in_the_group(play: PlayIt) -> None:
    script = """
@group g1 owner=群主 admins=管理员 members=小王 size=480
09:00 小陈 joins by 小王
09:00 bot: 小陈 来了，小王 请的，共 481 人
09:01 小赵、小孙 joins
09:01 bot: 小赵 来了，- 请的，共 482 人
09:01 bot: 小孙 来了，- 请的，共 483 人
09:02 小李: 我一直都在
"""
    assert await differences(await play(script)) == []


async def test_who_was_removed_does_nothing_more(play: PlayIt) -> None:
    script = """
09:00 小王: 移出 小李
09:00 bot removes 小李
09:01 小李: 说 我还在
09:01 小李 sends red packet
09:01 小李 leaves
09:02 小李 > bot: 私 小李 申诉
09:02 bot > 小李: 申诉
09:03 小李 joins
09:03 bot ~ 小李 来了
09:04 小李: 说 回来了
09:04 bot: 回来了
"""
    played = await play(script)
    assert await differences(played) == []
    missed = [line for line in show(played) if line.startswith("#")]
    assert missed[0] == "# 09:01 小李: 说 我还在    （没有发生：小李 不在群里）"
    assert len(missed) == 3


async def test_what_the_far_side_cannot_do(play: PlayIt) -> None:
    script = """
@can -see_red_packet -see_inviter
09:00 小王 sends red packet
09:01 小陈 joins by 小王
09:01 bot ~ 小陈 来了，- 请的
@can +see_red_packet
09:02 小王 sends red packet
09:02 bot: 谢谢 小王
"""
    assert await differences(await play(script)) == []
    played = await play("@can -remove\n09:00 小王: 移出 小李\n09:00 bot tells admins ~ 小李\n09:01 小李: 在")
    assert await differences(played) == []
    assert [line for line in show(played) if line.startswith("#")] == [
        "# 09:00 bot removes 小李    （没有做：通道做不到）"
    ]


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        ('09:00 小王: 看 (re "没人说过")', r"x\.chat:1: 前面没有哪条消息包含“没人说过”"),
        ("09:00 waits\n09:01 小王 recalls", r"x\.chat:2: 小王 没有可以撤回的消息"),
        ("@file 没有.csv\n09:00 waits", r"x\.chat:1: 脚本旁边没有文件 没有.csv"),
        ('@set obedient.ton = "x"\n09:00 waits', r"x\.chat:1: \[obedient\] 里没有 ton 这个键.*tone"),
        ('@loose\n@set obedient.after = "很久"\n09:00 waits', r"x\.chat:2: .*after.*时长"),
        ('09:00 waits\n@set obedient.ton = "x"\n09:01 waits', r"x\.chat:2: .*tone"),
        ('@set [g1] obedient.after = "很久"\n09:01 waits', r"x\.chat:1: .*after"),
    ],
)
async def test_lines_that_cannot_be_played(play: PlayIt, script: str, sentence: str) -> None:
    with pytest.raises(ScriptError, match=sentence):
        await play(script)


async def test_what_is_shown_is_a_script_that_is_met(play: PlayIt, stage: Path) -> None:
    script = f"""
@day 2026-02-28
@group g1 "一群" members="小 王",小李
@group g2 "二群"
@set obedient.after = "1d"
@loose
09:00:30 "小 王": 说 甲|  乙\\\\n丙
09:01 [g2] 小孙: 等 说 明天
09:02 小李: 私 小李 私下
09:03 小李: 图 {stage}/qr.png
09:04 小李: 移出 小 王
08:59 小李: 第二天
@day 2026-03-05
09:05 "小 王": 不在了
09:05 小陈 joins by 小李
"""
    first = await play(script)
    printed = "\n".join(show(first))
    assert 'bot removes "小 王"' in printed
    assert '# 09:05 "小 王": 不在了' in printed
    again = await play(printed.replace("@loose\n", ""))
    assert await differences(again) == []
    kept = [line for line in printed.splitlines() if line != "@loose" and not line.startswith("#")]
    assert list(show(again)) == kept


async def test_64_kb_and_odd_names(play: PlayIt) -> None:
    long = "长" * 22_000
    names = '"👨\u200d👩\u200d👧 一家"', "\u202eمرحبا", "\u200b", "<b>x</b>"
    lines = [f"09:0{n} {name}: 说 {long}\n09:0{n} bot: {long}" for n, name in enumerate(names)]
    assert await differences(await play("\n".join(lines))) == []


async def test_json_lines(play: PlayIt, capsys: pytest.CaptureFixture[str], stage: Path) -> None:
    played = await play(
        f"""
@group g1 "一群" members=小李
@group g2 "二群"
@set [g2] bot.timezone = "America/New_York"
09:00 小王: 说 @小李 你好
09:01 小王: 私 小李 悄悄话
09:02 小王: 移出 小李
09:03 小王: 移出 管理员
09:04 小王: 图 {stage}/qr.png
09:05 小王: 邀 小陈 g2
09:06 小王: 群名 新名字
09:07 小王: 撤 (re "你好")
20:10 [g2] 小孙: 公告 今晚
20:10 [g2] 小孙: 告诉管理员 今晚
"""
    )
    assert tell(played, as_json=True, with_chat=False) == 0
    told = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    at = "2026-01-05T09:0{}:00+08:00".format
    assert {"at": at(0), "kind": "say", "group": "g1", "text": "@小李 你好", "mentions": []} in told
    assert {
        "at": at(1), "kind": "say", "group": "g1", "text": "悄悄话", "mentions": [], "to": "小李"
    } in told  # fmt: skip
    removal = {"at": at(2), "kind": "remove", "group": "g1", "member": "小李", "reason": "说了要移出", "case": 7}
    assert removal in told
    refused = {**removal, "at": at(3), "kind": "refused", "action": "remove", "member": "管理员", "reason": "exempt"}
    assert refused in told
    assert {"at": at(4), "kind": "image", "group": "g1", "path": f"{stage}/qr.png"} in told
    # To the other group's people it is 20:05 of the day before.
    assert {"at": "2026-01-04T20:05:00-05:00", "kind": "invite", "group": "g2", "member": "小陈"} in told
    assert {"at": at(6), "kind": "topic", "group": "g1", "topic": "新名字"} in told
    recalls = [line for line in told if line["kind"] == "recall"]
    assert [(line["at"], line["text"], bool(line["message"])) for line in recalls] == [(at(7), "@小李 你好", True)]
    late = "2026-01-04T20:10:00-05:00"
    assert {"at": late, "kind": "announce", "group": "g2", "text": "今晚"} in told
    assert {"at": late, "kind": "notify_admins", "group": "g2", "text": "今晚"} in told
    assert [datetime.fromisoformat(line["at"]) for line in told] == sorted(
        datetime.fromisoformat(line["at"]) for line in told
    )


def run(*arguments: str, source: str = "") -> tuple[int, str, str]:
    result = CliRunner().invoke(cli, ["--config", str(CONFIG), "play", *arguments], input=source)
    return result.exit_code, result.stdout, result.stderr


def test_exit_codes(stage: Path) -> None:
    code, out, _ = run("-", source="09:00 小王: 在吗\n")
    assert (code, out) == (0, "- 通过，0 个期望 (as expected)\n")
    code, out, _ = run("-", source="09:00 小王: 在吗\n09:00 bot removes 小王\n")
    assert code == 1
    assert "-09:00 bot removes 小王    ← -:2 没有发生" in out
    code, out, err = run("-", source="09:00 小王 在吗\n")
    assert (code, out) == (2, "")
    assert err.startswith("-:1: 看不懂“小王 在吗”，最接近的写法：")
    good = stage / "好 的.chat"
    good.write_text("09:00 小王: 在吗", encoding="utf-8")
    code, out, err = run(str(good), str(stage), str(stage / "没有.chat"))
    assert code == 2
    assert out.count("通过") == 1
    assert err.splitlines() == [
        f"{stage}:1: 这是一个文件夹，请写里面的文件，例：tests/chats/*.chat (this is a directory)",
        f"{stage / '没有.chat'}:1: 没有这个文件 (no such file)",
    ]
    assert run()[0] == 2


def test_what_is_printed() -> None:
    source = "09:00 小王: 在吗\n09:00 bot removes 小王\n"
    assert run("--json", "-", source=source) == (0, "", "")
    code, out, _ = run("--show", "-", source="09:00 小王: 在吗 # 一\n")
    assert (code, out) == (0, "09:00 小王: 在吗 # 一\n# - 通过，0 个期望 (as expected)\n")


def test_the_player_knows_no_engine() -> None:
    loaded = [name for name in sys.modules if name.startswith("bot.transports.transcript")]
    assert loaded
    for name in loaded:
        source = Path(str(sys.modules[name].__file__)).read_text(encoding="utf-8")
        assert "bot.app" not in source
        assert "bot.storage" not in source
