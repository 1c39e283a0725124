"""Test: `shequn check`: lines in, lines out, in the same order, whatever the lines are."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
import segno
from click.testing import CliRunner

from bot.cli.check import LONGEST_LINE, _lines, answer_to, check
from bot.loader import load_plugin
from plugins.ad_guard.guard import Settings
from plugins.ad_guard.message import JudgeContext

AD = "需要代理的加薇 abc12345，日结，名额有限"
JUDGE: Any = load_plugin("ad_guard")


def run(lines: Iterable[str | bytes], *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    given = b"\n".join(line if isinstance(line, bytes) else line.encode() for line in lines) + b"\n"
    result = CliRunner().invoke(check, arguments, input=given)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def one(**record: Any) -> dict[str, Any]:
    return answer_to(json.dumps(record).encode(), JUDGE)


def test_a_line_in_a_line_out():
    code, (ad, talk) = run([json.dumps({"id": "1", "text": AD}), json.dumps({"id": 2, "text": "吃火锅去"})])
    assert code == 0
    assert (ad["id"], ad["verdict"]) == ("1", "act")
    assert 0.8 <= ad["score"] <= 1
    assert ad["signals"][0] == {"name": "wechat_id", "detail": "微信号：加薇 abc12345", "weight": 0.85}
    assert 0 < talk.pop("score") < 0.02
    assert talk == {"id": 2, "verdict": "pass", "signals": []}


def test_every_check_answers_when_all_are_asked_for():
    code, (ad,) = run([json.dumps({"id": "1", "text": AD})], "--all")
    assert code == 0
    silent = [signal for signal in ad["signals"] if signal["weight"] == 0]
    assert {"name": "porn", "detail": "色情：没有", "weight": 0.0} in silent
    assert len({signal["name"] for signal in ad["signals"]}) == len(ad["signals"]) > 60


def test_lines_that_cannot_be_read_are_answered_and_the_others_still_judged():
    lines: list[str | bytes] = [
        "不是 JSON",
        "[1]",
        b'{"id": "b", "text": "\xff"}',
        '{"id": "c"}',
        '{"id": "d", "text": 5}',
        '{"id": "e", "text": "a", "kind": "telegram"}',
        '{"id": "f", "text": "a", "days_in_group": -1}',
        '{"id": "g", "text": "a", "messages_before": "x"}',
        '{"id": "h", "texts": []}',
        '{"id": "i", "texts": ["a", 1]}',
        '{"id": "j", "text": "a", "image": "没有这个.png"}',
        '{"id": "k", "text": "a", "image": 7}',
        "[" * 200_000,
        json.dumps({"id": "z", "text": AD}),
    ]
    code, answers = run(lines)
    assert code == 1
    assert len(answers) == len(lines)
    assert all("error" in answer for answer in answers[:-1])
    assert [answer["id"] for answer in answers[3:12]] == list("cdefghijk")
    assert answers[-1]["verdict"] == "act"


def test_blank_lines_are_nothing_and_a_byte_order_mark_is_no_fault():
    code, answers = run(["\ufeff" + json.dumps({"id": "1", "text": AD}), "", "   "])
    assert (code, len(answers)) == (0, 1)


def test_the_fields_change_the_judgement():
    assert one(id="1", kind="card", title="装修张师傅", days_in_group=400, messages_before=100)["verdict"] == "pass"
    assert one(id="1", kind="card", title="装修张师傅", days_in_group=0, messages_before=0)["verdict"] == "warn"
    assert one(id="1", kind="link", title="免费领牛股", url="http://x.top/a")["verdict"] == "act"
    assert one(id="1", kind="file", title="赚钱神器.apk", days_in_group=0, messages_before=0)["verdict"] != "pass"
    assert one(id="1", kind="red_packet", text=AD) == {"id": "1", "score": 0.0, "verdict": "pass", "signals": []}
    assert one(id="1", text="在吗", sender_name="招代理日结兼职")["verdict"] == "pass"
    assert one(id="1", text=AD, somebody="else")["verdict"] == "act", "fields nobody knows are left alone"


def test_consecutive_messages_are_judged_together():
    assert one(id="1", texts=["兼职的看过来", "日结200", "加我微信", "abc12345"])["verdict"] == "act"
    assert one(id="1", texts=["到了吗", "门口等你"])["verdict"] == "pass"
    assert "error" in one(id="1", texts=["a"] * 51)


def test_half_a_character_is_judged_and_printed():
    code, (answer,) = run(['{"id": "\\ud83d", "text": "\\ud83d 加薇：abc12345 兼职日结"}'])
    assert code == 0
    assert answer["verdict"] == "act"


def test_a_picture_is_looked_at_beside_the_file(tmp_path: Path):
    segno.make("https://weixin.qq.com/g/AwYAABcDeF12345").save(str(tmp_path / "code.png"), scale=6)
    file = tmp_path / "in.jsonl"
    file.write_text(json.dumps({"id": "1", "kind": "image", "image": "code.png"}), "utf-8")
    code, (answer,) = run([], str(file))
    assert code == 0
    assert answer["verdict"] == "warn"
    assert answer["signals"][0]["name"] == "qr_code"


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path):
    result = CliRunner().invoke(check, [str(tmp_path / "none.jsonl")])
    assert result.exit_code == 1
    assert "读不了" in result.output
    assert "Traceback" not in result.output


def test_a_line_without_end_is_skipped_and_does_not_fill_the_memory():
    endless = io.BytesIO(b'{"text": "' + b"a" * (LONGEST_LINE * 2) + b'"}\n{"id": 1}\n')
    assert list(_lines(endless)) == [None, b'{"id": 1}\n']
    assert "超过" in answer_to(None, JUDGE)["error"]


@pytest.mark.parametrize("score", [0.2, 0.5, 0.9])
def test_the_verdict_follows_the_score(score: float):
    texts = ["在吗", "兼职日结", "兼职日结，私聊我", AD, "旺铺低价出售，年回报8%，售楼热线 400-123-4567"]
    answers = [one(id="1", text=text) for text in texts]
    for answer in answers:
        expected = "act" if answer["score"] >= 0.8 else "warn" if answer["score"] >= 0.5 else "pass"
        assert answer["verdict"] == expected
    assert sorted(answer["score"] > score for answer in answers) != [True] * len(answers)


_ALONE = """
import atexit, sys
from pathlib import Path
@atexit.register
def tell():
    peak = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    print(sorted({"sqlalchemy", "pydantic", "asyncio", "PIL"} & sys.modules.keys()), peak.split()[1])
from bot.cli import main
sys.argv[1:] = ["check"]
main()
"""


def test_judging_alone_is_small():
    """No group, no database, no settings are loaded; the model, the words and the patterns stay below 80 MB."""
    told = subprocess.run(
        [sys.executable, "-c", _ALONE], input=json.dumps({"id": "1", "text": AD}), capture_output=True, text=True
    )
    answer, facts = told.stdout.splitlines()
    assert json.loads(answer)["verdict"] == "act"
    loaded, peak_kib = facts.rsplit(" ", 1)
    assert loaded == "[]"
    assert int(peak_kib) * 1024 < 80e6


def test_judging_alone_is_judging_as_shipped():
    settings = Settings.model_validate({})
    for known in ((None, None), (0.5, 0), (400.0, 3)):
        assert settings.context(*known) == JudgeContext(*known)
