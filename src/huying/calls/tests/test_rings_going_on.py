"""Rings beside everything else that happens to a call: late questions, skipped rings, pauses, reserves, and the duty."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huying.calls import actions
from huying.calls.models import Call, LateStage, Offer, Ring
from huying.calls.states import EDGES, Asks, Level, OfferState, State
from huying.calls.tests.factories import START, actor, clocks, person, role
from huying.calls.tests.ringing import Town, asked, cast, five, pooled, ring
from huying.calls.tests.timing import Time
from huying.kernel import jobs
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.kernel.models import AuditLine

__all__ = ["cast"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
MINUTE = timedelta(minutes=1)
OWN = {"李安和", "何晓燕", "吴长青", "和平助老队"}


def alone(cast: Town) -> None:
    """Of the station only Li and He can be asked, Li first."""
    cast.team.active, cast.leader.left_at = False, START
    cast.team.save()
    cast.leader.save()


def out(cast: Town, people: int = 1) -> Call:
    return actions.widen(actor=actor(cast.keeper), call=pooled(cast), people=people)


def again(call: Call) -> Call:
    return Call.objects.select_related("kind", "place").get(pk=call.pk)


def on_duty(cast: Town, order: int) -> None:
    """The unit of the county is the last ring."""
    cast.unit.place = cast.county
    cast.unit.save()
    ring(order, Asks.DUTY, team_kind=cast.unit_kind, level=Level.CENTRE)


# ── how long ────────────────────────────────────────────────────────────────
def late_in_the_first(cast: Town, time: Time) -> Call:
    """The worker looks again ten minutes before the first ring is over: He is asked beside Li."""
    alone(cast)
    ring(1, Asks.OWN, per_seat=1)
    call = out(cast)
    assert asked(call) == {"李安和"}
    time.at = START + 50 * MINUTE
    actions.ask_next(actor=Actor.system("calls.rings"), call=call)
    assert asked(call) == {"李安和", "何晓燕"}
    return again(call)


def test_who_is_asked_late_in_a_ring_has_its_whole_time_and_the_next_ring_begins(cast: Town, time: Time) -> None:
    ring(2, Asks.OFFICE, level=Level.OFFICE)
    call = late_in_the_first(cast, time)
    due = call.offers.get(volunteer=cast.he).answer_due_at

    time.after(1.1)

    call = again(call)
    assert due == START + 110 * MINUTE
    assert (call.ring, call.level, asked(call)) == (2, Level.OFFICE, {"何晓燕", "清溪人"})


def test_a_ring_for_which_enough_are_asked_still_begins_in_time(cast: Town, time: Time) -> None:
    ring(2, Asks.OFFICE, per_seat=1, level=Level.OFFICE)
    call = late_in_the_first(cast, time)

    time.after(1.05)

    call = again(call)
    assert (call.ring, call.level, asked(call)) == (2, Level.OFFICE, {"何晓燕"})
    time.after(1.9)
    assert asked(call) == {"清溪人"}


def test_the_duty_waits_for_those_who_were_asked_late(cast: Town, time: Time) -> None:
    on_duty(cast, 2)
    call = late_in_the_first(cast, time)

    time.after(1.1)
    waiting = asked(call)
    time.after(1.9)

    assert (waiting, again(call).state) == ({"何晓燕"}, State.ACCEPTED)
    assert call.offers.get(state=OfferState.ACCEPTED).team == cast.unit


def test_who_is_asked_by_hand_while_a_ring_runs_has_the_time_of_the_answer(cast: Town) -> None:
    clocks(answer=180)
    ring(1, Asks.OWN)
    call = out(cast)

    actions.dispatch(actor=actor(cast.dispatcher), call=call, volunteers=[cast.far])

    assert call.offers.get(volunteer=cast.far).answer_due_at == START + 180 * MINUTE
    assert call.offers.get(volunteer=cast.li).answer_due_at == START + 60 * MINUTE


def test_a_ring_turns_amber_at_half_of_its_time(cast: Town) -> None:
    clocks(answer=600)
    ring(1, Asks.OWN)

    call = again(out(cast))

    assert (call.amber_at, call.stage_due_at) == (START + 30 * MINUTE, START + 60 * MINUTE)


def test_the_end_of_a_ring_is_no_delay(cast: Town, time: Time) -> None:
    five(cast)
    out(cast)

    for hours in (1.1, 2.2):
        time.after(hours)

    assert not LateStage.objects.exists()


def test_a_volunteers_silence_is_no_delay_and_a_teams_is(cast: Town, time: Time) -> None:
    clocks(answer=30)
    alone_asked = cast.call(State.DISPATCHED)
    call = actions.dispatch(actor=actor(cast.keeper), call=pooled(cast), teams=[cast.team])

    time.after(0.6)

    assert not LateStage.objects.filter(call=alone_asked).exists()
    assert LateStage.objects.get(call=call, stage="answer").due_at == START + 30 * MINUTE


# ── who holds it ────────────────────────────────────────────────────────────
def test_when_the_last_rings_have_nobody_the_call_still_rises_to_their_level(cast: Town, time: Time) -> None:
    for one in (cast.next_door, cast.of_centre):
        one.left_at = START
        one.save()
    for order, asks, level in ((1, Asks.OWN, ""), (2, Asks.OFFICE, Level.OFFICE), (3, Asks.CENTRE, Level.CENTRE)):
        ring(order, asks, level=level)
    call = out(cast)

    for hours in (1.1, 1.2):
        time.after(hours)

    call = again(call)
    assert (call.level, call.state) == (Level.CENTRE, State.POOLED)
    assert call.events.filter(verb="escalate").count() == 2


# ── how many ────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("people", [3, 1])
def test_the_number_changes_while_a_ring_runs_though_nobody_else_can_be_asked(cast: Town, people: int) -> None:
    ring(1, Asks.OWN)
    call = out(cast, 2)
    before = asked(call)

    actions.widen(actor=actor(cast.keeper), call=call, people=people)

    call = again(call)
    assert (call.people_needed, call.ring, asked(call)) == (people, 1, before)
    assert AuditLine.objects.filter(verb="call.dispatch").latest("pk").changes == {"people": people}


# ── pauses ──────────────────────────────────────────────────────────────────
def test_a_call_that_was_set_aside_in_its_rings_goes_on_when_it_is_taken_up(cast: Town) -> None:
    five(cast)
    call = out(cast)
    actions.decline(actor=actor(cast.he.person), call=call)
    call = actions.suspend(actor=actor(cast.keeper), call=call, reason="等家属回来")

    actions.resume(actor=actor(cast.keeper), call=call)
    jobs.run_worker(wait=False)

    call = again(call)
    assert (call.state, call.ring, call.ring_due_at) == (State.DISPATCHED, 1, START + 60 * MINUTE)
    assert asked(call) == OWN, "all questions were taken back: who had said no is asked once more, as who said nothing"


def test_a_call_that_was_set_aside_when_somebody_came_begins_with_the_first_ring(cast: Town, time: Time) -> None:
    five(cast)
    call = out(cast)
    time.after(1.1)
    call = actions.accept(actor=actor(cast.next_door.person), call=call)
    call = actions.suspend(actor=actor(cast.keeper), call=call, reason="等家属回来")
    time.at += 60 * MINUTE

    actions.resume(actor=actor(cast.keeper), call=call)
    jobs.run_worker(wait=False)

    assert (again(call).ring, asked(call)) == (1, OWN)


def test_a_call_that_is_recalled_goes_out_no_more_by_itself(cast: Town, time: Time) -> None:
    five(cast)
    call = actions.recall(actor=actor(cast.keeper), call=out(cast), reason="先问问家属")

    time.after(2)

    call = again(call)
    assert (call.state, call.ring, call.ring_due_at, asked(call)) == (State.POOLED, 0, None, set())


def test_a_call_that_is_opened_again_is_in_no_ring_and_keeps_who_came_and_when(cast: Town, time: Time) -> None:
    five(cast)
    call, li = out(cast), actor(cast.li.person)
    for verb, given in (("accept", {}), ("start", {}), ("deliver", {"note": "好了"})):
        call = getattr(actions, verb)(actor=li, call=call, **given)
    time.at += 60 * MINUTE

    call = actions.reopen(actor=actor(cast.resident), call=call, reason="还是不行")

    came = call.offers.get(volunteer=cast.li)
    assert (again(call).ring, again(call).ring_due_at) == (0, None)
    assert (came.state, came.answered_at, came.answered_by) == (OfferState.DONE, START, cast.li.person)


# ── reserves ────────────────────────────────────────────────────────────────
def with_reserves(cast: Town, time: Time) -> Call:
    """Li came and dropped out; He and Wu stood by, so He is asked."""
    call = pooled(cast)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he, cast.leader])
    actions.accept(actor=actor(cast.li.person), call=call)
    for one in (cast.he, cast.leader):
        time.at += MINUTE
        actions.stand_by(actor=actor(one.person), call=call)
    actions.hand_back(actor=actor(cast.li.person), call=call, reason="孩子病了")
    assert asked(call) == {"何晓燕"}
    return again(call)


def test_when_the_first_reserve_says_no_the_second_is_asked(cast: Town, time: Time) -> None:
    call = with_reserves(cast, time)

    actions.decline(actor=actor(cast.he.person), call=call)
    time.on(hours=6)
    actions.ask_next(actor=Actor.system("calls.rings"), call=call)

    assert asked(call) == {"何晓燕", "吴长青"}, "beside the first, whose time is not over"


def test_a_reserve_who_takes_the_call_himself_stands_by_no_longer(cast: Town, time: Time) -> None:
    call = with_reserves(cast, time)
    actions.recall(actor=actor(cast.keeper), call=call, reason="另行安排")

    actions.claim(actor=actor(cast.leader.person), call=call)
    held = set(call.offers.filter(volunteer=cast.leader).values_list("state", flat=True))
    actions.hand_back(actor=actor(cast.leader.person), call=call, reason="临时有事")

    assert held == {OfferState.WITHDRAWN, OfferState.ACCEPTED}
    assert asked(call) == set()


# ── the duty ────────────────────────────────────────────────────────────────
def test_a_call_nobody_looked_at_may_go_to_the_duty_at_once_by_a_step_of_the_table(cast: Town) -> None:
    on_duty(cast, 1)

    call = actions.widen(actor=actor(cast.keeper), call=cast.call(State.SUBMITTED), people=1)

    line = call.events.get(verb="bind")
    assert (line.verb, State(line.from_state), State(line.to_state)) in EDGES


def test_the_duty_has_a_call_again_when_a_new_search_finds_nobody(cast: Town, time: Time) -> None:
    on_duty(cast, 1)
    call = out(cast)
    time.at += MINUTE
    actions.hand_back(actor=actor(cast.boss.person), call=call, reason="车坏了")
    jobs.run_worker(wait=False)
    in_this_search = call.offers.filter(team=cast.unit).count()
    time.at += MINUTE
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li])
    actions.accept(actor=actor(cast.li.person), call=call)
    time.at += MINUTE

    actions.hand_back(actor=actor(cast.li.person), call=call, reason="临时有事")
    jobs.run_worker(wait=False)

    assert (in_this_search, call.offers.filter(team=cast.unit).count()) == (1, 2)
    assert again(call).state == State.ACCEPTED


# ── who sets rings ──────────────────────────────────────────────────────────
def test_rings_are_set_where_their_keeper_reaches_and_general_ones_at_the_top(cast: Town) -> None:
    boss = person("柳如烟", cast.street)
    role(boss, "dispatcher", cast.street)
    street, top = actor(boss), actor(cast.dispatcher)
    facts = {"order": 1, "name": "一圈", "asks": Asks.OWN}
    own = actions.save_ring(actor=street, ring=Ring(place=cast.home, **facts))
    general = actions.save_ring(actor=top, ring=Ring(**facts))
    other = actions.save_ring(actor=top, ring=Ring(place=cast.other_street, **facts))
    moved = Ring.objects.get(pk=other.pk)
    moved.place = cast.street
    away = Ring.objects.get(pk=own.pk)
    away.place = cast.other_street

    for deed in (
        lambda: actions.save_ring(actor=street, ring=Ring(place=cast.other_street, **{**facts, "order": 2})),
        lambda: actions.save_ring(actor=street, ring=Ring(**{**facts, "order": 2})),
        lambda: actions.save_ring(actor=street, ring=moved),
        lambda: actions.save_ring(actor=street, ring=away),
        lambda: actions.drop_ring(actor=street, ring=other),
        lambda: actions.drop_ring(actor=street, ring=general),
        lambda: actions.use_usual_rings(actor=street),
    ):
        with pytest.raises(Forbidden):
            deed()
    actions.drop_ring(actor=street, ring=own)

    assert set(Ring.objects.values_list("place", flat=True)) == {None, cast.other_street.pk}
    assert not Offer.objects.exists()
