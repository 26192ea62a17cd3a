"""The arithmetic of fair measurement against published figures and against sums done by hand."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from huying.calls.models import ScoreRule
from huying.calls.queries.measuring import Value, Work, allotted, drawn, satisfaction, share, team_score
from huying.kernel import chance

NOTHING = share(0, 0)


# ── shares ──────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("what", "part", "due", "percent"),
    [
        ("天门 2016-12 结案率", 911, 972, "93.72"),
        ("天门 2016-12 按期结案率", 737, 972, "75.82"),
        ("天门 2016-12 事件", 902, 956, "94.35"),
        ("天门 2016-12 部件", 9, 16, "56.25"),
        ("湛江 2023-02 转办", 11_159, 13_600, "82.05"),
    ],
)
def test_the_closing_rate_gives_the_published_figures(what: str, part: int, due: int, percent: str) -> None:
    assert share(part, due).percent == Decimal(percent), what


def test_a_share_of_nothing_is_no_number() -> None:
    assert share(0, 0).percent is None


@pytest.mark.parametrize(("part", "whole"), [(2, 1), (-1, 1), (0, -1)])
def test_more_than_all_is_refused(part: int, whole: int) -> None:
    with pytest.raises(ValueError, match="between nothing and all"):
        share(part, whole)


def test_the_middling_count_with_their_weight() -> None:
    """12345: (60 + 20·k) ÷ 100 with k = 1, 0.6 and 0."""
    assert [satisfaction(60, 20, 100, k).percent for k in (100, 60, 0)] == [
        Decimal(n) for n in ("80.00", "72.00", "60.00")
    ]


# ── score of a team ─────────────────────────────────────────────────────────
def work(ratings: int, stars: int, on_time: Value, accepted: Value, lasting: Value, recorded: Value) -> Work:
    return Work(ratings, stars, on_time, accepted, lasting, recorded)


WORKED = [
    # R = (10·4.2 + 92) ÷ 30 = 4.4667; .35·.89333 + .25·.9 + .15·.8 + .15·.95 + .10·1 = .90017
    (
        "twenty ratings",
        work(20, 92, share(18, 20), share(16, 20), share(19, 20), share(12, 12)),
        Fraction(42, 10),
        "90.0",
    ),
    # R = (10·4 + 50) ÷ 20 = 4.5; .35·.9 + .25 + .15 + .15 + .10 = .965
    (
        "all fives, ten of them",
        work(10, 50, share(10, 10), share(10, 10), share(10, 10), share(9, 9)),
        Fraction(4),
        "96.5",
    ),
    # R = (10·5 + 30) ÷ 40 = 2; .35·.4 + 0 = .14
    ("everything wrong", work(30, 30, share(0, 30), share(0, 30), share(0, 30), share(0, 30)), Fraction(5), "14.0"),
    # no record was due: (.35·.9 + .25·.5 + .15·1 + .15·1) ÷ .90 = .74 ÷ .90 = .8222
    ("no record due", work(10, 50, share(5, 10), share(10, 10), share(10, 10), NOTHING), Fraction(4), "82.2"),
]


@pytest.mark.parametrize(("what", "done", "mean", "score"), WORKED, ids=[one[0] for one in WORKED])
def test_the_score_agrees_with_the_sum_done_by_hand(what: str, done: Work, mean: Fraction, score: str) -> None:
    assert team_score(done, mean, ScoreRule()) == Decimal(score)


def test_fewer_than_ten_ratings_give_no_score() -> None:
    nine = work(9, 45, share(9, 9), share(9, 9), share(9, 9), share(9, 9))

    assert team_score(nine, Fraction(4), ScoreRule()) is None


def test_few_ratings_stay_near_the_mean_of_the_county_and_many_speak_for_themselves() -> None:
    rule, best = ScoreRule(rating=100, on_time=0, accept=0, lasting=0, recorded=0), (NOTHING,) * 4

    few, many = (team_score(work(n, 5 * n, *best), Fraction(3), rule) for n in (10, 990))

    assert (few, many) == (Decimal("80.0"), Decimal("99.6"))


# ── samples ─────────────────────────────────────────────────────────────────
SIZES = st.lists(st.integers(1, 60), min_size=1, max_size=6).map(
    lambda sizes: dict(zip("甲乙丙丁戊己", sizes, strict=False))
)


@given(SIZES, st.integers(1, 200))
def test_the_places_of_a_sample_are_shared_out_in_proportion(sizes: dict[str, int], size: int) -> None:
    shares, whole = allotted(sizes, size), sum(sizes.values())

    assert sum(shares.values()) == min(size, whole)
    assert all(0 <= shares[one] <= sizes[one] for one in sizes)
    if size >= len(sizes):
        assert min(shares.values()) >= 1
    if size >= whole or all(sizes[one] * size >= whole for one in sizes):
        assert all(abs(shares[one] - sizes[one] * min(size, whole) / whole) < 1 for one in sizes)


def test_a_large_and_a_small_stratum_by_hand() -> None:
    assert allotted({"大": 90, "中": 9, "小": 1}, 10) == {"大": 8, "中": 1, "小": 1}
    assert allotted({"大": 90, "中": 9, "小": 1}, 2) == {"大": 2, "中": 0, "小": 0}


def test_the_same_seed_draws_the_same_calls_whatever_order_they_came_in() -> None:
    with chance.seeded(7):
        population = [(chance.uuid7(), f"s{n % 3}") for n in range(60)]

    first = drawn(population, 12, "seed")

    assert drawn(list(reversed(population)), 12, "seed") == first
    assert drawn(population, 12, "other") != first
    assert len(set(first)) == 12


def test_everybody_has_the_same_chance() -> None:
    with chance.seeded(1):
        population = [(chance.uuid7(), "one") for _ in range(10)]

    times = dict.fromkeys([key for key, _ in population], 0)
    for n in range(2000):
        for key in drawn(population, 3, f"{n}"):
            times[key] += 1

    assert all(500 < n < 700 for n in times.values())  # 600 expected, five standard deviations either way
