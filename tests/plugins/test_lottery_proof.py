"""Test: a published proof convinces both checkers, and any change of it is noticed by both."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from bot.cli.lottery import differences, lottery, read_proof, winners_now
from plugins.lottery import proof
from plugins.lottery.draw import Win, draw, entrant_code, ranking, winning_cards
from plugins.lottery.model import Card, Draft, Entrant, Lottery, Rules, State, Tier

SCRIPT = Path(__file__).parents[2] / "docs" / "verify_lottery.py"
SEED = "5eed" * 16


def made(
    people: int = 8, stock: tuple[int, ...] = (1, 2), excluded: int = 1, redraws: int = 1, outside: str = ""
) -> dict[str, Any]:
    """The proof of a lottery with `redraws` redraws of the first place held; every third holds three tickets."""
    tiers = tuple(Tier(f"{index + 1}等奖", count) for index, count in enumerate(stock))
    at = datetime(2026, 1, 5, tzinfo=UTC)
    lot = Lottery(3, "g1", State.DRAWN, Draft(tiers), SEED, at, "admin", at, "")
    entrants = [Entrant(f"wxid_{no}", f'小{no}"\\n,{{}}', no, 1 if no % 3 else 3) for no in range(1, people + 1)]
    codes = {entrant_code(lot.name, one.member_id): one.weight for one in entrants}
    out = dict.fromkeys([*codes][:excluded], "已不在群里")
    fit = {code: weight for code, weight in codes.items() if code not in out}
    wins = draw(SEED, lot.name, fit, tiers, outside)
    published = proof.first(lot, proof.listed(lot, entrants), out, wins, outside=outside, rules=["奖品：书 ×1"])
    order = ranking(SEED, lot.name, fit, outside)[len(wins) :]
    holder = wins[0].entrant if wins else ""
    for _ in range(min(redraws, len(order))):
        heir = order.pop(0)
        published = proof.with_redraw(published, {}, [(0, holder, heir)])
        holder = heir
    return published


def by_command(text: str, *options: str) -> tuple[int, str]:
    result = CliRunner().invoke(lottery, ["verify", "-", *options], input=text)
    return result.exit_code, result.output


def by_script(text: str, folder: Path) -> tuple[int, str]:
    (folder / "proof.txt").write_text(text, encoding="utf-8")
    ran = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(folder / "proof.txt")],
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    return ran.returncode, ran.stdout + ran.stderr


def test_a_true_proof_is_accepted_by_both(tmp_path: Path) -> None:
    published = made()
    text = proof.write(published)
    code, told = by_command(text)
    assert code == 0, told
    assert "✓ L3" in told
    assert published["commitment"] in told
    code, told = by_script(text, tmp_path)
    assert code == 0, told
    holders = {pair[1] for pair in winners_now(published)}
    for entrant, name, *_ in published["entrants"]:
        assert (name in told) == (entrant in holders)


def test_a_true_proof_with_a_public_number_is_accepted_by_both(tmp_path: Path) -> None:
    text = proof.write(made(outside="3087.53"))
    code, told = by_command(text, "--outside", "3087.53")
    assert (code, "公开数字 3087.53" in told) == (0, True)
    assert by_command(text, "--outside", "3087.54")[0] == 1
    code, told = by_script(text, tmp_path)
    assert (code, "公开数字：3087.53" in told) == (0, True)


def test_proofs_of_before_are_still_read() -> None:
    published = made(people=2, excluded=0)
    old = {key: value for key, value in published.items() if key not in ("outside", "rules", "everyone")}
    assert by_command(proof.write({**old, "format": "shequn-lottery-1"}))[0] == 0


def test_cards_are_proved_the_same_way(tmp_path: Path) -> None:
    tiers, at = (Tier("券", 2), Tier("书", 3)), datetime(2026, 1, 5, tzinfo=UTC)
    lot = Lottery(4, "g1", State.DRAWN, Draft(tiers, rules=Rules(cards=40)), SEED, at, "admin", at, "")
    winning = winning_cards(SEED, lot.name, 40, tiers)
    opened = [Card(no, f"wxid_{no}", f"小{no}", "g1") for no in range(1, 31)]
    wins = [Win(tier, str(no)) for no, tier in winning.items()]
    published = proof.first(lot, proof.listed_cards(opened, 40), {}, wins)
    assert by_command(proof.write(published))[0] == 0
    assert by_script(proof.write(published), tmp_path)[0] == 0
    swapped = deepcopy(published)
    swap(swapped["entrants"])
    assert by_command(proof.write(swapped))[0] == 1
    assert by_script(proof.write(swapped), tmp_path)[0] == 1


@given(st.integers(0, 30), st.lists(st.integers(1, 6), min_size=1, max_size=4), st.integers(0, 3), st.integers(0, 4))
def test_every_true_proof_is_accepted(people: int, stock: list[int], excluded: int, redraws: int) -> None:
    published = made(people, tuple(stock), excluded, redraws)
    assert proof.read(proof.write(published)) == published
    assert list(differences(read_proof(proof.write(published)))) == []


def swap(values: list[Any]) -> None:
    values[0], values[1] = values[1], values[0]


CHANGES: dict[str, Callable[[dict[str, Any]], object]] = {
    "another seed": lambda p: p.update(seed="0" * 64),
    "another fingerprint of the seed": lambda p: p.update(commitment="0" * 64),
    "one entrant more": lambda p: p["entrants"].append(["f" * 16, "水军"]),
    "one entrant less": lambda p: p["entrants"].pop(),
    "one entrant replaced": lambda p: p["entrants"].__setitem__(3, ["f" * 16, "水军"]),
    "one name changed": lambda p: p["entrants"][3].__setitem__(1, "别人"),
    "the order of arrival": lambda p: swap(p["entrants"]),
    "one ticket more": lambda p: p["entrants"][2].__setitem__(2, 4),
    "tickets out of nothing": lambda p: p["entrants"][0].append(9),
    "the public number": lambda p: p.update(outside="3087.54"),
    "no public number": lambda p: p.update(outside=""),
    "somebody twice": lambda p: p["entrants"].append(p["entrants"][0]),
    "the fingerprint of the list": lambda p: p.update(entrants_sha256="0" * 64),
    "a winner": lambda p: p["winners"][0].__setitem__(1, p["entrants"][0][0]),
    "the order of winners": lambda p: swap(p["winners"]),
    "a winner less": lambda p: p["winners"].pop(),
    "the stock": lambda p: p["tiers"][0].__setitem__(1, 3),
    "the number of the lottery": lambda p: p.update(lottery="L4"),
    "who is excluded": lambda p: p["excluded"].clear(),
    "a winner excluded": lambda p: p["excluded"].update({p["winners"][1][1]: "不喜欢"}),
    "who was given the place again": lambda p: p["redraws"][0]["replaced"][0].__setitem__(2, p["winners"][1][1]),
}


@pytest.mark.parametrize("what", CHANGES)
def test_any_change_is_noticed_by_both(what: str, tmp_path: Path) -> None:
    published = made(excluded=3, outside="8341")
    changed = deepcopy(published)
    CHANGES[what](changed)
    assert changed != published
    text = proof.write(changed)
    code, told = by_command(text)
    assert code == 1, told
    assert "✗" in told
    code, told = by_script(text, tmp_path)
    assert code == 1
    assert "✗" in told
    assert "Traceback" not in told


def test_a_proof_that_fits_itself_is_held_against_what_the_group_saw() -> None:
    """A list made up afterwards, with a seed of its own, is consistent: only what was posted gives it away."""
    genuine, false = made(), made(people=9)
    options = ["--commitment", genuine["commitment"].upper(), "--list", genuine["entrants_sha256"]]
    assert by_command(proof.write(genuine), *options)[0] == 0
    assert by_command(proof.write(false))[0] == 0
    code, told = by_command(proof.write(false), *options)
    assert code == 1
    assert "not the list posted" in told


def test_redraws_are_followed_and_checked() -> None:
    published = made(people=6, stock=(1, 1), excluded=0, redraws=3)
    tier, code = winners_now(published)[0]
    assert (tier, code) == (0, published["redraws"][-1]["replaced"][0][2])
    skipped = deepcopy(published)
    del skipped["redraws"][0]
    assert any("redraw 1 passed somebody over" in problem for problem in differences(skipped))
    greedy = deepcopy(published)
    greedy["redraws"][0]["replaced"][0][1] = ""
    assert any("more given than there are" in problem for problem in differences(greedy))
    stranger = deepcopy(published)
    stranger["redraws"][0]["replaced"][0][1] = "0" * 16
    assert any("replaced nobody" in problem for problem in differences(stranger))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "{}",
        "[]",
        "{" * 5000,
        '{"format": "shequn-lottery-3"}',
        '{"format": "shequn-lottery-2"}',
        proof.write({**made(), "entrants": [["a", "b", 0]]}),
        proof.write({**made(), "entrants": [["a", "b", 10**9]]}),
        proof.write({**made(), "entrants": [["a", "b", True]]}),
        proof.write({**made(), "outside": 5}),
        '{"format": "shequn-lottery-1"}',
        proof.write(made())[:-30],
        proof.write({**made(), "entrants": [["a"]]}),
        proof.write({**made(), "tiers": [["咖啡券", "2"]]}),
        proof.write({**made(), "seed": 7}),
        proof.write({**made(), "excluded": []}),
        proof.write({**made(), "redraws": [{"excluded": {}, "replaced": [[0, 1, 2]]}]}),
    ],
)
def test_what_cannot_be_read_is_told_without_a_traceback(text: str) -> None:
    code, told = by_command(text)
    assert code == 2
    assert "cannot be read" in told
    assert "Traceback" not in told


def test_a_file_that_is_absent_or_not_text(tmp_path: Path) -> None:
    result = CliRunner().invoke(lottery, ["verify", str(tmp_path / "nothing.json")])
    assert result.exit_code == 2
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\xff\xfe{}")
    result = CliRunner().invoke(lottery, ["verify", str(tmp_path / "picture.png")])
    assert result.exit_code == 2
    assert "cannot be read" in result.output


@pytest.mark.parametrize("limit", [80, 300, 1800])
def test_pages_put_together_are_the_proof(limit: int) -> None:
    text = proof.write(made(people=60, stock=(3, 5)))
    pages = proof.pages(text, limit)
    assert "\n".join(pages) == text
    assert all(len(page) <= max(limit, max(map(len, text.splitlines()))) for page in pages)
    saved = "L3 的证明在下面\n" + "\n".join(pages) + "\n（完）"
    assert by_command(saved)[0] == 0


def test_the_script_is_short_and_stands_alone() -> None:
    source = SCRIPT.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 40
    names = [node.names[0].name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Import)]
    assert set(names) <= sys.stdlib_module_names
    assert not [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ImportFrom)]


def test_the_fingerprint_is_of_plain_compact_json() -> None:
    entrants = [["a1", '小"王'], ["b2", "Ä\n"]]
    plain = json.dumps(entrants, ensure_ascii=False, separators=(",", ":"))
    assert plain == '[["a1","小\\"王"],["b2","Ä\\n"]]'
    assert proof.fingerprint(entrants) == proof.fingerprint(json.loads(plain))
    assert proof.fingerprint(entrants) != proof.fingerprint(entrants[::-1])
