"""Every step, in every state, through the page and through the API: taken by who may, refused to everybody else.

One table says what must come back; it knows the transitions and who is part of which call, nothing of the rules.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from huying.calls.api import Verb
from huying.calls.forms import FORMS
from huying.calls.models import Call, CallEvent
from huying.calls.states import TRANSITIONS, State
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, Cast
from huying.kernel import clock

pytestmark = pytest.mark.django_db
STATES = [state for state in State if state not in {State.RATED, State.AUTO_RATED}]
VERBS = sorted([*FORMS, "dispatch"])
TAKERS = {
    "requester": "resident",
    "staff": "keeper",
    "helper": "li",
    "coming": "li",
    "there": "li",
    "last": "li",
    "offered": "li",
    "volunteer": "he",
}
ORDER = ("staff", "helper", "coming", "there", "last", "offered", "volunteer", "requester")
ASKED = {State.DISPATCHED, State.ACCEPTED, State.SCHEDULED, State.SERVING, State.DELIVERED, State.CLOSED}
SEES = {
    "resident": set(STATES),
    "keeper": set(STATES) - {State.DRAFT},
    "li": ASKED | {State.POOLED},
    "he": {State.POOLED},
    "outsider": set(),
}
"""Who finds which calls at all; for the others the address is not there."""
NOT_THE_HELPER = {(verb, state) for verb in ("hand_back", "arrive", "enough") for state in ("pooled", "dispatched")}
NOT_THE_HELPER |= {("arrive", "serving"), *(("leave", state) for state in TRANSITIONS["leave"].from_)}
NOT_THE_HELPER |= {("seek_more", state) for state in TRANSITIONS["seek_more"].from_}
"""Taken there only where a call has several helpers (test_life); the one who is merely asked may not."""
TYPED: dict[str, Any] = {
    "note": "说明一下",
    "reason": "有原因",
    "at": "2026-03-04T15:00",
    "score": "4",
    "solved": "yes",
    "target": "120",
    "people": "3",
}
SENT: dict[str, dict[str, Any]] = {
    "schedule": {"at": "2026-03-04T15:00:00+08:00"},
    "rate": {"score": 4, "solved": True},
    "deliver": {"note": "已陪同"},
    "ask_info": {"note": "哪家医院？"},
    "give_info": {"note": "市一医院"},
    "seek_more": {"people": 3},
    "transfer": {"target": "120"},
    **{verb: {"reason": "有原因"} for verb in ("reject", "recall", "hand_back", "reopen", "suspend", "cancel")},
}
QUIET = "decline"
"""A volunteer's no changes nothing that anybody could see until its time (decision 0021)."""
_keys = count(1)


class World:
    """One call in every state, everybody signed in once; what a request changes is taken back."""

    def __init__(self) -> None:
        self.cast = Cast()
        self.calls: dict[str, Call] = {state: self.cast.call(state) for state in STATES}
        people = {name: getattr(self.cast, name) for name in SEES}
        self.browsers = {name: browser(getattr(who, "person", who)) for name, who in people.items()}

    def page(self, client: Client, call: Call, verb: str) -> int:
        key = {"idempotency_key": f"walk-{next(_keys):08d}"}
        if verb == "dispatch":
            body = {"volunteers": [str(self.cast.he.public_id)]}
            return client.post(reverse("calls:dispatch", args=[call.public_id]), {**key, **body}).status_code
        body = {name: TYPED[name] for name in FORMS[verb].base_fields if name in TYPED}
        return client.post(reverse("calls:step", args=[call.public_id, verb]), {**key, **body}).status_code

    def api(self, client: Client, call: Call, verb: str) -> int:
        body = {"volunteers": [str(self.cast.he.public_id)]} if verb == "dispatch" else SENT.get(verb, {})
        return client.post(
            f"/api/v1/calls/{call.public_id}/{verb}",
            json.dumps(body),
            content_type="application/json",
            headers={"Idempotency-Key": f"walk-{next(_keys):08d}"},
        ).status_code

    def ask(self, door: str, who: str, verb: str, state: str) -> tuple[int, str]:
        """(status, state afterwards); everything is as before when this returns."""
        call = self.calls[state]
        with transaction.atomic():
            lines = CallEvent.objects.count()
            status = getattr(self, door)(self.browsers[who], call, verb)
            after = Call.objects.values_list("state", flat=True).get(pk=call.pk)
            taken = call.offers.filter(put_away=True).exists() if verb == QUIET else CallEvent.objects.count() > lines
            assert taken == (status in {200, 303}), (door, who, verb, state, status)
            transaction.set_rollback(True)
        return status, after


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    with django_db_blocker.unblock(), transaction.atomic(), clock.frozen(START):
        yield World()
        transaction.set_rollback(True)


def taker(verb: str) -> str:
    return TAKERS[next(one for one in ORDER if one in TRANSITIONS[verb].by)] if verb != "submit" else "resident"


def wrong_one(verb: str) -> str:
    """Somebody inside the call whose step it is not; nobody when both sides may take it."""
    if "requester" not in TRANSITIONS[verb].by:
        return "resident"
    return "" if "staff" in TRANSITIONS[verb].by else "keeper"


def expected(door: str, who: str, verb: str, state: State) -> tuple[int, str]:
    if state not in SEES[who]:
        return 404, state
    if state not in TRANSITIONS[verb].from_:
        return 409, state
    if who != taker(verb) or (verb, state) in NOT_THE_HELPER:
        unknown_helper = verb == "dispatch" and door == "api"  # whom he names is not his to see either
        return (404 if unknown_helper else 403), state
    after = {"rate": State.CLOSED, QUIET: state}.get(verb, TRANSITIONS[verb].to)
    return (303 if door == "page" else 200), after


@pytest.mark.parametrize("door", ["page", "api"])
@pytest.mark.parametrize("verb", VERBS)
def test_a_step_is_taken_where_the_table_says_and_nowhere_else(world: World, door: str, verb: str) -> None:
    wrong = {}
    for state in STATES:
        known = state in TRANSITIONS[verb].from_
        people = [taker(verb), *(["outsider", wrong_one(verb)] if known else [])]
        for who in filter(None, people):
            found, wanted = world.ask(door, who, verb, state), expected(door, who, verb, state)
            if found != wanted:
                wrong[who, state.value] = (found, wanted)

    assert wrong == {}


def test_the_two_doors_know_the_same_steps() -> None:
    clocks_only = {"expire", "auto_rate", "close", "bind", "seek_on", "time_up"}

    assert set(VERBS) == set(Verb.__args__) == set(TRANSITIONS) - clocks_only
