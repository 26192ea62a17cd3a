"""Sending a call to helpers from the desk, and joining the same matter asked twice."""

from __future__ import annotations

import pytest
from django.urls import reverse

from huying.calls import actions, queries
from huying.calls.models import Call, Offer
from huying.calls.states import OfferState, State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, actor, person, volunteer
from huying.kernel.errors import Conflict, Forbidden

pytestmark = pytest.mark.django_db


def offers(call: Call) -> list[tuple[str, str]]:
    rows = call.offers.select_related("volunteer__person", "team").order_by("id")
    return [(str(one.volunteer or one.team), one.state) for one in rows]


def dispatch_address(call: Call) -> str:
    return reverse("calls:dispatch", args=[call.public_id])


def test_pressing_the_button_beside_a_name_asks_that_helper(cast: Cast) -> None:
    call = cast.call()
    back = f"/desk/?only=today&call={call.public_id}"

    answer = sent(browser(cast.keeper), dispatch_address(call), volunteers=[str(cast.li.public_id)], next=back)

    assert (answer.status_code, answer["Location"]) == (303, back)
    assert Call.objects.get(pk=call.pk).state == State.DISPATCHED
    assert offers(call) == [("李安和", OfferState.OFFERED)]


def test_several_helpers_and_a_team_can_be_asked_at_once(cast: Cast) -> None:
    call = cast.call(people_needed=2)

    sent(
        browser(cast.keeper),
        dispatch_address(call),
        volunteers=[str(cast.li.public_id), str(cast.he.public_id)],
        teams=[str(cast.team.public_id)],
    )

    assert offers(call) == [
        ("李安和", OfferState.OFFERED),
        ("何晓燕", OfferState.OFFERED),
        ("和平助老队", OfferState.OFFERED),
    ]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({}, 422),
        ({"volunteers": ["not-a-uuid"]}, 422),
        ({"volunteers": ["01890000-0000-7000-8000-000000000000"]}, 404),
        ({"volunteers": ["x" * 4000]}, 422),
        ({"volunteers": ["01890000-0000-7000-8000-000000000000"] * 60}, 422),
        ({"teams": ["'; DROP TABLE"]}, 422),
    ],
)
def test_odd_choices_are_refused_and_nothing_changes(cast: Cast, body: dict[str, list[str]], status: int) -> None:
    call = cast.call()

    answer = sent(browser(cast.keeper), dispatch_address(call), **body)

    assert answer.status_code == status
    assert (Call.objects.get(pk=call.pk).state, offers(call)) == (State.SUBMITTED, [])


def test_a_helper_of_another_street_cannot_be_asked_by_a_station(cast: Cast) -> None:
    call = cast.call()
    far = volunteer(person("远山", cast.away), cast.away)

    codes = [
        sent(browser(who), dispatch_address(call), volunteers=[str(far.public_id)]).status_code
        for who in (cast.keeper, cast.dispatcher)
    ]

    assert codes == [404, 303]


def test_an_outsider_and_a_stranger_cannot_dispatch(cast: Cast) -> None:
    call = cast.call()
    body = {"volunteers": [str(cast.li.public_id)]}

    codes = [sent(browser(who), dispatch_address(call), **body).status_code for who in (cast.outsider, cast.resident)]

    assert codes == [404, 403]
    assert offers(call) == []


def test_a_page_that_is_out_of_date_is_told_so(cast: Cast) -> None:
    call = cast.call()
    actions.cancel(actor=actor(cast.resident), call=call, reason="不用了")

    answer = sent(browser(cast.keeper), dispatch_address(call), volunteers=[str(cast.li.public_id)])

    assert answer.status_code == 409
    assert "已取消" in answer.content.decode()


def test_next_leads_nowhere_else(cast: Cast) -> None:
    call = cast.call()

    answer = sent(
        browser(cast.keeper),
        dispatch_address(call),
        volunteers=[str(cast.li.public_id)],
        next="https://evil.example/desk/",
    )

    assert answer["Location"] == reverse("calls:panel", args=[call.public_id])


# ── duplicates ──────────────────────────────────────────────────────────────
def test_the_same_matter_is_suggested_to_the_desk(cast: Cast) -> None:
    first = cast.call(title="去医院复查")
    second = cast.call(title="下周复查")

    assert queries.panel(actor(cast.keeper), second).duplicates == [first]
    assert queries.panel(actor(cast.outsider), second).duplicates == []


def test_joining_ends_one_call_frees_who_was_asked_and_the_other_remembers(cast: Cast) -> None:
    first = cast.call()
    second = cast.call(State.DISPATCHED)
    address = reverse("calls:duplicate", args=[second.public_id])

    answer = sent(browser(cast.keeper), address, of=str(first.public_id))

    joined, kept = Call.objects.get(pk=second.pk), Call.objects.get(pk=first.pk)
    assert answer["Location"] == f"/desk/?call={first.public_id}"
    assert (joined.state, joined.duplicate_of_id, joined.ended_at) == (State.CANCELLED, first.pk, START)
    assert offers(second) == [("李安和", OfferState.WITHDRAWN)]
    assert (kept.state, kept.events.latest("id").verb) == (State.SUBMITTED, "joined")


def test_two_calls_cannot_be_joined_to_each_other(cast: Cast) -> None:
    first, second = cast.call(), cast.call()
    actions.mark_duplicate(actor=actor(cast.keeper), call=second, of=first)

    with pytest.raises(Conflict):
        actions.mark_duplicate(actor=actor(cast.keeper), call=first, of=second)


@pytest.mark.parametrize("state", [State.CLOSED, State.CANCELLED, State.DRAFT])
def test_nothing_is_joined_to_a_call_that_has_ended_or_was_never_handed_in(cast: Cast, state: State) -> None:
    other, call = cast.call(state), cast.call()

    with pytest.raises(Conflict):
        actions.mark_duplicate(actor=actor(cast.keeper), call=call, of=other)

    assert Call.objects.get(pk=call.pk).state == State.SUBMITTED


def test_only_those_on_duty_for_both_may_join(cast: Cast) -> None:
    here, there = cast.call(), cast.call(place=cast.away)

    for who in (cast.keeper, cast.outsider, cast.resident):
        with pytest.raises(Forbidden):
            actions.mark_duplicate(actor=actor(who), call=here, of=there)
    actions.mark_duplicate(actor=actor(cast.dispatcher), call=here, of=there)

    assert Call.objects.get(pk=here.pk).duplicate_of_id == there.pk


def test_who_was_only_asked_about_a_joined_call_is_let_go_and_not_written_to(cast: Cast) -> None:
    first, second = cast.call(), cast.call(State.DISPATCHED)
    actions.mark_duplicate(actor=actor(cast.keeper), call=second, of=first)
    event = second.events.get(verb="duplicate")

    from huying.calls.actions.telling import helpers

    assert helpers(event) == set()  # nobody was coming
    assert Offer.objects.get(pk=event.facts["released"][0]).volunteer == cast.li
