"""Test: reading `.chat` scripts: every form, every time, every mistake with its file and line."""

from __future__ import annotations

import re
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.errors import ScriptError
from bot.model import Capability, Kind
from bot.transports.transcript import forms, lines
from bot.transports.transcript.names import escape, quote, take_name, unescape
from bot.transports.transcript.script import Script, parse
from bot.transports.transcript.times import Timeline, timeline

SHANGHAI = ZoneInfo("Asia/Shanghai")
DOCS = Path(__file__).parent.parent / "docs" / "chat.md"


def fact_of(line: str) -> lines.Fact:
    return parse(f"@group g1\n@group g2\n{line}", "x.chat").lines[2].fact


def times_of(source: str, zone: ZoneInfo = SHANGHAI) -> list[str]:
    told = timeline(parse(source, "x.chat"), zone).moments
    return [f"{moment.at.astimezone(SHANGHAI):%m-%d %H:%M:%S}" for moment in told if moment.line.stamp]


INPUTS = {
    "09:00 小陈 joins": lines.Joins(("小陈",)),
    "09:00 小陈,小赵 joins by 小李": lines.Joins(("小陈", "小赵"), "小李"),
    "09:00 小陈， 小赵、小孙 joins": lines.Joins(("小陈", "小赵", "小孙")),
    '09:00 "小 陈","a, b" joins by "小 李"': lines.Joins(("小 陈", "a, b"), "小 李"),
    "09:30 小陈 leaves": lines.Leaves(("小陈",)),
    "09:31 小陈 is removed by 管理员": lines.Leaves(("小陈",), "管理员"),
    "09:05 小王: 文字": lines.Says("小王", "文字"),
    "09:05 小王:文字: 还有冒号": lines.Says("小王", "文字: 还有冒号"),
    '09:05 "小 王": 文字 # 不是注释': lines.Says("小 王", "文字 # 不是注释"),
    r"09:05 小王: 第一行\n第二行\\n": lines.Says("小王", "第一行\n第二行\\n"),
    "09:05 小王 > bot: 私聊文字": lines.Says("小王", "私聊文字", private=True),
    "09:05 小王 @bot: 文字": lines.Says("小王", "文字", to_bot=True),
    '09:05 小王: 是广告  (re "加微信")': lines.Says("小王", "是广告", quoted="加微信"),
    '09:05 小王 @bot: /广告 (re "加 (x) 微信")': lines.Says("小王", "/广告", to_bot=True, quoted="加 (x) 微信"),
    "09:05 小王: 没有引用 (reply)": lines.Says("小王", "没有引用 (reply)"),
    "09:05 小王 sends red packet": lines.SendsRedPacket("小王"),
    "09:05 小王 sends image qr.png": lines.Sends("小王", Kind.IMAGE, file="qr.png"),
    '09:05 小王 sends link "标 题" https://a.b/c?d#e': lines.Sends(
        "小王", Kind.LINK, title="标 题", url="https://a.b/c?d#e"
    ),
    '09:05 小王 sends card "名片名"': lines.Sends("小王", Kind.CARD, title="名片名"),
    '09:05 小王 sends miniprogram "标题"': lines.Sends("小王", Kind.MINIPROGRAM, title="标题"),
    "09:05 小王 sends file a.apk": lines.Sends("小王", Kind.FILE, file="a.apk"),
    "09:05 小王 sends voice": lines.Sends("小王", Kind.VOICE),
    "09:05 小王 sends video": lines.Sends("小王", Kind.VIDEO),
    "09:05 小王 sends sticker": lines.Sends("小王", Kind.STICKER),
    '09:05 小王 sends record "聊天记录"': lines.Sends("小王", Kind.RECORD, title="聊天记录"),
    "09:06 小王 recalls": lines.Recalls("小王"),
    "09:06 小王 recalls  # 后面可以写注释": lines.Recalls("小王"),
    "09:06 小王 renames 张三-上海-设计": lines.Renames("小王", "张三-上海-设计"),
    '09:06 群主 topic "新 群名"': lines.Retopics("群主", "新 群名"),
    "09:10 bot restarts": lines.Restarts(),
    "09:10\tgateway\tdown": lines.Gateway(up=False),
    "09:10 gateway up": lines.Gateway(up=True),
    "09:30 waits": lines.Waits(),
    "09:30 waits: 一个叫 waits 的人": lines.Says("waits", "一个叫 waits 的人"),
}


@pytest.mark.parametrize("line", INPUTS)
def test_every_form_of_input(line: str) -> None:
    assert fact_of(line) == INPUTS[line]


EXPECTATIONS = {
    r"09:05 bot: 全文\n第二行": lines.Expects(lines.Did.SAY, text="全文\n第二行"),
    "09:05 bot ~ 红包|W[0-9]+": lines.Expects(lines.Did.SAY, pattern=re.compile("红包|W[0-9]+", re.DOTALL)),
    "09:05 bot > 管理员: 私聊全文": lines.Expects(lines.Did.SAY, text="私聊全文", to="管理员"),
    "09:05 bot > 管理员 ~ 正则": lines.Expects(lines.Did.SAY, pattern=re.compile("正则", re.DOTALL), to="管理员"),
    "09:08 bot removes 小王": lines.Expects(lines.Did.REMOVE, member="小王"),
    '09:08 bot removes "小 王" # 过了三分钟': lines.Expects(lines.Did.REMOVE, member="小 王"),
    "09:00 bot announces ~ 分享": lines.Expects(lines.Did.ANNOUNCE, pattern=re.compile("分享", re.DOTALL)),
    "09:00 bot announces: 全文": lines.Expects(lines.Did.ANNOUNCE, text="全文"),
    "09:08 bot tells admins ~ W1": lines.Expects(lines.Did.NOTIFY_ADMINS, pattern=re.compile("W1", re.DOTALL)),
    "09:08 bot tells admins: 全文": lines.Expects(lines.Did.NOTIFY_ADMINS, text="全文"),
    "09:00 bot sends image": lines.Expects(lines.Did.IMAGE),
    "09:00 bot > 小王 sends image": lines.Expects(lines.Did.IMAGE, to="小王"),
    "09:08 bot invites 小陈 to g2": lines.Expects(lines.Did.INVITE, member="小陈", group="g2"),
    "09:08 bot recalls ~ 早": lines.Expects(lines.Did.RECALL, pattern=re.compile("早", re.DOTALL)),
    '09:08 bot topic "新群名"': lines.Expects(lines.Did.TOPIC, text="新群名"),
}


@pytest.mark.parametrize("line", EXPECTATIONS)
def test_every_form_of_expectation(line: str) -> None:
    assert fact_of(line) == EXPECTATIONS[line]


def test_directives() -> None:
    script = parse(
        '@day 2026-03-01\n@set moderation.grace = "3m"\n@set [g2] policy.list = [1, 2] # 两个\n'
        "@file words.csv\n@loose\n"
        '@group g1 "读书群 1" owner=群主 admins=管理员,"小 助手" members=小李，小王 size=480\n@group g2 二群\n'
        "@can -remove +recall\n@can [g2] -see_red_packet\n09:00 waits"
    )
    assert [line.fact for line in script.lines[:-1]] == [
        lines.Day(date(2026, 3, 1)),
        lines.Set("moderation.grace", "3m"),
        lines.Set("policy.list", [1, 2], "g2"),
        lines.Named("words.csv"),
        lines.Loose(),
        lines.Declare("g1", "读书群 1", "群主", ("管理员", "小 助手"), ("小李", "小王"), 480),
        lines.Declare("g2", "二群", "群主", ("管理员",)),
        lines.Can(frozenset({Capability.RECALL}), frozenset({Capability.REMOVE})),
        lines.Can(frozenset(), frozenset({Capability.SEE_RED_PACKET}), "g2"),
    ]
    assert script.first_settings() == {"moderation.grace": "3m"}


def test_the_group_of_a_line() -> None:
    script = parse("@group a\n@group b\n09:00 waits\n09:00 [b] 小王: 好\n09:00 [c]小王: 好\n09:00 [b]小王: 好")
    assert [line.group for line in script.lines[2:]] == ["a", "b", "a", "b"]
    assert parse("09:00 waits").first_group == "g1"


@pytest.mark.parametrize("form", [*forms.DIRECTIVES, *forms.INPUTS, *forms.EXPECTATIONS])
def test_the_forms_that_are_suggested_can_be_read(form: str) -> None:
    assert parse(f"@group g2\n{form}\n10:00 waits" if "g2" in form else f"{form}\n10:00 waits").lines


def test_the_documentation_can_be_read() -> None:
    blocks = re.findall(r"```chat\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) >= 5
    for block in blocks:
        assert timeline(parse(block, "docs/chat.md"), SHANGHAI).moments


def test_times() -> None:
    assert times_of("09:00 waits\n09:00:30 waits\n09:00 waits\n08:59 waits\n08:59:59 waits") == [
        "01-05 09:00:00",
        "01-05 09:00:30",
        "01-05 09:00:30",  # a time without seconds is still that minute
        "01-06 08:59:00",
        "01-06 08:59:59",
    ]
    assert times_of("09:00 waits\n+2d 09:00 waits\n09:00 waits\n+1d 08:00 waits") == [
        "01-05 09:00:00",
        "01-07 09:00:00",
        "01-07 09:00:00",
        "01-08 08:00:00",
    ]
    assert times_of("@day 2026-02-28\n23:59 waits\n@day 2026-03-05\n09:00 waits\n00:00 waits") == [
        "02-28 23:59:00",
        "03-05 09:00:00",
        "03-06 00:00:00",
    ]
    assert times_of("09:00:30 waits\n09:00:10 waits")[1] == "01-06 09:00:10"


def test_time_goes_to_the_end_of_the_last_minute() -> None:
    told = timeline(parse("09:00:20 waits\n09:33:10 waits"), SHANGHAI)
    assert told.start.astimezone(SHANGHAI).isoformat() == "2026-01-05T09:00:19+08:00"
    assert told.end.astimezone(SHANGHAI).isoformat() == "2026-01-05T09:33:59.999000+08:00"


def test_groups_live_in_zones_of_their_own() -> None:
    script = '@group a\n@group b\n@set [b] bot.timezone = "America/New_York"\n{}'
    assert times_of(script.format("09:00 waits\n[x]".replace("\n[x]", "\n09:00 [b] waits\n21:59 waits"))) == [
        "01-05 09:00:00",
        "01-05 22:00:00",
        "01-06 21:59:00",
    ]
    assert times_of('@set bot.timezone = "UTC"\n09:00 waits') == ["01-05 17:00:00"]


MISTAKES = {
    "": "x.chat:1: 脚本里没有带时间的行",
    "# 只有注释\n@loose": "x.chat:2: 脚本里没有带时间的行",
    "你好": "x.chat:1: “你好”前面要有时间",
    "\n\n小王: 你好": "x.chat:3: .*09:05 小王: 文字",
    "9:05 小王: x": "时间写得不对，应是 09:05",
    "09：05 小王: x": "时间写得不对",
    "25:00 小王: x": "没有 25:00 这个时间",
    "09:05:61 小王: x": "没有 09:05:61 这个时间",
    "+0d 09:05 waits": "1 到 3660 天",
    "09:05": "时间后面没有内容",
    "09:05 小王": "最接近的写法：09:05 小王: 文字",
    "09:05 小王:": "小王 什么也没说",
    '09:05 小王: (re "x")': "小王 什么也没说",
    "09:05 小王：你好": "冒号要用半角",
    "09:05 小王 send red packet": "最接近的写法：09:05 小王 sends red packet",
    "09:05 小王 sends picture a.png": "最接近的写法：09:05 小王 sends image qr.png",
    "09:05 小王 sends image ../a.png": "不是脚本旁边的文件名",
    "09:05 小王 sends image /etc/passwd": "不是脚本旁边的文件名",
    "09:05 小王 join": "最接近的写法：09:00 小陈 joins",
    "09:05 小王 > 小李: 悄悄话": "最接近的写法：09:05 小王 > bot: 私聊文字",
    "09:05 gateway sideways": "最接近的写法：09:10 gateway down",
    "09:05 bot restart": "最接近的写法：09:10 bot restarts",
    "09:05 bot remove 小王": "最接近的写法：09:08 bot removes 小王",
    "09:05 bot removes": "最接近的写法：09:08 bot removes 小王",
    "09:05 bot invites 小陈 to g9": "没有叫 g9 的群，最接近的是 g1",
    "09:05 bot:": "期望的内容是空的",
    "09:05 bot ~ [": "正则写错了",
    "09:05 [g2] 小王: x": "没有叫 g2 的群",
    "@set [g2] a.b = 1\n09:00 waits": "x.chat:1: 没有叫 g2 的群",
    "@dya 2026-01-01": "最接近的写法：@day 2026-01-05",
    "@day 2026-13-01": "不是日期",
    "@set moderation.grace = 3m": '不是 TOML 值，文字要加引号，例：@set moderation.grace = "3m"',
    "@set grace": "看不懂这条设置",
    '@set grace = "3m"': "应是 插件.键",
    "@set a.b = " + "[" * 20_000: "不是 TOML 值",
    "@set a.b = " + "9" * 5_000: "不是 TOML 值",
    '@group g1 "没写完': "群名的引号没有写完整",
    "@group": "先写群的编号",
    "@group g1 member=小王": "最接近的是 members=",
    "@group g1 members=小王 members=小李": "写了两次",
    "@group g1 size=很多": "应是人数",
    "@group g1 owner=a,b": "群主只有一位",
    "@group g1\n@group g1": "x.chat:2: 群 g1 已经有了",
    "09:00 waits\n@group g1": "请写在第一条带时间的行之前",
    "@can -removed": "最接近的写法：@can -remove",
    "@can": "@can 后面写能力",
    "@loose 一点": "@loose 后面不该有",
    "@file a/b.csv": "不是脚本旁边的文件名",
    "09:00 waits\n@day 2026-01-04\n09:00 waits": "x.chat:2: @day 2026-01-04 早于上一行",
    '@set bot.timezone = "火星"\n09:00 waits': "x.chat:1: 没有叫“火星”的时区",
}


@pytest.mark.parametrize("source", MISTAKES, ids=[source[:30] for source in MISTAKES])
def test_mistakes_are_named_with_file_line_and_the_right_form(source: str) -> None:
    with pytest.raises(ScriptError) as caught:
        timeline(parse(source, "x.chat"), SHANGHAI)
    sentence = str(caught.value)
    assert re.search(MISTAKES[source].replace("[", r"\["), sentence), sentence
    assert re.fullmatch(r"x\.chat:[0-9]+: .*[\u4e00-\u9fff].* \([^()]+(\([^()]*\))?[^()]*\)", sentence), sentence
    assert len(sentence) < 500


@pytest.mark.parametrize(
    ("source", "line"),
    [
        (b"09:00 waits\n\xff\xfe", 2),
        (b"\x89PNG\r\n\x1a\n\0\0", 1),
        (b"09:00 waits\n\n\0", 3),
        (b"#" * (16 * 1024 * 1024 + 1), 1),
    ],
)
def test_what_is_not_text_is_refused(source: bytes, line: int) -> None:
    with pytest.raises(ScriptError, match=f"^x.chat:{line}: "):
        parse(source, "x.chat")


def test_files_of_other_systems() -> None:
    source = "\ufeff# 注释\r\n@loose\r\n\r\n  09:00\t小王:\t你好 \r\n09:01 小王: 再见\r09:02 waits"
    script = parse(source.encode())
    assert [line.place.line for line in script.lines] == [2, 4, 5, 6]
    assert script.lines[1].fact == lines.Says("小王", "你好")


ODD_NAMES = [
    "+1d",
    *("👨\u200d👩\u200d👧 一家", "\u202eمرحبا", "\u200b", "<b>x</b>", 'a"b\\', "A：B", "[群]", "#话题", "@所有人"),
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_names_of_all_kinds_can_be_written(name: str) -> None:
    assert take_name(quote(name) + ": x") == (name, ": x")
    assert fact_of(f"09:00 {quote(name)}: 好") == lines.Says(name, "好")


def test_a_very_long_message_is_read_at_once() -> None:
    for text in ("长" * 65_536, " (re" * 16_000, "(" * 65_536, "\\" * 65_537, "@" * 65_536):
        assert isinstance(fact_of(f"09:00 小王: {text}!"), lines.Says)
    assert isinstance(fact_of("09:00 小王 renames " + "长" * 65_536), lines.Renames)


@given(st.text())
def test_texts_survive_being_written_and_read(text: str) -> None:
    assert unescape(escape(text)) == text.replace("\r\n", "\n").replace("\r", "\n")
    assert "\n" not in escape(text)


@given(st.text(alphabet='\\(re "x\n)', min_size=1).filter(lambda text: text.strip() == text))
@example('好 (re "加微信")')
@example('好 \\(re "加微信")')
def test_what_somebody_said_never_turns_into_a_quotation(text: str) -> None:
    assert fact_of(f"09:00 小王: {escape(text)}") == lines.Says("小王", text)
    quoted = f'09:00 小王: 好 (re "{escape(text)}")'
    assert fact_of(quoted) == lines.Says("小王", "好", quoted=text)


PIECES = st.sampled_from(
    [
        *'0123456789:：~>@#,，、"\\()[]{}+-= \t\n\r',
        *("09:05 ", "+2d ", "小王", "bot", "g1", " joins", " by ", " sends ", "red packet", "image", "link", "(re "),
        *("@set ", "@group ", "@day ", "@can ", "@file ", "@loose", "members=", "size=", "owner=", "2026-01-05"),
        *(" removes ", " invites ", " to ", "tells admins", "announces", "recalls", "topic", "is removed by"),
        *("\ufeff", "\u200b", "\u2028"),
    ]
)


@settings(max_examples=1_000, deadline=None)
@given(st.one_of(st.lists(PIECES, max_size=40).map("".join), st.text(max_size=200)))
def test_anything_is_a_script_or_a_script_error(source: str) -> None:
    _read_or_refuse(source)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_a_script_or_a_script_error(source: bytes) -> None:
    _read_or_refuse(source)


def _read_or_refuse(source: str | bytes) -> None:
    try:
        script = parse(source, "x.chat")
        told = timeline(script, SHANGHAI)
    except ScriptError as caught:
        error = caught
    else:
        _time_only_goes_forward(script, told)
        return
    assert re.match(r"x\.chat:[0-9]+: ", str(error))


def _time_only_goes_forward(script: Script, told: Timeline) -> None:
    assert isinstance(script, Script)
    instants: list[datetime] = [moment.at for moment in told.moments]
    assert instants == sorted(instants)
    assert told.start <= instants[0]
    assert instants[-1] <= told.end
