"""Transport: remembers the latest messages, to find the one that an answer quotes."""

from __future__ import annotations

import hashlib
from collections import OrderedDict

from bot.model import Quote
from bot.transports.wechaty import tidy

SIZE = 20_000


class Recent:
    """Puppets give an answer with a quotation as one text, `「名：原文」`, a line of dashes, the answer.

    Anybody can type that by hand, so the quotation is cut off the text only when the quoted words were really
    said in the group lately; otherwise the text stays whole for the guards, and the quote is only noted.
    """

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._said: OrderedDict[tuple[str, bytes], tuple[str, str]] = OrderedDict()

    def remember(self, group: str, text: str, message_id: str, sender: str) -> None:
        parts = tidy.split_quote(text)
        words = _words(text if parts is None else parts[2])
        if not words:
            return
        self._said[group, words] = message_id, sender
        self._said.move_to_end((group, words))
        if len(self._said) > self._size:
            self._said.popitem(last=False)

    def unquote(self, group: str, text: str) -> tuple[str, Quote | None]:
        """(what was said, what it quotes)."""
        parts = tidy.split_quote(text)
        if parts is None:
            return text, None
        name, quoted, answer = parts
        message_id, sender = self._said.get((group, _words(quoted)), ("", ""))
        if message_id:
            return answer, Quote(quoted, message_id, sender)
        return text, Quote(quoted, "", name)


def _words(text: str) -> bytes:
    """A digest of all the words: a prefix would let an advertisement hide behind one that was said."""
    words = " ".join(text.split())
    return hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=16).digest() if words else b""
