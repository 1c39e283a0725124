"""Transport: remembers the latest messages, to find the one that an answer quotes."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable

from bot.model import Quote
from bot.transports.wechaty import tidy

SIZE = 20_000
SPEAKERS = 20
"""Who said the same words last; 好的 is said by everybody."""


class Recent:
    """Puppets give an answer with a quotation as one text, `「名：原文」`, a line of dashes, the answer.

    Anybody can type that by hand, so the quotation is cut off the text only when the quoted words were really
    said in the group lately; otherwise the text stays whole for the guards, and the quote is only noted.
    """

    def __init__(self, size: int = SIZE) -> None:
        self._size = size
        self._said: OrderedDict[tuple[str, bytes], dict[str, str]] = OrderedDict()

    def remember(self, group: str, text: str, message_id: str, sender: str) -> None:
        parts = tidy.split_quote(text)
        words = _words(text if parts is None else parts[2])
        if not words:
            return
        said = self._said.setdefault((group, words), {})
        said.pop(sender, None)
        said[sender] = message_id
        if len(said) > SPEAKERS:
            del said[next(iter(said))]
        self._said.move_to_end((group, words))
        if len(self._said) > self._size:
            self._said.popitem(last=False)

    def unquote(self, group: str, text: str, name_of: Callable[[str], str | None]) -> tuple[str, Quote | None]:
        """(what was said, what it quotes). Of several who said the same words the one with the quoted name is meant,
        and nobody (a quote without an id) when that does not tell: somebody may be removed for it.

        name_of: a member's name as last seen.
        """
        parts = tidy.split_quote(text)
        if parts is None:
            return text, None
        name, quoted, answer = parts
        said = self._said.get((group, _words(quoted)))
        if said is None:
            return text, Quote(quoted, "", name)
        meant = list(said) if len(said) == 1 else [each for each in said if name_of(each) == tidy.name(name)]
        if len(meant) != 1:
            return answer, Quote(quoted, "", name)
        return answer, Quote(quoted, said[meant[0]], meant[0])


def _words(text: str) -> bytes:
    """A digest of all the words: a prefix would let an advertisement hide behind one that was said."""
    words = " ".join(text.split())
    return hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=16).digest() if words else b""
