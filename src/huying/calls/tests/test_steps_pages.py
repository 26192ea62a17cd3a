"""One call on its page, and every step as a page of its own: who may, what it asks, what a stale page says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from PIL import Image

from huying.calls import actions
from huying.calls.forms import FORMS
from huying.calls.models import Call, CallEvent, Offer
from huying.calls.states import TRANSITIONS, OfferState, State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, actor, clocks, person, role
from huying.kernel import clock
from huying.kernel.models.audit import AuditLine
from huying.people.models import Person

pytestmark = pytest.mark.django_db
ADDRESS, NUMBER = "桂花里 3 幢 201 室", "+8613800001001"


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def full(cast: Cast, state: str, **more: Any) -> Call:
    """A call with everything that must not leak."""
    private = {"address": ADDRESS, "contact_phone": NUMBER, "details": "一个人在家", "answers": {"mobility": "卧床"}}
    return cast.call(state, **(private | more))


def url(call: Call) -> str:
    return reverse("calls:call", args=[call.public_id])


def step_url(call: Call, verb: str) -> str:
    return reverse("calls:step", args=[call.public_id, verb])


def see(who: Person, call: Call) -> str:
    answer = browser(who).get(url(call))
    assert answer.status_code == 200
    return answer.content.decode()


def picture(name: str = "a.png") -> SimpleUploadedFile:
    body = BytesIO()
    Image.new("RGB", (40, 30), "green").save(body, "PNG")
    return SimpleUploadedFile(name, body.getvalue(), "image/png")


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

    shown = {who.name: [word in see(who, call) for word in words] for who in (cast.resident, cast.li.person, cast.keeper)}

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
    [(State.NEED_INFO, "哪家医院？"), (State.REJECTED, "不在服务范围"), (State.SUSPENDED, "等家属回来"), (State.TRANSFERRED, "12345")],
)
def test_a_call_that_stands_still_or_ended_says_why_to_the_one_who_asked(cast: Cast, state: str, words: str) -> None:
    assert words in see(cast.resident, cast.call(state))


def test_history_hides_who_said_no_and_why_somebody_handed_back(cast: Cast) -> None:
    call = cast.call(State.POOLED)
    keeper, li = actor(cast.keeper), actor(cast.li.person)
    actions.dispatch(actor=keeper, call=call, volunteers=[cast.he])
    actions.decline(actor=actor(cast.he.person), call=call)
    actions.dispatch(actor=keeper, call=call, volunteers=[cast.li])
    actions.accept(actor=li, call=call)
    actions.hand_back(actor=li, call=call, reason="家里孩子发烧")

    mine, desk = see(cast.resident, call), see(cast.keeper, call)

    assert [word in mine for word in ("何晓燕", "这次不方便", "家里孩子发烧", "接单人来不了", "王敏之")] == [
        False, False, False, True, False,
    ]  # fmt: skip
    assert [word in desk for word in ("家里孩子发烧", "被询问的人这次不方便", "王敏之")] == [True, True, True]
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
    after = client.post(reverse("calls:reveal", args=[call.public_id]), {"what": "helper", "offer": str(offer.public_id)})

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


@pytest.mark.parametrize("given", [{"what": "address"}, {"what": "address", "reason": "看"}, {"what": "name", "reason": "联系上门"}, {}])
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
        cursor.execute("SELECT count(*) FROM kernel_storedanswer WHERE position(%s::bytea in body) > 0", [ADDRESS.encode()])
        assert cursor.fetchone() == (0,)


# ── every step has its page ─────────────────────────────────────────────────
GIVEN = {
    "note": "说明一下",
    "reason": "有原因",
    "at": "2026-03-04T15:00",
    "score": "4",
    "solved": "yes",
    "target": "12345",
}
BY = {"requester": "resident", "staff": "keeper", "helper": "li", "offered": "li", "volunteer": "he"}


def who_takes(cast: Cast, verb: str) -> Person:
    party = next(name for name in ("staff", "helper", "offered", "volunteer", "requester") if name in TRANSITIONS[verb].by)
    found = getattr(cast, BY[party])
    return getattr(found, "person", found)


def state_for(verb: str) -> State:
    order = list(State)
    return min(TRANSITIONS[verb].from_ - {State.DRAFT}, key=order.index, default=State.DRAFT)


def start_state(verb: str) -> State:
    """A state in which the one who takes the step can really be part of the call."""
    return {"hand_back": State.ACCEPTED, "cancel": State.SUBMITTED}.get(verb) or state_for(verb)


@pytest.mark.parametrize("verb", sorted(FORMS))
def test_every_step_is_asked_for_on_a_page_and_taken_by_its_form(cast: Cast, verb: str) -> None:
    call = cast.call(start_state(verb))
    client = browser(cast.resident if verb == "submit" else who_takes(cast, verb))

    page = client.get(step_url(call, verb))
    answer = sent(client, step_url(call, verb), **{name: GIVEN[name] for name in FORMS[verb].base_fields if name in GIVEN})

    call.refresh_from_db()
    html = page.content.decode()
    assert page.status_code == 200
    assert str(TRANSITIONS[verb].label) in html
    assert html.count("<h1") == 1
    assert answer.status_code == 303
    assert call.events.filter(verb=verb).exists()


@pytest.mark.parametrize("verb", sorted(verb for verb in FORMS if TRANSITIONS[verb].needs))
def test_a_step_without_what_it_needs_says_so_beside_the_field(cast: Cast, verb: str) -> None:
    call = cast.call(start_state(verb))
    before = call.events.count()

    answer = sent(browser(who_takes(cast, verb)), step_url(call, verb), **dict.fromkeys(FORMS[verb].base_fields, " "))

    assert answer.status_code == 422
    assert set(TRANSITIONS[verb].needs) <= set(answer.context["form"].errors)
    assert 'class="hy-errors"' in answer.content.decode()
    assert call.events.count() == before


@pytest.mark.parametrize("verb", sorted(verb for verb in FORMS if {"note", "reason"} & set(FORMS[verb].base_fields)))
def test_too_many_words_are_refused_and_given_back(cast: Cast, verb: str) -> None:
    call = cast.call(start_state(verb))
    given = {name: GIVEN[name] for name in FORMS[verb].base_fields if name in GIVEN}
    name = "reason" if "reason" in given else "note"

    answer = sent(browser(who_takes(cast, verb)), step_url(call, verb), **{**given, name: "写" * 501})

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [name])
    assert "写" * 501 in answer.content.decode()


@pytest.mark.parametrize("verb", ["expire", "auto_rate", "close", "dispatch", "fly", "say", "__class__"])
def test_a_step_without_a_page_is_not_found(cast: Cast, verb: str) -> None:
    call = cast.call(State.SUBMITTED)
    address = f"{url(call)}{verb}/"

    assert browser(cast.keeper).get(address).status_code in {404, 405}


@pytest.mark.parametrize("verb", sorted(FORMS))
def test_nobody_outside_takes_a_step(cast: Cast, verb: str) -> None:
    call = cast.call(start_state(verb))
    given = {name: GIVEN[name] for name in FORMS[verb].base_fields if name in GIVEN}
    before = call.events.count()
    outside = [cast.neighbour, cast.outsider]

    answers = [sent(browser(who), step_url(call, verb), **given).status_code for who in outside]

    assert answers == [404, 404]
    assert call.events.count() == before


def test_somebody_inside_without_the_right_is_told_so(cast: Cast) -> None:
    call = cast.call(State.SUBMITTED)

    answers = [
        sent(browser(cast.resident), step_url(call, "pool")).status_code,
        browser(cast.resident).get(step_url(call, "reject")).status_code,
    ]

    call.refresh_from_db()
    assert answers == [403, 403]
    assert call.state == State.SUBMITTED


def test_a_stale_page_is_told_what_happened_and_gives_back_the_words(cast: Cast) -> None:
    call = cast.call(State.SERVING)
    client = browser(cast.li.person)
    page = client.get(step_url(call, "deliver"))
    actions.deliver(actor=actor(cast.li.person), call=call, note="已陪同")

    answer = sent(client, step_url(call, "deliver"), note="写了很久的说明")
    looked = client.get(step_url(call, "deliver"))

    html = answer.content.decode()
    assert page.status_code == 200
    assert (answer.status_code, looked.status_code) == (409, 409)
    assert "刚刚有变化" in html
    assert "写了很久的说明" in html
    assert f'href="{url(call)}"' in html
    assert call.events.filter(verb="deliver").count() == 1


def test_of_two_who_accept_the_second_hears_that_it_is_taken(cast: Cast) -> None:
    call = cast.call(State.POOLED)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])
    second = browser(cast.he.person)
    second.get(step_url(call, "accept"))

    first_answer = sent(browser(cast.li.person), step_url(call, "accept"))
    second_answer = sent(second, step_url(call, "accept"))

    assert first_answer.status_code == 303
    assert second_answer.status_code in {404, 409}
    assert list(Offer.objects.order_by("id").values_list("state", flat=True)) == [OfferState.ACCEPTED, OfferState.WITHDRAWN]


def test_a_step_pressed_twice_with_one_key_is_taken_once(cast: Cast) -> None:
    call, key = cast.call(State.SCHEDULED), uuid4().hex
    client = browser(cast.li.person)

    answers = [client.post(step_url(call, "start"), {"idempotency_key": key}) for _ in range(2)]

    assert [(a.status_code, a["Location"]) for a in answers] == [(303, url(call))] * 2
    assert call.events.filter(verb="start").count() == 1


# ── single steps ────────────────────────────────────────────────────────────
def test_declining_says_that_it_costs_nothing_and_asks_for_no_reason(cast: Cast) -> None:
    call = cast.call(State.DISPATCHED)
    client = browser(cast.li.person)

    html = client.get(step_url(call, "decline")).content.decode()
    answer = sent(client, step_url(call, "decline"))

    assert "不用说原因" in html
    assert 'name="reason"' not in html
    assert answer["Location"] == reverse("calls:help")
    assert Offer.objects.get().reason == ""


@pytest.mark.parametrize("at", ["2026-03-03T09:00", "2026-03-03T10:00", "2028-01-01T10:00", "明天", "2026-13-01T10:00", ""])
def test_a_visit_is_set_for_a_time_that_comes(cast: Cast, at: str) -> None:
    call = cast.call(State.ACCEPTED)

    answer = sent(browser(cast.li.person), step_url(call, "schedule"), at=at)

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["at"])


def test_the_agreed_time_is_read_as_time_in_china(cast: Cast) -> None:
    call = cast.call(State.ACCEPTED)

    sent(browser(cast.li.person), step_url(call, "schedule"), at="2026-03-04T15:00")

    call.refresh_from_db()
    assert clock.local(call.scheduled_at).isoformat() == "2026-03-04T15:00:00+08:00"


def test_what_was_done_is_kept_with_pictures_that_both_sides_see(cast: Cast) -> None:
    call = cast.call(State.SERVING)

    answer = sent(browser(cast.li.person), step_url(call, "deliver"), note="灯已换好", photos=[picture("a.png"), picture("b.png")])

    pages = [see(who, call) for who in (cast.resident, cast.li.person, cast.keeper)]
    assert answer.status_code == 303
    assert [html.count('<img src="/files/') for html in pages] == [2, 2, 2]
    assert all("灯已换好" in html for html in pages)


@pytest.mark.parametrize(
    "upload",
    [
        SimpleUploadedFile("x.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "image/svg+xml"),
        SimpleUploadedFile("x.png", b"not a picture", "image/png"),
        SimpleUploadedFile("empty.png", b"", "image/png"),
        SimpleUploadedFile("x.html", b"<html><script>alert(1)</script>", "image/jpeg"),
    ],
)
def test_a_file_that_is_no_picture_is_named_and_the_words_are_kept(cast: Cast, upload: SimpleUploadedFile) -> None:
    call = cast.call(State.SERVING)

    answer = sent(browser(cast.li.person), step_url(call, "deliver"), note="灯已换好", photos=[picture(), upload])

    call.refresh_from_db()
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["photos"])
    assert upload.name in str(answer.context["form"].errors["photos"])
    assert "灯已换好" in answer.content.decode()
    assert call.state == State.SERVING


def test_seven_pictures_are_one_too_many(cast: Cast) -> None:
    call = cast.call(State.SERVING)

    answer = sent(browser(cast.li.person), step_url(call, "deliver"), note="好", photos=[picture(f"{n}.png") for n in range(7)])

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["photos"])


@pytest.mark.parametrize("score", ["0", "6", "-1", "4.5", "五", ""])
def test_a_rating_is_one_of_five(cast: Cast, score: str) -> None:
    call = cast.call(State.DELIVERED)

    answer = sent(browser(cast.resident), step_url(call, "rate"), score=score, solved="yes")

    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["score"])


@pytest.mark.parametrize(("solved", "kept"), [("yes", True), ("no", False)])
def test_satisfied_and_solved_are_two_answers(cast: Cast, solved: str, kept: bool) -> None:
    call = cast.call(State.DELIVERED)

    answer = sent(browser(cast.resident), step_url(call, "rate"), score="2", solved=solved, comment="来得很快")

    call.refresh_from_db()
    assert answer.status_code == 303
    assert (call.state, call.score, call.solved, call.comment, call.rated_by_proxy) == (State.CLOSED, 2, kept, "来得很快", False)


def test_a_rating_given_for_somebody_else_is_announced_and_marked(cast: Cast) -> None:
    call = actions.ask(actor=actor(cast.grid_worker), what=actions.Ask(cast.kind, cast.home, cast.resident, "代办"))
    for verb, who, given in cast.way_to(State.DELIVERED)[1:]:
        call = getattr(actions, verb)(actor=who, call=call, **given)
    client = browser(cast.grid_worker)

    page = client.get(step_url(call, "rate")).content.decode()
    sent(client, step_url(call, "rate"), score="5", solved="yes")

    call.refresh_from_db()
    line = AuditLine.objects.get(verb="call.rate")
    assert "您在替陈桂英办" in page
    assert call.rated_by_proxy is True
    assert call.events.get(verb="rate").on_behalf is True
    assert (line.person_id, line.on_behalf_of_id) == (cast.grid_worker.pk, cast.resident.pk)
    assert "代评" in see(cast.resident, call)


def test_reopening_is_offered_for_seven_days_and_refused_afterwards(cast: Cast) -> None:
    call = cast.call(State.CLOSED)

    with clock.frozen(START + timedelta(days=6)):
        soon = step_url(call, "reopen") in see(cast.resident, call)
    with clock.frozen(START + timedelta(days=8)):
        client = browser(cast.resident)
        late = step_url(call, "reopen") in client.get(url(call)).content.decode()
        answer = sent(client, step_url(call, "reopen"), reason="还漏")

    call.refresh_from_db()
    assert (soon, late, answer.status_code) == (True, False, 403)
    assert call.state == State.CLOSED


def test_a_volunteer_claims_a_call_near_him_and_reads_the_address_then(cast: Cast) -> None:
    call = full(cast, State.POOLED)
    client = browser(cast.he.person)

    before = client.get(url(call)).content.decode()
    answer = sent(client, step_url(call, "claim"))
    after = client.get(url(call)).content.decode()

    assert (answer.status_code, answer["Location"]) == (303, url(call))
    assert (ADDRESS in before, ADDRESS in after) == (False, True)


# ── words ───────────────────────────────────────────────────────────────────
def test_words_go_between_the_sides_and_to_nobody_else(cast: Cast) -> None:
    call = cast.call(State.ACCEPTED)
    address = reverse("calls:say", args=[call.public_id])

    said = [sent(browser(who), address, text=f"{who.name}说") for who in (cast.resident, cast.li.person, cast.keeper)]
    refused = [sent(browser(who), address, text="我也说").status_code for who in (cast.neighbour, cast.he.person, cast.outsider)]

    assert [(a.status_code, a["Location"]) for a in said] == [(303, f"{url(call)}#words")] * 3
    assert refused == [404, 404, 404]
    assert [(m.side, m.text) for m in call.messages.order_by("id")] == [
        ("requester", "陈桂英说"),
        ("helper", "李安和说"),
        ("staff", "王敏之说"),
    ]
    assert all(f"{who.name}说" in see(cast.resident, call) for who in (cast.li.person, cast.keeper))


@pytest.mark.parametrize("text", ["", "   ", "\x00", "话" * 501])
def test_no_words_and_too_many_words_are_refused_on_the_same_page(cast: Cast, text: str) -> None:
    call = cast.call(State.ACCEPTED)

    answer = sent(browser(cast.resident), reverse("calls:say", args=[call.public_id]), text=text)

    assert answer.status_code == 422
    assert call.messages.count() == 0
    assert "话" * 501 in answer.content.decode() or len(text) < 501


def test_somebody_who_only_looks_on_or_is_asked_leaves_no_words(cast: Cast) -> None:
    pooled, offered = cast.call(State.POOLED), cast.call(State.DISPATCHED)

    answers = [
        sent(browser(cast.li.person), reverse("calls:say", args=[call.public_id]), text="在吗").status_code
        for call in (pooled, offered)
    ]

    assert answers == [403, 403]


# ── where a step leads, and inside the page ─────────────────────────────────
@pytest.mark.parametrize(
    ("wanted", "leads"),
    [
        ("/desk/", "/desk/"),
        ("https://evil.example/", None),
        ("//evil.example/", None),
        ("javascript:alert(1)", None),
        ("", None),
    ],
)
def test_a_step_leads_back_to_where_it_was_asked_but_never_off_this_site(cast: Cast, wanted: str, leads: str | None) -> None:
    call = cast.call(State.SUBMITTED)

    answer = sent(browser(cast.keeper), step_url(call, "review"), next=wanted)

    assert answer["Location"] == (leads or url(call))


def test_inside_the_page_a_step_comes_as_a_part_and_comes_back_when_refused(cast: Cast) -> None:
    call = cast.call(State.DELIVERED)
    client = browser(cast.resident)
    head = {"HX-Request": "true"}

    part = client.get(step_url(call, "rate"), headers=head)
    refused = client.post(step_url(call, "rate"), {"idempotency_key": uuid4().hex}, headers=head)
    taken = client.post(step_url(call, "rate"), {"idempotency_key": uuid4().hex, "score": "5", "solved": "yes"}, headers=head)
    whole = client.get(taken["Location"], headers=head)
    stale = client.post(step_url(call, "rate"), {"idempotency_key": uuid4().hex, "score": "1", "solved": "no"}, headers=head)

    assert "<html" not in part.content.decode()
    assert f'hx-post="{step_url(call, "rate")}"' in part.content.decode()
    assert (refused.status_code, refused["HX-Retarget"], refused["HX-Reswap"]) == (422, "#step", "innerHTML")
    assert taken.status_code == 303
    assert whole.content.decode().lstrip().startswith('<div class="hy-main__part" id="call">')
    assert "谢谢您的评价" in whole.content.decode()
    assert (stale.status_code, stale["HX-Retarget"]) == (409, "#step")


def test_steps_after_which_the_call_is_out_of_sight_leave_the_page(cast: Cast) -> None:
    call = cast.call(State.ACCEPTED)

    part = browser(cast.li.person).get(step_url(call, "hand_back"), headers={"HX-Request": "true"})

    assert "hx-post" not in part.content.decode()


def test_only_one_button_of_a_page_is_loud_and_ending_is_quiet(cast: Cast) -> None:
    call = cast.call(State.ACCEPTED)

    kinds = {
        who.name: [(b.verb, b.kind) for b in browser(who).get(url(call)).context["story"].buttons]
        for who in (cast.li.person, cast.resident)
    }

    assert kinds == {
        "李安和": [("schedule", "primary"), ("start", "soft"), ("hand_back", "plain")],
        "陈桂英": [("cancel", "quiet")],
    }


def test_staff_read_the_call_at_the_desk_and_everybody_else_on_the_telephone(cast: Cast) -> None:
    call = cast.call(State.ACCEPTED)

    layouts = {who.name: "hy-rail" in see(who, call) for who in (cast.keeper, cast.resident, cast.li.person)}

    assert layouts == {"王敏之": True, "陈桂英": False, "李安和": False}


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
