"""Open311 GeoReport v2: what programs may read and bring in, in the standard's own shapes, and what nobody gets to read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import jsonschema
import pytest
from django.http import HttpResponse
from django.test import Client

from huying.calls import actions
from huying.calls.models import Call, CallEvent, DoorKey
from huying.calls.states import Channel, State
from huying.calls.tests import open311_schemas as schemas
from huying.calls.tests.factories import START, Cast, actor, kind, role
from huying.kernel import clock
from huying.kernel.models import AuditLine
from huying.people.models import Person, Role

pytestmark = pytest.mark.django_db
BASE = "/open311/v2"
QUESTIONS = [
    {"key": "hospital", "label": "哪家医院", "label_en": "Which hospital", "type": "text", "required": True},
    {"key": "chair", "label": "坐轮椅吗", "type": "yesno", "required": False},
    {"key": "floors", "label": "几楼", "type": "number", "required": False, "min": 1, "max": 40},
    {"key": "when", "label": "时段", "type": "choice", "choices": [["am", "上午", "Morning"], ["pm", "下午", "Noon"]]},
]
SECRETS = ("桂花里3幢", "13800000000", "陈桂英", "腿脚不便", "轮椅要能上三级台阶")


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        made = Cast()
        made.lamp = kind("lamp", name="路灯不亮", name_en="Street light out", visit=False, public=True)
        made.ramp = kind("ramp", name="坡道", visit=True, public=True, questions=QUESTIONS)
        made.key, made.text = actions.give_key(actor=actor(made.dispatcher), name="城市 App", place=made.county)
        yield made


def get(path: str, wire: str = "json", *, lang: str = "zh-hans", **query: Any) -> HttpResponse:
    return Client(headers={"Accept-Language": lang}).get(f"{BASE}/{path}.{wire}", query)


def post(cast: Cast, wire: str = "json", *, headers: dict[str, str] | None = None, **body: Any) -> HttpResponse:
    sent = {"api_key": cast.text, "service_code": "lamp", "address_string": "和平社区桂花里路口", **body}
    sent = {name: value for name, value in sent.items() if value is not None}
    return Client(enforce_csrf_checks=True).post(
        f"{BASE}/requests.{wire}",
        urlencode(sent),
        content_type="application/x-www-form-urlencoded; charset=utf-8",
        headers=headers or {},
    )


def read(answer: HttpResponse, schema: dict[str, Any]) -> Any:
    """The JSON of an answer, after it was found right by the schema."""
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    found = json.loads(answer.content)
    jsonschema.validate(found, schema)
    return found


def refused(answer: HttpResponse, status: int) -> list[str]:
    assert answer.status_code == status, answer.content.decode()
    return [one["description"] for one in read(answer, schemas.ERRORS)]


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

    with django_assert_num_queries(2):
        get("requests")


# ── bringing in ─────────────────────────────────────────────────────────────
def test_a_report_becomes_a_call_on_behalf_of_somebody_new(cast: Cast) -> None:
    answer = post(
        cast, description="路口的灯三天没亮\n晚上很黑", first_name="小雨", last_name="方", phone="139 0000 2222"
    )

    assert answer.status_code == 201
    [made] = read(answer, schemas.MADE)
    call = Call.objects.get(number=made["service_request_id"])
    assert (call.state, call.channel, call.place) == (State.SUBMITTED, Channel.OPEN311, cast.home)
    assert (call.title, call.details) == ("路口的灯三天没亮", "路口的灯三天没亮\n晚上很黑")
    assert call.requester.name == "方小雨" and call.contact_phone is not None
    assert call.contact_phone.open() == "+8613900002222"
    assert call.asked_by == cast.dispatcher and CallEvent.objects.filter(call=call, on_behalf=True).exists()
    assert "和平社区" in made["service_notice"]
    assert AuditLine.objects.filter(verb="call.submit", channel=Channel.OPEN311).exists()


def test_a_known_number_is_the_person_it_belongs_to(cast: Cast) -> None:
    post(cast, phone="13900002222", first_name="小雨", last_name="方")
    people = Person.objects.count()

    post(cast, phone="13900002222", description="又不亮了")
    post(cast, phone="13900002222", first_name="大山", last_name="方", description="家里另一位")

    assert Person.objects.count() == people + 1
    assert [call.requester.name for call in Call.objects.order_by("id")] == ["方小雨", "方小雨", "方大山"]


def test_a_report_without_a_name_is_taken(cast: Cast) -> None:
    assert post(cast).status_code == 201
    assert Call.objects.get().requester.name == "未留姓名的求助人"


def test_a_western_name_keeps_its_order(cast: Cast) -> None:
    post(cast, first_name="Ada", last_name="Lovelace")

    assert Call.objects.get().requester.name == "Ada Lovelace"


def test_xml_is_answered_in_xml(cast: Cast) -> None:
    tree = ElementTree.fromstring(post(cast, "xml").content)

    assert tree.tag == "service_requests"
    assert tree.findtext("request/service_request_id") == Call.objects.get().number
    assert tree.find("request/account_id") is not None


def test_the_place_comes_from_position_address_or_id(cast: Cast) -> None:
    post(cast, address_string=None, lat="30.281", long="120.051", description="一")
    post(cast, address_string="青禾区麦田社区老井边", description="二")
    post(cast, address_string=None, address_id=str(cast.away.public_id), description="三")
    post(cast, address_string="说不清的地方", description="四")
    post(cast, address_string=None, lat="31.9", long="121.9", description="五")

    places = [call.place for call in Call.objects.order_by("id").select_related("place")]
    assert places == [cast.home, cast.away, cast.away, cast.county, cast.county]


def test_answers_to_the_questions_come_as_attributes(cast: Cast) -> None:
    sent = {"attribute[hospital]": "区人民医院", "attribute[chair]": "yes", "attribute[floors]": "3"}

    assert post(cast, service_code="ramp", **sent, **{"attribute[when][]": "am"}).status_code == 201
    assert Call.objects.get().answers == {"hospital": "区人民医院", "chair": True, "floors": 3, "when": "am"}


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        ({"service_code": None}, 400, ["service_code"]),
        ({"service_code": "nonsense"}, 404, ["nonsense"]),
        ({"address_string": None}, 400, ["lat"]),
        ({"lat": "30"}, 400, ["long"]),
        ({"lat": "91", "long": "120"}, 400, ["lat"]),
        ({"lat": "nan", "long": "120"}, 400, ["lat"]),
        ({"address_id": "1"}, 400, ["address_id"]),
        ({"phone": "12"}, 400, ["phone"]),
        ({"description": "长" * 4001}, 400, ["description"]),
        ({"media_url": "javascript:alert(1)"}, 400, ["media_url"]),
        ({"service_code": "ramp"}, 400, ["attribute[hospital]"]),
        ({"attribute[x]": "1"}, 400, ["attribute[x]"]),
        ({"phone": "12", "lat": "x"}, 400, ["phone", "lat"]),
        ({"api_key": None}, 403, ["api_key"]),
        ({"api_key": "hy_wrong"}, 403, ["api_key"]),
        ({"address_id": "a\x00b"}, 400, ["address_id"]),
    ],
)
def test_what_is_wrong_is_said_with_its_code_and_nothing_is_made(
    cast: Cast, body: dict[str, Any], status: int, words: list[str]
) -> None:
    said = refused(post(cast, **body), status)

    assert len(said) == len(words)
    assert all(any(word in one for one in said) for word in words), said
    assert not Call.objects.exists() and not Person.objects.filter(name="未留姓名的求助人").exists()


def test_what_cannot_be_stored_is_cleaned_or_refused_never_an_error_of_ours(cast: Cast) -> None:
    assert refused(post(cast, service_code="a\x00b"), 422)
    assert refused(get("requests", service_request_id="a\x00b"), 422)
    assert post(cast, description="甲\x00乙").status_code == 201
    assert Call.objects.get().details == "甲乙"


def test_danger_brings_the_numbers_to_ring(cast: Cast) -> None:
    [made] = read(post(cast, description="楼道里着火了"), schemas.MADE)

    assert "119" in made["service_notice"]


def test_the_same_report_again_is_the_same_report(cast: Cast) -> None:
    first, again = post(cast, description="灯不亮"), post(cast, description="灯不亮")
    other = post(cast, description="另一盏灯不亮")

    assert first.content == again.content != other.content
    assert again.headers["Idempotency-Replayed"] == "true"
    assert Call.objects.count() == 2


def test_a_repeat_over_midnight_is_found_and_one_two_days_later_is_new(cast: Cast) -> None:
    with clock.frozen(START + timedelta(hours=13, minutes=50)):  # ten to midnight in China
        first = post(cast)
    with clock.frozen(START + timedelta(hours=14, minutes=50)):
        again = post(cast)
    with clock.frozen(START + timedelta(days=2)):
        later = post(cast)

    assert first.content == again.content != later.content
    assert Call.objects.count() == 2


def test_a_program_that_sends_a_key_is_held_to_it(cast: Cast) -> None:
    key = {"Idempotency-Key": "report-0001"}

    first, again = post(cast, headers=key), post(cast, headers=key)

    assert first.content == again.content
    assert refused(post(cast, headers=key, description="别的事"), 409)
    assert refused(post(cast, headers={"Idempotency-Key": "x"}), 400)
    assert Call.objects.count() == 1


def test_a_refused_report_leaves_its_key_free(cast: Cast) -> None:
    key = {"Idempotency-Key": "report-0002"}

    assert refused(post(cast, headers=key, phone="12"), 400)
    assert post(cast, headers=key).status_code == 201


# ── keys ────────────────────────────────────────────────────────────────────
def test_a_program_reads_what_it_brought_in_whatever_its_kind_and_no_words_of_it(cast: Cast) -> None:
    [made] = read(post(cast, service_code="clinic", description="腿脚不便"), schemas.MADE)
    number = made["service_request_id"]

    [own] = read(get(f"requests/{number}", api_key=cast.text), schemas.REQUESTS)
    assert own["description"] is None
    assert refused(get(f"requests/{number}"), 404)
    answer = Client().get(f"{BASE}/requests.json", headers={"X-Api-Key": cast.text})
    assert [one["service_request_id"] for one in read(answer, schemas.REQUESTS)] == [number]
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert get("requests").headers["Cache-Control"] == "public, max-age=60"


def test_an_ended_key_opens_nothing(cast: Cast) -> None:
    actions.end_key(actor=actor(cast.dispatcher), key=cast.key)

    assert refused(post(cast), 403)
    assert refused(get("requests", api_key=cast.text), 403)


def test_a_key_ends_with_the_duty_of_its_holder(cast: Cast) -> None:
    Role.objects.filter(person=cast.dispatcher).update(ends_at=clock.now())

    assert "不在岗" in refused(post(cast), 403)[0]


def test_a_key_reaches_no_further_than_its_place(cast: Cast) -> None:
    key, text = actions.give_key(actor=actor(cast.dispatcher), name="街道小程序", place=cast.street)

    assert refused(post(cast, api_key=text, address_string=None, address_id=str(cast.away.public_id)), 400)
    post(cast, api_key=text, address_string="麦田社区")
    assert Call.objects.get().place == cast.street
    assert key.holder == cast.dispatcher


def test_only_a_hash_of_a_key_is_kept(cast: Cast) -> None:
    key = DoorKey.objects.get(pk=cast.key.pk)

    assert cast.text not in repr(vars(key))
    assert len(bytes(key.digest)) == 32


def test_many_wrong_keys_from_one_block_are_slowed(cast: Cast, settings: Any) -> None:
    settings.HUYING_OPEN311_WRONG_KEYS = 3
    for _n in range(3):
        refused(post(cast, api_key="hy_wrong"), 403)

    answer = post(cast, api_key="hy_wrong")

    assert refused(answer, 429) and int(answer.headers["Retry-After"]) > 0
    assert post(cast).status_code == 201


def test_one_key_writes_so_often_a_minute(cast: Cast, settings: Any) -> None:
    settings.HUYING_OPEN311_PER_MINUTE = 2
    for number in range(2):
        assert post(cast, description=str(number)).status_code == 201

    assert refused(post(cast, description="3"), 429)


def test_a_named_jurisdiction_is_the_only_one(cast: Cast, settings: Any) -> None:
    assert get("services", jurisdiction_id="anything").status_code == 200
    settings.HUYING_OPEN311_JURISDICTION = "qinghe.example"

    assert get("services", jurisdiction_id="qinghe.example").status_code == 200
    assert get("services").status_code == 200
    assert "elsewhere" in refused(get("services", jurisdiction_id="elsewhere"), 404)[0]
    assert refused(post(cast, jurisdiction_id="elsewhere"), 404)


def test_a_method_that_is_not_there_is_refused_in_shape(cast: Cast) -> None:
    answer = Client().delete(f"{BASE}/requests.json")

    assert refused(answer, 405)
    assert answer.headers["Allow"] == "GET, POST"


def test_only_office_and_centre_give_keys_at_their_places(cast: Cast) -> None:
    from huying.kernel.errors import Forbidden

    office = cast.neighbour
    role(office, "office", cast.street)
    actions.give_key(actor=actor(office), name="x", place=cast.street)
    for who, where in ((cast.keeper, cast.home), (office, cast.county), (cast.grid_worker, cast.home)):
        with pytest.raises(Forbidden):
            actions.give_key(actor=actor(who), name="x", place=where)
