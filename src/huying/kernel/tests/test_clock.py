from __future__ import annotations

import uuid
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from huying.kernel import chance, clock

MOMENT = datetime(2026, 3, 3, 16, 30, tzinfo=UTC)


def test_now_is_aware_and_near_the_machines_time() -> None:
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_the_day_is_read_in_china() -> None:
    with clock.frozen(MOMENT):
        assert (clock.now(), clock.today()) == (MOMENT, date(2026, 3, 4))


def test_the_clock_can_be_a_function_and_comes_back_after_an_error() -> None:
    ticks = iter([MOMENT, MOMENT + timedelta(minutes=1)])

    with pytest.raises(ZeroDivisionError), clock.frozen(lambda: next(ticks)):
        assert [clock.now(), clock.now()] == [MOMENT, MOMENT + timedelta(minutes=1)]
        1 / 0  # noqa: B018
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_frozen_clocks_nest() -> None:
    with clock.frozen(MOMENT), clock.frozen(MOMENT + timedelta(days=1)):
        assert clock.now() == MOMENT + timedelta(days=1)
    with clock.frozen(MOMENT):
        assert clock.now() == MOMENT


def test_local_shows_the_wall_in_china() -> None:
    assert clock.local(MOMENT).isoformat() == "2026-03-04T00:30:00+08:00"


def test_ids_are_version_seven_ordered_by_time_and_unique() -> None:
    made = []
    for second in range(50):
        with clock.frozen(MOMENT + timedelta(seconds=second)):
            made.append(chance.uuid7())

    assert made == sorted(made)
    assert len({*made, *(chance.uuid7() for _ in range(2000))}) == 2050
    assert {(one.version, one.variant) for one in made} == {(7, uuid.RFC_4122)}
    assert made[0].int >> 80 == int(MOMENT.timestamp() * 1000)


def test_ids_drawn_together_ascend_within_one_moment_and_are_unique() -> None:
    with clock.frozen(MOMENT):
        made = chance.uuid7s(2000)

    assert made == sorted(set(made))
    assert len(made) == 2000
    assert {(one.version, one.variant, one.int >> 80) for one in made} == {
        (7, uuid.RFC_4122, int(MOMENT.timestamp() * 1000))
    }
    assert len({one.int >> 64 & 0xFFF for one in made}) > 1000
    assert chance.uuid7s(0) == []


def test_chance_repeats_from_a_seed_and_not_without() -> None:
    def draw() -> tuple[str, str, float]:
        return chance.token(8), chance.digits(6), chance.fraction()

    with chance.seeded(7):
        first = draw()
    with chance.seeded(7):
        second = draw()

    assert first == second
    assert draw() != draw()


def test_tokens_and_digits_have_their_length_and_spread() -> None:
    assert {len(chance.token(16)) for _ in range(200)} == {32}
    codes = [chance.digits(4) for _ in range(4000)]
    assert {len(code) for code in codes} == {4}
    assert len(Counter(code[0] for code in codes)) == 10
