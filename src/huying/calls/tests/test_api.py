"""The REST interface: the same rules as the pages, one shape of errors, nothing set by surprise (G7, G8)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from huying.calls.api import REQUIRED, TAKES, Verb
from huying.calls.models import Call
from huying.calls.states import TRANSITIONS, State
from huying.calls.tests.factories import START, Cast, actor, kind, run_out
from huying.kernel import clock
from huying.people.models import Person
from huying.people.tests import factories as make

pytestmark = pytest.mark.django_db
_keys = count(1)
SECRETS = ("桂花里3幢", "13800000000")


@pytest.fixture
def cast(db: None, settings: Any) -> Iterator[Cast]:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with clock.frozen(START):
        yield Cast()


class Caller:
    """A program signed in as somebody."""

    def __init__(self, somebody: Person | None = None) -> None:
        if somebody is None:
            self.client = Client()
        else:
            make.account(somebody)
            self.client = make.client(Person.objects.get(pk=somebody.pk))

    def get(self, path: str = "", **query: Any) -> HttpResponse:
        return self.client.get(f"/api/v1/calls{path}", query)

    def post(self, path: str, body: Any, key: str = "") -> HttpResponse:
        key = key or f"api-test-{next(_keys)}"
        headers = {"Idempotency-Key": key}
        data = body if isinstance(body, str | bytes) else json.dumps(body)
        return self.client.post(f"/api/v1/calls{path}", data, content_type="application/json", headers=headers)


@pytest.fixture
def call_as(cast: Cast) -> Callable[[Any], Caller]:
    known: dict[int, Caller] = {}

    def caller(somebody: Any) -> Caller:
        person = getattr(somebody, "person", somebody)
        if person.pk not in known:
            known[person.pk] = Caller(person)
        return known[person.pk]

    return caller


def asking(cast: Cast, **more: Any) -> dict[str, Any]:
    return {"kind": "clinic", "place": str(cast.home.public_id), "title": "去医院复查", **more}


def refused(response: HttpResponse) -> tuple[int, str, set[str]]:
    error = json.loads(response.content)["error"]
    assert set(error) == {"code", "message", "fields"}
    assert error["message"]
    return response.status_code, error["code"], set(error["fields"])


def test_asking_makes_and_submits_a_call_and_shows_no_address(cast: Cast, call_as: Any) -> None:
    body = asking(cast, details="腿脚不便", address=SECRETS[0], contact_phone=SECRETS[1], urgent=True, language="hakka")

    response = call_as(cast.resident).post("", body)

    made = Call.objects.get()
    assert response.status_code == 201
    assert response.json() == {
        "id": str(made.public_id),
        "number": made.number,
        "kind": "clinic",
        "place": str(cast.home.public_id),
        "title": "去医院复查",
        "state": "submitted",
        "level": "station",
        "urgent": True,
        "created_at": "2026-03-03T02:00:00Z",
        "due_at": None,
        "due_estimated": False,
        "overdue": False,
        "scheduled_at": None,
        "delivered_at": None,
        "ended_at": None,
        "score": None,
        "solved": None,
    }
    asked = (made.requester, made.asked_by, made.channel, str(made.language))
    assert asked == (cast.resident, cast.resident, "api", "客家话")
    assert (str(made.address.open()), str(made.contact_phone.open())) == SECRETS
    assert not any(secret in response.content.decode() for secret in SECRETS)


def test_the_same_key_asks_once_and_another_body_with_it_is_a_conflict(cast: Cast, call_as: Any) -> None:
    me = call_as(cast.resident)

    first = me.post("", asking(cast), key="one-key-only")
    again = me.post("", asking(cast), key="one-key-only")
    other = me.post("", asking(cast, title="另一件"), key="one-key-only")

    assert (first.status_code, again.status_code, first.json()) == (201, 201, again.json())
    assert refused(other) == (409, "idempotency_key_reused", set())
    assert Call.objects.count() == 1


def test_a_write_without_a_key_is_refused(cast: Cast, call_as: Any) -> None:
    response = call_as(cast.resident).client.post("/api/v1/calls", asking(cast), content_type="application/json")

    assert refused(response) == (400, "idempotency_key_missing", {"idempotency_key"})
    assert not Call.objects.exists()


def test_a_write_from_another_site_is_refused(cast: Cast) -> None:
    caller = Caller(cast.resident)
    caller.client.handler.enforce_csrf_checks = True

    assert refused(caller.post("", asking(cast))) == (403, "forbidden", set())
    assert not Call.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "fields"),
    [
        ({"kind": "no-such"}, {"kind"}),
        ({"place": str(uuid4())}, {"place"}),
        ({"place": "和平社区"}, {"place"}),
        ({"title": ""}, {"title"}),
        ({"title": "   "}, {"title"}),
        ({"title": "长" * 61}, {"title"}),
        ({"title": 7}, {"title"}),
        ({"details": "长" * 2001}, {"details"}),
        ({"answers": {"no_such": "x"}}, {"answers.no_such"}),
        ({"answers": {"x": {"deep": 1}}}, {"answers.x"}),
        ({"answers": "x"}, {"answers"}),
        ({"for_person": str(uuid4())}, {"for_person"}),
        ({"wanted_from": "tomorrow"}, {"wanted_from"}),
        ({"wanted_from": "2026-03-09T10:00:00"}, {"wanted_from"}),
        ({"wanted_from": "2026-03-01T10:00:00+08:00"}, {"wanted_from"}),
        ({"language": "klingon"}, {"language"}),
        ({"helper_sex": "female", "helper_age": ""}, {"helper_sex"}),
        ({"urgent": "perhaps"}, {"urgent"}),
        ({"state": "closed"}, {"state"}),
        ({"requester_id": 1, "score": 5, "accepted_count": 3}, {"requester_id", "score", "accepted_count"}),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else "",
)
def test_every_wrong_field_is_named_and_nothing_is_kept(
    cast: Cast, call_as: Any, wrong: dict[str, Any], fields: set[str]
) -> None:
    response = call_as(cast.resident).post("", {**asking(cast), **wrong})

    status, _code, named = refused(response)
    assert (status, named) == (422, fields)
    assert not Call.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"kind": NaN}', b'{"title": "\\u0000"}', b'{"title": "\\ud800"}',
     b'{"answers": ' + b'{"a":' * 50 + b"1" + b"}" * 50 + b"}"],
)  # fmt: skip
def test_a_body_that_is_no_call_is_refused(cast: Cast, call_as: Any, body: bytes) -> None:
    status, _code, _fields = refused(call_as(cast.resident).post("", body))

    assert status in {400, 422}


def test_a_body_of_ten_megabytes_is_refused(cast: Cast, call_as: Any) -> None:
    caller = call_as(cast.resident)
    caller.client.raise_request_exception = False

    assert refused(caller.post("", asking(cast, details="长" * 3_500_000)))[0] == 413


def test_letters_of_every_kind_come_back_as_they_were_sent(cast: Cast, call_as: Any) -> None:
    title = "助老👵🏽 \u202eABC\u202c العربية ‹›'\"<script>"

    assert call_as(cast.resident).post("", asking(cast, title=title)).json()["title"] == title


QUESTIONS = [
    {"key": "hospital", "label": "哪家医院", "label_en": "", "type": "text", "required": True},
    {"key": "floor", "label": "几楼", "label_en": "", "type": "number", "required": False, "min": 1, "max": 40},
    {"key": "chair", "label": "轮椅", "label_en": "", "type": "yesno", "required": False},
    {
        "key": "when",
        "label": "哪天",
        "label_en": "",
        "type": "choice",
        "required": False,
        "choices": [["am", "上午", ""], ["pm", "下午", ""]],
    },
]


def test_answers_are_checked_like_those_of_the_form(cast: Cast, call_as: Any) -> None:
    kind("asks", name="会问", questions=QUESTIONS)
    me = call_as(cast.resident)
    right = {"hospital": "区医院", "floor": 5, "chair": True, "when": "pm"}

    missing = me.post("", asking(cast, kind="asks"))
    wrong = me.post("", asking(cast, kind="asks", answers={**right, "floor": 99, "when": "never", "colour": "red"}))
    good = me.post("", asking(cast, kind="asks", answers=right))

    assert refused(missing) == (422, "invalid_input", {"answers.hospital"})
    assert refused(wrong) == (422, "invalid_input", {"answers.floor", "answers.when", "answers.colour"})
    assert (good.status_code, Call.objects.get().answers) == (201, right)


def test_asking_for_somebody_needs_the_right_and_is_marked(cast: Cast, call_as: Any) -> None:
    body = asking(cast, for_person=str(cast.resident.public_id))

    by_neighbour = call_as(cast.neighbour).post("", body)
    by_grid_worker = call_as(cast.grid_worker).post("", body)

    assert refused(by_neighbour) == (422, "invalid_input", {"for_person"})
    call = Call.objects.get(public_id=by_grid_worker.json()["id"])
    assert (call.requester, call.asked_by) == (cast.resident, cast.grid_worker)
    assert call.events.get(verb="submit").on_behalf


def test_lists_hold_what_the_caller_may_see_page_by_page(cast: Cast, call_as: Any) -> None:
    calls = [cast.call() for _ in range(28)]
    cast.call(State.DRAFT)
    keeper = call_as(cast.keeper)

    first = keeper.get().json()
    second = keeper.get(cursor=first["next"]).json()

    seen = [one["number"] for one in [*first["calls"], *second["calls"]]]
    assert (len(first["calls"]), second["next"]) == (25, None)
    assert seen == [call.number for call in reversed(calls)]
    assert call_as(cast.outsider).get().json() == {"calls": [], "next": None}


def test_lists_can_be_narrowed_by_state(cast: Cast, call_as: Any) -> None:
    cast.call()
    pooled = cast.call(State.POOLED)

    found = call_as(cast.keeper).get(state=["pooled", "closed"]).json()["calls"]

    assert [one["number"] for one in found] == [pooled.number]


@pytest.mark.parametrize("query", [{"state": "lost"}, {"cursor": "x"}, {"cursor": "x" * 5000}, {"cursor": "\x00"}])
def test_a_hostile_query_is_refused(cast: Cast, call_as: Any, query: dict[str, str]) -> None:
    assert call_as(cast.keeper).get(**query).status_code == 422


def test_strangers_learn_nothing_about_a_call(cast: Cast, call_as: Any) -> None:
    call = cast.call()

    for path in (f"/{call.public_id}", f"/{call.public_id}/history", f"/{uuid4()}"):
        assert refused(call_as(cast.outsider).get(path)) == (404, "not_found", set())
        assert refused(Caller().get(path)) == (401, "sign_in_needed", set())
    assert refused(call_as(cast.outsider).post(f"/{call.public_id}/review", {})) == (404, "not_found", set())


def test_the_whole_way_through_the_interface(cast: Cast, call_as: Any) -> None:
    me, keeper, li = call_as(cast.resident), call_as(cast.keeper), call_as(cast.li)
    made = me.post("", asking(cast)).json()
    path = f"/{made['id']}"
    asked = {"volunteers": [str(cast.li.public_id)]}
    way = [
        (keeper, "review", {}, "reviewing"),
        (keeper, "pool", {}, "pooled"),
        (keeper, "dispatch", asked, "dispatched"),
        (li, "accept", {}, "accepted"),
        (li, "schedule", {"at": "2026-03-03T15:00:00+08:00"}, "scheduled"),
        (li, "start", {}, "serving"),
        (li, "deliver", {"note": "已陪同就医"}, "delivered"),
        (me, "rate", {"score": 5, "solved": True, "comment": "谢谢"}, "closed"),
    ]

    states = [who.post(f"{path}/{verb}", body).json()["state"] for who, verb, body, _state in way]

    assert states == [state for _who, _verb, _body, state in way]
    steps = [(one["verb"], one["to_state"]) for one in me.get(f"{path}/history").json()]
    verbs = ["draft", "submit", *(verb for _who, verb, _body, _state in way), "close"]
    assert [verb for verb, _to in steps] == verbs


def test_a_step_too_late_is_a_conflict(cast: Cast, call_as: Any) -> None:
    call = cast.call(State.CLOSED)

    assert refused(call_as(cast.keeper).post(f"/{call.public_id}/review", {})) == (409, "step_refused", set())


def test_a_step_of_others_is_forbidden(cast: Cast, call_as: Any) -> None:
    call = cast.call()

    assert refused(call_as(cast.resident).post(f"/{call.public_id}/review", {})) == (403, "step_forbidden", set())


@pytest.mark.parametrize(
    ("verb", "state", "body", "fields"),
    [
        ("review", State.SUBMITTED, {"reason": "x"}, {"reason"}),
        ("review", State.SUBMITTED, {"state": "closed"}, {"state"}),
        ("review", State.SUBMITTED, {"note": "x", "score": 5}, {"note", "score"}),
        ("reject", State.SUBMITTED, {}, {"reason"}),
        ("reject", State.SUBMITTED, {"reason": "  "}, {"reason"}),
        ("reject", State.SUBMITTED, {"reason": "长" * 301}, {"reason"}),
        ("transfer", State.SUBMITTED, {"target": "999"}, {"target"}),
        ("dispatch", State.POOLED, {"volunteers": ["x"]}, {"volunteers.0"}),
        ("dispatch", State.POOLED, {"volunteers": [str(uuid4())] * 51}, {"volunteers"}),
    ],
)
def test_a_step_names_what_it_lacks_and_refuses_what_it_does_not_take(
    cast: Cast, call_as: Any, verb: str, state: str, body: dict[str, Any], fields: set[str]
) -> None:
    call = cast.call(state)

    status, _code, named = refused(call_as(cast.keeper).post(f"/{call.public_id}/{verb}", body))

    assert (status, named) == (422, fields)
    assert Call.objects.get().state == state


@pytest.mark.parametrize("verb", sorted(REQUIRED))
def test_a_required_value_is_asked_for(cast: Cast, call_as: Any, verb: str) -> None:
    call = cast.call(State.DELIVERED if verb == "rate" else State.ACCEPTED)

    response = call_as(cast.resident).post(f"/{call.public_id}/{verb}", {})

    assert refused(response) == (422, "invalid_input", {REQUIRED[verb]})


def test_unknown_steps_and_steps_of_clocks_do_not_exist(cast: Cast, call_as: Any) -> None:
    call = cast.call(State.DELIVERED)

    for verb in ("auto_rate", "close", "expire", "delete", "__class__"):
        assert refused(call_as(cast.keeper).post(f"/{call.public_id}/{verb}", {}))[0] in {404, 422}


def test_volunteers_that_the_caller_may_not_see_cannot_be_asked(cast: Cast, call_as: Any) -> None:
    call = cast.call(State.POOLED)

    response = call_as(cast.keeper).post(f"/{call.public_id}/dispatch", {"volunteers": [str(uuid4())]})

    assert refused(response) == (404, "not_found", set())


def test_words_go_to_the_other_sides(cast: Cast, call_as: Any) -> None:
    call = cast.call(State.ACCEPTED)

    said = call_as(cast.resident).post(f"/{call.public_id}/messages", {"text": "门口有台阶"})
    mute = call_as(cast.resident).post(f"/{call.public_id}/messages", {"text": " "})

    assert said.json() == {"at": "2026-03-03T02:00:00Z", "side": "requester", "text": "门口有台阶"}
    assert refused(mute)[0] == 422
    assert call.messages.count() == 1


def test_steps_for_staff_only_are_hidden_from_the_requester(cast: Cast, call_as: Any) -> None:
    from huying.calls import actions

    call = cast.call(State.DISPATCHED)
    actions.decline(actor=actor(cast.li.person), call=call)
    run_out(call)

    def told(somebody: Any) -> list[str]:
        return [one["verb"] for one in call_as(somebody).get(f"/{call.public_id}/history").json()]

    assert "expire" in told(cast.keeper)
    assert "decline" not in told(cast.keeper), "nobody learns that somebody said no"
    assert "expire" not in told(cast.resident)


def test_the_verbs_of_the_interface_are_those_of_the_table() -> None:
    by_people = {verb for verb, step in TRANSITIONS.items() if step.by != {"system"}}

    assert set(Verb.__args__) == by_people  # type: ignore[attr-defined]
    assert {verb for verb, step in TRANSITIONS.items() if set(step.needs) - set(TAKES.get(verb, ()))} == set()
