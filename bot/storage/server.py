"""Storage: where a PostgreSQL database is and which part of it is ours: one schema per account.

No table names the account: everything of one account lies in a schema of its own (`shequn_<account>`), which is the
connection's search path. So the same statements and migrations serve a file and a server, an account is moved or
forgotten as a whole, and no query can reach into another's.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from bot.errors import StorageError

if TYPE_CHECKING:
    import asyncpg

SHARED = "shequn"
"""The schema of what all accounts share: who serves which."""
MISSING = "用 PostgreSQL 要装 asyncpg：pip install 'shequn[postgres]' (asyncpg is not installed)"


@dataclass(frozen=True, slots=True)
class Server:
    """A database on a server. url: with its password, so it is never shown; `place` says where it is without."""

    url: str = field(repr=False)
    account: str = "main"

    @classmethod
    def of(cls, url: str, account: str) -> Server | None:
        """What the settings name; None without an address: then it is the file in the data folder."""
        return cls(url, account) if url else None

    @property
    def schema(self) -> str:
        return f"shequn_{self.account}"

    @property
    def place(self) -> str:
        """`postgresql://host:port/name（账户 main）`."""
        parts = urlsplit(self.url)
        where = parts.netloc.rpartition("@")[2]
        return f"postgresql://{where}{quote(parts.path, safe='/%')}（账户 {self.account}）"

    async def connect(self, name: str = "", **settings: str) -> asyncpg.Connection[Any]:
        """A plain connection that sees this account's tables. name: how the server lists it; settings: the server's.

        Raises StorageError when the driver is missing; what the driver raises when the server refuses.
        """
        try:
            import asyncpg
        except ImportError as error:
            raise StorageError(MISSING) from error
        from bot.storage.postgres import read_numbers_plainly

        options = {"search_path": self.schema, "application_name": name or f"shequn {self.account}", "jit": "off"}
        dsn = self.url.replace("postgresql+asyncpg://", "postgresql://", 1)
        connection = await asyncpg.connect(dsn, timeout=10, server_settings={**options, **settings})
        await read_numbers_plainly(connection)
        return connection
