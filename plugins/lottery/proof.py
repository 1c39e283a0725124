"""Plugin: the published proof of a draw: all that is needed to compute the winners again.

JSON, one entrant a line: `entrants` is [code, name] (and the number of tickets, when it is more than one) in order of
arrival, of an instant lottery [card, name]; `excluded` those who no longer met the conditions at the draw, `winners`
[tier, code] in the order served, `everyone` the prize of all others, `redraws` what happened to places given again,
`rules` what was announced at the start.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from plugins.lottery.draw import Win, commitment, entrant_code
from plugins.lottery.model import Card, Entrant, Lottery

FORMAT = "shequn-lottery-2"
Listed = Sequence[Sequence[str | int]]


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def listed(lottery: Lottery, entrants: Iterable[Entrant]) -> list[list[str | int]]:
    """The canonical list: [code, name] in order of arrival, with the number of tickets where it is not one."""
    rows: list[list[str | int]] = []
    for one in entrants:
        row: list[str | int] = [entrant_code(lottery.name, one.member_id), one.name]
        rows.append([*row, one.weight] if one.weight > 1 else row)
    return rows


def listed_cards(cards: Iterable[Card], count: int) -> list[list[str | int]]:
    """All cards in order; one that nobody opened has no name."""
    names = {card.no: card.name for card in cards}
    return [[str(no), names.get(no, "")] for no in range(1, count + 1)]


def fingerprint(entrants: Listed) -> str:
    """SHA-256 of the canonical list written as compact JSON: any change of a person or of the order shows."""
    return hashlib.sha256(_compact(entrants).encode()).hexdigest()


def first(
    lottery: Lottery,
    entrants: Listed,
    excluded: Mapping[str, str],
    wins: Sequence[Win],
    *,
    outside: str = "",
    rules: Sequence[str] = (),
) -> dict[str, Any]:
    """The proof of the draw itself. `excluded` maps codes to the reason told."""
    return {
        "format": FORMAT,
        "lottery": lottery.name,
        "seed": lottery.seed,
        "commitment": commitment(lottery.seed),
        "outside": outside,
        "rules": list(rules),
        "tiers": [[tier.prize, tier.stock] for tier in lottery.draft.tiers],
        "everyone": lottery.rules.everyone,
        "entrants": [list(one) for one in entrants],
        "entrants_sha256": fingerprint(entrants),
        "excluded": dict(excluded),
        "winners": [[win.tier, win.entrant] for win in wins],
        "redraws": [],
    }


def with_redraw(
    proof: Mapping[str, Any], excluded: Mapping[str, str], replaced: Sequence[tuple[int, str, str]]
) -> dict[str, Any]:
    """The proof after places changed hands: (tier, code before or "", code now) in the order served."""
    again = {"excluded": dict(excluded), "replaced": [list(one) for one in replaced]}
    return {**proof, "redraws": [*proof["redraws"], again]}


def write(proof: Mapping[str, Any]) -> str:
    """As text with short lines, so that it can be cut into messages between any two of them."""
    lines = ["{"]
    for key, value in proof.items():
        if key in ("entrants", "winners", "rules") and value:
            lines.append(f"{json.dumps(key)}:[")
            lines += [f"{_compact(one)}," for one in value]
            lines[-1] = lines[-1][:-1]
            lines.append("],")
        else:
            lines.append(f"{json.dumps(key)}:{_compact(value)},")
    lines[-1] = lines[-1][:-1]
    return "\n".join([*lines, "}"])


def read(text: str) -> dict[str, Any]:
    """What `write` wrote."""
    proof: dict[str, Any] = json.loads(text)
    return proof


def pages(text: str, limit: int) -> list[str]:
    """The text cut between lines into parts of at most `limit` characters (a longer line is a part of its own)."""
    parts: list[str] = []
    for line in text.splitlines():
        if parts and len(parts[-1]) + 1 + len(line) <= limit:
            parts[-1] += f"\n{line}"
        else:
            parts.append(line)
    return parts
