"""Plugin: judging plain data: one message, or several of one sender, as a mapping of named fields."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from bot.model import Kind, Signal
from plugins.ad_guard.judge import judge_together
from plugins.ad_guard.message import NOTHING, JudgeContext, Judgement, Message
from plugins.ad_guard.reason import silent

__all__ = ["judge_record", "silent"]

RED_PACKET = "red_packet"
MOST_TEXTS = 50


def judge_record(
    record: Mapping[str, object],
    findings: Sequence[Signal] = (),
    context: Callable[[float | None, int | None], JudgeContext] = JudgeContext,
) -> Judgement:
    """Judge `text` or `texts` (consecutive messages of one sender), with kind, url, title, file_name, sender_name,
    quoted, days_in_group and messages_before where they are known; other fields are ignored.

    findings: what was seen in its picture. Raises ValueError with a sentence for fields of the wrong kind.
    """
    kind = _text(record, "kind") or Kind.TEXT.value
    texts = _texts(record)
    if kind == RED_PACKET:
        return NOTHING
    if kind not in {known.value for known in Kind}:
        raise ValueError(f"不认识的消息类型 {kind[:40]} (unknown kind)")
    first = Message(
        text=texts[0],
        kind=Kind(kind),
        title=_text(record, "title"),
        url=_text(record, "url"),
        file_name=_text(record, "file_name") or (_text(record, "title") or texts[0] if kind == Kind.FILE else ""),
        sender_name=_text(record, "sender_name"),
        quoted=_text(record, "quoted"),
        findings=tuple(findings),
    )
    messages = [first, *(replace(first, text=text, title="", url="", findings=()) for text in texts[1:])]
    return judge_together(messages, context(_number(record, "days_in_group"), _count(record, "messages_before")))


def _text(record: Mapping[str, object], name: str) -> str:
    value = record.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise ValueError(f"{name} 应是文字 (must be a string)")
    return value


def _texts(record: Mapping[str, object]) -> list[str]:
    texts = record.get("texts")
    if texts is None:
        if record.keys() <= {"id"}:
            raise ValueError("缺少 text 或 texts (neither text nor texts)")
        return [_text(record, "text")]
    if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
        raise ValueError("texts 应是一列文字 (must be a list of strings)")
    if len(texts) > MOST_TEXTS:
        raise ValueError(f"texts 最多 {MOST_TEXTS} 条 (too many)")
    return [*([_text(record, "text")] if record.get("text") else []), *texts]


def _number(record: Mapping[str, object], name: str) -> float | None:
    value = record.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0:
        raise ValueError(f"{name} 应是不小于 0 的数 (must be a number of at least 0)")
    return float(value)


def _count(record: Mapping[str, object], name: str) -> int | None:
    value = _number(record, name)
    return None if value is None else int(min(value, 1e9))
