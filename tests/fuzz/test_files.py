"""Test: strange files: feeds, what the web answers, pictures, coupon lists, scripts, configurations."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
import segno
from hypothesis import strategies as st
from PIL import Image

from bot.cli.shop import text_of
from bot.encoding import decode
from bot.errors import ConfigError, StorageError
from bot.loader import find_plugins, load_plugin
from bot.picture import PictureError, open_small, see
from bot.settings import load_settings
from bot.transports.transcript.place import ScriptError
from bot.transports.transcript.script import parse
from plugins.brief.feed import read_feed
from tests.fuzz.inputs import TEXT, damaged, fuzz, talk

pytestmark = pytest.mark.slow
RSS = """<?xml version="1.0" encoding="gb2312"?><rss version="2.0"><channel><title>新闻</title>
<item><title>今天降温</title><pubDate>Mon, 05 Jan 2026 08:00:00 +0800</pubDate><link>https://e.cn/1</link></item>
<item><title><![CDATA[<b>两个</b>&nbsp;消息]]></title><dc:date>2026-01-05T08:00:00Z</dc:date></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>博客</title><entry><title type="html">一 &amp; 二</title>
<updated>2026-01-05T08:00:00+08:00</updated></entry></feed>"""
FEEDS = (RSS.encode("gb18030"), RSS.replace("gb2312", "utf-8").encode(), ATOM.encode(), ATOM.encode("utf-16"))
TAGS = (
    *("<rss>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<entry>", "<updated>", "</updated>"),
    *("<![CDATA[", "]]>", "<!--", "-->", "<!DOCTYPE x [", '<!ENTITY a "b">', "&a;", "&nbsp;", "&#x1F600;", "&#0;"),
    *('<?xml version="1.0" encoding="utf-7"?>', "<meta charset=rot13>", "2026-01-05", "xmlns:a='b'", "&", "<", ">"),
)


def test_any_answer_is_a_feed_or_none() -> None:
    def read(content: bytes | str) -> None:
        text = content if isinstance(content, str) else decode(content, "text/xml")
        try:
            feed = read_feed(text)
        except ValueError:
            return
        assert all(item.title and len(item.title) <= 81 for item in feed.items)

    fuzz("feeds", 0.18, st.one_of(damaged(FEEDS), talk(*TAGS), st.binary(max_size=300)), read)


def test_any_answer_becomes_text() -> None:
    named = st.one_of(TEXT, st.sampled_from(["text/html; charset=gbk", "charset=utf-7", "charset=hex", "charset=idna"]))
    either = st.one_of(damaged(FEEDS), st.binary(max_size=400))
    fuzz("answers", 0.14, st.tuples(either, named), lambda told: decode(*told).encode("utf-8"))


def _picture(form: str, mode: str = "RGB") -> bytes:
    code = io.BytesIO()
    segno.make("https://e.cn/加群").save(code, kind="png", scale=3)
    into = io.BytesIO()
    Image.open(code).convert(mode).save(into, form)
    return into.getvalue()


PICTURES = (*(_picture(form) for form in ("PNG", "JPEG", "GIF", "BMP", "WEBP")), _picture("PNG", "P"))


def test_any_file_is_a_picture_or_none(tmp_path: Path) -> None:
    path = tmp_path / "picture"

    def look(content: bytes) -> None:
        path.write_bytes(content)
        for way in (see, lambda path: open_small(path, 600)):
            try:
                way(path)
            except PictureError:
                continue

    fuzz("pictures", 0.08, st.one_of(damaged(PICTURES), st.binary(max_size=200)), look)


CELLS = (
    "券码",
    "兑换码",
    "序号",
    ",",
    ";",
    "\t",
    '"',
    "\r\n",
    "\n",
    "A1",
    "卡号B2",
    "\ufffd",
    "\ufeff",
    "=cmd()",
    "锟斤拷",
)


def test_any_list_of_codes_is_read_or_refused(tmp_path: Path) -> None:
    path, read = tmp_path / "codes.csv", load_plugin("shop").computations["codes"]
    encoded = st.tuples(talk(*CELLS), st.sampled_from(["utf-8", "gb18030", "utf-16", "utf-8-sig"]))

    def bring(content: bytes) -> None:
        path.write_bytes(content)
        try:
            text = text_of(path)
        except StorageError:
            return
        found = json.loads(read(text))
        assert found.get("problem") or all(found["codes"])

    fuzz("lists", 0.14, st.one_of(encoded.map(lambda told: told[0].encode(told[1])), st.binary(max_size=300)), bring)


SCRIPT = (
    *("@day 2026-01-05", "@set ", "@group g1 ", "@loose", "@can -remove", "@file x", "members=小李", "size=480", "\n"),
    *("09:00 ", "+2d ", "[g1] ", "小王", ": ", " joins", " by ", " sends ", "red packet", "link ", '"标题"', "(re "),
    *(
        "bot",
        " removes ",
        " ~ ",
        " > ",
        " announces",
        " tells admins",
        " restarts",
        " waits",
        "gateway down",
        "#",
        "\\",
    ),
)


def test_any_text_is_a_script_or_a_script_error() -> None:
    def read(source: str | bytes) -> None:
        refused = ""
        try:
            parse(source, "x.chat")
        except ScriptError as error:
            refused = str(error)
        assert not refused or re.match(r"x\.chat:[0-9]+: ", refused)

    fuzz("scripts", 0.15, st.one_of(talk(*SCRIPT), st.binary(max_size=200)), read)


TOML = (
    *(
        "[bot]",
        "[brief]",
        "[points]",
        "[[bot]]",
        "mode",
        "owners",
        "timezone",
        "morning",
        "per_day",
        " = ",
        "\n",
        "'''",
    ),
    *('"08:00"', '"off"', '"3m"', "true", "-1", "1e400", "nan", "[]", '["*"]', "{a=1}", "2026-01-05", '"\\u0000"', "#"),
)


def test_any_configuration_is_read_or_refused_in_words(tmp_path: Path) -> None:
    plugins = find_plugins()
    file = tmp_path / "bot.toml"

    def load(told: tuple[str | bytes, str]) -> None:
        content, variable = told
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
        environment, problems = {"SHEQUN_BRIEF__MORNING": variable, "SHEQUN_BOT__OWNERS": variable}, ()
        try:
            load_settings(tmp_path, plugins, env=environment)
        except ConfigError as error:
            problems = error.args
        assert all("Traceback" not in str(line) for line in problems)

    fuzz("settings", 0.01, st.tuples(st.one_of(talk(*TOML), st.binary(max_size=80)), talk(*TOML)), load)
