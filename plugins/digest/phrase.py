"""Plugin: digest: a language model may word the digest; it may not add anything. Pure."""

from __future__ import annotations

import re

from bot.text import clean_text, clip
from plugins.digest.compute import Digest

MOST_LINES = 10
_CITED = re.compile(r"[\[【](\d{1,3})[\]】]")
SYSTEM = (
    "You word the digest of a WeChat group's day in plain, friendly Chinese. You get numbered messages. "
    "Write at most 8 short lines. Every line ends with the numbers of the messages it stands on, like [3] or [3][5]. "
    "Say nothing that is not in those messages. No heading, no greeting, no links that are not in the messages."
)


def material(digest: Digest) -> str:
    """The digest's own messages, numbered; the model sees no others."""
    return "\n".join(f"[{n}] {one.at} {one.who}: {one.text}" for n, one in enumerate(digest.sources, 1))


def cited(answer: str, digest: Digest) -> str:
    """The model's lines that name a source we gave it, the numbers made into time and name; the others are dropped."""
    sources = digest.sources
    lines = []
    for raw in clean_text(answer, 4000).splitlines():
        numbers = [int(number) for number in _CITED.findall(raw)]
        said = clip(_CITED.sub("", raw).strip(" -·*•\t"), 80)
        if not said or not numbers or not all(1 <= number <= len(sources) for number in numbers):
            continue
        if _links(said) - set().union(*(_links(sources[number - 1].text) for number in numbers)):
            continue
        named = dict.fromkeys(f"{sources[number - 1].at} {sources[number - 1].who}" for number in numbers)
        lines.append(f"· {said}（{'、'.join(named)}）")
    return "\n".join(lines[:MOST_LINES])


def _links(text: str) -> set[str]:
    return set(re.findall(r"https?://[^\s，。）)]+|www\.[^\s，。）)]+", text))
