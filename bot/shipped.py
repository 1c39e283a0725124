"""Core: what the project ships beside its code: in a checkout at the top, in an installed wheel inside the package."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).parent


def shipped(folder: str) -> Path:
    """The shipped folder `config` or `migrations`, wherever this installation has it."""
    packed = _PACKAGE / "_shipped" / folder
    return packed if packed.is_dir() else _PACKAGE.parent / folder


def config_part(config_dir: Path, name: str) -> Path:
    """`texts`, `words` or a data file of the configuration folder; the shipped one where the folder has none."""
    own = config_dir / name
    return own if own.exists() else shipped("config") / name
