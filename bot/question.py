"""Core: whether somebody asks something, said from the words alone. Pure and cheap."""

from __future__ import annotations

import re

from bot.text import normalise

SHORTEST, LONGEST = 5, 200
_MARK = re.compile(
    r"[?]|吗(?:$|[,。!~ ])|么$|有没有|有谁|谁有|谁能|谁会|谁知道|有人(?:知道|有|会|用过|能)|哪[里儿个位家些]|哪天"
    r"|怎么|怎样|如何|为什么|为啥|咋|什么时候|啥时候|什么地方|多少|几[点号个天]|是不是|能不能|可不可以|可以.{0,8}吗"
    r"|求(?:助|推荐|问|分享)|请教|请问|想问"
)
_HOLLOW = re.compile(
    r"(?:是吗|真的|对吧|好吗|行吗|可以吗|好不好|吃了吗|在吗|在不在|为什么呢|怎么了|是不是|什么|啥|怎么办|有人吗|谁懂|懂吗)"
    r"[?!~。 ]*"
)
_STATED = re.compile(r"不管|无论|不知道(?:怎么|为什么|如何)|怎么这么|怎么那么|什么的|没什么|多少有点|怎么说呢")


def is_question(text: str) -> bool:
    """Whether the text asks for something that somebody could answer; greetings and rhetoric do not."""
    plain = normalise(text)
    if not SHORTEST <= len(plain) <= LONGEST or plain.startswith(("/", "打卡")):
        return False
    if "http" in plain or _HOLLOW.fullmatch(plain):
        return False
    found = _MARK.search(plain)
    if found is None:
        return False
    return plain.rstrip("~ !").endswith("?") or not _STATED.search(plain)
