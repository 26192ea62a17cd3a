"""A word to very many people comes in parts of five hundred, each its own transaction, and to everybody once."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from huying.activities import actions
from huying.activities.actions import RoleFacts
from huying.activities.actions.telling import MOST
from huying.activities.models import ActivityEvent, Shift, SignUp
from huying.activities.states import SignUpState
from huying.activities.tests.factories import HOUR, SYSTEM, come, later, session_of, shift_of
from huying.calls.tests.factories import START
from huying.kernel import clock
from huying.people.models import Notice, Person

CROWD = 1200
FEW = 16
"""Statements of one part, however many people are in it."""


@pytest.fixture
def crowd(world):
    """An activity with so many people that one transaction would be too long for their messages."""
    activity = world.published(roles=[RoleFacts("参加者", CROWD)])
    shift = shift_of(activity)
    made = [Person(name=f"居民{n}", home_place=world.home, created_at=START) for n in range(CROWD)]
    rows = [
        SignUp(session=shift.session, shift=shift, person=one, state="signed", at=START, changed_at=START)
        for one in Person.objects.bulk_create(made)
    ]
    SignUp.objects.bulk_create(rows)
    Shift.objects.filter(pk=shift.pk).update(taken=CROWD)
    return activity


def worked_off(queued, event):
    """What the worker does with one event: the sizes of the parts, and the most statements of one."""
    sizes, most, after = [], 0, 0
    while True:
        with CaptureQueriesContext(connection) as seen:
            sizes.append(actions.tell(actor=SYSTEM, event_id=event.pk, after=after))
        most = max(most, len(seen))
        following = [one["after"] for one in queued("activities.tell") if one.get("after", 0) > after]
        if not following:
            return sizes, most
        after = min(following)


@pytest.mark.parametrize("step", ["cancel", "change", "hold"])
def test_everybody_hears_of_a_step_once_in_parts_of_few_statements(world, crowd, queued, step):
    if step == "cancel":
        actions.cancel(actor=world.boss, activity=crowd, reason="台风")
    elif step == "change":
        facts = actions.facts_of(crowd, crowd.first_at, crowd.first_at + crowd.length)
        given = {name: getattr(facts, name) for name in facts.__slots__}
        actions.change(actor=world.boss, activity=crowd, facts=actions.Facts(**{**given, "where": "西门"}))
    else:
        SignUp.objects.update(state=SignUpState.PRESENT)
        with clock.frozen(later(days=2, hours=2)):
            actions.hold(actor=world.boss, session=session_of(crowd))
    event = ActivityEvent.objects.latest("id")

    sizes, most = worked_off(queued, event)
    again, _most = worked_off(queued, event)

    assert (sizes, sum(again)) == ([MOST, MOST, CROWD - 2 * MOST], 0)
    assert most <= FEW
    assert Notice.objects.values("person").distinct().count() == Notice.objects.count() == CROWD


def test_a_part_that_died_halfway_is_sent_again_without_a_second_message(world, crowd):
    actions.cancel(actor=world.boss, activity=crowd, reason="台风")
    event = ActivityEvent.objects.latest("id")
    actions.tell(actor=SYSTEM, event_id=event.pk)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM kernel_jobeffect")

    actions.tell(actor=SYSTEM, event_id=event.pk)

    assert Notice.objects.count() == MOST


def test_the_day_before_everybody_is_reminded_once_and_the_reminded_are_not_looked_at_again(world, crowd):
    with clock.frozen(later(days=2) - HOUR):
        with CaptureQueriesContext(connection) as seen:
            first = actions.remind(actor=SYSTEM)
        actions.remind(actor=SYSTEM)
        assert actions.remind(actor=SYSTEM) == CROWD - 2 * MOST
        with CaptureQueriesContext(connection) as idle:
            assert actions.remind(actor=SYSTEM) == 0

    assert first == MOST and len(seen) <= FEW and len(idle) <= FEW
    assert Notice.objects.values("person").distinct().count() == Notice.objects.count() == CROWD


def test_who_was_reminded_is_reminded_again_of_another_time(world):
    row = come(world.guest(), shift_of(world.published()))
    with clock.frozen(later(days=1, hours=23)):
        assert actions.remind(actor=SYSTEM) == 1
        times = {"starts_at": later(days=2, hours=5), "ends_at": later(days=2, hours=6)}
        actions.move_session(actor=world.boss, session=row.session, **times)
        assert [actions.remind(actor=SYSTEM) for _time in range(2)] == [1, 0]
