"""What happens in the rooms above arrives in the figures, once and as it is, whatever the order and number of the jobs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from random import Random
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.activities import actions as activities
from huying.activities.tests.factories import World, come, later, session_of, shift_of
from huying.calls import actions as calls
from huying.calls.models import Call
from huying.calls.queries import counting as of_calls
from huying.calls.states import State
from huying.calls.tests.factories import START, actor
from huying.calls.tests.factories import Cast as CallCast
from huying.figures import actions, queries
from huying.figures.models import Contribution, Source
from huying.figures.queries.amounts import amounts
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.jobs import app
from huying.places import actions as places
from huying.places.models import Place
from huying.places.tests.factories import place
from huying.volunteers import actions as volunteers
from huying.volunteers.queries import counting as of_volunteers
from huying.volunteers.tests.factories import Cast as VolunteerCast
from huying.volunteers.tests.test_service import served

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
COUNTING = [
    *("calls.count", "activities.count", "activities.count_door", "volunteers.count", "volunteers.count_service"),
    *("figures.count_sites", "figures.follow_move"),
]
EVER = queries.Period(date(2000, 1, 1), date(2100, 1, 1))


@pytest.fixture
def morning(db: None) -> Iterator[None]:
    actions.install_first_rows()
    with clock.frozen(START):
        yield


def run_jobs(chance: Random | None = None) -> None:
    """All counting jobs that were ever queued; with ``chance`` in any order, some twice."""
    rows = list(ProcrastinateJob.objects.filter(task_name__in=COUNTING).order_by("id").values_list("task_name", "args"))
    if chance:
        rows += chance.sample(rows, len(rows) // 2)
        chance.shuffle(rows)
    for name, args in rows:
        app.tasks[name].func.__wrapped__(**args)


def total(metric: str, at: Place) -> int:
    return amounts([metric], [at.pk], EVER).get((at.pk, metric, None), 0)


def totals(at: Place, *metrics: str) -> list[int]:
    return [total(metric, at) for metric in metrics]


CALL_METRICS = ("calls_submitted", *of_calls.ENDED)


def test_calls_count_when_submitted_and_closed_and_no_longer_when_opened_again(morning: None) -> None:
    cast = CallCast()
    solved = cast.call(State.CLOSED)
    cast.call(State.SUBMITTED)
    cast.call(State.DRAFT)
    cast.call(State.CANCELLED)
    silent = cast.call(State.DELIVERED)
    calls.auto_rate(actor=SYSTEM, call=silent)
    run_jobs()
    assert totals(cast.county, *CALL_METRICS) == [4, 2, 2, 1, 1]
    calls.reopen(actor=actor(cast.resident), call=solved, reason="还没好")
    run_jobs(Random(1))
    assert totals(cast.county, *CALL_METRICS) == [4, 1, 1, 0, 0]
    assert list(queries.differences([of_calls.SOURCE])) == []


def test_after_any_history_of_calls_the_figures_equal_a_fresh_count(morning: None) -> None:
    cast, chance = CallCast(), Random(11)
    ways = [State.SUBMITTED, State.POOLED, State.DELIVERED, State.CLOSED, State.CANCELLED, State.REJECTED]
    for hours in range(8):
        with clock.frozen(START + timedelta(hours=9 * hours)):
            call = cast.call(chance.choice(ways))
            if call.state == State.CLOSED and chance.random() < 0.6:
                calls.reopen(actor=actor(cast.resident), call=call, reason="还没好")
            if chance.random() < 0.4:
                run_jobs(chance)
                actions.fold(actor=SYSTEM)
    run_jobs(chance)
    actions.fold(actor=SYSTEM)
    assert list(queries.differences([of_calls.SOURCE])) == []
    assert list(queries.drift()) == []
    assert total("calls_submitted", cast.county) == Call.objects.exclude(submitted_at=None).count()


def test_a_session_counts_when_it_was_held_and_follows_late_counts_at_the_door(morning: None) -> None:
    world = World()
    activity = world.published(roles=[activities.RoleFacts("参加者", 30)])
    rows = [come(world.guest(), shift_of(activity)) for _each in range(3)]
    with clock.frozen(later(days=2)):
        activities.check_in(actor=world.boss, sign_up=rows[0])
        activities.walk_in(actor=world.boss, session=session_of(activity), count=20, key="door-1")
    run_jobs()
    assert totals(world.county, "sessions_held", "attended") == [0, 0]
    with clock.frozen(later(days=2, hours=2)):
        activities.hold(actor=world.boss, session=session_of(activity))
        run_jobs()
        assert totals(world.county, "sessions_held", "attended") == [1, 21]
        activities.check_in(actor=world.boss, sign_up=rows[1])
        activities.undo_check_in(actor=world.boss, sign_up=rows[0])
        activities.walk_in(actor=world.boss, session=session_of(activity), count=5, key="door-2")
        run_jobs(Random(3))
    assert totals(world.county, "sessions_held", "attended") == [1, 26]
    assert list(queries.differences(["activities.Session"])) == []


def test_service_counts_when_confirmed_and_is_taken_off_when_reversed(morning: None) -> None:
    cast = VolunteerCast()
    leader, keeper = actor(cast.wu.person), actor(cast.keeper)
    records = [
        volunteers.submit_record(actor=leader, served=served(cast, who, ago=ago))
        for who, ago in ((cast.li, 3), (cast.he, 6))
    ]
    run_jobs()
    assert totals(cast.county, "service_records", "service_minutes") == [0, 0]
    done = [volunteers.confirm(actor=keeper, record=one) for one in records]
    run_jobs()
    assert totals(cast.county, "service_records", "service_minutes") == [2, 240]
    for record, minutes in ((done[0], 60), (done[1], 0)):
        times: dict[str, Any] = {"starts_at": record.starts_at, "ends_at": record.ends_at, "minutes": minutes}
        asked = volunteers.correct(actor=leader, record=record, reason="记错了", **times)
        volunteers.accept(actor=keeper, record=asked)
    run_jobs(Random(5))
    assert totals(cast.county, "service_records", "service_minutes") == [1, 60]
    assert list(queries.differences([of_volunteers.SERVICE])) == []


def test_volunteers_count_from_joining_until_leaving_where_they_serve_from(morning: None) -> None:
    cast = VolunteerCast()
    run_jobs()
    assert totals(cast.county, "volunteers_registered") == [3]
    me = actor(cast.li.person)
    volunteers.save_profile(actor=me, profile=volunteers.Profile(base_place=cast.away))
    volunteers.leave(actor=actor(cast.he.person))
    run_jobs(Random(7))
    assert [total("volunteers_registered", at) for at in (cast.county, cast.home, cast.away)] == [2, 1, 1]
    assert list(queries.differences([of_volunteers.JOINED, of_volunteers.LEFT])) == []


def test_who_joins_again_keeps_his_past(morning: None) -> None:
    """In from March to April, back in June at another place: every month says what it said then."""
    cast = VolunteerCast()
    who, months = actor(cast.li.person), [date(2026, month, 28) for month in (3, 4, 5, 6)]

    def stock() -> list[tuple[int | None, int | None]]:
        run_jobs(Random(7))
        spans = [queries.Period(day, date.fromordinal(day.toordinal() + 1)) for day in months]
        of = queries.metric("volunteers_registered")
        return [
            tuple(queries.value(SYSTEM, of, at, span).amount for at in (cast.home, cast.away))  # type: ignore[misc]
            for span in spans
        ]

    with clock.frozen(datetime(2026, 4, 20, 4, tzinfo=UTC)):
        volunteers.leave(actor=who)
        before = stock()
    with clock.frozen(datetime(2026, 6, 3, 4, tzinfo=UTC)):
        volunteers.save_profile(actor=who, profile=volunteers.Profile(base_place=cast.away))
        after = stock()

    assert before == [(3, 0), (2, 0), (2, 0), (2, 0)]
    assert after == [(3, 0), (2, 0), (2, 0), (2, 1)]
    sources = [of_volunteers.JOINED, of_volunteers.LEFT, of_volunteers.STAYED, of_volunteers.STAY_ENDED]
    assert list(queries.differences(sources)) == []
    Contribution.objects.filter(source__in=Source.objects.filter(label=of_volunteers.STAYED).values("number")).delete()
    found = list(queries.differences(sources))
    assert [(one.was, one.should) for one in found] == [(0, 1)] and queries.tell_again(found) == 1


def test_sites_count_as_the_tree_changes(morning: None) -> None:
    county = place("county")
    street = place("street", county)
    other = place("street", county)
    one = place("office", street)
    places.move_place(actor=SYSTEM, place=Place.objects.get(pk=street.pk), parent=county)
    run_jobs()
    assert (total("sites", county), total("sites_office", street)) == (1, 1)
    places.close_place(actor=SYSTEM, place=one, reason="合并")
    run_jobs()
    assert total("sites", county) == 0
    places.reopen_place(actor=SYSTEM, place=Place.objects.get(pk=one.pk))
    place("office", other)
    run_jobs(Random(9))
    assert [total("sites", at) for at in (county, street, other)] == [2, 1, 1]
    assert list(queries.differences(["places.Place", "places.Place.closed"])) == []


def test_the_checker_names_records_that_differ_and_tells_them_again(morning: None) -> None:
    cast = CallCast()
    kept, strange = cast.call(State.CLOSED), cast.call(State.SUBMITTED)
    run_jobs()
    Contribution.objects.filter(source_id=kept.pk, metric__code="calls_closed").delete()
    Contribution.objects.filter(source_id=strange.pk).update(amount=7)
    found = list(queries.differences([of_calls.SOURCE]))
    assert [(one.what, one.metric, one.was, one.should) for one in found] == [
        (f"calls.Call:{kept.pk}", "calls_closed", 0, 1),
        (f"calls.Call:{strange.pk}", "calls_submitted", 7, 1),
    ]
    ProcrastinateJob.objects.all().delete()
    said = StringIO()
    with pytest.raises(CommandError):  # the facts were not told of what was changed behind their back
        call_command("figures_check", mend=True, stdout=said)
    assert f"calls.Call:{kept.pk} calls_closed at" in said.getvalue()
    assert queries.tell_again(found) == 2
    run_jobs()
    assert list(queries.differences([of_calls.SOURCE])) == []
