"""Open311 GeoReport v2: what programs bring in, with keys that end, and what is refused in the standard's own shape."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from xml.etree import ElementTree

import pytest
from django.test import Client

from huying.calls import actions
from huying.calls.models import Call, CallEvent, DoorKey
from huying.calls.states import Channel, State
from huying.calls.tests import open311_schemas as schemas
from huying.calls.tests.factories import START, Cast, actor, role
from huying.calls.tests.open311_asking import BASE, cast, get, post, read, refused
from huying.kernel import clock
from huying.kernel.models import AuditLine
from huying.people.models import Person, Role

__all__ = ["cast"]
pytestmark = pytest.mark.django_db


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
    assert "不在岗" in refused(get("requests", api_key=cast.text), 403)[0]
    assert "不在岗" in refused(get("requests/HY1", api_key=cast.text), 403)[0]


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
