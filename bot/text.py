"""Core: text as people type it in a Chinese chat: width, quotes, names, placeholders."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping

_PLACEHOLDER = re.compile(r"\{([^{}\s]{1,20})\}")
_INVISIBLE = re.compile(
    "[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ud800-\udfff\ufeff\ufff9-\ufffb]"
)
_CONTROL = re.compile("[\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff]")
_QUOTES = str.maketrans("“”「」", '""""')
_SPACES = re.compile(r"[\u00a0\u2000-\u200a\u202f\u205f\u3000]")


def fill(template: str, values: Mapping[str, object]) -> str:
    """Replace each `{name}` that `values` knows; the rest stays as it is written. One pass, so values are inert."""
    return _PLACEHOLDER.sub(lambda m: str(values[m[1]]) if m[1] in values else m[0], template)


def unknown_placeholders(template: str, allowed: Collection[str]) -> list[str]:
    """The `{names}` in the template that are not in `allowed`, in order."""
    return [m[1] for m in _PLACEHOLDER.finditer(template) if m[1] not in allowed]


def clean_name(name: str, limit: int = 32) -> str:
    """A nickname fit to be shown: no control, zero-width or direction characters, one line, at most `limit`."""
    plain = " ".join(_INVISIBLE.sub("", _SPACES.sub(" ", name)).split())
    return plain[: limit - 1] + "…" if len(plain) > limit else plain


def clean_text(text: str, limit: int = 65536) -> str:
    """A message fit to be kept: no half surrogate, no control character but newline and tab, at most `limit` long."""
    return _CONTROL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))[:limit]


def normalise(text: str) -> str:
    """For commands: full width → half, odd spaces → space, Chinese quotes → plain; the words stay."""
    folded = unicodedata.normalize("NFKC", text.translate(_QUOTES))
    return _INVISIBLE.sub("", _SPACES.sub(" ", folded)).strip()


def clip(text: str, width: int) -> str:
    """At most `width` characters on one line, with … when cut."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: width - 1] + "…"


def say_many(names: list[str], limit: int = 30) -> str:
    """`甲、乙、丙` or, past the limit, `甲、乙 等 40 人`."""
    return "、".join(names) if len(names) <= limit else f"{'、'.join(names[:limit])} 等 {len(names)} 人"
