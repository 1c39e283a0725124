"""Transport: names and texts as a `.chat` script writes them: quotes, lists, line breaks; both ways."""

from __future__ import annotations

import re

_QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')
_PLAIN = re.compile(r'[^\s:"][^\s:]*')
_LISTED = re.compile(r'[^\s:",，、][^\s:,，、]*')
_COMMA = re.compile(r"\s*[,，、]\s*")
_ESCAPED = re.compile(r"\\([\\n]|\((?=re\s))")
_ESCAPED_IN_NAME = re.compile(r'\\([\\"])')
_WORD = re.compile(r"\S+")


def take_name(text: str) -> tuple[str, str] | None:
    """The name at the start of `text` and what follows it; None when there is none."""
    return _take(_PLAIN, text)


def take_names(text: str) -> tuple[tuple[str, ...], str] | None:
    """One or more names with commas (`,`, `，` or `、`) between them, and what follows them."""
    names: list[str] = []
    while True:
        taken = _take(_LISTED, text)
        if taken is None:
            return None
        names.append(taken[0])
        comma = _COMMA.match(taken[1])
        if comma is None:
            return tuple(names), taken[1]
        text = taken[1][comma.end() :]


def take_word(text: str) -> tuple[str, str] | None:
    """Anything without spaces, or anything in quotes."""
    return _take(_WORD, text)


def whole(text: str) -> str | None:
    """The text when all of it is one name, quoted or without spaces; else None."""
    taken = take_word(text)
    return taken[0] if taken is not None and not taken[1] else None


def rest_of_line(text: str) -> str:
    """Everything up to the end, with quotes around it taken off."""
    return whole(text) or text if text.startswith('"') else text


def _take(plain: re.Pattern[str], text: str) -> tuple[str, str] | None:
    quoted = _QUOTED.match(text)
    if quoted is not None:
        name = _ESCAPED_IN_NAME.sub(r"\1", quoted[1])
        return (name, text[quoted.end() :]) if name.strip() else None
    found = None if text.startswith('"') else plain.match(text)
    return (found[0], text[found.end() :]) if found is not None else None


def quote(name: str) -> str:
    """The name as a script writes it, with quotes only where it needs them."""
    if name != "bot" and re.fullmatch(r'[^\s:"\[\]#@,，、\\][^\s:"\[\],，、\\]*', name):
        return name
    return always_quote(name)


def always_quote(text: str) -> str:
    return '"' + re.sub(r'([\\"])', r"\\\1", " ".join(text.split())) + '"'


def unescape(text: str) -> str:
    r"""`\n` is a line break, `\\` a backslash, `\(re ` no quotation; every other backslash stands for itself."""
    return _ESCAPED.sub(lambda m: "\n" if m[1] == "n" else m[1], text)


def escape(text: str) -> str:
    """The one line that `unescape` turns back into this text."""
    one = text.replace("\r\n", "\n").replace("\r", "\n")
    doubled = re.sub(r"\\(?=[\\n\n]|\(re[^\S\n])", r"\\\\", one)
    return re.sub(r"\((?=re[^\S\n])", r"\\(", doubled).replace("\n", "\\n")
