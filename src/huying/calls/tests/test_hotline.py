"""Tickets of a hotline: read and checked as a whole, decided about by a person, taken once, answered back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
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
from huying.calls.actions.hotline import NothingInTable, Undecided, rows_of
from huying.calls.models import Call, HotlineDraft, HotlineTicket
from huying.calls.queries import hotline
from huying.calls.states import Channel, Decision, ReachedBy, State
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, Cast, actor, kind, place
from huying.kernel import clock
from huying.kernel.errors import Forbidden, NotFound
from huying.kernel.tests.tables import csv_upload, xlsx_upload
from huying.people.models import Person

pytestmark = pytest.mark.django_db
HEAD = ["工单编号", "服务", "标题", "内容", "社区或村", "地址", "来电人", "联系电话", "来电时间", "紧急"]
FIRST = [
    "0012345678901234567890",
    "clinic",
    "想请人陪着去医院",
    "腿脚不便",
    "和平社区",
    "桂花里 3 幢",
    "方小雨",
    "13900002222",
    "2026-03-03 09:30",
    "否",
]
_keys = count(1)


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        made = Cast()
        kind("meals", name="送餐")
        made.key, made.text = actions.give_key(actor=actor(made.dispatcher), name="12345", place=made.county)
        yield made


def ticket(number: str = "SJ1", **more: str) -> list[str]:
    names = dict(
        zip(
            ("number", "kind", "title", "details", "place", "address", "name", "phone", "sent_at", "urgent"),
            FIRST,
            strict=True,
        )
    )
    return list((names | {"number": number} | more).values())


def check(cast: Cast, *rows: list[str], who: Any = None) -> tuple[HotlineDraft | None, hotline.Plan]:
    doer = actor(who or cast.dispatcher)
    return actions.check_tickets(actor=doer, area=cast.county, source="12345", upload=xlsx_upload([HEAD, *rows]))


def taken(cast: Cast, *rows: list[str], **decisions: str) -> Any:
    draft, _plan = check(cast, *rows)
    assert draft is not None
    wanted = {row + 2: decisions.get(f"row{row + 2}", "new") for row in range(len(rows))}
    return actions.take_draft(actor=actor(cast.dispatcher), draft=draft, decisions=wanted)


# ── reading ─────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_table_is_read_in_every_form_a_hotline_sends(cast: Cast, encoding: str) -> None:
    text = "\n".join(
        ",".join(row)
        for row in (["工单号", "诉求类型", "所属社区", "来电号码"], ["SJ1", "送餐", "和平社区", "139 0000 2222"])
    )

    draft, plan = actions.check_tickets(
        actor=actor(cast.dispatcher), area=cast.county, source="12345", upload=csv_upload(text, encoding)
    )

    assert draft is not None and not plan.problems
    assert (plan.tickets[0].kind.code, plan.tickets[0].place, plan.tickets[0].title) == ("meals", cast.home, "送餐")


def test_every_fault_is_named_by_row_and_column_and_nothing_is_kept(cast: Cast) -> None:
    place("同名村", cast.street, "village")
    place("同名村", cast.other_street, "village")
    rows = [
        ticket("SJ1", kind="修飞船"),
        ticket("SJ2", place="不存在的村"),
        ticket("SJ3", place="同名村"),
        ticket("SJ4", phone="12"),
        ticket("SJ5", sent_at="昨天"),
        ticket("SJ6", sent_at="2026-03-09 08:00"),
        ticket("SJ7", urgent="大概"),
        ticket("SJ8"),
        ticket("SJ8"),
        ticket("", title="长" * 61),
    ]

    draft, plan = check(cast, *rows)

    assert draft is None and not HotlineDraft.objects.exists()
    assert [(one.row, one.heading) for one in plan.problems] == [
        (2, "服务"),
        (3, "社区或村"),
        (4, "社区或村"),
        (5, "联系电话"),
        (6, "来电时间"),
        (7, "来电时间"),
        (8, "紧急"),
        (10, "工单编号"),
        (11, "标题"),
        (11, "工单编号"),
    ]


def test_a_place_outside_the_area_is_a_fault(cast: Cast) -> None:
    upload = xlsx_upload([HEAD, ticket(place="麦田社区")])

    _draft, plan = actions.check_tickets(actor=actor(cast.keeper), area=cast.home, source="12345", upload=upload)

    assert [one.heading for one in plan.problems] == ["社区或村"]


def test_without_a_place_the_address_tells_and_else_the_area_decides(cast: Cast) -> None:
    _draft, plan = check(
        cast,
        ticket("SJ1", place="", address="青禾区麦田社区老井边"),
        ticket("SJ2", place="", address="说不清的地方"),
    )

    assert [one.place for one in plan.tickets] == [cast.away, cast.county]


def test_a_hidden_number_is_no_fault_and_the_answer_goes_by_the_hotline(cast: Cast) -> None:
    taken(cast, ticket(phone="139****2222"), ticket("SJ2", phone="", name=""))

    hidden, none = Call.objects.order_by("id")
    assert (hidden.contact_phone, hidden.reached_by) == (None, ReachedBy.HOTLINE)
    assert hotline.NUMBER_HIDDEN in hidden.details and hotline.NUMBER_HIDDEN not in none.details
    assert none.requester.name == "未留姓名的求助人"


def test_a_long_number_is_kept_as_it_is(cast: Cast) -> None:
    taken(cast, FIRST)

    assert HotlineTicket.objects.get().number == "0012345678901234567890"


def test_a_table_without_tickets_and_one_that_is_none_say_so(cast: Cast) -> None:
    with pytest.raises(NothingInTable):
        check(cast)
    page = browser(cast.keeper).post(
        "/desk/hotline/",
        {"source": "12345", "place": str(cast.home.public_id), "upload": SimpleUploadedFile("a.xlsx", b"no table")},
        headers={"Idempotency-Key": "hotline-no-table"},
    )
    assert page.status_code == 422


def test_only_those_on_duty_take_tickets_in_and_only_at_their_places(cast: Cast) -> None:
    for who, area in ((cast.grid_worker, cast.home), (cast.keeper, cast.county), (cast.outsider, cast.home)):
        with pytest.raises(Forbidden):
            actions.check_tickets(actor=actor(who), area=area, source="12345", upload=xlsx_upload([HEAD, ticket()]))


# ── deciding ────────────────────────────────────────────────────────────────
def test_a_new_ticket_becomes_a_call_of_the_person_with_that_number(cast: Cast) -> None:
    [done] = taken(cast, ticket(urgent="是"))

    call = done.call
    assert done.is_new and (call.state, call.channel, call.place) == (State.SUBMITTED, Channel.HOTLINE, cast.home)
    assert (call.requester.name, call.urgent, call.reached_by) == ("方小雨", True, ReachedBy.PHONE)
    kept = HotlineTicket.objects.get()
    assert (kept.call, kept.decision, kept.taken_by) == (call, Decision.NEW, cast.dispatcher)
    assert kept.sent_at == START - timedelta(minutes=30)


def test_calls_that_may_be_the_same_matter_are_shown_the_sure_ones_first(cast: Cast) -> None:
    alike = cast.call(title="想请人陪着去医院看病")
    sure = cast.call(title="别的说法", contact_phone="13900002222")
    cast.call(title="想请人陪着去医院", kind=kind("other"))
    cast.call(State.CANCELLED, title="想请人陪着去医院")

    _draft, plan = check(cast, ticket(), ticket("SJ2", phone="13900003333", title="完全不同"))

    assert (plan.tickets[0].like, plan.tickets[0].sure) == ([sure, alike], True)
    assert plan.tickets[1].like == []


def test_two_rows_of_one_matter_are_shown_as_twins(cast: Cast) -> None:
    _draft, plan = check(cast, ticket("SJ1"), ticket("SJ2"), ticket("SJ3", kind="meals"))

    assert [one.twin for one in plan.tickets] == [None, 2, None]


def test_the_same_matter_is_joined_to_the_call_and_a_skipped_one_to_none(cast: Cast) -> None:
    call = cast.call(contact_phone="13900002222")

    done = taken(
        cast,
        ticket("SJ1"),
        ticket("SJ2", phone="13900003333", title="要人修水管"),
        ticket("SJ3", phone="13900003333", title="要人修水管"),
        ticket("SJ4", phone="", title="投诉噪声"),
        row2=f"same:{call.public_id}",
        row4="row:3",
        row5="skip",
    )

    assert [one.call for one in done] == [call, done[1].call, done[1].call, None]
    assert Call.objects.count() == 2
    assert list(HotlineTicket.objects.order_by("number").values_list("decision", flat=True)) == [
        "same",
        "new",
        "same",
        "skip",
    ]


def test_a_ticket_comes_in_once_however_often_its_table_comes(cast: Cast) -> None:
    taken(cast, ticket("SJ1"))

    draft, plan = check(cast, ticket("SJ1"), ticket("SJ2", phone="13900003333"))
    assert draft is not None
    assert [one.known is not None for one in plan.tickets] == [True, False]
    done = actions.take_draft(actor=actor(cast.dispatcher), draft=draft, decisions={3: "new"})

    assert [one.is_new for one in done] == [False, True]
    assert Call.objects.count() == 2
    other = actions.check_tickets(
        actor=actor(cast.dispatcher), area=cast.county, source="12328", upload=xlsx_upload([HEAD, ticket("SJ1")])
    )[1]
    assert other.tickets[0].known is None


def test_a_table_is_taken_once_by_the_one_who_brought_it_and_nothing_of_it_stays(cast: Cast) -> None:
    draft, _plan = check(cast, ticket())
    assert draft is not None and "13900002222" in rows_of(draft)[0]["phone"]
    with pytest.raises(NotFound):
        actions.take_draft(actor=actor(cast.keeper), draft=draft, decisions={2: "new"})

    actions.take_draft(actor=actor(cast.dispatcher), draft=draft, decisions={2: "new"})

    draft.refresh_from_db()
    assert draft.rows is None
    with pytest.raises(NotFound):
        actions.take_draft(actor=actor(cast.dispatcher), draft=draft, decisions={2: "new"})


def test_old_tables_nobody_decided_about_go(cast: Cast) -> None:
    check(cast, ticket())
    with clock.frozen(START + timedelta(days=2)):
        check(cast, ticket("SJ2"))

    assert HotlineDraft.objects.count() == 1


@pytest.mark.parametrize("said", ["", "nonsense", "same:x", "same:0195", "row:2", "row:99"])
def test_what_was_not_decided_changes_nothing(cast: Cast, said: str) -> None:
    foreign = cast.call()
    draft, _plan = check(cast, ticket())
    assert draft is not None

    with pytest.raises(Undecided):
        actions.take_draft(actor=actor(cast.dispatcher), draft=draft, decisions={2: said or ""})

    assert list(Call.objects.all()) == [foreign] and not HotlineTicket.objects.exists()
    draft.refresh_from_db()
    assert draft.done_at is None and draft.rows is not None


def test_a_call_of_another_desk_cannot_be_named(cast: Cast) -> None:
    foreign = cast.call(place=cast.away)
    upload = xlsx_upload([HEAD, ticket(phone="")])
    draft, _plan = actions.check_tickets(actor=actor(cast.keeper), area=cast.home, source="12345", upload=upload)
    assert draft is not None

    with pytest.raises(Undecided):
        actions.take_draft(actor=actor(cast.keeper), draft=draft, decisions={2: f"same:{foreign.public_id}"})


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
