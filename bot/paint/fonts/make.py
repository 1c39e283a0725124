"""Tool: makes the two fonts in this folder; only needed again when their sources or the wanted characters change.

    pip install fonttools
    python -m bot.paint.fonts.make NotoSansCJK-Regular.ttc NotoEmoji_400Regular.ttf Unihan_OtherMappings.txt

The sources: Debian's fonts-noto-cjk, the npm package @expo-google-fonts/noto-emoji, Debian's unicode-data. Both fonts
are under the SIL Open Font License (OFL.txt beside this file); the cut ones bear names of their own.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

HERE = Path(__file__).parent
SIMPLIFIED = 2
"""The face of the collection with the forms of the mainland."""
PLAIN = (
    (0x20, 0x7E), (0xA0, 0x24F), (0x2B0, 0x2FF), (0x370, 0x3FF), (0x400, 0x45F), (0x1E00, 0x1EFF), (0x2000, 0x206F),
    (0x2070, 0x209F), (0x20A0, 0x20BF), (0x2100, 0x23FF), (0x2460, 0x27BF), (0x2E80, 0x2EFF), (0x3000, 0x312F),
    (0x3200, 0x33FF), (0xFE30, 0xFE4F), (0xFF01, 0xFFEE),
)  # fmt: skip


def plain() -> set[int]:
    """Letters, signs, kana and punctuation."""
    return {code for first, last in PLAIN for code in range(first, last + 1)}


def encoded(codec: str, high: Iterable[int], low: Iterable[int]) -> set[int]:
    """What the two-byte codes of an old character set stand for."""
    lows = list(low)
    texts = (bytes((h, low_byte)).decode(codec, "ignore") for h in high for low_byte in lows)
    return {ord(text) for text in texts if len(text) == 1}


def standard(mappings: Path) -> set[int]:
    """The 8,105 characters of 通用规范汉字表, from Unihan."""
    lines = mappings.read_text(encoding="utf-8").splitlines()
    return {int(line.split("\t")[0][2:], 16) for line in lines if "\tkTGH\t" in line}


def cut(font: TTFont, codes: set[int], family: str, target: Path) -> None:
    options = subset.Options(hinting=False, layout_features=[], notdef_outline=True, name_IDs=[0, 13, 14])
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=codes)
    subsetter.subset(font)
    for number, text in ((1, family), (2, "Regular"), (4, family), (6, family.replace(" ", "") + "-Regular")):
        font["name"].setName(text, number, 3, 1, 0x409)
    if "CFF " in font:
        font["CFF "].cff.fontNames = [family.replace(" ", "") + "-Regular"]
    font.save(target)
    print(f"{target.name}: {len(font.getBestCmap())} characters, {target.stat().st_size} bytes")  # noqa: T201


def main(cjk: Path, emoji: Path, mappings: Path) -> None:
    both = range(0xA1, 0xFF)
    wanted = plain() | standard(mappings) | encoded("gb2312", range(0xA1, 0xF8), both)
    wanted |= encoded("euc_kr", range(0xB0, 0xC9), both)
    wanted |= encoded("big5", range(0xA4, 0xC7), [*range(0x40, 0x7F), *both])
    cut(TTCollection(cjk).fonts[SIMPLIFIED], wanted, "Shequn Sans", HERE / "sans.otf")
    drawn = TTFont(emoji)
    cut(drawn, set(drawn.getBestCmap()), "Shequn Emoji", HERE / "emoji.ttf")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
