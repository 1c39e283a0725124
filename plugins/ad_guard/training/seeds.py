"""Plugin: ad_guard, training: the project's own sentences, written by hand, and what they expand to.

A line of a seed file is `situation <tab> sentence`; `{a|b|}` chooses one of its alternatives, `<phone>` and other
names in angle brackets are filled anew each time, `\\n` is a line break.
"""

from __future__ import annotations

import re
from importlib.resources import files
from random import Random

_CHOICE = re.compile(r"\{([^{}]*)\}")
_SLOT = re.compile(r"<([a-z]+)>")
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾萧"
    "田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
)
_GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚桂英华玲红玉梅建国辉婷雪晨欣怡浩宇子轩梓涵一诺雨桐思远嘉铭佳琪晓燕志鹏文博"
)

_SHORT = ("t.cn", "dwz.cn", "suo.im", "u.jd.com", "m.tb.cn", "url.cn")


def slot(name: str, random: Random) -> str:
    """One value for a slot."""
    digits = "".join(str(random.randrange(10)) for _ in range(12))
    name_ = random.choice(_SURNAMES) + "".join(random.sample(_GIVEN, random.choice((1, 2))))
    values = {
        "phone": f"1{random.choice('3456789')}{digits[:9]}",
        "tel": f"{random.choice(('010', '021', '0571', '0755', '028', '0371'))}-{random.randrange(2, 9)}{digits[:7]}",
        "hotline": f"400-{digits[:3]}-{digits[3:7]}",
        "qq": f"{random.randrange(1, 10)}{digits[: random.randrange(6, 10)]}",
        "id": _account(random),
        "n": str(random.randrange(2, 10)),
        "nn": str(random.randrange(10, 100)),
        "nnn": str(random.choice((random.randrange(100, 1000), random.randrange(1, 10) * 100))),
        "nnnn": str(random.choice((random.randrange(1000, 10000), random.randrange(1, 10) * 1000))),
        "code": digits[: random.choice((4, 6))],
        "price": random.choice(
            (
                f"{random.randrange(1, 200)}.{random.randrange(10)}",
                f"{random.randrange(1, 30)}.9",
                f"{random.randrange(9, 400)}",
            )
        ),
        "url": _address(random),
        "short": f"{random.choice(_SHORT)}/{_account(random)[:6]}",
        "token": random.choice("¥￥$(₤")
        + "".join(random.choice(_LETTERS + _LETTERS.upper() + "0123456789") for _ in range(11))
        + random.choice("¥￥$)₤"),
        "name": name_,
        "surname": name_[0],
        "time": f"{random.randrange(7, 23)}{random.choice((':00', ':30', '点', '点半'))}",
        "date": f"{random.randrange(1, 13)}月{random.randrange(1, 29)}日",
        "city": random.choice(
            [
                "北京",
                "上海",
                "广州",
                "深圳",
                "杭州",
                "成都",
                "武汉",
                "西安",
                "郑州",
                "南京",
                "苏州",
                "长沙",
                "重庆",
                "青岛",
                "合肥",
                "厦门",
                "宁波",
                "东莞",
                "佛山",
                "昆明",
                "济南",
                "沈阳",
                "福州",
                "石家庄",
                "南宁",
            ]
        ),
        "emoji": random.choice(("🔥", "💰", "❤️", "👉", "‼️", "🎉", "✅", "📱", "⭐", "🌹", "😊", "")),
        "meeting": f"{digits[:3]} {digits[3:6]} {digits[6:9]}",
    }
    return values[name]


def _account(random: Random) -> str:
    word = "".join(random.choice(_LETTERS) for _ in range(random.randrange(1, 5)))
    return random.choice((
        f"{word}{random.randrange(100, 99999999)}",
        f"{word}_{random.randrange(10, 9999)}",
        f"{word}{random.choice(_LETTERS)}{random.choice(_LETTERS)}{random.randrange(10, 9999)}",
        f"1{random.choice('3578')}{random.randrange(10**8, 10**9)}",
        f"wxid_{word}{random.randrange(10, 999)}{word}",
    ))  # fmt: skip


def _address(random: Random) -> str:
    name = "".join(random.choice(_LETTERS + "0123456789") for _ in range(random.randrange(3, 9)))
    ending = random.choice(("com", "cn", "top", "xyz", "vip", "cc", "net", "shop", "club"))
    return f"{random.choice(('http://', 'https://', 'www.', ''))}{name}.{ending}{random.choice(('', '/' + name[:4]))}"


def expand(sentence: str, random: Random) -> str:
    """One reading of a sentence with alternatives and slots."""
    while found := _CHOICE.search(sentence):
        sentence = sentence[: found.start()] + random.choice(found[1].split("|")) + sentence[found.end() :]
    return _SLOT.sub(lambda found: slot(found[1], random), sentence).replace("\\n", "\n")


def read(name: str) -> list[tuple[str, str]]:
    """Situation and sentence of each line of a seed file."""
    lines = files("plugins.ad_guard.training").joinpath(name).read_text("utf-8").splitlines()
    return [(line.split("\t", 1)[0], line.split("\t", 1)[1]) for line in lines if line and not line.startswith("#")]


def names() -> list[str]:
    """The seed files: those of advertisements begin with `ads`, those of ordinary messages with `ordinary`."""
    folder = files("plugins.ad_guard.training")
    return sorted(path.name for path in folder.iterdir() if path.name.endswith(".tsv"))


def grown(name: str, times: int, seed: int) -> list[list[str]]:
    """Of every sentence of a file so many readings; the same for the same seed, doubles left out."""
    random = Random(seed)
    found: list[list[str]] = []
    for _, sentence in read(name):
        choices = sentence.count("{") + sentence.count("<")
        found.append(list(dict.fromkeys(expand(sentence, random) for _ in range(times if choices else 1))))
    return found
