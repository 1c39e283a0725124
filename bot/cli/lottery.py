"""Cli: `shequn lottery verify`: computes a draw again from its published proof, trusting nothing else.

The arithmetic is written out here a second time on purpose: it must not be the code that made the draw.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

import click

FORMATS = ("shequn-lottery-1", "shequn-lottery-2")
"""The first knew neither tickets nor public numbers; what it says is read the same way."""
MOST_TICKETS = 1000


class Unreadable(ValueError):
    """The text holds no proof of a draw; the message says what is missing."""


@click.group()
def lottery() -> None:
    """抽奖：验证开奖结果 (lotteries).

    \b
    例：shequn lottery verify L3.json
    """


@lottery.command()
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--commitment", help="群里开始时公布的种子指纹 (fingerprint of the seed as posted at the start)")
@click.option("--list", "list_", help="群里截止时公布的名单指纹 (fingerprint of the list as posted at the close)")
@click.option("--outside", help="约定混入的公开数字，自己去查的 (the public number mixed in, as you looked it up)")
def verify(file: Any, commitment: str | None, list_: str | None, outside: str | None) -> None:
    """从 /证明 公布的内容重算开奖结果 (recomputes a draw from its published proof).

    FILE 是存下来的证明，- 表示标准输入。退出码：0 相符，1 不符，2 读不懂。

    \b
    例：
      shequn lottery verify L3.json
      shequn lottery verify L3.json --commitment 8c1f… --list 90ab…
    """
    try:
        proof = read_proof(file.read())
    except (Unreadable, UnicodeDecodeError) as error:
        click.echo(f"读不懂 {file.name}：{error} (cannot be read)", err=True)
        raise SystemExit(2) from error
    problems = list(differences(proof, commitment=commitment, list_fingerprint=list_, outside=outside))
    for problem in problems:
        click.echo(f"✗ {problem}")
    if problems:
        raise SystemExit(1)
    names = {entrant[0]: entrant[1] for entrant in proof["entrants"]}
    for tier, code in winners_now(proof):
        click.echo(f"{proof['tiers'][tier][0]}：{names[code] or '没有人 (nobody)'} ({code})")
    if everyone := proof.get("everyone"):
        click.echo(f"其余每人 (everybody else)：{everyone}")
    click.echo(f"✓ {proof['lottery']} 与证明相符，{len(names)} 人参与 (the draw follows from seed and list)")
    click.echo(f"请和群里公布的对一对 (compare with the group)：\n种子指纹 {proof['commitment']}")
    click.echo(f"名单指纹 {proof['entrants_sha256']}")
    if proof.get("outside"):
        click.echo(f"公开数字 {proof['outside']}")


def read_proof(text: str) -> dict[str, Any]:
    """The proof in a text, whatever stands before and after it. Raises Unreadable."""
    start, end = text.find("{"), text.rfind("}")
    try:
        proof = json.loads(text[start : end + 1])
    except (json.JSONDecodeError, RecursionError) as error:
        raise Unreadable("里面没有完整的证明，请把 /证明 的每一条都按顺序存进来 (no complete proof)") from error
    if not isinstance(proof, dict) or proof.get("format") not in FORMATS:
        raise Unreadable(f"不是 {FORMATS[-1]} 格式的证明 (not such a proof)")
    if problem := _misshapen(proof):
        raise Unreadable(f"证明里的 {problem} 缺失或格式不对 (missing or malformed)")
    return proof


def _misshapen(proof: dict[str, Any]) -> str:
    """The first key that is missing or of the wrong form, or ""."""

    def pairs(value: object, first: type, second: type) -> bool:
        return isinstance(value, list) and all(
            isinstance(one, list) and len(one) == 2 and isinstance(one[0], first) and isinstance(one[1], second)
            for one in value
        )

    def listed(value: object) -> bool:
        return isinstance(value, list) and all(
            isinstance(one, list)
            and [type(part) for part in one] in ([str, str], [str, str, int])
            and all(1 <= part <= MOST_TICKETS for part in one[2:])
            for one in value
        )

    def redraw(value: object) -> bool:
        return (
            isinstance(value, dict)
            and isinstance(value.get("excluded"), dict)
            and isinstance(value.get("replaced"), list)
            and all(
                isinstance(one, list) and [type(part) for part in one] == [int, str, str] for one in value["replaced"]
            )
        )

    forms = {
        "lottery": isinstance(proof.get("lottery"), str),
        "seed": isinstance(proof.get("seed"), str),
        "commitment": isinstance(proof.get("commitment"), str),
        "tiers": pairs(proof.get("tiers"), str, int),
        "outside": isinstance(proof.get("outside", ""), str),
        "everyone": isinstance(proof.get("everyone", ""), str),
        "entrants": listed(proof.get("entrants")),
        "entrants_sha256": isinstance(proof.get("entrants_sha256"), str),
        "excluded": isinstance(proof.get("excluded"), dict),
        "winners": pairs(proof.get("winners"), int, str),
        "redraws": isinstance(proof.get("redraws"), list) and all(redraw(one) for one in proof["redraws"]),
    }
    return next((key for key, good in forms.items() if not good), "")


def differences(
    proof: dict[str, Any],
    *,
    commitment: str | None = None,
    list_fingerprint: str | None = None,
    outside: str | None = None,
) -> Iterator[str]:
    """One sentence for each thing that does not follow from the seed and the list."""
    entrants, codes = proof["entrants"], [entrant[0] for entrant in proof["entrants"]]
    seed_print = hashlib.sha256(proof["seed"].encode()).hexdigest()
    if seed_print != proof["commitment"]:
        yield f"种子的指纹是 {seed_print}，证明里写的是 {proof['commitment']} (the seed is not the one announced)"
    if commitment is not None and commitment.strip().lower() != seed_print:
        yield f"种子的指纹是 {seed_print}，群里公布的是 {commitment.strip()} (not the seed posted at the start)"
    compact = json.dumps(entrants, ensure_ascii=False, separators=(",", ":"))
    list_print = hashlib.sha256(compact.encode()).hexdigest()
    if list_print != proof["entrants_sha256"]:
        yield f"名单的指纹是 {list_print}，证明里写的是 {proof['entrants_sha256']} (the list was changed)"
    if list_fingerprint is not None and list_fingerprint.strip().lower() != list_print:
        yield f"名单的指纹是 {list_print}，群里公布的是 {list_fingerprint.strip()} (not the list posted)"
    if outside is not None and outside.strip() != proof.get("outside", ""):
        yield f"公开数字是 {outside.strip()}，证明里写的是 {proof.get('outside') or '没有'} (not the public number)"
    if len(set(codes)) != len(codes):
        yield "名单里有人出现两次 (somebody is listed twice)"
    if strangers := set(proof["excluded"]) - set(codes):
        yield f"被排除的 {sorted(strangers)[0]} 不在名单里 (excluded, but not on the list)"
    order = _order(proof)
    places = [tier for tier, (_, stock) in enumerate(proof["tiers"]) for _ in range(stock)]
    expected = [[tier, code] for tier, code in zip(places, order, strict=False)]
    if expected != proof["winners"]:
        yield "中奖者不是由种子和名单算出来的 (the winners do not follow from seed and list)"
    yield from _redraw_differences(proof, order)


def _order(proof: dict[str, Any]) -> list[str]:
    """Everybody who took part in the draw, in the order in which they are served."""
    key = proof["seed"].encode()
    if proof.get("outside"):
        key += b"|" + proof["outside"].encode()
    lots: list[tuple[bytes, str]] = []
    for code, _, *weight in proof["entrants"]:
        if code not in proof["excluded"]:
            names = [
                f"{proof['lottery']}|{code}",
                *(f"{proof['lottery']}|{code}|{n}" for n in range(2, sum(weight) + 1)),
            ]
            lots.append((min(hmac.digest(key, name.encode(), hashlib.sha256) for name in names), code))
    return [code for _, code in sorted(set(lots))]


def _redraw_differences(proof: dict[str, Any], order: list[str]) -> Iterator[str]:
    holders = [(tier, code) for tier, code in proof["winners"]]
    ever = {code for _, code in holders}
    for number, again in enumerate(proof["redraws"], start=1):
        heirs = [code for code in order if code not in ever and code not in again["excluded"]]
        replaced = again["replaced"]
        if [new for _, _, new in replaced] != heirs[: len(replaced)]:
            yield f"第 {number} 次重抽的中奖者不是顺序里的下一位 (redraw {number} passed somebody over)"
        for tier, old, new in replaced:
            if old and (tier, old) not in holders:
                yield f"第 {number} 次重抽换下的 {old} 并没有这个奖 (redraw {number} replaced nobody)"
            holders = [one for one in holders if one != (tier, old)] + [(tier, new)]
            ever.add(new)
        for tier, (prize, stock) in enumerate(proof["tiers"]):
            if sum(held == tier for held, _ in holders) > stock:
                yield f"“{prize}”只有 {stock} 份，发出去的更多 (more given than there are)"


def winners_now(proof: dict[str, Any]) -> list[tuple[int, str]]:
    """(tier, code) of those who hold a place after all redraws, best tier first."""
    holders = [(tier, code) for tier, code in proof["winners"]]
    for again in proof["redraws"]:
        for tier, old, new in again["replaced"]:
            holders = [one for one in holders if one != (tier, old)] + [(tier, new)]
    return sorted(holders, key=lambda one: one[0])
