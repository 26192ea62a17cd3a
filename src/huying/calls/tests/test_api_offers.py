"""Later and standing by through the REST interface: the rules of the helper's page, his own offers only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from huying.calls import actions
from huying.calls.models import Call, Offer
from huying.calls.states import OfferState, State
from huying.calls.tests.factories import START, Cast, actor, clocks, kind
from huying.calls.tests.test_api import call_as, cast, refused

__all__ = ["call_as", "cast"]
pytestmark = pytest.mark.django_db


def asked(cast: Cast) -> Call:
    """Li and He are asked for one call; the answer is due in half an hour."""
    clocks(answer=30)
    call = cast.call(State.POOLED)
    return actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])


def test_later_keeps_the_question_open_and_says_when_it_comes_again(cast: Cast, call_as: Any) -> None:
    call, li = asked(cast), call_as(cast.li)
    soon = (START + timedelta(minutes=10)).isoformat()

    answer = li.post(f"/{call.public_id}/later", {"at": soon})

    mine = Offer.objects.get(volunteer=cast.li)
    assert (mine.state, mine.remind_at) == (OfferState.OFFERED, START + timedelta(minutes=10))
    assert answer.status_code == 200
    assert answer.json() == li.get(f"/{call.public_id}/offer").json()
    assert (answer.json()["id"], answer.json()["state"], answer.json()["team"]) == (str(mine.public_id), "offered", "")


@pytest.mark.parametrize(
    ("body", "refusal"),
    [
        ({}, (422, "invalid_input", {"at"})),
        ({"at": "gestern"}, (422, "invalid_input", {"at"})),
        ({"at": (START + timedelta(minutes=30)).isoformat()}, (422, "not_later_than", {"at"})),
        ({"at": (START - timedelta(minutes=1)).isoformat()}, (422, "not_later_than", {"at"})),
        ({"at": (START + timedelta(minutes=5)).isoformat(), "seats": 3}, (422, "invalid_input", {"seats"})),
        ({"at": (START + timedelta(minutes=5)).isoformat(), "offer": str(uuid4())}, (404, "not_found", set())),
    ],
)
def test_a_moment_that_cannot_be_is_named(cast: Cast, call_as: Any, body: Any, refusal: Any) -> None:
    call = asked(cast)

    assert refused(call_as(cast.li).post(f"/{call.public_id}/later", body)) == refusal
    assert not Offer.objects.exclude(remind_at=None).exists()


def test_standing_by_begins_when_the_call_is_filled_and_ends_without_a_trace(cast: Cast, call_as: Any) -> None:
    call, he = asked(cast), call_as(cast.he)
    assert refused(he.post(f"/{call.public_id}/stand_by", {})) == (409, "nothing_asked", set())
    call_as(cast.li).post(f"/{call.public_id}/accept", {"offer": str(Offer.objects.get(volunteer=cast.li).public_id)})

    states = [he.get(f"/{call.public_id}/offer").json()["state"]]
    states += [he.post(f"/{call.public_id}/{verb}", {}).json()["state"] for verb in ("stand_by", "step_back")]

    assert states == ["withdrawn", "reserve", "withdrawn"]
    assert refused(he.post(f"/{call.public_id}/step_back", {})) == (409, "nothing_asked", set())
    assert he.get(f"/{call.public_id}").status_code == 404  # the call itself is no longer his to see


def test_who_was_never_asked_finds_nothing(cast: Cast, call_as: Any) -> None:
    call = asked(cast)

    for somebody in (cast.keeper, cast.resident, cast.leader):
        stranger, later = call_as(somebody), {"at": (START + timedelta(minutes=5)).isoformat()}
        assert stranger.get(f"/{call.public_id}/offer").status_code == 404
        assert stranger.post(f"/{call.public_id}/later", later).status_code == 404
        assert stranger.post(f"/{call.public_id}/stand_by", {}).status_code == 404


def test_the_leader_answers_the_offer_of_his_team_or_his_own_and_a_no_reads_like_silence(
    cast: Cast, call_as: Any
) -> None:
    call = cast.call(State.POOLED)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.leader], teams=[cast.team])
    own, ours = Offer.objects.get(volunteer=cast.leader), Offer.objects.get(team=cast.team)
    leader, soon = call_as(cast.leader), (START + timedelta(minutes=5)).isoformat()

    leader.post(f"/{call.public_id}/later", {"at": soon, "offer": str(ours.public_id)})
    told = leader.get(f"/{call.public_id}/offer", offer=str(ours.public_id)).json()
    leader.post(f"/{call.public_id}/decline", {"offer": str(own.public_id)})

    own.refresh_from_db()
    ours.refresh_from_db()
    assert (own.state, own.put_away, ours.state, ours.put_away) == ("offered", True, "offered", False)
    assert ours.remind_at == START + timedelta(minutes=5)
    assert leader.get(f"/{call.public_id}/offer", offer=str(own.public_id)).json()["state"] == "expired"
    assert leader.post(f"/{call.public_id}/later", {"at": soon, "offer": str(own.public_id)}).status_code == 409
    assert (told["team"], told["id"]) == ("和平助老队", str(ours.public_id))


def test_the_document_of_the_interface_names_them(cast: Cast, call_as: Any) -> None:
    paths = call_as(cast.li).client.get("/api/v1/openapi.json").json()["paths"]

    named = {path.rpartition("/")[2] for path in paths if path.startswith("/api/v1/calls/")}
    assert {"offer", "later", "stand_by", "step_back", "{verb}"} <= named


def test_the_menu_shows_lines_that_are_on_it(cast: Cast, call_as: Any) -> None:
    kind("off", name="停了", active=False)
    kind("urgent", name="急", emergency="120 110", urgent=True)

    menu = call_as(cast.resident).get("/menu").json()

    assert {one["code"]: one["emergency"] for one in menu} == {"clinic": [], "urgent": ["120", "110"]}
