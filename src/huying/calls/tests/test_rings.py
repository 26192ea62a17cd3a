"""A call goes out ring by ring: whom each ring asks, for how long, and what fills it, by the jobs of the worker (S0-3a)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huying.calls import actions
from huying.calls.actions.widening import NobodyToAsk, SeatsWrong
from huying.calls.models import Call, Offer
from huying.calls.queries.rings import rings_of, steps_above
from huying.calls.states import Asks, Level, OfferState, State
from huying.calls.tests.factories import START, actor, clocks, kind, person, place, role, volunteer
from huying.calls.tests.ringing import HOUR, Town, asked, cast, five, pooled, ring
from huying.calls.tests.timing import Time
from huying.kernel import clock, jobs
from huying.kernel.errors import Forbidden
from huying.people.models import Notice

__all__ = ["cast"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


def again(call: Call) -> Call:
    return Call.objects.get(pk=call.pk)


# ── which rings hold ────────────────────────────────────────────────────────
def test_the_rings_of_the_nearest_place_upward_hold_and_else_the_general_ones(cast: Town) -> None:
    call = pooled(cast)
    names = [[one.name for one in rings_of(call)]]
    ring(1, Asks.OWN, name="总的")
    names.append([one.name for one in rings_of(call)])
    ring(1, Asks.OFFICE, name="区里的", place=cast.county)
    ring(1, Asks.OFFICE, name="别处的", place=cast.other_street)
    names.append([one.name for one in rings_of(call)])
    ring(2, Asks.OFFICE, name="街道的", place=cast.street)
    names.append([one.name for one in rings_of(call)])

    assert names == [["附近"], ["总的"], ["区里的"], ["街道的"]]


def test_station_office_and_centre_are_found_from_a_grid_upward(cast: Town) -> None:
    grid = place("第一网格", cast.home, "grid")

    found = steps_above(grid)

    assert (found.own, found.office, found.centre) == (cast.home, cast.street, cast.county)
    assert steps_above(cast.county).office == cast.county


def test_a_kind_with_emergency_numbers_is_never_widened_by_a_clock(cast: Town, time: Time) -> None:
    clocks(dispatch=HOUR)
    five(cast)
    call = pooled(cast, kind=kind("storm", emergency="119 120 110"))

    assert [one.asks for one in rings_of(call)] == [Asks.AROUND]
    time.after(1.1)
    call.refresh_from_db()
    assert (call.ring, call.level) == (0, Level.STATION)


def test_somebody_on_duty_may_send_it_out_all_the_same(cast: Town) -> None:
    five(cast)
    call = pooled(cast, kind=kind("storm", emergency="119 120 110"))

    actions.widen(actor=actor(cast.keeper), call=call)

    call.refresh_from_db()
    assert call.ring == 1


# ── going out ───────────────────────────────────────────────────────────────
def test_each_ring_asks_its_own_people_when_the_last_has_nobody_left_or_is_over(cast: Town, time: Time) -> None:
    five(cast)
    call = actions.widen(actor=actor(cast.keeper), call=pooled(cast), people=1)

    seen = [asked(call)]
    for hours in (0.5, 1.1, 2.2, 3.3, 4.4, 5.5):
        time.after(hours)
        call.refresh_from_db()
        seen.append(asked(call))

    own = {"李安和", "何晓燕", "吴长青", "和平助老队"}
    beside = [own | {"清溪人"}, {"清溪人", "中心人"}]  # ten are to be asked for the seat, and four were there
    assert seen == [own, *beside, {"供电所服务队"}, {"麦田人"}, set(), set()]
    assert (call.level, call.state) == (Level.CENTRE, State.POOLED)
    levels = [one.facts["level"] for one in call.events.filter(verb="escalate").order_by("id")]
    assert levels == [Level.OFFICE, Level.CENTRE]


@pytest.mark.parametrize("more", [{"urgent": True}, {"people_needed": 30}])
def test_an_urgent_call_and_one_for_many_asks_the_next_ring_at_once_where_one_has_too_few(
    cast: Town, more: dict[str, Any]
) -> None:
    """Also the units, and the call is held by the highest desk of these rings."""
    five(cast)

    call = actions.widen(actor=actor(cast.keeper), call=pooled(cast, **more))

    call.refresh_from_db()
    everybody = {"李安和", "何晓燕", "吴长青", "和平助老队", "清溪人", "中心人", "供电所服务队", "麦田人"}
    assert (call.ring, call.level, asked(call)) == (5, Level.CENTRE, everybody)


def test_a_call_in_a_hurry_stays_in_the_ring_that_has_enough(cast: Town) -> None:
    ring(1, Asks.OWN, per_seat=2)
    ring(2, Asks.OFFICE)

    call = actions.widen(actor=actor(cast.keeper), call=pooled(cast, urgent=True), people=1)

    assert (again(call).ring, len(asked(call))) == (1, 2)


@pytest.mark.parametrize("answers", ["no", "nothing"])
def test_a_call_that_can_wait_asks_the_next_ring_after_a_quarter_whatever_is_said(
    cast: Town, time: Time, answers: str
) -> None:
    ring(1, Asks.OWN)
    ring(2, Asks.OFFICE)
    call = actions.widen(actor=actor(cast.keeper), call=pooled(cast), people=1)
    if answers == "no":
        for one in (cast.li, cast.he, cast.leader):
            actions.decline(actor=actor(one.person), call=call)

    seen = []
    for minutes in (14, 16):
        time.after(minutes / HOUR)
        seen.append((again(call).ring, "清溪人" in asked(call)))

    assert seen == [(1, False), (2, True)]


def test_the_duty_is_bound_after_everybodys_time_also_when_it_is_urgent(cast: Town, time: Time) -> None:
    cast.unit.place = cast.county
    cast.unit.save()
    ring(1, Asks.OWN)
    ring(2, Asks.DUTY, team_kind=cast.unit_kind)
    call = actions.widen(actor=actor(cast.keeper), call=pooled(cast, urgent=True), people=1)

    states = [again(call).state]
    for minutes in (31, 61):
        time.after(minutes / HOUR)
        states.append(again(call).state)

    assert states == [State.DISPATCHED, State.DISPATCHED, State.ACCEPTED]


def test_a_ring_has_another_time_for_urgent_calls_by_day_and_night(cast: Town, time: Time) -> None:
    ring(1, Asks.OWN, mode="working", minutes=240, urgent_minutes=20)
    time.to("03-03 20:00")

    calls = [actions.widen(actor=actor(cast.keeper), call=pooled(cast, urgent=one), people=1) for one in (True, False)]

    dues = [f"{clock.local(again(one).ring_due_at):%m-%d %H:%M}" for one in calls]
    assert dues == ["03-03 20:20", "03-04 15:00"]


def test_somebody_on_duty_asks_the_next_ring_without_waiting_and_never_binds_the_duty(cast: Town) -> None:
    ring(1, Asks.OWN, per_seat=1)
    ring(2, Asks.OFFICE, per_seat=1, level=Level.OFFICE)
    ring(3, Asks.DUTY, team_kind=cast.unit_kind)
    call = actions.widen(actor=actor(cast.keeper), call=pooled(cast), people=1)
    first = asked(call)

    call = actions.ask_next_ring(actor=actor(cast.keeper), call=call)

    assert (call.ring, call.level, len(asked(call)), first < asked(call)) == (2, Level.OFFICE, 2, True)
    with pytest.raises(NobodyToAsk):
        actions.ask_next_ring(actor=actor(cast.keeper), call=call)
    with pytest.raises(Forbidden):
        actions.ask_next_ring(actor=actor(cast.outsider), call=call)


def test_a_ring_with_nobody_left_is_passed_over_when_it_is_over(cast: Town, time: Time) -> None:
    five(cast)
    role(cast.keeper, "station_keeper", cast.second)

    call = actions.widen(actor=actor(cast.dispatcher), call=pooled(cast, place=cast.second), people=1)
    assert (call.ring, asked(call)) == (1, {"清溪人"})
    time.after(1.1)

    call.refresh_from_db()
    assert (call.ring, asked(call)) == (2, {"李安和", "何晓燕", "吴长青", "和平助老队"})


@pytest.mark.parametrize("answers", ["no", "nothing"])
def test_so_many_are_asked_for_each_open_seat_and_as_many_beside_them_after_a_quarter(
    cast: Town, time: Time, answers: str
) -> None:
    ring(1, Asks.OWN, per_seat=1)
    call = actions.widen(actor=actor(cast.keeper), call=pooled(cast), people=2)
    seen = [asked(call)]

    if answers == "no":
        actions.decline(actor=actor(cast.li.person), call=call)
    for minutes in (14, 16, 29, 31):
        time.after(minutes / HOUR)
        seen.append(asked(call))

    assert [len(one) for one in seen] == [2, 2, 3, 3, 4], "the team that was asked first keeps its time"
    assert "李安和" in seen[0] and seen[0] < seen[2]


def test_neighbours_within_kilometres_need_no_common_parent(cast: Town) -> None:
    ring(1, Asks.NEIGHBOURS, reach_km=30)
    near = volunteer(person("近邻", cast.away), cast.away, lon=120.06, lat=30.28, travel_km=50)
    volunteer(person("远亲", cast.away), cast.away, lon=121.5, lat=30.28, travel_km=200)

    call = actions.widen(actor=actor(cast.keeper), call=pooled(cast, lon=120.05, lat=30.28), people=1)

    assert str(near) in asked(call)
    assert "远亲" not in asked(call)


def test_without_rings_and_without_anybody_it_says_so_and_changes_nothing(cast: Town) -> None:
    Offer.objects.all().delete()
    call = pooled(cast, kind=kind("team", answered_by="team"))
    cast.team.active = cast.unit.active = False
    cast.team.save()
    cast.unit.save()

    with pytest.raises(NobodyToAsk):
        actions.widen(actor=actor(cast.keeper), call=call)

    call.refresh_from_db()
    assert (call.state, call.ring) == (State.POOLED, 0)


@pytest.mark.parametrize("people", [0, -1, 2001])
def test_an_impossible_number_of_people_is_refused(cast: Town, people: int) -> None:
    with pytest.raises(SeatsWrong):
        actions.widen(actor=actor(cast.keeper), call=pooled(cast), people=people)


def test_only_those_on_duty_send_a_call_out(cast: Town) -> None:
    for who in (cast.li.person, cast.outsider, cast.grid_worker):
        with pytest.raises(Forbidden):
            actions.widen(actor=actor(who), call=pooled(cast))


# ── many seats ──────────────────────────────────────────────────────────────
def test_when_it_is_filled_the_rest_are_thanked_released_and_may_stand_by(cast: Town) -> None:
    ring(1, Asks.OWN)
    call = actions.widen(actor=actor(cast.keeper), call=pooled(cast), people=2)
    for one in (cast.li, cast.he):
        call = actions.accept(actor=actor(one.person), call=call)
    jobs.run_worker(wait=False)

    assert (call.state, call.accepted_count, asked(call)) == (State.ACCEPTED, 2, set())
    thanked = Notice.objects.filter(body__contains="人已经够了")
    assert [one.person_id for one in thanked.order_by("person_id").distinct("person_id")] == [cast.leader.person_id]
    assert thanked.first().url == f"/help/{call.public_id}/"

    actions.stand_by(actor=actor(cast.leader.person), call=call)
    actions.hand_back(actor=actor(cast.he.person), call=call, reason="孩子病了")
    jobs.run_worker(wait=False)
    call.refresh_from_db()
    again = call.offers.get(state=OfferState.OFFERED)
    assert call.state == State.DISPATCHED
    assert cast.leader.person_id in {again.volunteer and again.volunteer.person_id, cast.leader.person_id}
    assert Notice.objects.filter(person=cast.leader.person, body__contains="愿意候补").exists()
    assert actions.accept(actor=actor(cast.leader.person), call=call).state == State.ACCEPTED


def test_who_steps_back_from_the_reserve_is_as_if_he_had_never_stood_by(cast: Town) -> None:
    call = pooled(cast)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])
    actions.accept(actor=actor(cast.li.person), call=call)
    before = Offer.objects.filter(volunteer=cast.he).values("state", "answered_by", "reason", "remind_at").get()

    actions.stand_by(actor=actor(cast.he.person), call=call)
    actions.step_back(actor=actor(cast.he.person), call=call)

    assert Offer.objects.filter(volunteer=cast.he).values("state", "answered_by", "reason", "remind_at").get() == before


def test_a_team_says_with_how_many_it_comes(cast: Town) -> None:
    call = pooled(cast, people_needed=20)
    actions.dispatch(actor=actor(cast.keeper), call=call, teams=[cast.team], volunteers=[cast.li])

    call = actions.accept(actor=actor(cast.leader.person), call=call, seats=6)

    assert (call.state, call.accepted_count) == (State.DISPATCHED, 6)
    call = actions.accept(actor=actor(cast.li.person), call=call)
    assert call.accepted_count == 7
    call = actions.hand_back(actor=actor(cast.leader.person), call=call, reason="车坏了")
    assert call.accepted_count == 1


def test_a_team_never_takes_more_than_are_wanted(cast: Town) -> None:
    call = pooled(cast, people_needed=3)
    actions.dispatch(actor=actor(cast.keeper), call=call, teams=[cast.team])

    call = actions.accept(actor=actor(cast.leader.person), call=call, seats=50)

    assert (call.state, call.accepted_count) == (State.ACCEPTED, 3)


def test_enough_ends_the_search_with_those_who_said_yes(cast: Town) -> None:
    call = pooled(cast, people_needed=9)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])
    with pytest.raises(Forbidden):
        actions.enough(actor=actor(cast.keeper), call=call)
    actions.accept(actor=actor(cast.li.person), call=call)

    call = actions.enough(actor=actor(cast.keeper), call=call)

    assert (call.state, call.people_needed, asked(call)) == (State.ACCEPTED, 1, set())


def test_helpers_arrive_one_by_one_while_others_are_still_sought(cast: Town) -> None:
    call = pooled(cast, people_needed=9)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he, cast.leader])
    actions.accept(actor=actor(cast.li.person), call=call)

    call = actions.arrive(actor=actor(cast.li.person), call=call)

    assert (call.state, call.offers.get(volunteer=cast.li).arrived_at) == (State.DISPATCHED, START)
    with pytest.raises(Forbidden):
        actions.arrive(actor=actor(cast.li.person), call=call)
    actions.accept(actor=actor(cast.he.person), call=call)
    actions.enough(actor=actor(cast.keeper), call=call)
    call = actions.start(actor=actor(cast.he.person), call=call)
    assert call.offers.filter(arrived_at__isnull=False).count() == 2


def test_the_asker_of_a_large_call_is_told_once_and_not_of_each_who_comes(cast: Town) -> None:
    call = pooled(cast, people_needed=6)
    helpers = [volunteer(person(f"邻居{n}", cast.home), cast.home) for n in range(6)]
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=helpers)
    jobs.run_worker(wait=False)
    Notice.objects.all().delete()

    for one in helpers:
        call = actions.accept(actor=actor(one.person), call=call)
    jobs.run_worker(wait=False)

    assert call.state == State.ACCEPTED
    assert Notice.objects.filter(person=cast.resident).count() == 1


# ── later ───────────────────────────────────────────────────────────────────
def test_later_asks_once_more_at_the_time_and_keeps_the_question_open(cast: Town, time: Time) -> None:
    call = cast.call(State.DISPATCHED)
    actions.later(actor=actor(cast.li.person), call=call, at=START + timedelta(hours=1))
    jobs.run_worker(wait=False)
    Notice.objects.all().delete()

    time.after(0.9)
    before = Notice.objects.count()
    time.after(1.1)
    time.after(1.2)

    assert (before, Notice.objects.filter(person=cast.li.person).count()) == (0, 1)
    assert Notice.objects.get().url == f"/help/{call.public_id}/"
    assert actions.accept(actor=actor(cast.li.person), call=call).state == State.ACCEPTED


def test_later_must_lie_inside_the_time_of_the_answer(cast: Town) -> None:
    clocks(answer=HOUR)
    call = cast.call(State.DISPATCHED)

    for minutes in (-5, 0, 60, 600):
        with pytest.raises(actions.NotLaterThan):
            actions.later(actor=actor(cast.li.person), call=call, at=START + timedelta(minutes=minutes))


def test_who_answered_meanwhile_is_not_asked_again(cast: Town, time: Time) -> None:
    call = cast.call(State.DISPATCHED)
    offer = actions.later(actor=actor(cast.li.person), call=call, at=START + timedelta(hours=1))
    actions.decline(actor=actor(cast.li.person), call=call)
    time.at += timedelta(hours=2)

    assert actions.remind(actor=actor(cast.keeper), offer_id=offer.pk) is False
