"""Clocks on calls: office hours, the site's own hours, the days of the place, and pauses that do not start them again."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from huying.calls import actions
from huying.calls.actions.clocks import pauses_of
from huying.calls.models import Call, Clock
from huying.calls.states import State
from huying.calls.tests.factories import START, Cast, actor, place
from huying.calls.tests.timing import Time
from huying.kernel import clock, worktime
from huying.kernel.actor import Actor
from huying.kernel.worktime.days import LAST_YEAR

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")
WEDNESDAY = date(2026, 3, 4)


def rule(stage: str, hours: int, mode: str = Clock.Mode.WORKING, **more: Any) -> None:
    Clock.objects.create(stage=stage, minutes=hours * 60, mode=mode, **more)


def due(call: Call) -> str:
    call.refresh_from_db()
    assert call.stage_due_at is not None
    return f"{clock.local(call.stage_due_at):%m-%d %H:%M}"


def test_office_hours_leave_out_the_evening_and_the_noon_rest(cast: Cast) -> None:
    rule("review", 8)  # Tuesday 10:00: two hours before noon, four after, two the next morning

    assert due(cast.call()) == "03-04 11:00"


def test_a_day_off_of_the_place_reaches_the_deadline_of_its_calls_and_of_no_others(cast: Cast) -> None:
    rule("review", 8)
    worktime.override_day(actor=SYSTEM, day=WEDNESDAY, working=False, name="街道停电", place_path=cast.street.path)

    here = cast.call()
    away = actions.ask(
        actor=actor(cast.outsider),
        what=actions.Ask(kind=cast.kind, place=cast.away, requester=cast.outsider, title="在别处"),
    )

    assert (due(here), due(away)) == ("03-05 11:00", "03-04 11:00")


def test_a_day_off_of_the_community_wins_over_the_working_day_of_its_street(cast: Cast) -> None:
    rule("review", 8)
    for where, working in ((cast.street, True), (cast.home, False)):
        worktime.override_day(actor=SYSTEM, day=WEDNESDAY, working=working, name="清点", place_path=where.path)

    assert due(cast.call()) == "03-05 11:00"


def test_natural_time_knows_no_day_off(cast: Cast) -> None:
    rule("review", 24, Clock.Mode.NATURAL)
    worktime.override_day(actor=SYSTEM, day=WEDNESDAY, working=False, name="停电", place_path=cast.home.path)

    assert due(cast.call()) == "03-04 10:00"


def test_the_hours_of_the_site_count_where_the_clock_says_so(cast: Cast) -> None:
    rule("review", 8, Clock.Mode.SITE)
    office = due(cast.call())
    evening = worktime.dump(worktime.weekly("mon-sun", "13:00-21:00"))
    place("和平站", cast.home, "station", hours=evening, status="open")

    assert (office, due(cast.call())) == ("03-04 11:00", "03-03 21:00")


def test_a_place_with_hours_of_its_own_goes_before_the_sites_in_it(cast: Cast) -> None:
    rule("review", 2, Clock.Mode.SITE)
    place("和平站", cast.home, "station", hours=worktime.dump(worktime.weekly("mon-fri", "19:00-21:00")), status="open")
    cast.home.hours = worktime.dump(worktime.weekly("mon-fri", "15:00-17:00"))
    cast.home.save()

    assert due(cast.call()) == "03-03 17:00"


def test_a_site_that_never_opens_stops_nobody_from_asking(cast: Cast) -> None:
    rule("review", 2, Clock.Mode.SITE)
    cast.home.hours = {"makeup": []}
    cast.home.save()

    assert due(cast.call()) == "03-03 12:00"


def test_the_kinds_own_clock_goes_before_the_general_and_the_urgent_before_the_ordinary(cast: Cast) -> None:
    rule("review", 8)
    rule("review", 1, urgent=True)
    ordinary, urgent = cast.call(), cast.call(urgent=True)
    rule("review", 3, kind=cast.kind)

    assert [due(one) for one in (ordinary, urgent, cast.call())] == ["03-04 11:00", "03-03 11:00", "03-03 15:00"]


# ── pauses ──────────────────────────────────────────────────────────────────
def test_a_call_set_aside_goes_on_with_the_time_it_had_left(cast: Cast, time: Time) -> None:
    rule("dispatch", 8)
    call = cast.call(State.POOLED)
    keeper = actor(cast.keeper)

    time.to("03-03 15:00")  # three of eight hours are used
    actions.suspend(actor=keeper, call=call, reason="等家属回来")
    call.refresh_from_db()
    paused = (call.stage_due_at, call.lift_at)
    time.to("03-05 09:00")
    actions.resume(actor=keeper, call=call)

    assert paused == (None, None)
    assert due(call) == "03-05 16:00"
    assert call.stage_started_at == START
    pause = pauses_of(call, START)[0]
    assert (pause.reason, pause.end) == ("等家属回来", time.at)


def test_pausing_again_and_again_wins_no_time(cast: Cast, time: Time) -> None:
    rule("dispatch", 8)
    call, keeper = cast.call(State.POOLED), actor(cast.keeper)

    for stop, go in (("03-03 11:00", "03-03 12:00"), ("03-03 15:00", "03-04 09:00"), ("03-04 10:00", "03-04 11:00")):
        time.to(stop)
        actions.suspend(actor=keeper, call=call, reason="再等等")
        time.to(go)
        actions.resume(actor=keeper, call=call)

    assert due(call) == "03-04 18:00"  # one hour, one, one, and five were left


def test_a_question_to_the_person_stops_the_clock_of_the_review_and_the_answer_lets_it_go_on(
    cast: Cast, time: Time
) -> None:
    rule("review", 24, Clock.Mode.NATURAL)
    call = cast.call(State.SUBMITTED)

    time.to("03-03 16:00")
    actions.ask_info(actor=actor(cast.keeper), call=call, note="哪家医院？")
    time.to("03-06 08:00")
    actions.give_info(actor=actor(cast.resident), call=call, note="市一医院")

    assert due(call) == "03-07 02:00"  # 18 of 24 hours were left


def test_the_ladder_stands_still_in_a_pause_too(cast: Cast, time: Time) -> None:
    rule("to_office", 48, Clock.Mode.NATURAL)
    rule("dispatch", 500, Clock.Mode.NATURAL)
    call, keeper = cast.call(State.POOLED), actor(cast.keeper)

    time.to("03-04 10:00")
    actions.suspend(actor=keeper, call=call, reason="等家属回来")
    time.to("03-09 10:00")
    actions.resume(actor=keeper, call=call)
    actions.dispatch(actor=keeper, call=call, volunteers=[cast.li])

    call.refresh_from_db()
    assert f"{clock.local(call.lift_at):%m-%d %H:%M}" == "03-10 10:00"


def test_a_call_that_was_late_before_the_pause_is_late_after_it_and_is_not_lifted_twice(cast: Cast, time: Time) -> None:
    rule("dispatch", 2)
    call, keeper = cast.call(State.POOLED), actor(cast.keeper)
    time.to("03-03 15:00")
    actions.note_overdue(actor=SYSTEM, call=call)
    actions.suspend(actor=keeper, call=call, reason="等家属回来")
    time.to("03-04 09:00")

    actions.resume(actor=keeper, call=call)

    call.refresh_from_db()
    assert (call.overdue, call.level, actions.note_overdue(actor=SYSTEM, call=call)) == (True, "office", False)
    assert f"{clock.local(call.lift_at):%m-%d %H:%M}" == "03-04 11:00"


# ── days nobody has announced ───────────────────────────────────────────────
def test_a_deadline_past_the_last_announced_year_is_marked_as_estimated(cast: Cast, time: Time) -> None:
    rule("review", 8)
    time.at = datetime(LAST_YEAR, 12, 30, 10, tzinfo=clock.SHANGHAI)
    inside = cast.call()
    time.at = datetime(LAST_YEAR, 12, 31, 16, tzinfo=clock.SHANGHAI)
    past = cast.call()

    due(inside), due(past)
    assert (inside.due_estimated, past.due_estimated) == (False, True)
    assert past.stage_due_at is not None
    assert past.stage_due_at > time.at + timedelta(days=1)


def test_the_day_off_of_a_place_is_no_estimate(cast: Cast, time: Time) -> None:
    rule("review", 8)
    worktime.override_day(actor=SYSTEM, day=WEDNESDAY, working=False, name="停电", place_path=cast.home.path)

    call = cast.call()

    assert (due(call), call.due_estimated) == ("03-05 11:00", False)
