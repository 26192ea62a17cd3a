"""The moment until which a place wants those whom it calls for (S0-3a.1): who is busy then is not asked, no ring goes beyond it,
and when it is over the place hears of it instead of a unit being bound.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.urls import reverse

from huying.calls import actions
from huying.calls.actions.widening import LimitOver
from huying.calls.models import Call, Offer
from huying.calls.queries import weighing
from huying.calls.queries.parts import ANY_TIME
from huying.calls.queries.wishes import wish_of
from huying.calls.states import Asks, Level, OfferState, State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, actor
from huying.calls.tests.ringing import HOUR, Town, asked, cast, ring
from huying.calls.tests.timing import Time
from huying.kernel import clock
from huying.people.models import Notice, Person
from huying.volunteers.models import Team, Volunteer

__all__ = ["cast"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


def whistle(cast: Town, hours: float = 1.5, people: int = 2) -> Call:
    what = actions.Ask(
        kind=cast.kind,
        place=cast.street,
        requester=Person(),
        title="沿河三个村转移群众",
        people_needed=people,
        address="渡口桥头",
        contact_phone="057188880000",
        wanted_to=clock.now() + timedelta(hours=hours),
    )
    return actions.raise_call(actor=actor(cast.dispatcher), what=what, raised_for=cast.county)


def again(call: Call) -> Call:
    return Call.objects.select_related("kind", "place", "raised_for", "requester").get(pk=call.pk)


def promised(cast: Town, at: datetime) -> None:
    """Li has said yes to somebody else at that time."""
    other = cast.call(State.ACCEPTED)
    Call.objects.filter(pk=other.pk).update(wanted_from=at)


def test_who_promised_that_hour_elsewhere_is_not_asked(cast: Town) -> None:
    ring(1, Asks.OFFICE)
    promised(cast, START + timedelta(minutes=30))

    call = whistle(cast)

    assert (call.wanted_from, call.limit_at) == (START, START + timedelta(hours=1.5))
    assert "何晓燕" in asked(call)
    assert "李安和" not in asked(call)


def test_no_question_and_no_ring_goes_beyond_the_limit(cast: Town) -> None:
    ring(1, Asks.OFFICE, minutes=4 * HOUR)
    ring(2, Asks.CENTRE, minutes=4 * HOUR)

    call = again(whistle(cast, hours=0.5, people=1))

    dues = set(call.offers.values_list("answer_due_at", flat=True))
    assert (call.ring_due_at, dues) == (START + timedelta(hours=0.5), {START + timedelta(hours=0.5)})


@pytest.mark.parametrize("rings", [True, False])
def test_when_it_is_over_nobody_is_asked_or_bound_and_the_place_hears_of_it_once(
    cast: Town, time: Time, rings: bool
) -> None:
    if rings:
        cast.unit.place = cast.county
        cast.unit.save()
        ring(1, Asks.OWN)
        ring(2, Asks.DUTY, team_kind=cast.unit_kind)
    call = whistle(cast)

    for hours in (1.6, 1.7, 30):
        time.after(hours)

    call = again(call)
    assert (call.state, call.level, call.ring, call.ring_due_at) == (State.POOLED, Level.CENTRE, 0, None)
    assert not call.offers.exclude(state__in=[OfferState.EXPIRED, OfferState.WITHDRAWN]).exists()
    assert call.events.filter(verb="time_up").count() == 1
    assert Notice.objects.filter(person=cast.dispatcher, body__contains="最晚时间到了").count() == 1


def test_what_is_over_is_wished_for_at_no_other_time(cast: Town, time: Time) -> None:
    call = whistle(cast)
    before = wish_of(call)
    time.after(1.6)
    Call.objects.filter(pk=call.pk).update(lon=120.05, lat=30.28)

    bits = weighing.matter(cast.county).needs.slots.tolist()

    assert (before is None, wish_of(again(call))) == (False, None)
    assert bits == [1 << ANY_TIME]


def test_it_goes_out_again_only_with_a_new_limit(cast: Town, time: Time) -> None:
    ring(1, Asks.OFFICE)
    call = whistle(cast)
    time.after(1.6)
    time.on(minutes=1)
    boss, client = actor(cast.dispatcher), browser(cast.dispatcher)
    address = reverse("calls:widen", args=[call.public_id])

    with pytest.raises(LimitOver):
        actions.widen(actor=boss, call=again(call), people=3)
    refused = sent(client, address, people="3", until="2026-03-03T10:30")
    moved = sent(client, address, people="3", until="2026-03-03T18:00")

    call = again(call)
    assert (refused.status_code, "until" in refused.context["form"].errors, moved.status_code) == (422, True, 303)
    assert (call.state, call.people_needed, call.limit_at) == (State.DISPATCHED, 3, START + timedelta(hours=8))


def test_a_new_limit_alone_holds_though_nobody_else_can_be_asked(cast: Town) -> None:
    ring(1, Asks.OFFICE)
    call = whistle(cast)
    boss, who = actor(cast.dispatcher), asked(call)

    actions.widen(actor=boss, call=call, until=START + timedelta(hours=8))
    later = again(call)
    actions.widen(actor=boss, call=call, until=START + timedelta(hours=0.5))
    sooner = again(call)

    assert (later.limit_at, later.ring, later.ring_due_at) == (
        START + timedelta(hours=8),
        1,
        START + timedelta(hours=1),
    )
    assert (sooner.limit_at, sooner.ring_due_at) == (START + timedelta(hours=0.5),) * 2
    assert asked(call) == who
    with pytest.raises(actions.NobodyToAsk):
        actions.widen(actor=boss, call=call)


def test_a_new_limit_of_a_call_that_reached_nobody_holds_and_the_desk_is_told(cast: Town) -> None:
    ring(1, Asks.OFFICE)
    Volunteer.objects.update(left_at=START)
    Team.objects.update(active=False)
    call, client = whistle(cast), browser(cast.dispatcher)

    moved = sent(client, reverse("calls:widen", args=[call.public_id]), people="2", until="2026-03-03T18:00")
    html = client.get(moved["Location"]).content.decode()

    call, limit = again(call), START + timedelta(hours=8)
    assert (call.state, call.ring, call.limit_at, call.ring_due_at) == (State.POOLED, 0, limit, limit)
    assert ("各圈里现在都没有能问的人" in html, "已经呼叫出去" in html) == (True, False)


@pytest.mark.parametrize("way", ["recall", "hand_back", "resume"])
def test_a_call_in_no_ring_still_hears_that_its_time_is_over(cast: Town, time: Time, way: str) -> None:
    ring(1, Asks.OFFICE)
    boss, li = actor(cast.dispatcher), actor(cast.li.person)
    call = actions.recall(actor=boss, call=whistle(cast), reason="先问问村里")
    if way == "hand_back":
        call = actions.dispatch(actor=boss, call=call, volunteers=[cast.li])
        call = actions.accept(actor=li, call=call)
        actions.hand_back(actor=li, call=call, reason="去不了")
    elif way == "resume":
        call = actions.suspend(actor=boss, call=call, reason="水退了一点")
        actions.resume(actor=boss, call=call)
    due = again(call).ring_due_at

    for hours in (1.6, 1.7):
        time.after(hours)

    call = again(call)
    assert (due, call.ring, call.ring_due_at) == (call.limit_at, 0, None)
    assert call.events.filter(verb="time_up").count() == 1
    assert Notice.objects.filter(person=cast.dispatcher, body__contains="最晚时间到了").count() == 1


def test_the_tally_the_card_and_the_page_of_the_question_say_until_when(cast: Town, time: Time) -> None:
    ring(1, Asks.OFFICE)
    call = whistle(cast)
    desk = browser(cast.dispatcher)
    tally = reverse("calls:tally", args=[call.public_id])

    pages = [desk.get(tally), desk.get(reverse("calls:board"))]
    pages.append(browser(cast.he.person).get(reverse("calls:offer", args=[call.public_id])))
    time.after(1.6)
    late = browser(cast.dispatcher).get(tally).content.decode()

    assert all("11:30前" in page.content.decode() for page in pages)
    assert "已经过了" in late
    assert Offer.objects.filter(call=call, state=OfferState.OFFERED).count() == 0
