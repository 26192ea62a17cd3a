"""Somebody is forgotten, however many activities he was coming to; what came to nothing is nobody's business afterwards."""

from __future__ import annotations

from datetime import date

import pytest

from huying.activities import actions, queries
from huying.activities.actions.rights import RIGHTS
from huying.activities.models import SignUp
from huying.activities.states import SignUpState
from huying.activities.tests.factories import SYSTEM, come, later, session_of, shift_of
from huying.calls.tests.factories import actor
from huying.kernel import clock
from huying.people import actions as people_actions
from huying.people.models import Person

BORN = date(1960, 5, 1)


def coming(world, who, number=2):
    """So many activities, each with him in the only place and somebody else in the line."""
    rows = []
    for _ in range(number):
        shift = shift_of(world.published(roles=[actions.RoleFacts("参加者", 1)], confirm_hours=0))
        rows.append((come(who, shift), come(world.guest(), shift)))
    return rows


def states(rows):
    return [[SignUp.objects.get(pk=one.pk).state for one in pair] for pair in rows]


GONE = ["cancelled", "signed"]


def test_who_was_coming_to_several_activities_is_forgotten_and_the_lines_move_up(world):
    who = world.guest("陈桂英")
    rows = coming(world, who, 3)

    people_actions.erase_person(actor=actor(who), person_id=who.pk)

    assert states(rows) == [GONE] * 3
    assert Person.objects.get(pk=who.pk).name == people_actions.ERASED_NAME


def test_what_he_was_coming_to_under_a_second_record_is_taken_back_too(world):
    kept, double = (world.guest("陈桂英", birth_date=BORN) for _ in range(2))
    rows = [*coming(world, kept), *coming(world, double)]
    why = "本人带身份证来过，是同一个人"
    people_actions.merge_persons(actor=world.boss, kept_id=kept.pk, double_id=double.pk, take=[], reason=why)
    left = coming(world, world.guest(), 2)
    SignUp.objects.filter(pk__in=[pair[0].pk for pair in left]).update(person=double)  # as history that could not move

    kept.refresh_from_db()
    people_actions.erase_person(actor=actor(kept), person_id=kept.pk)

    assert states([*rows, *left]) == [GONE] * 6


def lapsed(world, hours=5):
    """Somebody who did not answer in time, and the session."""
    shift = shift_of(world.published(confirm_hours=hours))
    rows = [come(world.guest(), shift) for _ in range(4)]
    actions.leave(actor=actor(rows[0].person), sign_up=rows[0])
    with clock.frozen(later(hours=hours)):
        actions.lapse(actor=SYSTEM, sign_up=rows[3])
    return rows


def test_an_unanswered_place_is_in_no_list_and_no_copy_once_the_session_is_over(world):
    rows = lapsed(world)
    silent, gone = rows[3].person, rows[0].person

    with clock.frozen(later(days=1)):
        assert [one.pk for one in queries.my_sign_ups(actor(silent))] == [rows[3].pk]
        assert len(next(iter(RIGHTS.export(silent))).rows) == 1
    with clock.frozen(later(days=2, hours=3)):
        roster = queries.roster(world.boss, rows[0].session)
        assert {one.person_id for one in roster.sign_ups} == {rows[1].person_id, rows[2].person_id}
        for who in (silent, gone):
            assert list(queries.my_sign_ups(actor(who))) == []
            assert next(iter(RIGHTS.export(who))).rows == []


def test_when_a_session_was_held_nobody_can_tell_any_more_who_did_not_answer(world):
    rows = lapsed(world)

    with clock.frozen(later(days=2, hours=3)):
        actions.hold(actor=world.boss, session=session_of(rows[0].session.activity))

    assert not SignUp.objects.filter(state=SignUpState.LAPSED).exists()
    assert states([[rows[0], rows[3]]]) == [["cancelled", "cancelled"]]


@pytest.mark.parametrize("number", [0, 1])
def test_who_comes_to_nothing_or_one_thing_is_forgotten_as_well(world, number):
    who = world.guest()
    rows = coming(world, who, number)

    people_actions.erase_person(actor=actor(who), person_id=who.pk)

    assert states(rows) == [GONE] * number
