"""Asking takes at most three short pages from home to thanks; somebody standing in works at the desk until the loan ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from huying.calls.models import Call
from huying.calls.states import State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, actor
from huying.calls.tests.timing import Time
from huying.people import actions as people_actions
from huying.people.models import Role

pytestmark = pytest.mark.django_db
MOST_PAGES = 3


@pytest.fixture
def cast(time: Time, settings: Any) -> Cast:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    return Cast()


def asked_for(client: Client, address: str, body: dict[str, Any]) -> tuple[Any, str]:
    """Send a form as a browser would: the answer and where it leads."""
    answer = sent(client, address, **body)
    assert answer.status_code == 303, answer.content.decode()[:2000]
    return answer, answer["Location"]


def test_from_home_to_thanks_are_at_most_three_pages(cast: Cast) -> None:
    client, pages = browser(cast.resident), list[str]()

    def opened(address: str) -> str:
        answer = client.get(address)
        assert answer.status_code == 200
        pages.append(address)
        return answer.content.decode()

    home = client.get("/").content.decode()
    assert 'href="/ask/"' in home
    menu = opened("/ask/")
    assert 'href="/ask/clinic/"' in menu
    form = opened("/ask/clinic/")
    assert form.count("<form") >= 1
    body = {
        "title": "去医院复查",
        "when": "any",
        "place": str(cast.home.public_id),
        "address": "3 幢 201",
        "phone": "13800001111",
    }
    _answer, thanks = asked_for(client, "/ask/clinic/", body)
    said = opened(thanks)

    call = Call.objects.get()
    assert (call.state, call.number in said) == (State.SUBMITTED, True)
    assert len(pages) <= MOST_PAGES, pages


# ── standing in ─────────────────────────────────────────────────────────────
def loan(cast: Cast, hours: int) -> Role:
    own = Role.objects.get(person=cast.dispatcher)
    return people_actions.lend_role(
        actor=actor(cast.dispatcher),
        role_id=own.pk,
        person_id=cast.neighbour.pk,
        place=cast.street,
        starts_at=START,
        ends_at=START + timedelta(hours=hours),
    )


def dispatched(cast: Cast, client: Client, call: Call) -> int:
    body = {"volunteers": [str(cast.li.public_id)]}
    return sent(client, f"/desk/calls/{call.public_id}/dispatch/", **body).status_code


def test_a_dispatcher_who_stands_in_works_at_the_desk_and_ends_by_himself(cast: Cast, time: Time) -> None:
    client = browser(cast.neighbour)
    before, first, second = client.get("/desk/").status_code, cast.call(State.POOLED), cast.call(State.POOLED)
    loan(cast, hours=8)

    during = client.get("/desk/")
    worked = dispatched(cast, client, first)
    time.at = START + timedelta(hours=8)  # the end itself is not part of the loan
    after = [client.get("/desk/").status_code, dispatched(cast, client, second)]

    assert (before, during.status_code, worked, after) == (403, 200, 303, [403, 403])
    assert str(first.public_id) in during.content.decode()
    event = Call.objects.get(pk=first.pk).events.get(verb="dispatch")
    assert event.person == cast.neighbour
    assert Call.objects.get(pk=second.pk).state == State.POOLED


def test_a_loan_for_one_street_opens_no_other_and_ends_with_the_lenders_own_role(cast: Cast, time: Time) -> None:
    away = cast.call(State.POOLED)
    Call.objects.filter(pk=away.pk).update(place=cast.away)
    here, client = cast.call(State.POOLED), browser(cast.neighbour)
    loan(cast, hours=100)
    elsewhere = dispatched(cast, client, away)

    time.at += timedelta(hours=1)
    Role.objects.filter(person=cast.dispatcher).update(ends_at=time.at)

    assert (elsewhere, dispatched(cast, client, here)) == (404, 403)
