"""Plugin: ad_guard, training: the ways advertisers hide their words, done to a text on purpose."""

from __future__ import annotations

from collections.abc import Callable
from importlib.resources import files
from random import Random

from zhconv_rs import zhconv

_MARKS = "*.-_~/|·…,，。、+^=#&"
_EMOJI = "❤🌹🔥⭐👉💰😊🎉✨🍀♥☀★◆●☆→"
_HIDDEN = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u202e"
_LATIN_TWINS = dict(zip("aceopxyivkmtbh", "асеорхуіѵκмтвһ", strict=True))
_FULL = {c: chr(ord(c) + 0xFEE0) for c in map(chr, range(33, 127))}
_CIRCLED = dict(zip("0123456789", "⓪①②③④⑤⑥⑦⑧⑨", strict=True))
_KEYCAP = {d: f"{d}\ufe0f\u20e3" for d in "0123456789"}
_RAISED = dict(zip("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹", strict=True))
_BOLD = {c: chr(0x1D400 + i) for i, c in enumerate("ABCDEFGHIJKLMNOPQRSTUVWXYZ")} | {
    c: chr(0x1D41A + i) for i, c in enumerate("abcdefghijklmnopqrstuvwxyz")
} | {d: chr(0x1D7CE + i) for i, d in enumerate("0123456789")}  # fmt: skip
_SPOKEN = dict(zip("0123456789", "零一二三四五六七八九", strict=True))
_FORMAL = dict(zip("0123456789", "零壹贰叁肆伍陆柒捌玖", strict=True))
_SLANG = {
    "加微信": ("加薇", "➕V", "+vx", "佳威", "加卫星", "jia微", "咖V", "茄薇", "加v❤", "伽微芯", "家威信", "ADD V"),
    "微信": ("薇信", "V信", "威芯", "VX", "wx", "徽信", "葳❤", "卫星", "维信", "薇x", "√x", "weixin", "溦信"),
    "加": ("➕", "伽", "珈", "佳", "+", "jia", "家"),
    "QQ": ("扣扣", "企鹅", "🐧", "抠抠", "Q", "扣", "秋秋"),
    "群": ("裙", "君羊", "qun", "峮", "裠", "羣"),
    "电话": ("电hua", "☎", "📞", "dian话", "电.话"),
    "兼职": ("兼值", "尖职", "jian职", "煎直", "兼zhi", "jz", "蒹职"),
    "刷单": ("唰单", "s单", "shua单", "刷d", "涮单"),
    "代理": ("dai理", "带理", "dl", "代li", "玳理"),
    "贷款": ("贷kuan", "dai款", "代款", "D款", "袋款"),
    "私聊": ("思聊", "si聊", "丝聊", "私撩", "sl"),
    "发票": ("发漂", "fp", "发piao", "fa票", "发飘"),
    "返利": ("返li", "反利", "fan利"),
    "日结": ("曰结", "ri结", "日jie", "rj"),
    "优惠券": ("优惠卷", "yhq", "优惠quan", "尤惠券"),
    "赚钱": ("赚米", "赚💰", "zhuan钱", "撰钱", "挣米"),
}  # fmt: skip


def _sounds() -> tuple[dict[str, str], dict[str, str]]:
    to_sound: dict[str, str] = {}
    same: dict[str, str] = {}
    for line in files("plugins.ad_guard").joinpath("sounds.txt").read_text("utf-8").splitlines():
        if not line.startswith("#"):
            syllable, written = line.split()
            same[syllable] = written[:12]
            to_sound.update((c, syllable) for c in written)
    return to_sound, same


def _parts() -> dict[str, tuple[str, ...]]:
    lines = files("bot").joinpath("fold_parts.txt").read_text("utf-8").splitlines()
    return {line.split()[0]: tuple(line.split()[1:]) for line in lines if not line.startswith("#")}


_TO_SOUND, _SAME = _sounds()
_PARTS = _parts()


def _each(text: str, random: Random, share: float, change: Callable[[str], str]) -> str:
    return "".join(change(c) if random.random() < share else c for c in text)


def _between(text: str, random: Random, share: float, signs: str) -> str:
    return "".join(c + (random.choice(signs) if random.random() < share and c.isalnum() else "") for c in text)


def marks(text: str, random: Random) -> str:
    return _between(text, random, random.choice((0.25, 0.5, 0.9)), random.choice((_MARKS, random.choice(_MARKS))))


def emoji(text: str, random: Random) -> str:
    return _between(text, random, random.choice((0.15, 0.4)), _EMOJI)


def spaces(text: str, random: Random) -> str:
    return _between(text, random, random.choice((0.5, 1.0)), random.choice((" ", "  ", "\u3000", "\n ")))


def hidden(text: str, random: Random) -> str:
    return _between(text, random, random.choice((0.3, 0.9)), _HIDDEN)


def twins(text: str, random: Random) -> str:
    table = random.choice((_LATIN_TWINS, _FULL, _BOLD))
    return "".join(table.get(c, c) for c in text)


def numbers(text: str, random: Random) -> str:
    table = random.choice((_CIRCLED, _KEYCAP, _RAISED, _SPOKEN, _FORMAL, _BOLD))
    return "".join(table.get(c, c) for c in text)


def traditional(text: str, random: Random) -> str:
    return zhconv(text, "zh-hant")


def parts(text: str, random: Random) -> str:
    return _each(text, random, random.choice((0.3, 0.7)), lambda c: random.choice(_PARTS[c]) if c in _PARTS else c)


def pinyin(text: str, random: Random) -> str:
    return _each(text, random, random.choice((0.15, 0.35, 1.0)), lambda c: _TO_SOUND.get(c, c))


def initials(text: str, random: Random) -> str:
    return _each(text, random, random.choice((0.1, 0.25)), lambda c: _TO_SOUND[c][0] if c in _TO_SOUND else c)


def homophones(text: str, random: Random) -> str:
    share = random.choice((0.15, 0.35, 0.6))
    return _each(text, random, share, lambda c: random.choice(_SAME[_TO_SOUND[c]]) if c in _TO_SOUND else c)


def slang(text: str, random: Random) -> str:
    for word, ways in _SLANG.items():
        if word in text:
            text = text.replace(word, random.choice(ways))
    return text


def drops(text: str, random: Random) -> str:
    return _each(text, random, 0.08, lambda _: "")


def swaps(text: str, random: Random) -> str:
    letters = list(text)
    for i in range(len(letters) - 1):
        if random.random() < 0.08:
            letters[i], letters[i + 1] = letters[i + 1], letters[i]
    return "".join(letters)


KINDS: dict[str, Callable[[str, Random], str]] = {
    "marks": marks, "emoji": emoji, "spaces": spaces, "hidden": hidden, "twins": twins, "numbers": numbers,
    "traditional": traditional, "parts": parts, "pinyin": pinyin, "initials": initials, "homophones": homophones,
    "slang": slang, "drops": drops, "swaps": swaps,
}  # fmt: skip
SPARED = ("emoji", "twins", "traditional", "marks", "spaces")
"""What ordinary people do as well: done to ordinary rows, so that it is no sign of an advertisement."""
NEVER_BY_CHANCE = frozenset({"parts", "swaps"})
"""What nobody does all over a text without a reason."""


def good_words(text: str, around: str, random: Random) -> str:
    """An advertisement behind, before or within somebody's ordinary words."""
    cut = random.randrange(len(around) + 1)
    return random.choice((around + "\n" + text, text + "\n" + around, around[:cut] + text + around[cut:]))
