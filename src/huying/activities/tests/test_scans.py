"""Scans of tablets that were without network: any order, any number of times, everybody counted once."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from itertools import permutations
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from huying.activities import actions
from huying.activities.actions import RoleFacts, Scan
from huying.activities.actions.holding import ResultsClosed
from huying.activities.management import door
from huying.activities.models import CheckIn, Shift, SignUp
from huying.activities.tests.factories import HOUR, come, later, page, session_of, shift_of
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, actor
from huying.kernel import clock
from huying.kernel.errors import Forbidden, InvalidInput

MINUTE = timedelta(minutes=1)


def taken(world, shift, *scans):
    return actions.take_scans(actor=world.boss, session=shift.session, scans=scans)


def test_the_first_moment_and_the_last_going_count_whatever_comes_first(world):
    shift = shift_of(world.published())
    row = come(world.guest(), shift)
    early, late = Scan(row.public_id, START - HOUR), Scan(row.public_id, START - MINUTE, out=True)

    first = taken(world, shift, late)
    again = taken(world, shift, early, late, early)

    here = CheckIn.objects.get()
    assert (first.arrived, again.arrived, again.known) == (1, 0, 3)
    assert (here.sign_up, here.in_at, here.out_at) == (row, START - HOUR, START - MINUTE)


def test_a_tablet_whose_clock_is_ahead_saw_it_now(world):
    shift = shift_of(world.published())
    row = come(world.guest(), shift)

    taken(world, shift, Scan(row.public_id, START + 5 * HOUR))

    assert CheckIn.objects.get().in_at == START


@pytest.mark.parametrize("hours", [13, 150])
def test_a_tablet_whose_clock_is_behind_saw_it_twelve_hours_before_the_beginning_at_most(world, hours):
    shift = shift_of(world.published())
    row = come(world.guest(), shift)
    wrong = later(days=2, hours=-hours)

    with clock.frozen(later(days=2, minutes=5)):
        taken(world, shift, Scan(row.public_id, wrong), Scan(row.public_id, wrong, out=True))

    here = CheckIn.objects.get()
    assert (here.in_at, here.out_at) == (later(days=1, hours=12), later(days=1, hours=12))


@pytest.mark.parametrize("year", [1, 1970, 2025])
def test_a_clock_of_another_age_writes_nothing_and_the_page_of_the_door_stands(world, year):
    shift = shift_of(world.published())
    row = come(world.guest(), shift)

    with clock.frozen(later(days=2, minutes=5)):
        said = taken(world, shift, Scan(row.public_id, datetime(year, 1, 1, tzinfo=UTC)))
        page(browser(world.keeper), "door", shift.session.public_id)

    assert [one.state for one in said.answers] == ["refused"]
    assert not CheckIn.objects.exists()


def test_the_database_knows_no_check_in_of_another_age(world):
    session = session_of(world.published())

    for n, year in enumerate((1, 1970, 2300)):
        with pytest.raises(IntegrityError), transaction.atomic():
            CheckIn.objects.create(session=session, key=f"key-{n:08d}", in_at=datetime(year, 1, 1, tzinfo=UTC))


def test_whoever_waited_is_let_in_and_strange_tickets_are_told(world):
    shift = shift_of(world.published())
    rows = [come(world.guest(), shift) for _ in range(4)]
    actions.leave(actor=actor(rows[3].person), sign_up=rows[3])
    waiting, stranger = come(world.guest(), shift), uuid4()

    said = taken(world, shift, *(Scan(one, START) for one in (waiting.public_id, rows[3].public_id, stranger)))

    shift.refresh_from_db()
    assert (said.arrived, set(said.strange)) == (1, {rows[3].public_id, stranger})
    assert (shift.taken, shift.waiting, shift.capacity) == (4, 0, 4)


def test_only_those_who_run_it_hand_in_and_only_while_results_are_open(world):
    shift = shift_of(world.published())
    row = come(world.guest(), shift)

    with pytest.raises(Forbidden):
        actions.take_scans(actor=actor(world.guest()), session=shift.session, scans=[Scan(row.public_id, START)])
    with pytest.raises(InvalidInput):
        taken(world, shift, *[Scan(row.public_id, START)] * (actions.MOST_SCANS + 1))
    with clock.frozen(later(days=3)):
        taken(world, shift, Scan(row.public_id, START))
        actions.hold(actor=world.boss, session=shift.session)
        actions.close_results(actor=world.boss, session=shift.session)
        with pytest.raises(ResultsClosed):
            taken(world, shift, Scan(row.public_id, START))


def handed_in(world):
    """A course of three tablets over twelve sign-ups: the session, its model, and how many arrivals were told."""
    shift = shift_of(world.published(roles=[RoleFacts("参加者", 9)]))
    tickets = [come(world.guest(), shift).public_id for _ in range(12)]
    model, arrived = door.Model(frozenset(tickets)), 0
    sent = door.seen_by_tablets(random.Random(7), [*tickets[:10], uuid4()], 90, 3, 7, START - 3 * HOUR)
    for batch in [one for batches in sent for one in batches]:
        model.take(batch)
        arrived += taken(world, shift, *batch).arrived
    return shift.session, model, arrived


def test_each_scan_gets_an_answer_and_one_that_is_wrong_leaves_the_others(world):
    shift = shift_of(world.published())
    rows = [come(world.guest(), shift) for _ in range(3)]
    actions.leave(actor=actor(rows[1].person), sign_up=rows[1])
    ids = [one.public_id for one in rows]

    said = taken(
        world,
        shift,
        Scan(ids[0], START),
        Scan(ids[0], START - MINUTE),
        Scan(ids[1], START),
        Scan(uuid4(), START),
        Scan(ids[2], START - timedelta(days=4000)),
    )

    assert [one.state for one in said.answers] == ["arrived", "known", "refused", "refused", "refused"]
    assert [one.why.code if one.why else "" for one in said.answers][2:] == [
        "scan_taken_back",
        "scan_strange",
        "scan_moment_unclear",
    ]
    assert (said.arrived, said.known, len(said.strange)) == (1, 1, 2)
    assert [one.sign_up for one in CheckIn.objects.all()] == [rows[0]]


def test_how_many_of_a_group_came_is_what_the_first_moment_says_in_any_order(world):
    counts = set()
    for order in permutations(((18, 2), (20, 1), (17, 1))):
        shift = shift_of(world.published(roles=[RoleFacts("参加者", 99)], takes_groups=True))
        who = actor(world.guest())
        row = actions.sign_up_group(actor=who, shift=shift, group=actions.Group("三小", 30, "李老师", "13900000003"))
        for count, minute in order:
            taken(world, shift, Scan(row.public_id, START - HOUR + minute * MINUTE, count=count))
        taken(world, shift, Scan(row.public_id, START, out=True))
        counts.add(tuple(CheckIn.objects.filter(sign_up=row).values_list("count", "in_at", "out_at")))

    assert counts == {((20, START - HOUR + MINUTE, START),)}
    with pytest.raises(InvalidInput):
        taken(world, shift, Scan(row.public_id, START, count=0))


def test_a_mixed_up_course_ends_as_the_plain_model_says(world):
    session, model, arrived = handed_in(world)

    assert (arrived, len(model.first)) == (10, 10)
    assert door.violations(session, model, arrived) == []


def test_the_judge_finds_somebody_who_was_counted_twice(world):
    session, model, arrived = handed_in(world)
    CheckIn.objects.create(session=session, key="again-0001", count=1, in_at=START)

    assert door.violations(session, model, arrived) == ["11 people were counted at the door, 10 came"]
    assert "11 arrivals were counted, 10 people came" in door.violations(session, model, arrived + 1)


def test_the_judge_finds_a_wrong_moment_a_lost_person_and_a_wrong_count(world):
    session, model, arrived = handed_in(world)
    first, second = CheckIn.objects.order_by("id")[:2]
    CheckIn.objects.filter(pk=first.pk).update(in_at=first.in_at - MINUTE)
    CheckIn.objects.filter(pk=second.pk).delete()
    SignUp.objects.filter(pk=second.sign_up_id).update(state="signed")
    Shift.objects.filter(session=session).update(waiting=5)

    found = " ".join(door.violations(session, model, arrived))

    assert f"sign-up {first.sign_up_id} was there" in found
    assert (
        f"sign-up {second.sign_up_id} is counted 0 times" in found and f"sign-up {second.sign_up_id} is signed" in found
    )
    assert "the shift counts" in found


def test_the_bench_refuses_a_database_that_is_not_thrown_away(db, monkeypatch):
    monkeypatch.delenv("HUYING_BENCH", raising=False)

    with pytest.raises(CommandError, match="huying bench checkin"):
        call_command("bench_checkin")
