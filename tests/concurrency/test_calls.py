"""Two at the same moment on one call: exactly one wins, the other is told, and nothing is left in between.

Every race has its negative control: the same race with row locks switched off must go wrong (both win, a broken rule,
or a constraint of the database that stops the second), else the race never happened and its test proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import DatabaseError

from huying.calls import actions
from huying.calls.models import Call, Offer
from huying.calls.states import State
from huying.calls.tests.factories import START, Cast, actor, person, volunteer
from tests.concurrency.racing import CLOCKS, Work, all_at_once, race, race_without_locks, refusals
from tests.invariants import broken_rules

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


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
    "decline, then accept": Race(
        State.DISPATCHED, ("decline", "li", {}), ACCEPT_LI, ("StepForbidden",), State.DISPATCHED
    ),
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
    written = sum(verb != "decline" for verb, *_rest in (one.first, one.second))  # a volunteer's no writes no event
    both_won = not refusals(results) and call.events.count() - steps >= written
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
    for turn in range(4):
        helpers = [volunteer(person(f"志愿者{turn}{n}", cast.home), cast.home) for n in range(8)]
        call = cast.call(State.POOLED, people_needed=needed)
        actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=helpers)
        doers = [actor(helper.person) for helper in helpers]

        results = all_at_once(*[partial(actions.accept, actor=doer, call=call) for doer in doers])

        assert refusals(results) == ["StepRefused"] * (8 - needed)
        assert Call.objects.get(pk=call.pk).accepted_count == needed
    assert broken_rules() == []
