"""Two at the same moment on one call: exactly one wins, the other is told, and nothing is left in between.

Every race has its negative control: the same race with row locks switched off must go wrong (both win, a broken rule,
or a constraint of the database that stops the second), else the race never happened and its test proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError

from huying.calls import actions
from huying.calls.models import Call, Offer, Proposal, ProposalLine
from huying.calls.states import LineState, ProposalState, State
from huying.calls.tests.factories import START, Cast, actor, clocks
from huying.kernel import clock
from huying.places.tests.factories import kinds
from tests.concurrency.racing import CLOCKS, all_at_once, race, race_without_locks, refusals
from tests.invariants import broken_rules

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
Work = Callable[[], Any]


@pytest.fixture
def cast(committed_db: None) -> Iterator[Cast]:
    kinds()
    with clock.frozen(START):
        clocks(review=60, answer=30, rate=60)
        yield Cast()


@dataclass
class Race:
    """Two steps on one call in ``state``; the second one loses with one of ``refused`` (empty: both go through)."""

    state: str
    first: tuple[str, str, dict[str, Any]]
    second: tuple[str, str, dict[str, Any]]
    refused: tuple[str, ...] = ("StepRefused",)
    ends: str = ""
    more: dict[str, Any] = field(default_factory=dict)


LATER = START + timedelta(hours=3)
REASON = {"reason": "情况有变"}
ACCEPT_LI, ACCEPT_HE = ("accept", "li", {}), ("accept", "he", {})
RATE = ("rate", "resident", {"score": 5, "solved": True})
REOPEN = ("reopen", "resident", {"reason": "还是漏水"})
CANCEL = ("cancel", "resident", REASON)

RACES: dict[str, Race] = {
    "two helpers accept": Race("both asked", ACCEPT_LI, ACCEPT_HE, ends=State.ACCEPTED),
    "one helper accepts twice": Race(State.DISPATCHED, ACCEPT_LI, ACCEPT_LI, ends=State.ACCEPTED),
    "accept, then decline": Race(State.DISPATCHED, ACCEPT_LI, ("decline", "li", {}), ends=State.ACCEPTED),
    "decline, then accept": Race(State.DISPATCHED, ("decline", "li", {}), ACCEPT_LI, ends=State.POOLED),
    "accept, then recall": Race(State.DISPATCHED, ACCEPT_LI, ("recall", "keeper", REASON), ends=State.ACCEPTED),
    "recall, then accept": Race(State.DISPATCHED, ("recall", "keeper", REASON), ACCEPT_LI, ends=State.POOLED),
    "accept, then cancel": Race(State.DISPATCHED, ACCEPT_LI, CANCEL, refused=(), ends=State.CANCELLED),
    "cancel, then accept": Race(State.DISPATCHED, CANCEL, ACCEPT_LI, ends=State.CANCELLED),
    "accept, then expire": Race("overdue question", ACCEPT_LI, ("expire", "", {}), ends=State.ACCEPTED),
    "expire, then accept": Race("overdue question", ("expire", "", {}), ACCEPT_LI, ends=State.POOLED),
    "rate, then reopen": Race(State.DELIVERED, RATE, REOPEN, refused=(), ends=State.REVIEWING),
    "reopen, then rate": Race(State.DELIVERED, REOPEN, RATE, ends=State.REVIEWING),
    "rated twice": Race(State.DELIVERED, RATE, RATE, ends=State.CLOSED),
    "rate, then the clock": Race(State.DELIVERED, RATE, ("auto_rate", "", {}), ends=State.CLOSED),
    "the clock, then rate": Race(State.DELIVERED, ("auto_rate", "", {}), RATE, ends=State.CLOSED),
    "reopened twice": Race(State.CLOSED, REOPEN, REOPEN, ends=State.REVIEWING),
    "two claims": Race(State.POOLED, ("claim", "li", {}), ("claim", "he", {}), ends=State.ACCEPTED),
    "two reviews": Race(State.SUBMITTED, ("review", "keeper", {}), ("review", "dispatcher", {}), ends=State.REVIEWING),
    "dispatch, then claim": Race(State.POOLED, ("dispatch", "keeper", {}), ("claim", "he", {}), ends=State.DISPATCHED),
    "two cancels": Race(State.ACCEPTED, CANCEL, ("cancel", "keeper", REASON), ends=State.CANCELLED),
    "start, then cancel": Race(State.SCHEDULED, ("start", "li", {}), CANCEL, ends=State.SERVING),
    "deliver twice": Race(
        State.SERVING, ("deliver", "li", {"note": "好了"}), ("deliver", "li", {"note": "好了"}), ends=State.DELIVERED
    ),
    "hand back, then start": Race(State.ACCEPTED, ("hand_back", "li", REASON), ("start", "li", {}), ends=State.POOLED),
    "submit twice": Race(State.DRAFT, ("submit", "resident", {}), ("submit", "resident", {}), ends=State.SUBMITTED),
    "transfer, then pool": Race(
        State.REVIEWING, ("transfer", "keeper", {"target": "12345"}), ("pool", "keeper", {}), ends=State.TRANSFERRED
    ),
    "urged twice": Race(
        State.ACCEPTED,
        ("urge", "dispatcher", {}),
        ("urge", "dispatcher", {}),
        refused=("UrgedAlready",),
        ends=State.ACCEPTED,
    ),
    "urged while it ends": Race(State.ACCEPTED, CANCEL, ("urge", "dispatcher", {}), ends=State.CANCELLED),
    "step, then word": Race(
        State.ACCEPTED, CANCEL, ("say", "resident", {"text": "谢谢"}), refused=(), ends=State.CANCELLED
    ),
}


def prepared(cast: Cast, one: Race) -> Call:
    if one.state == "both asked":
        call = cast.call(State.POOLED)
        return actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])
    if one.state == "overdue question":
        call = cast.call(State.DISPATCHED)
        Offer.objects.update(answer_due_at=START)
        return call
    return cast.call(one.state)


def work(cast: Cast, call: Call, step: tuple[str, str, dict[str, Any]]) -> Work:
    """One person's step, with the call as it stood on his page; actors are read before the race."""
    verb, who, given = step
    person = getattr(cast, who) if who else None
    doer = actor(getattr(person, "person", person)) if person else CLOCKS
    page = Call.objects.select_related("kind", "place").get(pk=call.pk)
    more = {"volunteers": [cast.li]} if verb == "dispatch" else {}
    return lambda: getattr(actions, verb)(actor=doer, call=page, **given, **more)


@pytest.mark.parametrize("name", RACES)
def test_the_second_one_is_told_and_nothing_is_left_between(cast: Cast, name: str) -> None:
    one = RACES[name]
    call = prepared(cast, one)

    results = race(work(cast, call, one.first), work(cast, call, one.second))

    assert not isinstance(results[0], Exception), results
    assert refusals(results) == sorted(one.refused)
    assert Call.objects.get(pk=call.pk).state == one.ends
    assert broken_rules() == []


@pytest.mark.parametrize("name", RACES)
def test_negative_control_without_locks_it_goes_wrong(cast: Cast, name: str) -> None:
    one = RACES[name]
    call = prepared(cast, one)
    steps = call.events.count()

    results = race_without_locks(work(cast, call, one.first), work(cast, call, one.second))

    stopped_by_the_database = any(isinstance(result, DatabaseError) for result in results)
    both_won = not refusals(results) and call.events.count() - steps >= 2
    assert broken_rules() or stopped_by_the_database or both_won, results


def test_two_dispatches_ask_each_helper_once(cast: Cast) -> None:
    call = cast.call(State.POOLED)
    keeper, centre = actor(cast.keeper), actor(cast.dispatcher)

    results = race(
        lambda: actions.dispatch(actor=keeper, call=call, volunteers=[cast.li]),
        lambda: actions.dispatch(actor=centre, call=call, volunteers=[cast.li]),
    )

    assert refusals(results) == ["AlreadyAsked"]
    assert Offer.objects.filter(call=call).count() == 1
    assert broken_rules() == []


def test_negative_control_two_dispatches_are_stopped_by_the_constraint(cast: Cast) -> None:
    call = cast.call(State.POOLED)

    results = race_without_locks(
        lambda: actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li]),
        lambda: actions.dispatch(actor=actor(cast.dispatcher), call=call, volunteers=[cast.li]),
    )

    assert refusals(results) == ["IntegrityError"]
    assert Offer.objects.filter(call=call).count() == 1


def test_two_dispatches_of_different_helpers_both_ask(cast: Cast) -> None:
    call = cast.call(State.POOLED)
    keeper, centre = actor(cast.keeper), actor(cast.dispatcher)

    results = race(
        lambda: actions.dispatch(actor=keeper, call=call, volunteers=[cast.li]),
        lambda: actions.dispatch(actor=centre, call=call, volunteers=[cast.he]),
    )

    assert refusals(results) == []
    assert Offer.objects.filter(call=call, state="offered").count() == 2
    assert broken_rules() == []


def late_call(cast: Cast) -> Call:
    call = cast.call(State.SUBMITTED)
    Call.objects.filter(pk=call.pk).update(stage_due_at=START, lift_at=START)
    return call


def test_silence_lifts_a_call_once_though_two_workers_see_it(cast: Cast) -> None:
    call = late_call(cast)

    results = race(*[lambda: actions.note_overdue(actor=CLOCKS, call=call)] * 2)

    assert results == [True, False]
    assert (Call.objects.get().level, call.events.filter(verb="escalate").count()) == ("office", 1)
    assert broken_rules() == []


def test_negative_control_silence_lifts_it_twice_without_the_lock(cast: Cast) -> None:
    call = late_call(cast)

    results = race_without_locks(*[lambda: actions.note_overdue(actor=CLOCKS, call=call)] * 2)

    assert results == [True, True]
    assert call.events.filter(verb="escalate").count() == 2


def duplicates(cast: Cast) -> tuple[Call, Call, Work, Work]:
    one, other = cast.call(), cast.call()
    keeper, centre = actor(cast.keeper), actor(cast.dispatcher)
    return (
        one,
        other,
        lambda: actions.mark_duplicate(actor=keeper, call=one, of=other),
        lambda: actions.mark_duplicate(actor=centre, call=other, of=one),
    )


def test_two_calls_cannot_both_be_the_duplicate(cast: Cast) -> None:
    one, other, this_way, that_way = duplicates(cast)

    results = race(this_way, that_way)

    assert refusals(results) == ["NotADuplicate"]
    assert [Call.objects.get(pk=c.pk).state for c in (one, other)] == [State.CANCELLED, State.SUBMITTED]
    assert broken_rules() == []


def test_negative_control_both_are_lost_without_the_lock(cast: Cast) -> None:
    one, other, this_way, that_way = duplicates(cast)

    race_without_locks(this_way, that_way)

    assert {Call.objects.get(pk=c.pk).state for c in (one, other)} == {State.CANCELLED}


@pytest.mark.parametrize("needed", [1, 2])
def test_of_a_crowd_of_helpers_exactly_as_many_come_as_are_needed(cast: Cast, needed: int) -> None:
    """No gate here: eight people press when they like, again and again."""
    from huying.calls.tests.factories import person, volunteer

    for turn in range(4):
        helpers = [volunteer(person(f"志愿者{turn}{n}", cast.home), cast.home) for n in range(8)]
        call = cast.call(State.POOLED, people_needed=needed)
        actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=helpers)
        doers = [actor(helper.person) for helper in helpers]

        results = all_at_once(*[partial(actions.accept, actor=doer, call=call) for doer in doers])

        assert refusals(results) == ["StepRefused"] * (8 - needed)
        assert Call.objects.get(pk=call.pk).accepted_count == needed
    assert broken_rules() == []


# ── the widening ────────────────────────────────────────────────────────────
def crowd(cast: Cast, size: int, **more: Any) -> tuple[Call, list[Any]]:
    """A call with so many asked, and the helpers."""
    from huying.calls.tests.factories import person, volunteer

    helpers = [volunteer(person(f"邻居{n}", cast.home), cast.home) for n in range(size)]
    call = cast.call(State.POOLED, **more)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=helpers)
    return call, helpers


def last_seat(cast: Cast) -> tuple[Call, Work, Work]:
    """Three sought, two have come: a team that would bring two, and a neighbour, press for the one seat left."""
    call = cast.call(State.POOLED, people_needed=3)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he], teams=[cast.team])
    actions.accept(actor=actor(cast.li.person), call=call)
    call.refresh_from_db()
    Call.objects.filter(pk=call.pk).update(people_needed=2)
    leader, he = actor(cast.leader.person), actor(cast.he.person)
    page = Call.objects.select_related("kind", "place").get(pk=call.pk)
    return (
        call,
        lambda: actions.accept(actor=leader, call=page, seats=2),
        lambda: actions.accept(actor=he, call=page),
    )


def test_the_last_seat_goes_to_one_though_a_team_wants_it_too(cast: Cast) -> None:
    call, the_team, the_neighbour = last_seat(cast)

    results = race(the_team, the_neighbour)

    assert refusals(results) == ["StepRefused"]
    call.refresh_from_db()
    assert (call.state, call.accepted_count) == (State.ACCEPTED, 2)
    assert broken_rules() == []


def test_negative_control_the_last_seat_is_given_twice_without_the_lock(cast: Cast) -> None:
    _call, the_team, the_neighbour = last_seat(cast)

    results = race_without_locks(the_team, the_neighbour)

    assert broken_rules() or any(isinstance(one, DatabaseError) for one in results)


def out(cast: Cast) -> Call:
    """A call whose first ring has just begun; its next step is due."""
    from huying.calls.models import Ring

    for order, asks in enumerate(("own", "office"), start=1):
        Ring.objects.create(order=order, name=asks, asks=asks, minutes=60, mode="natural", per_seat=1)
    call = cast.call(State.POOLED)
    Call.objects.filter(pk=call.pk).update(stage_due_at=START)
    return call


def test_two_workers_ask_a_ring_once(cast: Cast) -> None:
    call = out(cast)

    results = race(*[lambda: actions.ask_next(actor=CLOCKS, call=call)] * 2)

    assert results == [True, False]
    assert Offer.objects.filter(call=call).count() == 1
    assert broken_rules() == []


def test_negative_control_two_workers_ask_twice_without_the_lock(cast: Cast) -> None:
    call = out(cast)

    results = race_without_locks(*[lambda: actions.ask_next(actor=CLOCKS, call=call)] * 2)

    assert Offer.objects.filter(call=call).count() > 1 or any(isinstance(one, Exception) for one in results)


def test_one_drops_out_while_the_reserve_steps_back(cast: Cast) -> None:
    call, helpers = crowd(cast, 2)
    actions.accept(actor=actor(helpers[0].person), call=call)
    actions.stand_by(actor=actor(helpers[1].person), call=call)
    first, second = (actor(one.person) for one in helpers)
    page = Call.objects.select_related("kind", "place").get(pk=call.pk)

    results = race(
        lambda: actions.step_back(actor=second, call=page),
        lambda: actions.hand_back(actor=first, call=page, reason="车坏了"),
    )

    assert refusals(results) == []
    assert Call.objects.get(pk=call.pk).state == State.POOLED
    assert broken_rules() == []


def test_two_hundred_people_say_yes_in_a_rush_and_nobody_waits_long(cast: Cast, tally: Callable[..., None]) -> None:
    """Eight at a time, as the threads of a web process; a hundred and twenty seats."""
    from concurrent.futures import ThreadPoolExecutor
    from time import perf_counter

    from django.db import connection

    call, helpers = crowd(cast, 200, people_needed=120)
    doers = [actor(one.person) for one in helpers]
    page = Call.objects.select_related("kind", "place").get(pk=call.pk)

    def press(doer: Any) -> tuple[str, float]:
        began, said = perf_counter(), "yes"
        try:
            actions.accept(actor=doer, call=page)
        except actions.StepRefused:
            said = "full"
        finally:
            connection.close()
        return said, perf_counter() - began

    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(press, doers))

    took = sorted(seconds for _said, seconds in results)
    tally("rush of yes", people=200, median_ms=round(took[100] * 1000), slowest_ms=round(took[-1] * 1000))
    assert [said for said, _seconds in results].count("yes") == 120
    call.refresh_from_db()
    assert (call.state, call.accepted_count) == (State.ACCEPTED, 120)
    assert broken_rules() == []


def weighed(cast: Cast) -> Proposal:
    """A proposal as the job leaves it: two calls, one for li, one for he."""
    now = clock.now()
    made = Proposal.objects.create(
        place=cast.home, state=ProposalState.READY, asked_at=now, made_at=now, expires_at=now + timedelta(minutes=30)
    )
    for helper in (cast.li, cast.he):
        ProposalLine.objects.create(proposal=made, call=cast.call(State.POOLED), volunteer=helper)
    return made


def confirming(cast: Cast, found: Proposal) -> list[Work]:
    keeper, centre = actor(cast.keeper), actor(cast.dispatcher)
    return [
        lambda: actions.confirm(actor=keeper, proposal=found),
        lambda: actions.confirm(actor=centre, proposal=found),
    ]


def test_two_dispatchers_confirm_and_each_helper_is_asked_once(cast: Cast) -> None:
    found = weighed(cast)

    results = race(*confirming(cast, found))
    race(*[lambda: actions.send(proposal_id=found.pk)] * 2)

    assert refusals(results) == ["ProposalOver"]
    assert Offer.objects.filter(state="offered").count() == Offer.objects.count() == 2
    assert set(found.lines.values_list("state", flat=True)) == {LineState.SENT}
    assert Proposal.objects.get().state == ProposalState.SENT
    assert broken_rules() == []


def test_negative_control_without_the_lock_both_confirm(cast: Cast) -> None:
    results = race_without_locks(*confirming(cast, weighed(cast)))

    assert refusals(results) == []


def test_somebody_else_dispatches_while_a_proposal_is_sent_and_nobody_is_asked_twice(cast: Cast) -> None:
    found = weighed(cast)
    keeper, centre = actor(cast.keeper), actor(cast.dispatcher)
    actions.confirm(actor=keeper, proposal=found)
    line = found.lines.get(volunteer=cast.li)

    results = race(
        lambda: actions.dispatch(actor=centre, call=line.call, volunteers=[cast.li]),
        lambda: actions.send(proposal_id=found.pk),
    )

    line.refresh_from_db()
    assert refusals(results) == []
    assert (line.state, line.trouble) == (LineState.STALE, "already_asked")
    assert Offer.objects.filter(volunteer=cast.li).count() == 1
    assert Proposal.objects.get().state == ProposalState.SENT
    assert broken_rules() == []


def test_one_helper_put_on_two_lines_at_the_same_moment_stands_on_one(cast: Cast) -> None:
    found = weighed(cast)
    first, second = found.lines.order_by("pk")
    keeper, centre = actor(cast.keeper), actor(cast.dispatcher)
    free = cast.leader

    results = race(
        lambda: actions.choose(actor=keeper, line=first, volunteer=free),
        lambda: actions.choose(actor=centre, line=second, volunteer=free),
    )

    assert refusals(results) == ["AlreadyInProposal"]
    assert found.lines.filter(volunteer=free).count() == 1


def test_two_ask_for_a_proposal_and_one_is_made(cast: Cast) -> None:
    keeper, centre = actor(cast.keeper), actor(cast.dispatcher)

    results = race(
        lambda: actions.propose(actor=keeper, place=cast.home), lambda: actions.propose(actor=centre, place=cast.home)
    )

    assert refusals(results) == []
    assert Proposal.objects.count() == 1
