"""Test: the draw as a pure function: fair, repeatable, and never more than there is."""

from __future__ import annotations

import hashlib
import hmac
from math import sqrt
from random import Random
from time import perf_counter

from hypothesis import given
from hypothesis import strategies as st

from plugins.lottery.draw import commitment, draw, entrant_code, new_seed, ranking, winning_cards
from plugins.lottery.model import Tier

seeds = st.text("0123456789abcdef", min_size=64, max_size=64)
crowds = st.lists(st.text(min_size=1, max_size=20), unique=True, max_size=60)
stocks = st.lists(st.integers(1, 20), min_size=1, max_size=6)


def tiers_of(*stocks: int) -> list[Tier]:
    return [Tier(f"奖{index}", stock) for index, stock in enumerate(stocks)]


@given(seeds, crowds, stocks)
def test_stock_is_kept_and_nobody_wins_twice(seed: str, crowd: list[str], stock: list[int]) -> None:
    wins = draw(seed, "L1", crowd, tiers_of(*stock))
    assert len(wins) == min(len(crowd), sum(stock))
    assert len({win.entrant for win in wins}) == len(wins)
    assert {win.entrant for win in wins} <= set(crowd)
    for index, count in enumerate(stock):
        assert sum(win.tier == index for win in wins) <= count
    # A worse prize is given only when the better ones are gone.
    assert [win.tier for win in wins] == sorted(win.tier for win in wins)
    for index in range(max((win.tier for win in wins), default=0)):
        assert sum(win.tier == index for win in wins) == stock[index]


@given(seeds, crowds, stocks, st.randoms(use_true_random=False))
def test_the_order_of_arrival_plays_no_part(seed: str, crowd: list[str], stock: list[int], random: Random) -> None:
    shuffled = random.sample(crowd, len(crowd))
    assert draw(seed, "L1", crowd, tiers_of(*stock)) == draw(seed, "L1", shuffled, tiers_of(*stock))
    assert draw(seed, "L1", crowd + crowd, tiers_of(*stock)) == draw(seed, "L1", crowd, tiers_of(*stock))


@given(seeds, crowds.filter(lambda crowd: len(crowd) > 1))
def test_who_leaves_moves_nobody_past_another(seed: str, crowd: list[str]) -> None:
    order = ranking(seed, "L1", crowd)
    without = ranking(seed, "L1", crowd[1:])
    assert without == [one for one in order if one != crowd[0]]


def test_the_lots_are_what_the_documents_say() -> None:
    crowd = ["a", "b", "c", "小王"]
    lots = {one: hmac.new(b"5eed", f"L7|{one}".encode(), hashlib.sha256).hexdigest() for one in crowd}
    assert ranking("5eed", "L7", crowd) == sorted(crowd, key=lambda one: lots[one])
    assert ranking("5eed", "L8", crowd) != ranking("5eed", "L7", crowd)
    assert commitment("5eed") == hashlib.sha256(b"5eed").hexdigest()


def test_seeds_are_long_and_differ() -> None:
    made = {new_seed(Random(number)) for number in range(200)}  # noqa: S311
    assert len(made) == 200
    assert all(len(seed) == 64 and int(seed, 16) >= 0 for seed in made)


def test_a_code_hides_the_account_and_changes_with_the_lottery() -> None:
    codes = {entrant_code(f"L{no}", member) for no in range(20) for member in ("wxid_1", "wxid_2")}
    assert len(codes) == 40
    assert all(len(code) == 16 and "wxid" not in code for code in codes)


def chi_square_limit(freedom: int) -> float:
    """The value chi-square stays under with probability 0.999 (Wilson and Hilferty)."""
    z = 3.0902
    return freedom * (1 - 2 / (9 * freedom) + z * sqrt(2 / (9 * freedom))) ** 3


def test_every_entrant_wins_equally_often() -> None:
    """100,000 draws with other seeds: chi-square over who wins the one first and the two second prizes."""
    crowd, tiers, draws = list("abcdefg"), tiers_of(1, 2), 100_000
    won: dict[tuple[int, str], int] = {}
    for number in range(draws):
        for win in draw(f"{number:064x}", "L1", crowd, tiers):
            won[win] = won.get(win, 0) + 1
    for tier, stock in enumerate((1, 2)):
        expected = draws * stock / len(crowd)
        counts = [won[(tier, one)] for one in crowd]
        # Two places out of seven without repetition vary less than two independent ones would.
        variance = (1 - stock / len(crowd)) * len(crowd) / (len(crowd) - 1)
        chi = sum((count - expected) ** 2 / expected for count in counts) / variance
        assert chi < chi_square_limit(len(crowd) - 1), f"tier {tier}: {counts}"


def test_every_ticket_wins_equally_often() -> None:
    """100,000 weighted draws: who comes first and who comes second, as drawing tickets out of a hat would have it."""
    tickets, draws = {"a": 1, "b": 2, "c": 3}, 100_000
    first, second = dict.fromkeys(tickets, 0), dict.fromkeys(tickets, 0)
    for number in range(draws):
        best, next_best, _ = ranking(f"{number:064x}", "L1", tickets)
        first[best] += 1
        second[next_best] += 1
    all_of_them = sum(tickets.values())
    hat = {one: weight / all_of_them for one, weight in tickets.items()}
    behind = {
        one: sum(hat[other] * weight / (all_of_them - tickets[other]) for other in tickets if other != one)
        for one, weight in tickets.items()
    }
    for counts, shares in ((first, hat), (second, behind)):
        chi = sum((counts[one] - draws * shares[one]) ** 2 / (draws * shares[one]) for one in tickets)
        assert chi < chi_square_limit(len(tickets) - 1), counts


def test_a_second_ticket_never_harms() -> None:
    for number in range(200):
        crowd = dict.fromkeys("abcdef", 1)
        before = ranking(f"{number:064x}", "L1", crowd).index("c")
        after = ranking(f"{number:064x}", "L1", {**crowd, "c": 4})
        assert after.index("c") <= before
        assert [one for one in after if one != "c"] == ranking(f"{number:064x}", "L1", [*"abdef"])


def test_a_public_number_changes_the_order_and_binds_it() -> None:
    crowd = [f"p{number}" for number in range(30)]
    plain, mixed = ranking("5eed", "L1", crowd), ranking("5eed", "L1", crowd, "3087.53")
    assert plain != mixed
    assert mixed == ranking("5eed|3087.53", "L1", crowd)
    assert mixed != ranking("5eed", "L1", crowd, "3087.54")


def test_winning_cards_are_settled_by_the_seed() -> None:
    tiers = tuple(tiers_of(2, 5))
    cards = winning_cards("5eed", "L1", 100, tiers)
    assert sorted(cards.values()) == [0, 0, 1, 1, 1, 1, 1]
    assert set(cards) <= set(range(1, 101))
    assert cards != winning_cards("5eee", "L1", 100, tiers)


def test_every_order_is_equally_likely() -> None:
    crowd, draws = list("abcd"), 24_000
    seen: dict[tuple[str, ...], int] = {}
    for number in range(draws):
        order = tuple(ranking(f"{number:064x}", "L2", crowd))
        seen[order] = seen.get(order, 0) + 1
    chi = sum((count - 1000) ** 2 / 1000 for count in seen.values())
    assert len(seen) == 24
    assert chi < chi_square_limit(23)


def test_a_biased_draw_would_be_noticed() -> None:
    """The yardstick itself: one of seven who wins 5 % more often than the others passes the limit at this size."""
    expected = 100_000 / 7
    counts = [expected * 1.05, *[expected * (1 - 0.05 / 6)] * 6]
    assert sum((count - expected) ** 2 / expected for count in counts) > chi_square_limit(6)


def test_ten_thousand_entrants_take_less_than_a_second() -> None:
    crowd = [entrant_code("L1", f"wxid_{number}") for number in range(10_000)]
    begun = perf_counter()
    wins = draw("0" * 64, "L1", crowd, tiers_of(10, 100, 9_000))
    assert perf_counter() - begun < 1
    assert len(wins) == 9_110
