"""Bench: `digest`: the digest of a lively day, as the thread makes it."""

from __future__ import annotations

import importlib
import json
from random import Random
from time import perf_counter

from bot.bench.figures import Line, peak_mb
from bot.bench.talk import TALK

MESSAGES, PEOPLE, WORDS = 5000, 300, 3000
MARKED = (
    "决定了，读书会改到周六下午两点",
    "【通知】本周六图书馆闭馆，活动挪到社区中心",
    "资料放这里了 https://example.com/notes",
    "请问社区中心附近好停车吗？",
    "投影仪的灯泡坏了，谁家有备用的？",
)


async def measure() -> list[Line]:
    """Seconds for one digest, the dictionary's first reading included, and for the next one."""
    summarise = importlib.import_module("plugins.digest.compute").summarise
    argument = json.dumps(_day(), ensure_ascii=False)
    before = peak_mb()
    took = []
    for _ in range(3):
        began = perf_counter()
        found = summarise(argument)
        took.append(perf_counter() - began)
    digest = json.loads(found)
    return [
        {
            "bench": "digest",
            "work": f"{MESSAGES:,} messages of {PEOPLE} people, history of {WORDS:,} words",
            "count": MESSAGES,
            "first_s": round(took[0], 3),
            "seconds": round(min(took), 3),
            "lines": len(digest["topics"]) + sum(len(some) for some in digest["lines"].values()),
            "argument_kb": round(len(argument.encode()) / 1024),
            "peak_mb": round(peak_mb()),
            "peak_more_mb": round(peak_mb() - before),
            "limit": "< 2 s, 200 MB",
        }
    ]


def _day() -> dict[str, object]:
    random = Random(1)  # noqa: S311  the same day in every run
    rows: list[list[object]] = []
    for number in range(MESSAGES):
        second = 8 * 3600 + number * 50400 // MESSAGES
        marked = number % 500 == 250
        text = random.choice(MARKED) if marked else f"{random.choice(TALK)}{random.choice(('', '！', ' 哈哈', '～'))}"
        who = f"群友{random.randrange(PEOPLE)}"
        rows.append([f"{second // 3600:02}:{second // 60 % 60:02}", second, who, text, "text", int(marked)])
    history = {f"词{number}": 1 + number % 30 for number in range(WORDS)}
    return {"messages": rows, "history": history, "days": 30, "count": MESSAGES, "people": PEOPLE}
