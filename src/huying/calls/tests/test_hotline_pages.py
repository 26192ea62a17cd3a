"""Tickets of a hotline on the pages and through the interface, and the answer that goes back."""

from __future__ import annotations

import json
from io import BytesIO
from itertools import count
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from huying.calls import actions
from huying.calls.models import Call
from huying.calls.states import Channel
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import Cast, actor
from huying.calls.tests.ticketing import HEAD, cast, taken, ticket
from huying.kernel.tests.tables import xlsx_upload
from huying.people.models import Person

__all__ = ["cast"]
pytestmark = pytest.mark.django_db
_keys = count(1)


# ── pages ───────────────────────────────────────────────────────────────────
def upload_to(client: Client, cast: Cast, *rows: list[str]) -> HttpResponse:
    body = {"source": "12345", "place": str(cast.county.public_id), "upload": xlsx_upload([HEAD, *rows])}
    return client.post("/desk/hotline/", body, headers={"Idempotency-Key": f"hotline-{next(_keys):04d}"})


def test_from_upload_to_answer_on_the_pages(cast: Cast) -> None:
    client = browser(cast.dispatcher)
    call = cast.call(title="别的说法", contact_phone="13900002222")
    answer = upload_to(client, cast, ticket("SJ1"), ticket("SJ2", phone="13900003333", title="要人修水管"))
    assert answer.status_code == 303
    page = client.get(answer["Location"])
    assert f"same:{call.public_id}" in page.content.decode()
    form = page.context["form"]
    assert form["row_2"].initial == f"same:{call.public_id}" and form["row_3"].initial == "new"

    sent = {"row_2": form["row_2"].initial, "row_3": "new"}
    done = client.post(answer["Location"], sent, headers={"Idempotency-Key": "hotline-take"})

    assert (done.status_code, done["Location"]) == (303, "/desk/hotline/")
    text = client.get("/desk/hotline/").content.decode()
    assert "SJ1" in text and "SJ2" in text and call.number in text


def test_a_table_with_faults_comes_back_with_all_of_them(cast: Cast) -> None:
    answer = upload_to(browser(cast.dispatcher), cast, ticket("SJ1", kind="修飞船"), ticket("SJ2", phone="12"))

    text = answer.content.decode()
    assert answer.status_code == 422
    assert "修飞船" in text and "联系电话" in text


def test_the_template_can_be_filled_in_and_read(cast: Cast) -> None:
    answer = browser(cast.keeper).get(reverse("calls:hotline_template", args=["xlsx"]))
    upload = SimpleUploadedFile("t.xlsx", b"".join(answer.streaming_content))  # type: ignore[attr-defined]

    draft, plan = actions.check_tickets(actor=actor(cast.keeper), area=cast.home, source="12345", upload=upload)

    assert draft is not None and [one.number for one in plan.tickets] == ["SJ202603030001"]


def test_the_answer_to_the_hotline_says_how_far_each_ticket_is_and_names_nobody(cast: Cast) -> None:
    taken(cast, ticket("SJ1"), ticket("SJ2", phone="13900003333", title="要人修水管"), row3="skip")
    call = Call.objects.get()
    actions.reject(actor=actor(cast.keeper), call=call, reason="不在服务范围")

    answer = browser(cast.keeper).get(reverse("calls:hotline_reply", args=["xlsx"]))
    sheet = load_workbook(BytesIO(b"".join(answer.streaming_content))).active  # type: ignore[attr-defined]
    rows = [
        dict(zip([c.value for c in sheet[1]], [c.value for c in row], strict=True))
        for row in sheet.iter_rows(min_row=2)
    ]
    assert [(one["工单编号"], one["状态"], one["办理结果"]) for one in rows] == [
        ("SJ1", "不予受理", "不在服务范围"),
        ("SJ2", None, ""),
    ]
    whole = str([[c.value for c in row] for row in sheet.iter_rows()])
    assert "方小雨" not in whole and "1390000" not in whole and "桂花里" not in whole


# ── the hotline's own program ───────────────────────────────────────────────
def hand_in(cast: Cast, *tickets: dict[str, Any], key: str | None = None, **headers: str) -> HttpResponse:
    given = {"Idempotency-Key": f"hotline-api-{next(_keys)}", **headers}
    if key is None:
        given["X-Api-Key"] = cast.text
    elif key:
        given["X-Api-Key"] = key
    body = json.dumps({"source": "12345", "tickets": list(tickets)})
    return Client(enforce_csrf_checks=True).post(
        "/api/v1/calls/hotline", body, content_type="application/json", headers=given
    )


ONE = {
    "number": "SJ1",
    "kind": "clinic",
    "place": "和平社区",
    "title": "陪着去医院",
    "phone": "13900002222",
    "name": "方小雨",
}


def test_a_program_hands_tickets_in_and_gets_their_calls(cast: Cast) -> None:
    answer = hand_in(cast, {**ONE, "sent_at": "2026-03-03T09:30:00+08:00", "urgent": True})

    call = Call.objects.get()
    assert answer.status_code == 201
    assert answer.json() == {"tickets": [{"number": "SJ1", "call": call.number, "state": "submitted", "new": True}]}
    assert (call.channel, call.door, call.urgent) == (Channel.HOTLINE, cast.key, True)


def test_a_number_that_is_here_is_answered_with_its_call(cast: Cast) -> None:
    first = hand_in(cast, ONE).json()["tickets"][0]

    again = hand_in(cast, {**ONE, "title": "换个说法"}).json()["tickets"][0]

    assert again == {**first, "new": False}
    assert Call.objects.count() == Person.objects.filter(name="方小雨").count() == 1


def test_the_same_key_again_is_the_same_answer(cast: Cast) -> None:
    headers = {"Idempotency-Key": "hotline-same-key"}

    first, again = hand_in(cast, ONE, **headers), hand_in(cast, ONE, **headers)

    assert first.content == again.content and again.headers["Idempotency-Replayed"] == "true"
    assert hand_in(cast, {**ONE, "number": "SJ2"}, **headers).status_code == 409


def test_faults_are_named_by_place_and_field_and_nothing_is_taken(cast: Cast) -> None:
    answer = hand_in(cast, ONE, {**ONE, "number": "SJ2", "kind": "x", "phone": "12"}, {**ONE, "number": "SJ1"})

    assert answer.status_code == 422
    assert set(answer.json()["error"]["fields"]) == {"tickets.1.kind", "tickets.1.phone", "tickets.2.number"}
    assert not Call.objects.exists()
    shape = hand_in(cast, {"kind": "clinic"}, {**ONE, "nonsense": 1})
    assert set(shape.json()["error"]["fields"]) == {"tickets.0.number", "tickets.1.nonsense"}


def test_without_a_key_or_with_a_wrong_one_nothing_comes_in(cast: Cast) -> None:
    assert hand_in(cast, ONE, key="").status_code == 401
    assert hand_in(cast, ONE, key="hy_wrong").status_code == 403
    actions.end_key(actor=actor(cast.dispatcher), key=cast.key)
    assert hand_in(cast, ONE).status_code == 403
    assert not Call.objects.exists()


@pytest.mark.parametrize("field", [*ONE, "details", "address", "sent_at", "urgent", "nonsense"])
def test_hostile_values_in_a_ticket_are_refused_by_name_or_taken(cast: Cast, field: str) -> None:
    for value in (
        7,
        None,
        ["x"],
        {"x": 1},
        "长" * 100_000,
        "a\x00b",
        "=1+1",
        "<script>",
        "0001-01-01T00:00:00Z",
        10**400,
    ):
        answer = hand_in(cast, {**ONE, field: value})

        assert answer.status_code in {201, 422}, (field, str(value)[:20], answer.content[:300])
        named = {f"tickets.0.{field}", "body"}  # what cannot be stored or read at all is said of the body
        assert answer.status_code == 201 or named & set(answer.json()["error"]["fields"]), answer.content[:300]


def test_wrong_keys_and_refused_tickets_count_although_nothing_of_them_stays(cast: Cast, settings: Any) -> None:
    settings.HUYING_OPEN311_WRONG_KEYS, settings.HUYING_OPEN311_PER_MINUTE = 3, 2

    wrong = [hand_in(cast, ONE, key="hy_wrong").status_code for _n in range(4)]
    refused = [hand_in(cast, {**ONE, "kind": "x"}).status_code for _n in range(3)]

    assert (wrong, refused) == ([403, 403, 403, 429], [422, 422, 429])
    assert not Call.objects.exists()


def test_a_kept_answer_is_given_again_only_to_a_key_that_holds(cast: Cast) -> None:
    headers = {"Idempotency-Key": "hotline-kept-answer"}
    assert hand_in(cast, ONE, **headers).status_code == 201
    actions.end_key(actor=actor(cast.dispatcher), key=cast.key)

    again = hand_in(cast, ONE, **headers)

    assert again.status_code == 403 and "HY" not in again.content.decode()


def test_a_program_is_not_told_a_call_that_came_in_elsewhere(cast: Cast) -> None:
    hand_in(cast, {**ONE, "place": "麦田社区"})
    _key, text = actions.give_key(actor=actor(cast.dispatcher), name="街道热线", place=cast.street)

    answer = hand_in(cast, {**ONE, "place": "和平社区"}, key=text)

    assert answer.status_code == 422
    assert set(answer.json()["error"]["fields"]) == {"tickets.0.number"}
    assert Call.objects.get().number not in answer.content.decode()
