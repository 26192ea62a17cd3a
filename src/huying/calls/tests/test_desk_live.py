"""The board while it is open: what it asks again, what the panel follows, and what that costs (S0-3a; C04)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huying.calls import actions, queries
from huying.calls.models import Offer
from huying.calls.states import OfferState, State
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, Cast, actor, person, volunteer
from huying.kernel import clock

pytestmark = pytest.mark.django_db


# ── live ────────────────────────────────────────────────────────────────────
def test_the_columns_answer_304_until_something_changes(cast: Cast) -> None:
    call = cast.call()
    client = browser(cast.keeper)
    first = client.get("/desk/columns/")

    again = client.get("/desk/columns/", headers={"If-None-Match": first["ETag"]})
    actions.review(actor=actor(cast.keeper), call=call)
    moved = client.get("/desk/columns/", headers={"If-None-Match": first["ETag"]})

    assert (first.status_code, again.status_code, moved.status_code) == (200, 304, 200)
    assert again.content == b"" and again["ETag"] == first["ETag"] != moved["ETag"]
    assert first["Cache-Control"] == "private, no-cache"


def test_columns_that_came_compressed_answer_304_too(cast: Cast) -> None:
    cast.call()
    client = browser(cast.keeper)
    first = client.get("/desk/columns/", headers={"Accept-Encoding": "gzip"})

    again = client.get("/desk/columns/", headers={"Accept-Encoding": "gzip", "If-None-Match": first["ETag"]})

    assert first["Content-Encoding"] == "gzip" and first["ETag"].startswith('W/"')
    assert (again.status_code, again.content) == (304, b"")


def test_the_columns_tell_the_version_of_the_call_whose_panel_is_open(cast: Cast) -> None:
    call = cast.call(State.REVIEWING)
    client, address = browser(cast.keeper), f"/desk/columns/?call={call.public_id}"
    panel = client.get(f"/desk/?call={call.public_id}", headers={"HX-Request": "true", "HX-Target": "detail"})
    first = client.get(address)
    actions.say(actor=actor(cast.keeper), call=call, text="明天上午行吗")
    again = client.get(address, headers={"If-None-Match": first["ETag"]})

    drawn, newest = panel.context["panel"].version, again.context["version"]
    assert f'data-live="{call.public_id}" data-version="{drawn}"' in panel.content.decode()
    assert f'data-chosen="{call.public_id}" data-version="{drawn}"' in first.content.decode()
    assert again.status_code == 200 and newest > drawn


@pytest.mark.parametrize("verb", ["review", "pool", "ask_info", "cancel"])
def test_the_stamp_moves_with_every_step_and_with_the_minute(cast: Cast, verb: str) -> None:
    call, reader = cast.call(), actor(cast.keeper)
    before = queries.stamp(reader)

    given = {"ask_info": {"note": "哪家医院？"}, "cancel": {"reason": "不用了"}}.get(verb, {})
    getattr(actions, verb)(actor=reader, call=call, **given)
    after = queries.stamp(reader)
    with clock.frozen(START + timedelta(minutes=1)):
        later = queries.stamp(reader)

    assert len({before, after, later}) == 3


def test_a_new_call_elsewhere_does_not_move_the_stamp(cast: Cast) -> None:
    cast.call()
    before = queries.stamp(actor(cast.outsider))

    cast.call()

    assert queries.stamp(actor(cast.outsider)) == before


def test_the_script_gets_the_panel_alone_and_the_address_of_the_board_keeps_the_choice(cast: Cast) -> None:
    call = cast.call()
    client = browser(cast.keeper)
    address = f"/desk/?only=today&call={call.public_id}"

    part = client.get(address, headers={"HX-Request": "true", "HX-Target": "detail"}).content.decode()
    whole = client.get(address).content.decode()

    assert "<html" not in part and call.number in part
    assert "<html" in whole and call.number in whole and "hy-ticket--on" in whole


# ── cost ────────────────────────────────────────────────────────────────────
def queries_of(client: Client, address: str) -> int:
    client.get(address)
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len([q for q in seen.captured_queries if not q["sql"].startswith(("SAVEPOINT", "RELEASE"))])


def test_the_board_asks_the_same_few_questions_for_one_call_and_for_three(cast: Cast) -> None:
    cast.call(State.SERVING)
    client = browser(cast.keeper)
    one = {address: queries_of(client, address) for address in ("/desk/", "/desk/columns/", "/desk/list/")}

    Offer.objects.all().update(state=OfferState.DONE)
    cast.call(State.SERVING, urgent=True)
    cast.call()
    three = {address: queries_of(client, address) for address in one}

    assert three == one
    assert max(one.values()) <= 12


def test_the_panel_costs_the_same_with_one_and_with_three_helpers_to_ask(cast: Cast) -> None:
    call = cast.call()
    client = browser(cast.keeper)
    address = reverse("calls:panel", args=[call.public_id])
    before = queries_of(client, address)

    for name in ("梅子", "兰草", "竹青"):
        volunteer(person(name, cast.home), cast.home)

    assert queries_of(client, address) == before


@pytest.mark.parametrize(
    ("address", "alone", "most"),
    [("/desk/calls/{id}/", False, 21), ("/desk/?call={id}", True, 19), ("/desk/?call={id}", False, 26)],
    ids=["its own page", "the panel alone", "the panel with the whole board"],
)
def test_a_chosen_call_costs_few_queries(cast: Cast, address: str, alone: bool, most: int) -> None:
    cast.call(title="以前的事")
    call = cast.call(State.REVIEWING, urgent=True)
    client, page = browser(cast.keeper), address.format(id=call.public_id)
    headers = {"HX-Request": "true", "HX-Target": "detail"} if alone else {}
    client.get(page, headers=headers)

    with CaptureQueriesContext(connection) as made:
        assert client.get(page, headers=headers).status_code == 200

    asked = [one["sql"] for one in made.captured_queries]
    assert len(asked) <= most, f"{len(asked)} queries:\n" + "\n".join(asked)
