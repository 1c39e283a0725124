"""Plugin: digest: a digest in words, for the group and for the evening brief."""

from __future__ import annotations

from collections.abc import Iterator

from plugins.digest.compute import KINDS, Digest
from plugins.digest.plugin import Ctx

_IN_BRIEF = ("decisions", "announcements")
_SHOWN = {"decisions": 3, "announcements": 2, "links": 3, "files": 2, "questions": 3}


def digest_text(ctx: Ctx, digest: Digest, title: str, phrased: str = "") -> str:
    """The whole digest. `phrased`: a model's wording of it, whose lines name their sources themselves."""
    head = ctx.text("head", 题目=title, 条数=digest.count, 人数=digest.people)
    if digest.is_empty:
        return f"{head}\n{ctx.text('nothing')}"
    if phrased:
        return f"{head}\n{phrased}"
    lines = [head]
    if digest.topics:
        lines += [ctx.text("head_topics"), *_topics(ctx, digest, len(digest.topics))]
    for kind in KINDS:
        lines += _section(ctx, digest, kind)
    return "\n".join(lines)


def brief_block(ctx: Ctx, digest: Digest, phrased: str) -> str:
    """For the brief: at most six lines; questions have a block of their own."""
    if phrased:
        return "\n".join([ctx.text("head_brief"), *phrased.splitlines()[:5]])
    lines = [ctx.text("head_brief"), *_topics(ctx, digest, 3)]
    for kind in _IN_BRIEF:
        for line in digest.lines[kind][-2:]:
            lines.append(ctx.text(f"short_{kind}", 时间=line.at, 昵称=line.who, 内容=line.text))
    return "\n".join(lines[:6]) if len(lines) > 1 else ""


def _topics(ctx: Ctx, digest: Digest, most: int) -> Iterator[str]:
    for word, count, people, line in digest.topics[:most]:
        values = {"词": word, "条数": count, "人数": people, "时间": line.at, "昵称": line.who, "内容": line.text}
        yield ctx.text("topic", **values)


def _section(ctx: Ctx, digest: Digest, kind: str) -> list[str]:
    found = digest.lines[kind][-_SHOWN[kind] :]
    said = [ctx.text("line", 时间=line.at, 昵称=line.who, 内容=line.text) for line in found]
    return [ctx.text(f"head_{kind}"), *said] if said else []
