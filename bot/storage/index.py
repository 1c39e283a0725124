"""Storage: the full-text index itself, on a file (FTS5) and on a server (tsvector), with the same answers.

Chinese has no spaces, so each of its characters is a token and a word is a phrase of them. PostgreSQL's own parsers
know no Chinese, so the tokens are ours there too; each is kept alone and together with the one behind it, because
pairs are rare enough to be looked up fast where single characters are not.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Protocol

from sqlalchemy import text

from bot.storage.work import Work

_WIDE = re.compile(r"([\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff])")
_TOKEN = re.compile(r"[^\W_]+")
MOST_TOKENS, LONGEST = 4000, 200
"""What a server's index takes of one message, and of one token."""


def tokens(said: str) -> str:
    """The text as the index reads it: width folded, one space around each Chinese character."""
    return _WIDE.sub(r" \1 ", unicodedata.normalize("NFKC", said)).lower()


def place(group: str) -> str:
    """A group's id as one token."""
    return "g" + hashlib.sha1(group.encode(), usedforsecurity=False).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Said:
    """One message for the index."""

    no: int
    group: str
    text: str


class Index(Protocol):
    """Where words are looked up."""

    async def add(self, work: Work, messages: Sequence[Said]) -> None: ...
    async def remove(self, work: Work, messages: Sequence[Said]) -> None:
        """Forget these, exactly as they were added."""

    async def clear(self, work: Work) -> None: ...
    async def match(self, work: Work, words: Sequence[str], group: str, before: int, limit: int) -> list[int]:
        """The numbers of the newest messages below `before` that have all the words, of one group or ("") of all."""


def index_of(work: Work) -> Index:
    """The index of the database this work is done on."""
    return FILE if work.connection.dialect.name == "sqlite" else SERVER


class FileIndex:
    """FTS5 without the texts: what is forgotten must be said again word for word."""

    _ADD = text("INSERT INTO messages_fts (rowid, place, text) VALUES (:no, :place, :text)")
    _REMOVE = text("INSERT INTO messages_fts (messages_fts, rowid, place, text) VALUES ('delete', :no, :place, :text)")
    _CLEAR = text("INSERT INTO messages_fts (messages_fts) VALUES ('delete-all')")
    _FIND = text(
        "SELECT rowid FROM messages_fts WHERE messages_fts MATCH :query AND rowid < :before "
        "ORDER BY rowid DESC LIMIT :limit"
    )

    async def add(self, work: Work, messages: Sequence[Said]) -> None:
        await work.execute(self._ADD, [_row(message) for message in messages])

    async def remove(self, work: Work, messages: Sequence[Said]) -> None:
        await work.execute(self._REMOVE, [_row(message) for message in messages])

    async def clear(self, work: Work) -> None:
        await work.execute(self._CLEAR)

    async def match(self, work: Work, words: Sequence[str], group: str, before: int, limit: int) -> list[int]:
        phrases = [tokens(word).replace('"', " ").strip() for word in words]
        query = " AND ".join(f'text : "{phrase}"' for phrase in phrases if re.search(r"\w", phrase))
        if not query:
            return []
        if group:
            query = f"place : {place(group)} AND {query}"
        rows = await work.execute(self._FIND, {"query": query, "before": before or 1 << 62, "limit": limit})
        return [row[0] for row in rows]


def _row(message: Said) -> dict[str, Any]:
    return {"no": message.no, "place": place(message.group), "text": tokens(message.text)}


class ServerIndex:
    """Lexemes with their positions; a message that goes takes its row here along."""

    _ADD = text("INSERT INTO messages_fts (no, words) VALUES (:no, CAST(CAST(:words AS TEXT) AS TSVECTOR))")
    _REMOVE = text("DELETE FROM messages_fts WHERE no = :no")
    _CLEAR = text("DELETE FROM messages_fts")
    _FIND = text(
        "SELECT no FROM messages_fts WHERE words @@ CAST(CAST(:query AS TEXT) AS TSQUERY) AND no < :before "
        "ORDER BY no DESC LIMIT :limit"
    )

    async def add(self, work: Work, messages: Sequence[Said]) -> None:
        await work.execute(self._ADD, [{"no": message.no, "words": _lexemes(message)} for message in messages])

    async def remove(self, work: Work, messages: Sequence[Said]) -> None:
        await work.execute(self._REMOVE, [{"no": message.no} for message in messages])

    async def clear(self, work: Work) -> None:
        await work.execute(self._CLEAR)

    async def match(self, work: Work, words: Sequence[str], group: str, before: int, limit: int) -> list[int]:
        phrases = [phrase for word in words if (phrase := _phrase(_tokens(word)))]
        if not phrases:
            return []
        query = " & ".join([*phrases, *([_quoted(_mark(group))] if group else [])])
        rows = await work.execute(self._FIND, {"query": query, "before": before or 1 << 62, "limit": limit})
        return [row[0] for row in rows]


def _tokens(said: str) -> list[str]:
    return [token[:LONGEST] for token in _TOKEN.findall(tokens(said))[:MOST_TOKENS]]


def _mark(group: str) -> str:
    """A group as a lexeme that no text has."""
    return f"@{place(group)}"


def _lexemes(message: Said) -> str:
    found = _tokens(message.text)
    lexemes = [_quoted(_mark(message.group))]
    for number, token in enumerate(found, 1):
        lexemes.append(f"{_quoted(token)}:{number}")
        if number < len(found):
            lexemes.append(f"{_quoted(f'{token} {found[number]}')}:{number}")
    return " ".join(lexemes)


def _phrase(found: list[str]) -> str:
    if len(found) < 2:
        return "".join(_quoted(token) for token in found)
    pairs = pairwise(found)
    return f"({' <-> '.join(_quoted(f'{first} {second}') for first, second in pairs)})"


def _quoted(lexeme: str) -> str:
    return "'" + lexeme.replace("\\", "\\\\").replace("'", "''") + "'"


FILE, SERVER = FileIndex(), ServerIndex()
