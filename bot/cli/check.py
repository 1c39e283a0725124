"""Cli: `shequn check`: the judge without a chat: JSON lines in, JSON lines out, in the same order."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path
from typing import IO, Any, Protocol, cast

import click

from bot.model import Signal

LONGEST_LINE = 4 * 1024 * 1024
"""Bytes; a longer line is an error of its own and is skipped without being kept."""


class _Judgement(Protocol):
    score: float
    verdict: str
    signals: tuple[Signal, ...]


class _Judge(Protocol):
    """The part of the plugin that judges plain data; raises ValueError with a sentence."""

    def judge_record(self, record: Mapping[str, object], findings: Sequence[Signal] = ()) -> _Judgement: ...

    def silent(self, found: Sequence[Signal]) -> tuple[Signal, ...]: ...


@click.command()
@click.argument("file", metavar="[FILE]", default="-")
@click.option("--all", "every", is_flag=True, help="每项检查都写出来；没有发现的，权重是 0")
def check(file: str, every: bool) -> None:
    """离线判断消息是不是广告：一行一个 JSON 进，一行一个 JSON 出，顺序不变。

    每行 {"id": "1", "text": "…"}，或 "texts": ["…", "…"]（同一个人接连发的几条）；还可以有 kind（text、link、card、
    miniprogram、file、image、record、red_packet）、url、title、image（图片路径）、sender_name、days_in_group、
    messages_before。读不懂的行得到 {"id": …, "error": "…"}，别的照判，最后退出码 1。FILE 不写或写 - 表示标准输入。

    \b
    例：
      echo '{"id": "1", "text": "兼职日结，加V：zz998877"}' | shequn check
      shequn check messages.jsonl > judged.jsonl
    """
    # Not the plugin: whoever only judges needs no group, no database and no settings.
    judge = cast(_Judge, import_module("plugins.ad_guard.record"))
    failed = False
    with ExitStack() as opened:
        stream, folder = sys.stdin.buffer, Path()
        if file != "-":
            stream, folder = opened.enter_context(_open(file)), Path(file).parent
        for line in _lines(stream):
            answer = answer_to(line, judge, folder, every)
            failed = failed or "error" in answer
            click.echo(json.dumps(answer, ensure_ascii=_has_surrogates(answer)))
    raise SystemExit(1 if failed else 0)


def _open(file: str) -> IO[bytes]:
    try:
        return Path(file).open("rb")
    except OSError as error:
        raise click.ClickException(f"读不了 {file}：{error.strerror} (cannot be read)") from None


def _lines(stream: IO[bytes]) -> Iterator[bytes | None]:
    """Lines that are not blank, one at a time; None stands for one that is too long."""
    while line := stream.readline(LONGEST_LINE + 1):
        if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
            yield None
        elif line.strip():
            yield line


def answer_to(line: bytes | None, judge: _Judge, folder: Path = Path(), every: bool = False) -> dict[str, Any]:
    """What is printed for one line; `error` says why it cannot be judged. `folder`: where picture paths start.

    every: checks that found nothing are listed too.
    """
    record: object = None
    try:
        if line is None:
            raise ValueError(f"这一行超过 {LONGEST_LINE // 1024 // 1024} MB (line too long)")
        record = _read(line)
        judged = judge.judge_record(record, _findings(record, folder))
    except ValueError as error:
        return {"id": _id(record), "error": str(error)}
    signals = (*judged.signals, *judge.silent(judged.signals)) if every else judged.signals
    return {
        "id": _id(record),
        "score": judged.score,
        "verdict": judged.verdict,
        "signals": [{"name": s.name, "detail": s.detail, "weight": s.weight} for s in signals],
    }


def _read(line: bytes) -> dict[str, object]:
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ValueError("不是 UTF-8 (not UTF-8)") from None
    except RecursionError:
        raise ValueError("JSON 嵌套太深 (nested too deeply)") from None
    except json.JSONDecodeError as error:
        raise ValueError(f"不是 JSON：第 {error.colno} 个字符附近 (not JSON)") from None
    if not isinstance(record, dict):
        raise ValueError("一行应是一个 JSON 对象 (must be an object)")
    return record


def _id(record: object) -> object:
    return record.get("id") if isinstance(record, dict) else None


def _findings(record: Mapping[str, object], folder: Path) -> tuple[Signal, ...]:
    """What the record's picture shows. Raises ValueError when it cannot be looked at."""
    image = record.get("image")
    if image is None or image == "":
        return ()
    if not isinstance(image, str):
        raise ValueError("image 应是图片的路径 (must be a path)")
    from bot.picture import PictureError, qr_codes

    path = Path(image) if Path(image).is_absolute() or _is_file(Path(image)) else folder / image
    try:
        return qr_codes(path)
    except PictureError as error:
        raise ValueError(f"图片看不了：{error} (picture cannot be read)") from None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):
        return False


def _has_surrogates(answer: Mapping[str, Any]) -> bool:
    """Half a character, as JSON may carry it, can only be printed escaped."""
    try:
        json.dumps(answer, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False
