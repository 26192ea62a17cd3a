"""Ways to forge hours: what one hand may try is refused by a test that is named here, what two may try is found."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from huying.volunteers import rules
from huying.volunteers.management import attendance, forging
from huying.volunteers.management.commands.bench_fraud import ALARMS, RECALL, measured

TESTS = Path(__file__).parent
REFUSED = {
    "a link or digits that were passed on": "test_a_forwarded_code_is_no_proof_and_a_ticket_lives_two_minutes",
    "a picture of the screen, shown later": "test_a_code_of_the_screen_holds_for_its_moment_and_one_each_side",
    "an old print of the code": "test_a_new_print_makes_the_old_one_void_and_the_day_ends_both",
    "a link made up": "test_forged_links_open_nothing",
    "the ticket of somebody else": "test_a_ticket_is_worth_nothing_to_others_nor_later",
    "digits tried one after the other": "test_digits_are_typed_by_hand_and_guessing_is_stopped",
    "the same scan again": "test_nothing_counts_twice",
    "two places at once": "test_nobody_is_in_two_places_at_once",
    "the same time for two teams": "test_one_time_counts_once_whatever_the_team_and_the_place",
    "coming without leaving": "test_a_visit_without_an_end_counts_nothing_and_blocks_nothing",
    "being there in the next town": "test_a_closed_or_far_away_session_takes_nobody",
    "calling oneself in": "test_nobody_says_of_himself_that_he_was_there",
    "entering one's own service": "test_nobody_enters_his_own_service",
    "confirming what one entered": "test_nobody_confirms_what_he_entered_nor_what_is_his",
    "past the code, straight to the table": "test_the_database_refuses_self_credit_whatever_the_code_does",
    "more minutes than the time holds": "test_the_database_refuses_more_minutes_than_the_time_holds",
    "one clerk copying a sheet twice": "test_one_person_copying_twice_proves_nothing",
    "a sheet for those counted by code": "test_the_sheet_does_not_count_who_was_counted_by_code",
    "service that lies ahead": "test_lines_in_the_future_outside_the_session_or_of_oneself_are_refused",
    "over eight hours without a word": "test_more_than_eight_hours_a_day_take_a_reason_and_more_than_twelve_the_office",
    "a returned record, longer": "test_a_returned_record_comes_again_only_shorter_and_is_then_checked_by_another",
    "a longer time by correction": "test_longer_hours_by_correction_rest_on_two_words_and_become_class_c",
    "somebody from outside": "test_outsiders_enter_nothing_here",
}


@pytest.mark.parametrize("tried", sorted(REFUSED))
def test_what_one_hand_may_try_has_a_test_that_refuses_it(tried: str) -> None:
    assert any(f"def {REFUSED[tried]}(" in file.read_text() for file in TESTS.glob("test_*.py"))


@pytest.mark.parametrize("name", sorted(forging.PLAYBOOKS))
def test_what_two_hands_forge_is_found_in_the_middle_of_honest_weeks(name: str) -> None:
    luck = random.Random(7)
    here, honest = attendance.world(luck, attendance.monday(), 6000)
    forged = forging.PLAYBOOKS[name](here)
    mixed = [*honest, *forged]
    luck.shuffle(mixed)

    found = set[int]().union(*(find(mixed) for _words, find in rules.ODDITIES.values()))

    assert len(found & {one.key for one in forged}) >= RECALL * len(forged) > 0


def test_honest_people_are_hardly_ever_bothered_though_much_looks_odd() -> None:
    seconds: list[float] = []
    sums = measured(random.Random(11), 20_000, seconds)

    assert (sums["honest"] >= 20_000, len(seconds)) == (True, 1)
    assert sums["alarms"] <= ALARMS * sums["honest"]
    assert sums["found"] >= RECALL * sums["forged"]


def test_the_same_seed_makes_the_same_weeks() -> None:
    one, two = (attendance.world(random.Random(5), attendance.monday(), 500)[1] for _n in range(2))
    assert one == two
    assert all(row.entered_by != row.person != row.confirmed_by for row in one)
