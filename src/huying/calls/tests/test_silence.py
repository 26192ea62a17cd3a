"""Nobody answers: the jobs of the worker ask the next, and lift the call level by level, through days (domain.md 1)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.calls import actions
from huying.calls.models import Call, Offer
from huying.calls.states import State
from huying.calls.tests.factories import START, Cast, actor, clocks, person, role, run_out
from huying.calls.tests.timing import Time
from huying.kernel import clock, jobs
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.people.models import Notice

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
HOUR = 60
LADDER = {"to_office": 48 * HOUR, "to_centre": 72 * HOUR}


def told(call: Call) -> tuple[str, str, int]:
    """State, level, and how often it was lifted."""
    call.refresh_from_db()
    return call.state, call.level, call.events.filter(verb="escalate").count()


def test_a_call_nobody_looks_at_reaches_the_office_and_then_the_centre(cast: Cast, time: Time) -> None:
    clocks(review=24 * HOUR, **LADDER)
    call = cast.call(State.SUBMITTED)

    seen = []
    for hours in (23, 25, 26, 49, 71, 73, 74, 200):
        time.after(hours)
        seen.append(told(call)[1:])

    office, centre = ("office", 1), ("centre", 2)
    assert seen == [("station", 0), office, office, office, office, centre, centre, centre]
    assert call.overdue
    lines = call.events.filter(verb="escalate").order_by("id")
    assert [line.facts["level"] for line in lines] == ["office", "centre"]
    assert [line.at for line in lines] == [START + timedelta(hours=hours) for hours in (25, 73)]


def test_without_a_ladder_every_further_silence_of_the_same_length_lifts_it(cast: Cast, time: Time) -> None:
    clocks(review=24 * HOUR)
    office = person("柳如烟", cast.street)
    role(office, "office", cast.street)
    call = cast.call(State.SUBMITTED)

    seen = []
    for hours in (25, 48, 50, 100):
        time.after(hours)
        seen.append(told(call)[1:])

    assert seen == [("office", 1), ("office", 1), ("centre", 2), ("centre", 2)]
    told_by_level = [Notice.objects.filter(person=one, body__contains="升级").count() for one in (cast.keeper, office)]
    assert told_by_level == [0, 1], "the level that holds it now is told, not the one that was silent"
    assert Notice.objects.filter(person=cast.dispatcher, body__contains="升级").count() == 1


def test_a_worker_that_slept_for_days_goes_up_one_level_at_a_time(cast: Cast, time: Time) -> None:
    clocks(review=24 * HOUR, **LADDER)
    call = cast.call(State.SUBMITTED)

    time.after(100)
    time.after(100.1)

    lines = call.events.filter(verb="escalate").order_by("id")
    assert [line.facts["level"] for line in lines] == ["office", "centre"]


def test_silence_in_the_pool_asks_the_next_until_the_centre_holds_the_call(cast: Cast, time: Time) -> None:
    clocks(dispatch=24 * HOUR, answer=24 * HOUR, **LADDER)
    call = cast.call(State.POOLED)

    seen = []
    for hours in (23, 25, 49.5, 50, 73, 74, 99, 150):
        time.after(hours)
        seen.append(told(call))

    assert seen[:2] == [("pooled", "station", 0), ("dispatched", "station", 0)]
    assert seen[3][1] == "office"
    assert seen[-1][1:] == ("centre", 2)
    asked = list(Offer.objects.filter(call=call).order_by("id").values_list("volunteer_id", "team_id", "state"))
    assert len({one[:2] for one in asked}) == len(asked) >= 2, "the same one was asked again"
    assert {one[2] for one in asked} == {"expired"}
    assert seen[-1][0] == "pooled"


def test_an_offer_that_expired_is_followed_by_the_next_and_the_first_may_be_asked_again(cast: Cast, time: Time) -> None:
    clocks(answer=30)
    call = cast.call(State.DISPATCHED)

    time.after(1)

    first, second = Offer.objects.filter(call=call).order_by("id")
    assert (first.volunteer, first.state, second.state) == (cast.li, "expired", "offered")
    assert (second.volunteer, second.offered_by) != (cast.li, cast.keeper)
    assert told(call) == ("dispatched", "station", 0)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li])
    assert actions.accept(actor=actor(cast.li.person), call=call).state == State.ACCEPTED


def test_two_who_say_no_bring_the_call_to_the_office_once(cast: Cast, time: Time) -> None:
    call = cast.call(State.POOLED)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he], teams=[cast.team])

    seen = []
    for who in (cast.li.person, cast.he.person, cast.leader.person):
        actions.decline(actor=actor(who), call=call)
        seen.append(told(call))
    run_out(call)

    assert seen == [("dispatched", "station", 0)] * 3, "of volunteers it is not told before their time is over"
    assert told(call) == ("pooled", "office", 1)


def test_one_refusal_and_one_silence_count_together(cast: Cast, time: Time) -> None:
    clocks(answer=30)
    call = cast.call(State.DISPATCHED)
    actions.decline(actor=actor(cast.li.person), call=call)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.he])

    time.after(1)

    assert told(call)[1:] == ("office", 1)


def test_what_was_refused_before_help_came_does_not_count_for_the_next_search(cast: Cast, time: Time) -> None:
    call = cast.call(State.DISPATCHED)
    actions.decline(actor=actor(cast.li.person), call=call)
    run_out(call)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.he])
    actions.accept(actor=actor(cast.he.person), call=call)
    time.at += timedelta(hours=1)
    actions.hand_back(actor=actor(cast.he.person), call=call, reason="临时出差")
    actions.dispatch(actor=actor(cast.keeper), call=call, teams=[cast.team])

    actions.decline(actor=actor(cast.leader.person), call=call)

    assert told(call)[1:] == ("station", 0)


def twice(name: str, call: Call) -> None:
    """The same job for two hands of a worker at one moment."""
    with begin(Actor.system("test")):
        for _hand in range(2):
            jobs.enqueue(name, call_id=call.pk)
    jobs.run_worker(concurrency=2, wait=False)
    ran = ProcrastinateJob.objects.filter(task_name=name)
    assert [one.status for one in ran] == ["succeeded"] * 2


@pytest.mark.parametrize(("name", "state"), [("calls.overdue", State.SUBMITTED), ("calls.expire", State.DISPATCHED)])
def test_two_workers_do_it_once(cast: Cast, time: Time, name: str, state: Any) -> None:
    clocks(review=60, answer=60)
    call = cast.call(state)
    time.at += timedelta(hours=2)

    twice(name, call)

    verb, asked = {"calls.overdue": ("escalate", 0), "calls.expire": ("expire", 2)}[name]
    assert call.events.filter(verb=verb).count() == 1
    assert Offer.objects.filter(call=call).count() == asked


def test_silence_after_the_service_closes_the_call_without_a_score(cast: Cast, time: Time) -> None:
    clocks(rate=7 * 24 * HOUR)
    call = cast.call(State.DELIVERED)

    time.after(167)
    before = told(call)[0]
    time.after(169)

    assert (before, told(call)[0], call.score) == ("delivered", "closed", None)


def test_a_visit_nobody_makes_is_lifted_too(cast: Cast, time: Time) -> None:
    clocks(schedule=72 * HOUR)
    call = cast.call(State.ACCEPTED)

    seen = []
    for hours in (71, 73, 146, 300):
        time.after(hours)
        seen.append(told(call)[1:])

    assert seen == [("station", 0), ("office", 1), ("centre", 2), ("centre", 2)]


# ── quiet hours ─────────────────────────────────────────────────────────────
@pytest.mark.parametrize(("urgent", "shows"), [(False, "2026-03-04 07:30"), (True, "2026-03-03 23:30")])
def test_what_is_told_at_night_shows_in_the_morning_and_at_once_when_urgent(
    cast: Cast, time: Time, urgent: bool, shows: str
) -> None:
    call = cast.call(State.POOLED, urgent=urgent)
    time.after(0)
    Notice.objects.all().delete()
    time.at = clock.local(START).replace(hour=23, minute=30)

    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li])
    jobs.run_worker(wait=False)

    notice = Notice.objects.get(person=cast.li.person)
    assert f"{clock.local(notice.show_after):%Y-%m-%d %H:%M}" == shows
    assert notice.is_urgent is urgent
