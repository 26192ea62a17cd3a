"""After it: results in their own units, words stay without names, pictures need consent, a person is forgotten."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from huying.activities import actions, queries
from huying.activities.actions import (
    ConsentMissing,
    CountedAtDoor,
    NotThere,
    PhotoFacts,
    ResultFacts,
    ResultsClosed,
    RoleFacts,
)
from huying.activities.actions.rights import RIGHTS
from huying.activities.forms import ResultsForm
from huying.activities.models import ActivityEvent, ActivityNote, Feedback, Photo, Result, SignUp, Unit
from huying.activities.states import Measure, SignUpState
from huying.activities.tests.factories import come, later, session_of, shift_of
from huying.calls.tests.factories import actor
from huying.kernel import attachments, clock
from huying.kernel.errors import Forbidden
from huying.kernel.models import AuditLine
from huying.places.tests.test_photos import picture


def unit(code):
    return Unit.objects.get(code=code)


def held(world, people=1, **more):
    """A session that was held, with so many checked in."""
    activity = world.published(roles=[RoleFacts("参加者", 30)], **more)
    rows = [come(world.guest(), shift_of(activity)) for _ in range(people)]
    with clock.frozen(later(days=2)):
        for row in rows:
            actions.check_in(actor=world.boss, sign_up=row)
    with clock.frozen(later(days=2, hours=2)):
        actions.hold(actor=world.boss, session=session_of(activity))
    return activity, rows


def test_amounts_of_different_units_never_become_one_number(world):
    activity, _rows = held(world, 2)
    session = session_of(activity)
    rows = [
        ResultFacts(Measure.OUTPUT, Decimal("7.5"), unit("mu"), "栽种"),
        ResultFacts(Measure.OUTPUT, Decimal("120"), unit("tree"), "垂柳"),
        ResultFacts(Measure.SERVED, Decimal("46"), unit("household")),
        ResultFacts(Measure.SERVED, Decimal("90"), unit("person_time")),
    ]

    actions.save_results(actor=world.boss, session=session, rows=rows)
    totals = queries.totals(activity)

    assert len(totals) == 5
    assert {(one["measure"], one["unit__name"]): one["total"] for one in totals} == {
        ("participants", "人次"): 2,
        ("served", "户"): 46,
        ("served", "人次"): 90,
        ("output", "亩"): Decimal("7.5"),
        ("output", "棵"): 120,
    }


def test_the_same_thing_in_two_rows_is_refused_and_nothing_is_lost(world):
    activity, _rows = held(world, 2)
    session = session_of(activity)
    row = ResultFacts(Measure.OUTPUT, Decimal("7.5"), unit("mu"), "栽种")
    actions.save_results(actor=world.boss, session=session, rows=[row])

    with pytest.raises(actions.SameTwice):
        actions.save_results(actor=world.boss, session=session, rows=[row, row])
    twice = {
        f"{name}_{n}": value for n in (0, 1) for name, value in (("what", "栽种"), ("amount", "3"), ("unit", "mu"))
    }
    form = ResultsForm(twice, results=[])

    assert list(form.errors) == ["what_1"]
    assert [one.amount for one in session.results.filter(source="entered")] == [Decimal("7.5")]


def test_what_the_door_counted_is_not_entered_once_more_and_the_rest_is_not_lost(world):
    activity, _rows = held(world, 2)
    session = session_of(activity)
    trees = ResultFacts(Measure.OUTPUT, Decimal("120"), unit("tree"), "垂柳")
    actions.save_results(actor=world.boss, session=session, rows=[trees])
    again = ResultFacts(Measure.PARTICIPANTS, Decimal("999"), unit("person_time"), " ")

    with pytest.raises(CountedAtDoor, match="人次"):
        actions.save_results(actor=world.boss, session=session, rows=[again])
    typed = {"measure_0": "participants", "amount_0": "999", "unit_0": "person_time"}
    form = ResultsForm(typed, results=queries.results_of(session))

    assert list(form.errors) == ["what_0"]
    assert {(one.source, one.amount) for one in session.results.all()} == {("counted", 2), ("entered", 120)}
    named = ResultFacts(Measure.PARTICIPANTS, Decimal("999"), unit("person_time"), "看演出的")
    assert [one.amount for one in actions.save_results(actor=world.boss, session=session, rows=[named])] == [999]


def test_what_was_entered_before_the_door_counted_is_not_written_over(world):
    activity = world.published()
    session = session_of(activity)
    with clock.frozen(later(days=2, hours=2)):
        actions.hold(actor=world.boss, session=session)
        entered = ResultFacts(Measure.PARTICIPANTS, Decimal("30"), unit("person_time"))
        actions.save_results(actor=world.boss, session=session, rows=[entered])
        actions.walk_in(actor=world.boss, session=session, count=3, key="k-00000002")

        with pytest.raises(CountedAtDoor):
            actions.close_results(actor=world.boss, session=session)
        assert [(one.source, one.amount) for one in session.results.all()] == [("entered", 30)]
        actions.save_results(actor=world.boss, session=session, rows=[])
        actions.close_results(actor=world.boss, session=session)

    assert [(one.source, one.amount) for one in session.results.all()] == [("counted", 3)]


def test_closed_results_are_read_until_they_are_opened_with_a_reason(world):
    activity, rows = held(world)
    session = session_of(activity)
    actions.close_results(actor=world.boss, session=session)

    with pytest.raises(ResultsClosed):
        actions.save_results(actor=world.boss, session=session, rows=[])
    with pytest.raises(ResultsClosed):
        actions.walk_in(actor=world.boss, session=session, count=1, key="k-00000001")
    actions.reopen_results(actor=world.boss, session=session, reason="数错了")
    actions.walk_in(actor=world.boss, session=session, count=4, key="k-00000001")
    actions.close_results(actor=world.boss, session=session)

    assert Result.objects.get(measure="participants").amount == 5
    assert rows


def test_words_show_from_five_people_on(world):
    activity, rows = held(world, 5)
    session = session_of(activity)

    for number, row in enumerate(rows):
        if number == 4:
            assert queries.feedback_of(session) == (4, None, [])
        actions.give_feedback(actor=actor(row.person), session=session, score=4, words=f"话{number}")
    actions.give_feedback(actor=actor(rows[0].person), session=session, score=5, words="改口")

    assert queries.feedback_of(session) == (5, 4.2, ["改口", "话1", "话2", "话3", "话4"])
    with pytest.raises(NotThere):
        actions.give_feedback(actor=actor(world.guest()), session=session, score=5)


def test_pictures_with_people_need_their_word(world):
    session = session_of(world.published())

    with pytest.raises(ConsentMissing):
        actions.add_photo(actor=world.boss, session=session, upload=picture(), facts=PhotoFacts(shows_people=True))
    with pytest.raises(Forbidden):
        actions.add_photo(
            actor=actor(world.stranger), session=session, upload=picture(), facts=PhotoFacts(shows_people=False)
        )
    inner = actions.add_photo(
        actor=world.boss, session=session, upload=picture(), facts=PhotoFacts(True, True, "家长都签了字")
    )
    shown = actions.add_photo(
        actor=world.boss, session=session, upload=picture("b.jpg"), facts=PhotoFacts(False, is_public=True)
    )

    assert [attachments.of(one).get().is_public for one in (inner, shown)] == [False, True]
    with pytest.raises(IntegrityError), transaction.atomic():
        Photo.objects.filter(pk=inner.pk).update(is_public=True, consent="")
    actions.remove_photo(actor=world.boss, photo=shown)
    assert Photo.objects.count() == 1 and not attachments.of(shown).exists()


def test_a_person_takes_a_copy_and_is_forgotten(world):
    activity, rows = held(world)
    who = rows[0].person
    actions.give_feedback(actor=actor(who), session=session_of(activity), score=5, words="很好")
    coming = come(who, shift_of(world.published(starts_at=later(days=9))))
    actions.new_calendar_key(actor=actor(who))

    sections = list(RIGHTS.export(who))
    RIGHTS.erase(actor(who), who)

    assert [len(one.rows) for one in sections] == [2, 0, 1]
    assert not Feedback.objects.exists()
    coming.refresh_from_db()
    assert coming.state == SignUpState.CANCELLED
    assert SignUp.objects.get(pk=rows[0].pk).state == SignUpState.PRESENT
    assert queries.feed_key(actor(who)) is None


def test_words_of_an_organiser_go_with_him_and_his_steps_stay(world):
    called_off, moved = world.published(contact_phone="13912345678"), world.published()
    actions.cancel(actor=world.boss, activity=called_off, reason="王守一老师病了")
    actions.move_session(
        actor=world.boss,
        session=session_of(moved),
        starts_at=later(days=5),
        ends_at=later(days=5, hours=1),
        reason="让",
    )
    steps = list(ActivityEvent.objects.order_by("pk").values_list("verb", "person_id", "at"))
    said = [one.reason for one in ActivityEvent.objects.select_related("words").order_by("pk") if one.reason]

    RIGHTS.erase(world.boss, world.keeper)

    assert said == ["王守一老师病了", "让"] and not ActivityNote.objects.exists()
    assert list(ActivityEvent.objects.order_by("pk").values_list("verb", "person_id", "at")) == steps
    called_off.refresh_from_db()
    assert (called_off.reason, session_of(called_off).reason) == ("已注销老师病了", "已注销老师病了")
    assert (called_off.contact_name, called_off.contact_phone) == ("已注销", "")
    assert not AuditLine.objects.filter(reason__contains="王守一").exists()
