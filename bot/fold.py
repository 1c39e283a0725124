"""Core: text as it was meant: width, case, script, look-alikes and hidden characters folded away, positions kept.

Two views of one text: `plain` keeps spaces and punctuation (for addresses and ids), `tight` keeps only
letters, digits and 汉字 (for words that somebody pulled apart with symbols).
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from bisect import bisect_left
from importlib.resources import files

from zhconv_rs import zhconv

LONGEST = 1500
"""Characters of a text that are looked at: three quarters from its head, the rest from its tail."""

_RUN = re.compile(r"(\W{3})\W+|((.)\3{11})\3+", re.DOTALL)
"""What pads a text: a run of signs that are no letters, the same letter a dozen times and more."""

_CACHE_LIMIT = 70_000

_LOOK_ALIKE = dict(
    zip(
        "авеёкмнорстухіјѕԁԛԝѵӏһαβγεικνορτυχωϲϳɡɑıƖʟɪʋᴠᴡⅼ\u01c0",
        "aveekmhopctyxijsdqwvlhabyeikvoptuxwcjgailliuvwll",
        strict=True,
    )
)
_PICTURES = {
    "🛰": "卫星", "🐧": "企鹅", "🛩": "飞机", "💰": "钱", "💵": "钱", "💴": "钱", "💸": "钱", "🤑": "钱",
    "📱": "电话", "☎": "电话", "📞": "电话", "🧧": "红包", "🆓": "免费", "🈵": "满", "🈚": "无", "🈶": "有",
    "🉐": "得", "🈹": "割", "🔞": "成人", "💳": "卡", "🐔": "鸡", "🍑": "桃",
}  # fmt: skip
_MEANT = _PICTURES | {
    "➕": "+", "✚": "+", "✛": "+", "✜": "+", "╋": "+", "┼": "+", "⊕": "+", "∨": "v", "⋁": "v", "√": "√",
    "〇": "0", "○": "0", "◯": "0", "⭕": "0",
}  # fmt: skip
_ANY_PICTURE = "".join(_PICTURES)
_BETWEEN = re.compile(f"([{_ANY_PICTURE}])\ufe0f?(?:[^{_ANY_PICTURE}]{{1,2}}\\1\ufe0f?){{2,}}")
"""One picture behind every character or two (兼💰职💰招💰人): it only stands between them."""
_KEPT_SYMBOLS = frozenset("+√¥$€₤₳₴₰￥")
_NOT_TIGHT = re.compile(r"[^0-9a-z+√\u3040-\u30ff\u3400-\u9fff\U00020000-\U0003ffff]+")
_HAN = "".join(map(chr, (*range(0x3400, 0xA000), *range(0xF900, 0xFB00))))
_SIMPLER = {
    old: new for old, new in zip(_HAN, zhconv("\n".join(_HAN), "zh-hans").split("\n"), strict=True) if old != new
} | {"妳": "你", "祂": "他", "牠": "它", "衹": "只", "羣": "群", "裡": "里"}


def _parts() -> dict[str, str]:
    """`fold_parts.txt`: what a character looks like that somebody took apart (亻言), and the character."""
    lines = files("bot").joinpath("fold_parts.txt").read_text("utf-8").splitlines()
    written = (line.split() for line in lines if not line.startswith("#"))
    return {parts: whole for whole, *ways in written for parts in ways}


_WHOLE = _parts()
_APART = re.compile(
    f"[{''.join(sorted({parts[0] for parts in _WHOLE}))}](?=[{''.join(sorted({parts[1] for parts in _WHOLE}))}])"
)


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
        return " " if chr(code) in _PICTURES else super().__missing__(code)


_TABLE, _WORDLESS = _Table(), _Wordless()


def fold(text: str) -> str:
    """The plain view: lower case, half width, simplified; hidden characters gone, emoji a space or a word."""
    return text.translate(_TABLE)


def tighten(plain: str) -> str:
    """The tight view of a plain one: only letters, digits, 汉字, kana, + and √; 汉字 in parts put together."""
    return put_together(_NOT_TIGHT.sub("", plain))


def _apart(text: str) -> list[tuple[int, int]]:
    """Where in a tight view one character stands in parts: start, end."""
    found: list[tuple[int, int]] = []
    after = 0
    for match in _APART.finditer(text):
        start = match.start()
        if start >= after:
            after = next(
                (start + n for n in (3, 2) if text[start : start + n] in _WHOLE and start + n <= len(text)), after
            )
            if after > start:
                found.append((start, after))
    return found


def squeezed(text: str) -> str:
    """A text whose runs of unseen signs, blanks and symbols are three long, those of one letter twelve."""
    return _RUN.sub(lambda run: run[1] or run[2], text)


def put_together(text: str) -> str:
    """A text without symbols, its 汉字 in parts (亻言) made whole."""
    found = _apart(text)
    if not found:
        return text
    pieces: list[str] = []
    after = 0
    for start, end in found:
        pieces += (text[after:start], _WHOLE[text[start:end]])
        after = end
    return "".join(pieces) + text[after:]


def fingerprint(text: str) -> str:
    """The same for two texts that differ only in what folding takes away; empty for a text of symbols alone."""
    tight = tighten(fold(text))
    return hashlib.blake2b(tight.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest() if tight else ""


class Folded:
    """A text with both views; `original` is what was looked at of it: all, unless it is longer than `longest`."""

    __slots__ = ("_at_plain", "_at_tight", "_loose", "_table", "original", "plain", "tight")

    def __init__(self, text: str, longest: int = LONGEST) -> None:
        if len(text) > longest:
            text = squeezed(text)
        if len(text) > longest:
            text = text[: longest * 3 // 4] + "\n" + text[-longest // 4 + 1 :]
        self.original = text
        self._table = _TABLE if _BETWEEN.search(text) is None else _WORDLESS
        self.plain = text.translate(self._table)
        self._loose = _NOT_TIGHT.sub("", self.plain)
        self.tight = put_together(self._loose)
        self._at_plain: list[int] | None = None
        self._at_tight: list[tuple[int, int]] | None = None

    @property
    def apart(self) -> int:
        """How many characters stood in parts (亻言)."""
        return len(_apart(self._loose)) if self.tight != self._loose else 0

    def span(self, start: int, end: int, *, tight: bool = True) -> tuple[int, int]:
        """Where in the original the part of a view between two positions stood (`start` < `end`)."""
        if tight:
            within = self._tight_positions()
            return within[start][0], within[end - 1][1] + 1
        where = self._plain_positions()
        return where[start], where[end - 1] + 1

    def letters_before(self, place: int) -> int:
        """How many signs of the tight view (as it is written) stand before a place of the original."""
        return bisect_left(self._tight_positions(), (place, 0))

    def _plain_positions(self) -> list[int]:
        if self._at_plain is None:
            self._at_plain = [i for i, c in enumerate(self.original) for _ in self._table[ord(c)]]
        return self._at_plain

    def _tight_positions(self) -> list[tuple[int, int]]:
        """First and last place in the original of each character; one that stood in parts has several."""
        if self._at_tight is None:
            plain = self._plain_positions()
            kept = [plain[i] for i, c in enumerate(self.plain) if not _NOT_TIGHT.match(c)]
            places = [(place, place) for place in kept]
            if self.tight != self._loose:
                for start, end in reversed(_apart(self._loose)):
                    places[start:end] = [(kept[start], kept[end - 1])]
            self._at_tight = places
        return self._at_tight
