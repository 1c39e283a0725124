"""Core: what each single character folds to: its width, case, script and look; worked out when it is first met."""

from __future__ import annotations

import unicodedata

from zhconv_rs import zhconv

_CACHE_LIMIT = 70_000

_LOOK_ALIKE = dict(
    zip(
        "авеёкмнорстухіјѕԁԛԝѵӏһαβγεικνορτυχωϲϳɡɑıƖʟɪʋᴠᴡⅼ\u01c0",
        "aveekmhopctyxijsdqwvlhabyeikvoptuxwcjgailliuvwll",
        strict=True,
    )
)
PICTURES = {
    "🛰": "卫星", "🐧": "企鹅", "🛩": "飞机", "💰": "钱", "💵": "钱", "💴": "钱", "💸": "钱", "🤑": "钱",
    "📱": "电话", "☎": "电话", "📞": "电话", "🧧": "红包", "🆓": "免费", "🈵": "满", "🈚": "无", "🈶": "有",
    "🉐": "得", "🈹": "割", "🔞": "成人", "💳": "卡", "🐔": "鸡", "🍑": "桃",
}  # fmt: skip
_MEANT = PICTURES | {
    "➕": "+", "✚": "+", "✛": "+", "✜": "+", "╋": "+", "┼": "+", "⊕": "+", "∨": "v", "⋁": "v", "√": "√",
    "〇": "0", "○": "0", "◯": "0", "⭕": "0",
}  # fmt: skip
LETTER_SIGNS = "@+√\u2460-\u24ff\u2776-\u2793\u3200-\u33ff\U0001f100-\U0001f2ff" + "".join(_MEANT)
"""Signs that stand for letters, digits or words, as a class of a regular expression: in circles, squares, as flags."""
FILLERS = "\u115f\u1160\u3164\uffa0\u2800"
"""Letters and signs that are there and cannot be seen."""
_KEPT_SYMBOLS = frozenset("+√¥$€₤₳₴₰￥")
_HAN = "".join(map(chr, (*range(0x3400, 0xA000), *range(0xF900, 0xFB00))))
_SIMPLER = {
    old: new for old, new in zip(_HAN, zhconv("\n".join(_HAN), "zh-hans").split("\n"), strict=True) if old != new
} | {"妳": "你", "祂": "他", "牠": "它", "衹": "只", "羣": "群", "裡": "里"}


def _fold_letter(character: str) -> str:
    """A circled, squared, negative or regional letter as the letter it shows."""
    code = ord(character)
    if 0x1F1E6 <= code <= 0x1F1FF:
        return chr(97 + code - 0x1F1E6)
    for first in (0x1F130, 0x1F150, 0x1F170):
        if first <= code < first + 26:
            return chr(97 + code - first)
    return ""


def _fold_one(code: int) -> str:
    character = chr(code)
    if character in FILLERS:
        return ""
    if character in _MEANT:
        return _MEANT[character]
    if letter := _fold_letter(character):
        return letter
    category = unicodedata.category(character)
    if category in ("Cf", "Mn", "Me") or (category == "Cc" and character not in "\t\n\r"):
        return ""
    number = unicodedata.numeric(character, -1.0)
    if category in ("No", "Nd") and number >= 0 and number == int(number) and number < 1000:
        return str(int(number))
    plain = unicodedata.normalize("NFKD", character).lower()
    folded = "".join(_finish(part) for part in plain)
    return folded if folded or not plain else " "


def _finish(character: str) -> str:
    if unicodedata.category(character) in ("Mn", "Me", "Cf", "Cc"):
        return " " if character in "\t\n\r" else ""
    character = _SIMPLER.get(character, _LOOK_ALIKE.get(character, character))
    if character in _KEPT_SYMBOLS or character.isascii():
        return character
    return " " if unicodedata.category(character[0]) in ("So", "Sk", "Co", "Cn", "Cs", "Zs", "Zl", "Zp") else character


class _Table(dict[int, str]):
    """What each character folds to, worked out when it is first met."""

    def __missing__(self, code: int) -> str:
        folded = _fold_one(code)
        if len(self) < _CACHE_LIMIT:
            self[code] = folded
        return folded


class _Wordless(_Table):
    """The same, where pictures mean nothing."""

    def __missing__(self, code: int) -> str:
        return " " if chr(code) in PICTURES else super().__missing__(code)


LETTERS, WORDLESS = _Table(), _Wordless()
"""For `str.translate`; in the second one pictures mean nothing."""
