"""A volunteer says no: it costs nothing, writes nothing down, and ends with the time of the answer (decision 0021)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from huying.calls import actions, rules
from huying.calls.actions.moving import StepForbidden
from huying.calls.models import Offer
from huying.calls.states import State
from huying.calls.tests.factories import START, Cast, actor, run_out
from huying.kernel import jobs
from huying.kernel.models import AuditLine
from huying.people.models import Notice

pytestmark = pytest.mark.django_db


def test_declining_costs_nothing_writes_nothing_and_ends_with_the_time_of_the_answer(cast: Cast) -> None:
    call, li = cast.call(State.DISPATCHED), actor(cast.li.person)
    lines, trail = call.events.count(), AuditLine.objects.count()

    actions.decline(actor=li, call=call)

    call.refresh_from_db()
    assert (call.state, call.events.count(), AuditLine.objects.count()) == (State.DISPATCHED, lines, trail)
    assert not rules.offers_to(li).exists()
    for again in (actions.accept, actions.decline):
        with pytest.raises(StepForbidden):
            again(actor=li, call=call)
    with pytest.raises(actions.answering.NothingAsked):
        actions.later(actor=li, call=call, at=START + timedelta(hours=1))
    call = run_out(call)
    event = call.events.last()
    assert (call.state, event.verb, event.person_id, event.note) == (State.POOLED, "expire", None, "")
    assert not Offer.objects.get(call=call).put_away


def test_the_database_keeps_a_no_no_longer_than_the_question(cast: Cast) -> None:
    call = cast.call(State.DISPATCHED)
    actions.decline(actor=actor(cast.li.person), call=call)

    with pytest.raises(IntegrityError), transaction.atomic():
        Offer.objects.filter(call=call).update(state="expired")
    actions.recall(actor=actor(cast.keeper), call=call, reason="另行安排")

    assert not Offer.objects.get(call=call).put_away


def test_one_of_two_declining_leaves_the_question_with_the_other(cast: Cast) -> None:
    call = cast.call(State.POOLED)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])

    actions.decline(actor=actor(cast.li.person), call=call)
    accepted = actions.accept(actor=actor(cast.he.person), call=call)

    assert accepted.state == State.ACCEPTED


@pytest.mark.parametrize(
    ("verb", "given"),
    [("cancel", {"reason": "雨停了"}), ("suspend", {"reason": "等雨停"}), ("transfer", {"target": "12345"})],
)
@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("committed_db")
def test_when_a_call_stops_only_who_was_coming_is_told_not_who_said_no_or_nothing(
    cast: Cast, verb: str, given: dict[str, Any]
) -> None:
    call = cast.call(State.POOLED, people_needed=3)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he, cast.leader])
    call = actions.accept(actor=actor(cast.li.person), call=call)
    actions.decline(actor=actor(cast.he.person), call=call)
    jobs.run_worker(wait=False)
    Notice.objects.all().delete()

    call = getattr(actions, verb)(actor=actor(cast.keeper), call=call, **given)
    jobs.run_worker(wait=False)

    helpers = [cast.li.person_id, cast.he.person_id, cast.leader.person_id]
    told = list(Notice.objects.filter(person__in=helpers).values_list("person", flat=True))
    assert told == [cast.li.person_id]
    assert len(call.events.get(verb=verb).facts["released"]) == 3, "the history says as much as before"
