"""One call on its page: who reads it, what each side reads, and what is opened on purpose (security 5 no. 7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from huying.calls import actions
from huying.calls.models import Call, CallEvent, Offer
from huying.calls.states import State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, actor, clocks, person, role, run_out
from huying.calls.tests.stepping import ADDRESS, NUMBER, full, see, step_url, url
from huying.kernel.models.audit import AuditLine
from huying.people.models import Person

pytestmark = pytest.mark.django_db


# ── who reads the page ──────────────────────────────────────────────────────
def test_the_page_is_for_those_who_are_part_of_the_call(cast: Cast) -> None:
    call = full(cast, State.ACCEPTED)
    office = person("郑所", cast.street)
    role(office, "office", cast.street)
    cast.neighbour_volunteer = cast.he
    people = {
        "requester": cast.resident,
        "helper": cast.li.person,
        "keeper": cast.keeper,
        "above": office,
        "dispatcher": cast.dispatcher,
        "other volunteer": cast.he.person,
        "neighbour": cast.neighbour,
        "other station": cast.outsider,
        "grid worker": cast.grid_worker,
    }

    answers = {name: browser(who).get(url(call)).status_code for name, who in people.items()}

    assert answers == {
        "requester": 200,
        "helper": 200,
        "keeper": 200,
        "above": 200,
        "dispatcher": 200,
        "other volunteer": 404,
        "neighbour": 404,
        "other station": 404,
        "grid worker": 404,
    }


def test_a_visitor_goes_to_the_door_and_back_to_the_call(cast: Cast) -> None:
    call = cast.call(State.ACCEPTED)

    answers = [Client().get(address) for address in (url(call), step_url(call, "cancel"))]

    assert [(a.status_code, a["Location"]) for a in answers] == [
        (302, f"/people/sign-in/?next={url(call)}"),
        (302, f"/people/sign-in/?next={step_url(call, 'cancel')}"),
    ]


def test_what_each_side_reads_of_an_accepted_call(cast: Cast) -> None:
    call = full(cast, State.ACCEPTED)
    words = (ADDRESS, "138 0000 1001", "一个人在家", "卧床", "陈桂英", call.number)

    shown = {
        who.name: [word in see(who, call) for word in words] for who in (cast.resident, cast.li.person, cast.keeper)
    }

    assert shown == {
        "陈桂英": [True, True, True, True, True, True],
        "李安和": [True, True, True, True, True, True],
        "王敏之": [False, False, True, True, True, True],
    }


def test_before_saying_yes_nothing_leads_to_the_door(cast: Cast) -> None:
    offered, pooled = full(cast, State.DISPATCHED), full(cast, State.POOLED)
    words = (ADDRESS, "1001", "陈桂英", "陈＊＊", "一个人在家", "卧床", "500 米以内", "经过", "留言")

    asked = see(cast.li.person, offered)
    looks_on = see(cast.li.person, pooled)

    assert [word in asked for word in words] == [False, False, False, True, True, True, True, False, False]
    assert [word in looks_on for word in words] == [False, False, False, True, False, False, True, False, False]


def test_after_the_call_has_ended_the_helper_reads_no_address_any_more(cast: Cast) -> None:
    call = full(cast, State.CLOSED)

    html = see(cast.li.person, call)

    assert [word in html for word in (ADDRESS, "1001", "13800001001")] == [False, False, False]


def test_a_volunteer_who_declined_or_handed_back_sees_it_no_longer(cast: Cast) -> None:
    declined, handed_back = cast.call(State.DISPATCHED), cast.call(State.ACCEPTED)
    elsewhere = cast.li
    elsewhere.base_place = cast.away
    elsewhere.save()
    client = browser(cast.li.person)

    answers = [
        sent(client, step_url(declined, "decline")),
        sent(client, step_url(handed_back, "hand_back"), reason="临时有事"),
    ]

    assert [(a.status_code, a["Location"]) for a in answers] == [(303, reverse("calls:help"))] * 2
    assert [client.get(url(call)).status_code for call in (declined, handed_back)] == [404, 404]


def test_each_look_of_the_helper_at_the_address_is_in_the_trail_and_own_looks_are_not(cast: Cast) -> None:
    call = full(cast, State.ACCEPTED)

    for who in (cast.li.person, cast.li.person, cast.resident, cast.keeper):
        see(who, call)

    lines = AuditLine.objects.filter(verb="sealed.reveal").order_by("id")
    assert [(line.person_id, line.changes["field"], line.reason) for line in lines] == [
        (cast.li.person.pk, "address", "上门服务需要"),
        (cast.li.person.pk, "contact_phone", "上门服务需要"),
    ] * 2


def test_a_helper_whose_looks_are_used_up_still_reads_the_rest(cast: Cast, settings: Any) -> None:
    settings.HUYING_REVEALS_PER_DAY = 1
    call = full(cast, State.ACCEPTED)

    html = see(cast.li.person, call)

    assert ADDRESS not in html
    assert "次数用完了" in html
    assert "一个人在家" in html


@pytest.mark.parametrize(
    ("state", "labels"),
    [
        (State.SUBMITTED, ["done", "now", "todo", "todo"]),
        (State.NEED_INFO, ["done", "now", "todo", "todo"]),
        (State.POOLED, ["done", "done", "now", "todo"]),
        (State.DISPATCHED, ["done", "done", "now", "todo"]),
        (State.SERVING, ["done", "done", "done", "now"]),
        (State.DELIVERED, ["done"] * 4),
        (State.CLOSED, ["done"] * 4),
        (State.REJECTED, []),
        (State.CANCELLED, []),
    ],
)
def test_four_steps_follow_the_state(cast: Cast, state: str, labels: list[str]) -> None:
    answer = browser(cast.resident).get(url(cast.call(state)))

    assert [item["state"] for item in answer.context["story"].progress] == labels


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (State.NEED_INFO, "哪家医院？"),
        (State.REJECTED, "不在服务范围"),
        (State.SUSPENDED, "等家属回来"),
        (State.TRANSFERRED, "12345"),
    ],
)
def test_a_call_that_stands_still_or_ended_says_why_to_the_one_who_asked(cast: Cast, state: str, words: str) -> None:
    assert words in see(cast.resident, cast.call(state))


def test_history_hides_who_said_no_and_why_somebody_handed_back(cast: Cast) -> None:
    call = cast.call(State.POOLED)
    keeper, li = actor(cast.keeper), actor(cast.li.person)
    actions.dispatch(actor=keeper, call=call, volunteers=[cast.he])
    actions.decline(actor=actor(cast.he.person), call=call)
    run_out(call)
    actions.dispatch(actor=keeper, call=call, volunteers=[cast.li])
    actions.accept(actor=li, call=call)
    actions.hand_back(actor=li, call=call, reason="家里孩子发烧")

    mine, desk = see(cast.resident, call), see(cast.keeper, call)

    assert [word in mine for word in ("何晓燕", "这次不方便", "家里孩子发烧", "接单人来不了", "王敏之")] == [
        False, False, False, True, False,
    ]  # fmt: skip
    assert [word in desk for word in ("家里孩子发烧", "没有接上，收回派单", "王敏之")] == [True, True, True]
    assert "何晓燕" not in desk


def test_the_append_only_history_holds_no_name(cast: Cast) -> None:
    cast.call(State.CLOSED)

    facts = " ".join(str(event.facts) for event in CallEvent.objects.all())

    assert "李安和" not in facts
    assert "陈桂英" not in facts


def test_the_helper_is_named_to_the_person_and_his_number_is_opened_on_purpose(cast: Cast) -> None:
    cast.li.person.phone = "+8613911112222"
    cast.li.person.save()
    cast.li.shares_phone = True
    cast.li.save()
    call = cast.call(State.ACCEPTED)
    offer = Offer.objects.get()
    client = browser(cast.resident)

    before = client.get(url(call)).content.decode()
    after = client.post(
        reverse("calls:reveal", args=[call.public_id]), {"what": "helper", "offer": str(offer.public_id)}
    )

    line = AuditLine.objects.get(verb="sealed.reveal")
    assert ("李安和" in before, "13911112222" in before, "2222" in before) == (True, False, True)
    assert (after.status_code, 'href="tel:+8613911112222"' in after.content.decode()) == (200, True)
    assert (line.person_id, line.subject_type, line.changes) == (cast.resident.pk, "people.Person", {"field": "phone"})


@pytest.mark.parametrize("state", [State.DELIVERED, State.CLOSED])
def test_the_helpers_number_closes_when_the_help_is_done(cast: Cast, state: str) -> None:
    cast.li.person.phone = "+8613911112222"
    cast.li.person.save()
    cast.li.shares_phone = True
    cast.li.save()
    call = cast.call(state)
    offer = Offer.objects.get()

    answer = browser(cast.resident).post(
        reverse("calls:reveal", args=[call.public_id]), {"what": "helper", "offer": str(offer.public_id)}
    )

    assert answer.status_code in {403, 404}
    assert "2222" not in see(cast.resident, call)


def test_a_helper_who_did_not_agree_is_reached_by_words_only(cast: Cast) -> None:
    cast.li.person.phone = "+8613911112222"
    cast.li.person.save()
    call = cast.call(State.ACCEPTED)
    offer = Offer.objects.get()

    answer = browser(cast.resident).post(
        reverse("calls:reveal", args=[call.public_id]), {"what": "helper", "offer": str(offer.public_id)}
    )

    assert answer.status_code == 403
    assert AuditLine.objects.filter(verb="sealed.reveal").count() == 0


# ── opening on purpose ──────────────────────────────────────────────────────
def reveal(who: Person, call: Call, **given: str) -> Any:
    return browser(who).post(reverse("calls:reveal", args=[call.public_id]), given)


def test_staff_open_address_or_number_with_a_reason_that_is_kept(cast: Cast) -> None:
    call = full(cast, State.SUBMITTED)

    address = reveal(cast.keeper, call, what="address", reason="联系上门时间")
    number = reveal(cast.keeper, call, what="phone", reason="联系上门时间")

    assert (address.status_code, ADDRESS in address.content.decode()) == (200, True)
    assert (number.status_code, NUMBER in number.content.decode()) == (200, True)
    assert "no-store" in address["Cache-Control"]
    lines = AuditLine.objects.filter(verb="sealed.reveal").order_by("id")
    assert [(line.person_id, line.changes["field"], line.reason) for line in lines] == [
        (cast.keeper.pk, "address", "联系上门时间"),
        (cast.keeper.pk, "contact_phone", "联系上门时间"),
    ]


@pytest.mark.parametrize(
    "given", [{"what": "address"}, {"what": "address", "reason": "看"}, {"what": "name", "reason": "联系上门"}, {}]
)
def test_without_a_reason_or_for_something_else_nothing_is_opened(cast: Cast, given: dict[str, str]) -> None:
    call = full(cast, State.SUBMITTED)

    answer = reveal(cast.keeper, call, **given)

    assert answer.status_code == 422
    assert ADDRESS not in answer.content.decode()
    assert AuditLine.objects.filter(verb="sealed.reveal").count() == 0


def test_nobody_else_opens_anything(cast: Cast) -> None:
    call = full(cast, State.DISPATCHED)
    people = (cast.li.person, cast.he.person, cast.neighbour, cast.outsider)

    answers = [reveal(who, call, what="address", reason="想知道地址") for who in people]

    assert [answer.status_code for answer in answers] == [403, 404, 404, 404]
    assert all(ADDRESS not in answer.content.decode() for answer in answers)


def test_an_opened_value_is_not_kept_as_a_stored_answer(cast: Cast) -> None:
    call = full(cast, State.SUBMITTED)
    client = browser(cast.keeper)
    client.post(
        reverse("calls:reveal", args=[call.public_id]),
        {"what": "address", "reason": "联系上门时间", "idempotency_key": uuid4().hex},
    )

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM kernel_storedanswer WHERE position(%s::bytea in body) > 0", [ADDRESS.encode()]
        )
        assert cursor.fetchone() == (0,)


# ── cheap however long the story is ─────────────────────────────────────────
@pytest.mark.parametrize("who", ["resident", "keeper", "li"])
def test_a_long_story_costs_as_many_queries_as_a_short_one(cast: Cast, who: str) -> None:
    clocks(review=60)
    call = full(cast, State.ACCEPTED)
    found = getattr(cast, who)
    client = browser(getattr(found, "person", found))

    def count() -> int:
        client.get(url(call))
        with CaptureQueriesContext(connection) as made:
            assert client.get(url(call)).status_code == 200
        return len(made)

    actions.say(actor=actor(cast.keeper), call=call, text="一")
    one = count()
    for number in range(3):
        actions.say(actor=actor(cast.li.person), call=call, text=f"第{number}句")
        actions.schedule(actor=actor(cast.li.person), call=call, at=START + timedelta(hours=5 + number))
    three = count()

    assert three == one
    assert one <= 30
