"""Core: text of unknown encoding, as pages and feeds of the web are."""

from __future__ import annotations

import codecs
import re

_PROLOG = re.compile(
    rb"""^\s*<\?xml[^>]{0,200}?encoding=["']([\w.:-]{1,40})["']|<meta[^>]{0,200}?charset=["']?([\w-]{1,40})"""
)

_OF_THE_WEB = re.compile(
    r"utf-8(-sig)?|utf-16(-[lb]e)?|ascii|gbk|gb2312|gb18030|hz|big5(hkscs)?|cp950|euc_(jp|kr)|iso2022_(jp|kr)|shift_jis|cp932"
    r"|cp949|iso8859-\d+|cp125\d|koi8-[ru]|mac-(roman|cyrillic)|tis-620"
)
"""Names, as Python writes them, of the encodings that pages are written in. Whoever answers names the encoding, and
some that Python knows (punycode) take hours for a megabyte."""


def decode(content: bytes, content_type: str = "") -> str:
    """Text of unknown encoding. What no declared encoding can read is read as GB18030, with gaps where it must."""
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if content.startswith(mark):
            return content.decode(name, "replace")
    said = re.search(r"charset=[\"']?([\w.:-]{1,40})", content_type, re.I)
    prolog = _PROLOG.search(content[:1024])
    declared = [said[1]] if said else []
    declared += [(prolog[1] or prolog[2]).decode("ascii", "replace")] if prolog else []
    for name in [*declared, "utf-8"]:
        wider = "gb18030" if name.lower() in ("gb2312", "gbk", "x-gbk", "gb_2312-80") else name
        try:
            if _OF_THE_WEB.fullmatch(codecs.lookup(wider).name):
                return content.decode(wider)
        except (LookupError, UnicodeError):
            continue
    return content.decode("gb18030" if not _mostly_utf8(content) else "utf-8", "replace")


def _mostly_utf8(content: bytes) -> bool:
    return content.decode("utf-8", "replace").count("\ufffd") * 20 < len(content)
