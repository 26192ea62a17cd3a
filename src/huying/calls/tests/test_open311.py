"""Open311 GeoReport v2: what anybody may read, in the standard's own shapes, and what nobody gets to read."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from huying.calls import actions
from huying.calls.models import Call
from huying.calls.states import State
from huying.calls.tests import open311_schemas as schemas
from huying.calls.tests.factories import START, Cast, actor
from huying.calls.tests.open311_asking import SECRETS, cast, get, read, refused
from huying.kernel import clock

__all__ = ["cast"]
pytestmark = pytest.mark.django_db


# ── services ────────────────────────────────────────────────────────────────
def test_the_menu_is_the_list_of_services(cast: Cast) -> None:
    found = read(get("services"), schemas.SERVICES)

    assert {one["service_code"]: one["metadata"] for one in found} == {"clinic": False, "lamp": False, "ramp": True}
    assert {one["type"] for one in found} == {"realtime"}


def test_names_follow_the_language_that_is_asked_for(cast: Cast) -> None:
    found = read(get("services", lang="en"), schemas.SERVICES)

    assert "Street light out" in {one["service_name"] for one in found}


def test_the_questions_of_a_kind_are_its_attributes(cast: Cast) -> None:
    found = read(get("services/ramp"), schemas.SERVICE_DEFINITION)

    assert [(one["code"], one["datatype"], one["required"]) for one in found["attributes"]] == [
        ("hospital", "string", True),
        ("chair", "singlevaluelist", False),
        ("floors", "number", False),
        ("when", "singlevaluelist", False),
    ]
    assert found["attributes"][3]["values"] == [{"key": "am", "name": "上午"}, {"key": "pm", "name": "下午"}]


def test_xml_and_json_say_the_same(cast: Cast) -> None:
    tree = ElementTree.fromstring(get("services/ramp", "xml").content)
    told = json.loads(get("services/ramp").content)

    assert tree.tag == "service_definition"
    assert [one.findtext("code") for one in tree.findall("attributes/attribute")] == [
        one["code"] for one in told["attributes"]
    ]
    assert tree.findtext("attributes/attribute[1]/required") == "true"
    assert [one.findtext("key") for one in tree.findall("attributes/attribute[4]/values/value")] == ["am", "pm"]
    assert get("services", "xml").headers["Content-Type"] == "text/xml; charset=utf-8"


def test_an_unknown_service_is_not_found(cast: Cast) -> None:
    assert "nonsense" in refused(get("services/nonsense"), 404)[0]


def test_the_discovery_document_names_the_endpoint(cast: Cast) -> None:
    answer = Client().get("/open311/discovery.json")

    found = read(answer, schemas.DISCOVERY)
    assert found["endpoints"][0]["url"] == "http://testserver/open311/v2"
    assert ElementTree.fromstring(Client().get("/open311/discovery.xml").content).tag == "discovery"


def test_another_form_than_xml_and_json_is_refused_in_xml(cast: Cast) -> None:
    answer = get("services", "yaml")

    assert answer.status_code == 404
    assert ElementTree.fromstring(answer.content).find("error/code").text == "404"  # type: ignore[union-attr]


# ── reading ─────────────────────────────────────────────────────────────────
def lamp(cast: Cast, state: str = State.SUBMITTED, **more: Any) -> Call:
    facts = {
        "kind": cast.lamp,
        "title": "轮椅要能上三级台阶",
        "details": "腿脚不便",
        "address": "桂花里3幢",
        "contact_phone": "13800000000",
    }
    return cast.call(state, **(facts | more))


def test_calls_of_an_opened_kind_are_listed_without_words_or_people(cast: Cast) -> None:
    call, _closed = lamp(cast), cast.call()

    answer = get("requests")

    [found] = read(answer, schemas.REQUESTS)
    assert found["service_request_id"] == call.number
    assert (found["status"], found["status_notes"]) == ("open", "待受理")
    assert (found["description"], found["address"]) == (None, "和平社区")
    assert found["requested_datetime"] == "2026-03-03T10:00:00+08:00"
    assert (found["lat"], found["long"]) == (28.0 + 2.28, 120.05)
    for wire in ("json", "xml"):
        text = get("requests", wire).content.decode()
        assert not [secret for secret in SECRETS if secret in text]


def test_where_somebody_comes_home_only_the_street_is_named(cast: Cast) -> None:
    lamp(cast, kind=cast.ramp, title="坡道")

    [found] = read(get("requests"), schemas.REQUESTS)

    assert found["address"] == found["agency_responsible"] == "青禾街道"
    assert (found["lat"], found["long"], found["expected_datetime"]) == (None, None, None)


def test_a_closed_call_says_when_it_was_closed(cast: Cast) -> None:
    with clock.frozen(START):
        call = lamp(cast, State.CLOSED)
    with clock.frozen(START + timedelta(days=1)):
        ended = lamp(cast)
        actions.reject(actor=actor(cast.keeper), call=ended, reason="不在服务范围")

        found = {one["service_request_id"]: one for one in read(get("requests", status="closed"), schemas.REQUESTS)}

    assert set(found) == {call.number, ended.number}
    assert found[ended.number]["updated_datetime"] == "2026-03-04T10:00:00+08:00"
    assert found[ended.number]["status_notes"] == "不予受理"


def test_calls_of_other_kinds_and_drafts_are_not_found_by_number(cast: Cast) -> None:
    secret, draft = cast.call(), lamp(cast, State.DRAFT)

    for call in (secret, draft):
        assert refused(get(f"requests/{call.number}"), 404)
        assert refused(get(f"tokens/{call.public_id}"), 404)
        assert read(get("requests", service_request_id=call.number), schemas.REQUESTS) == []


def test_one_request_comes_as_a_list_of_one(cast: Cast) -> None:
    call = lamp(cast)

    [found] = read(get(f"requests/{call.number}"), schemas.REQUESTS)
    [token] = read(get(f"tokens/{call.public_id}"), schemas.TOKEN)

    assert found["service_request_id"] == token["service_request_id"] == call.number


def test_a_call_joined_to_another_is_left_out(cast: Cast) -> None:
    first, second = lamp(cast), lamp(cast)
    actions.mark_duplicate(actor=actor(cast.keeper), call=second, of=first)

    assert [one["service_request_id"] for one in read(get("requests"), schemas.REQUESTS)] == [first.number]


def test_the_list_is_narrowed_by_kind_status_and_number(cast: Cast) -> None:
    one, two = lamp(cast), lamp(cast, State.CLOSED, kind=cast.ramp, title="坡道")

    def numbers(**query: Any) -> list[str]:
        return [found["service_request_id"] for found in read(get("requests", **query), schemas.REQUESTS)]

    assert numbers() == [two.number, one.number]
    assert numbers(service_code="lamp,nonsense") == [one.number]
    assert numbers(status="open") == [one.number]
    assert numbers(status="open,closed", service_code="") == [two.number, one.number]
    assert numbers(service_request_id=f"{one.number},{two.number}", status="open") == [two.number, one.number]
    assert numbers(page_size="1", page="2") == [one.number]


def test_without_dates_the_last_ninety_days_count(cast: Cast) -> None:
    lamp(cast)
    with clock.frozen(START + timedelta(days=91)):
        late = lamp(cast)

        found = read(get("requests"), schemas.REQUESTS)
        since = read(get("requests", start_date="2026-03-03T00:00:00Z"), schemas.REQUESTS)
        plus = read(get("requests", end_date="2026-03-05T00:00:00+08:00"), schemas.REQUESTS)

    assert [one["service_request_id"] for one in found] == [late.number]
    assert len(since) == len(plus) == 1


def test_without_dates_nothing_is_refused_while_time_goes_on(db: None) -> None:
    assert read(get("requests"), schemas.REQUESTS) == []


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"start_date": "2026-01-01T00:00:00Z", "end_date": "2026-05-01T00:00:00Z"}, "90"),
        ({"start_date": "2026-03-01T00:00:00Z", "end_date": "2026-02-01T00:00:00Z"}, "end_date"),
        ({"start_date": "gestern"}, "start_date"),
        ({"start_date": "2026-03-01T00:00:00"}, "start_date"),
        ({"end_date": "9999-12-31T23:59:59Z"}, "end_date"),
        ({"status": "half"}, "status"),
        ({"page": "0"}, "page"),
        ({"page_size": "1001"}, "page_size"),
    ],
)
def test_a_search_that_makes_no_sense_is_refused_by_name(cast: Cast, query: dict[str, str], word: str) -> None:
    assert word in " ".join(refused(get("requests", **query), 400))


def test_the_number_of_questions_does_not_grow_with_the_list(cast: Cast, django_assert_num_queries: Any) -> None:
    for _n in range(3):
        lamp(cast)
    get("requests")

    with django_assert_num_queries(3):  # one counts who reads
        get("requests")


def test_nobody_reads_off_the_list_when_somebody_said_no(cast: Cast) -> None:
    call = lamp(cast, State.DISPATCHED)
    asked = get("requests").content

    actions.decline(actor=actor(cast.li.person), call=call)

    assert get("requests").content == asked
    assert read(get("requests"), schemas.REQUESTS)[0]["status_notes"] == "待派单"


def test_reads_without_a_key_are_counted_and_pages_end(cast: Cast, settings: Any) -> None:
    settings.HUYING_OPEN311_READS_PER_MINUTE = 2

    answers = [get("requests", page=page) for page in ("20", "21", "1")]

    assert [one.status_code for one in answers] == [200, 400, 429]
    assert get("requests", api_key=cast.text).status_code == 200


def test_what_is_not_shown_is_not_even_read(cast: Cast) -> None:
    lamp(cast)

    with CaptureQueriesContext(connection) as asked:
        get("requests")

    columns = ("details", "address", "contact_phone", "answers", "comment", "title")
    assert not [name for name in columns if f'"calls_call"."{name}"' in str(asked.captured_queries)]
