"""Cli: `python -m bot` is `shequn`."""

from bot.cli import main

main()
