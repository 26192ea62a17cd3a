"""A call that was filled seeks more: boats are missing, or the flood grows. Those who said yes stay."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from huying.calls import actions
from huying.calls.actions.widening import SeatsWrong
from huying.calls.models import Call
from huying.calls.states import Asks, OfferState, State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import actor
from huying.calls.tests.ringing import Town, asked, cast, pooled, ring
from huying.calls.tests.timing import Time
from huying.kernel import clock
from huying.kernel.errors import Forbidden

__all__ = ["cast"]
pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def filled(cast: Town, people: int = 2) -> Call:
    """Li and He come, Wu would stand by."""
    ring(1, Asks.OWN)
    call = actions.widen(actor=actor(cast.keeper), call=pooled(cast), people=people)
    for one in (cast.li, cast.he)[:people]:
        call = actions.accept(actor=actor(one.person), call=call)
    actions.stand_by(actor=actor(cast.leader.person), call=call)
    return call


@pytest.mark.parametrize("served", [False, True])
def test_those_who_come_stay_who_stands_by_is_asked_and_the_rings_begin_anew(
    cast: Town, time: Time, served: bool
) -> None:
    ring(2, Asks.OFFICE)
    call = filled(cast)
    if served:
        call = actions.start(actor=actor(cast.li.person), call=call)

    time.on(hours=1)

    call = actions.seek_more(actor=actor(cast.keeper), call=call, people=4)

    assert (call.state, call.people_needed, call.accepted_count, call.ring) == (State.DISPATCHED, 4, 2, 1)
    assert set(call.offers.filter(state=OfferState.ACCEPTED).values_list("volunteer", flat=True)) == {
        cast.li.pk,
        cast.he.pk,
    }
    assert asked(call) == {"吴长青", "和平助老队"}
    call = actions.accept(actor=actor(cast.leader.person), call=call, seats=1)
    assert call.accepted_count == 3


def test_not_fewer_than_come_not_by_others_and_not_of_a_call_for_one(cast: Town) -> None:
    call = filled(cast)

    for people in (1, 2, 2001):
        with pytest.raises(SeatsWrong):
            actions.seek_more(actor=actor(cast.keeper), call=call, people=people)
    for who, one in ((cast.outsider, call), (cast.li.person, call), (cast.keeper, cast.call(State.ACCEPTED))):
        with pytest.raises(Forbidden):
            actions.seek_more(actor=actor(who), call=one, people=4)
    assert Call.objects.get(pk=call.pk).state == State.ACCEPTED


def test_where_nobody_can_be_asked_it_says_so_and_stays_filled(cast: Town) -> None:
    call = filled(cast)
    cast.team.active = False
    cast.team.save()
    actions.step_back(actor=actor(cast.leader.person), call=call)
    cast.leader.left_at = call.created_at
    cast.leader.save()

    with pytest.raises(actions.NobodyToAsk):
        actions.seek_more(actor=actor(cast.keeper), call=call, people=4)

    call.refresh_from_db()
    assert (call.state, call.people_needed) == (State.ACCEPTED, 2)


def test_the_tally_of_a_filled_call_leads_to_it(cast: Town) -> None:
    call, client = filled(cast), browser(cast.keeper)
    tally, step = reverse("calls:tally", args=[call.public_id]), f"/calls/{call.public_id}/seek_more/"

    html = client.get(tally).content.decode()
    few, more = sent(client, step, people="2"), sent(client, step, people="3")

    call.refresh_from_db()
    assert ("再多要几人" in html, few.status_code, more.status_code) == (True, 422, 303)
    assert (call.state, call.people_needed) == (State.DISPATCHED, 3)


def test_of_a_call_that_a_place_raised_the_limit_moves_along(cast: Town, time: Time) -> None:
    """Its limit is over when it seeks more: it says so beside the field, and goes on with a new one."""
    call, client = filled(cast), browser(cast.keeper)
    step = f"/calls/{call.public_id}/seek_more/"
    person_s = client.get(step).content.decode()
    began = clock.now()
    Call.objects.filter(pk=call.pk).update(raised_for=cast.home, wanted_from=began, wanted_to=began + HOUR)
    time.on(hours=2)
    client = browser(cast.keeper)

    html = client.get(step).content.decode()
    over = sent(client, step, people="3")
    more = sent(client, step, people="3", until="2026-03-03T18:00")

    call.refresh_from_db()
    assert ('name="until"' in person_s, 'name="until"' in html) == (False, True)
    assert (over.status_code, "until" in over.context["form"].errors, more.status_code) == (422, True, 303)
    assert (call.state, call.limit_at, call.wanted_from) == (State.DISPATCHED, began + 8 * HOUR, began)


def test_an_answer_to_the_interface_may_move_the_limit(cast: Town, time: Time) -> None:
    call = filled(cast)
    began = clock.now()
    Call.objects.filter(pk=call.pk).update(raised_for=cast.home, wanted_from=began, wanted_to=began + HOUR)
    time.on(hours=2)
    address = f"/api/v1/calls/{call.public_id}/seek_more"
    facts = {"people": 3, "until": (began + 8 * HOUR).isoformat()}

    answer = browser(cast.keeper).post(
        address, facts, content_type="application/json", headers={"Idempotency-Key": str(uuid4())}
    )

    call.refresh_from_db()
    assert (answer.status_code, call.limit_at) == (200, began + 8 * HOUR)
