"""Words: the errors the bot raises on purpose.

BotError
├── ConfigError            the configuration names something unknown or out of range (exit 1)
├── StorageError           the database cannot be used as it is (exit 1)
│   └── DamagedError       the file at `path` has broken pages (exit 3)
├── ScriptError            a `.chat` file cannot be read (exit 2)
├── CommandError           a command was given wrongly; carries the sentence shown in the chat
├── BlockFailed            a part of a brief cannot be made; the brief goes out without it
└── TransportError         the far side did not (or may not have) carried out an action
    ├── Unavailable        certainly not done; trying again later may help
    ├── Throttled          certainly not done; the account is sending too often
    ├── Refused            certainly not done; trying again will not help
    └── Uncertain          the connection broke during the call: done or not, nobody knows yet

Misread is a ValueError: a plugin's reader of lines knows no chat, whoever called it says the sentence.
"""

from __future__ import annotations

from pathlib import Path


class BotError(Exception):
    """Base of all errors raised by this bot."""


class ConfigError(BotError):
    """The configuration cannot be used; `problems` holds one sentence each, all of them at once."""

    def __init__(self, *problems: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class StorageError(BotError):
    """The database file cannot be used: damaged, newer than this program, read-only, full."""


class DamagedError(StorageError):
    """The database file at `path` has broken pages, or is none."""

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(message)
        self.path = path


class ScriptError(BotError):
    """A `.chat` script cannot be read; the message starts with `file:line`."""


class CommandError(BotError):
    """A command was given wrongly; the message is the one sentence its sender sees."""


class Misread(ValueError):
    """What somebody wrote makes no sense: the key of the sentence that says why, and what fills it."""

    def __init__(self, key: str, **values: object) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


class BlockFailed(BotError):
    """A part of a brief cannot be made; the message says why, for the log. slow: only because it took too long."""

    slow = False


class TransportError(BotError):
    """An action was not carried out."""


class Unavailable(TransportError):
    """Certainly not done; the far side is away or busy, trying again later may help."""


class Throttled(Unavailable):
    """Certainly not done; the platform says the account acts too often."""


class Refused(TransportError):
    """Certainly not done, and trying again will not help (no right, no such member)."""


class Uncertain(TransportError):
    """The connection broke during the call; whether it was done must be found out by evidence."""
