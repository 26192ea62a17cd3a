"""Asking for help in three short pages: the menu, the form of one kind, the receipt (S0-3a, S2-7c)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from huying.calls.models import Call
from huying.calls.states import Channel, State
from huying.calls.tests.asking import ask, asking_cast, page, words
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, account, clocks, kind, person
from huying.kernel import clock
from huying.people.models import Guardianship, Person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield asking_cast()


# ── the menu ────────────────────────────────────────────────────────────────
def test_the_menu_is_open_to_visitors_and_names_the_emergency_numbers_first(cast: Cast) -> None:
    kind("gone", active=False)

    answer = Client().get(reverse("calls:ask"))

    html = answer.content.decode()
    numbers = [html.index(f'href="tel:{number}"') for number in ("120", "119", "110")]
    assert answer.status_code == 200
    assert numbers == sorted(numbers)
    assert numbers[-1] < html.index(page())
    assert page("gone") not in html


def test_the_telephone_stands_on_every_page_of_asking_only_when_the_installation_has_one(
    cast: Cast, settings: Any
) -> None:
    client = browser(cast.resident)
    addresses = [reverse("calls:home"), reverse("calls:ask"), page()]

    settings.HUYING_PHONE = ""
    without = ["tel:0571" in client.get(address).content.decode() for address in addresses]
    settings.HUYING_PHONE = "0571-88886666"
    with_number = ["tel:0571-88886666" in client.get(address).content.decode() for address in addresses]

    assert without == [False, False, False]
    assert with_number == [True, True, True]


def test_an_urgent_kind_shows_all_three_numbers_its_own_first(cast: Cast) -> None:
    kind("storm", urgent=True, emergency="119")

    html = browser(cast.resident).get(page("storm")).content.decode()

    places = [html.index(f'href="tel:{number}"') for number in ("119", "120", "110")]
    assert places == sorted(places)
    assert places[-1] < html.index('name="title"')


@pytest.mark.parametrize("code", ["nothing", "gone"])
def test_a_kind_that_is_not_on_the_menu_is_not_found(cast: Cast, code: str) -> None:
    kind("gone", active=False)

    assert browser(cast.resident).get(page(code)).status_code == 404
    assert sent(browser(cast.resident), page(code), **words(cast)).status_code == 404


# ── signing in on the way ───────────────────────────────────────────────────
def test_a_visitor_is_asked_to_sign_in_and_comes_back_to_the_kind_he_chose(cast: Cast) -> None:
    answer = Client().get(page())

    assert answer.status_code == 302
    assert answer["Location"] == f"/people/sign-in/?next={page()}"


def test_what_a_visitor_typed_is_there_after_signing_in_but_not_his_address_or_number(cast: Cast) -> None:
    client = Client()
    answer = sent(client, page(), **words(cast, details="走路要扶"))
    assert (answer.status_code, answer["Location"]) == (302, f"/people/sign-in/?next={page()}")
    kept = dict(client.session["calls.asking"])

    client.force_login(account(cast.resident))
    html = client.get(page()).content.decode()

    assert "address" not in kept
    assert "phone" not in kept
    assert 'value="去医院复查"' in html
    assert 'value="市二院"' in html
    assert "走路要扶" in html
    assert Call.objects.count() == 0


# ── the form ────────────────────────────────────────────────────────────────
def test_asking_makes_one_submitted_call_with_everything_that_was_written(cast: Cast) -> None:
    answer = ask(
        cast,
        q_walk="yes",
        q_days="2",
        q_how="bus",
        details="走路要扶\r\n下午三点前到",
        when="tomorrow",
        part="afternoon",
    )

    call = Call.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, reverse("calls:asked", args=[call.public_id]))
    assert (call.state, call.channel, call.kind, call.place) == (State.SUBMITTED, Channel.WEB, cast.kind, cast.home)
    assert (call.requester, call.asked_by, call.title) == (cast.resident, cast.resident, "去医院复查")
    assert call.details == "走路要扶\n下午三点前到"
    assert call.answers == {"hospital": "市二院", "walk": True, "days": 2, "how": "bus"}
    assert (call.address.open(), call.contact_phone.open()) == ("桂花里 3 幢 201 室", "+8613800001001")
    assert [clock.local(at).strftime("%m-%d %H:%M") for at in (call.wanted_from, call.wanted_to)] == [
        "03-04 12:00",
        "03-04 18:00",
    ]
    assert (call.lon, call.lat) == (cast.home.lon, cast.home.lat)


def test_the_same_form_sent_twice_makes_one_call_and_one_answer(cast: Cast) -> None:
    client, key = browser(cast.resident), uuid4().hex

    answers = [client.post(page(), {"idempotency_key": key, **words(cast)}) for _ in range(2)]

    assert Call.objects.count() == 1
    assert {answer["Location"] for answer in answers} == {reverse("calls:asked", args=[Call.objects.get().public_id])}


def test_the_outbox_of_a_phone_gets_an_answer_a_script_can_read(cast: Cast) -> None:
    client = browser(cast.resident)
    head = {"X-Huying-Outbox": "1"}

    taken = client.post(page(), {"idempotency_key": uuid4().hex, **words(cast)}, headers=head)
    refused = client.post(page(), {"idempotency_key": uuid4().hex, **words(cast, title="")}, headers=head)
    stranger = Client().post(page(), {"idempotency_key": uuid4().hex, **words(cast)}, headers=head)

    assert (taken.status_code, taken.json()) == (
        201,
        {"location": reverse("calls:asked", args=[Call.objects.get().public_id])},
    )
    assert (refused.status_code, "hy-errors" in refused.content.decode()) == (422, True)
    assert (stranger.status_code, stranger.json()) == (401, {"sign_in": f"/people/sign-in/?next={page()}"})


def test_the_form_waits_in_the_outbox_and_is_never_cached(cast: Cast) -> None:
    answer = browser(cast.resident).get(page())

    assert "data-outbox=" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_home_number_and_address_on_file_serve_when_nothing_is_typed(cast: Cast) -> None:
    cast.resident.phone, cast.resident.address = "+8613800002002", "桂花里 5 幢"
    cast.resident.lon, cast.resident.lat = 120.0512, 30.2812
    cast.resident.save()

    html = browser(cast.resident).get(page()).content.decode()
    answer = ask(cast, address="", phone="")

    call = Call.objects.get()
    assert answer.status_code == 303
    assert "2002" in html and "13800002002" not in html and "桂花里 5 幢" not in html
    assert (call.address.open(), call.contact_phone.open()) == ("桂花里 5 幢", "+8613800002002")
    assert (call.lon, call.lat) == (120.0512, 30.2812)


def test_the_address_on_file_does_not_serve_somewhere_else(cast: Cast) -> None:
    cast.resident.address = "桂花里 5 幢"
    cast.resident.save()

    answer = ask(cast, address="", place_words="麦田社区")

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == ["address"]


def test_a_kind_that_is_not_served_at_home_asks_for_no_address(cast: Cast) -> None:
    kind("law", visit=False)

    html = browser(cast.resident).get(page("law")).content.decode()
    answer = sent(browser(cast.resident), page("law"), **words(cast, address=None))

    assert 'name="address"' not in html
    assert answer.status_code == 303


# ── for whom ────────────────────────────────────────────────────────────────
def ward_of(cast: Cast, guardian: Person, name: str = "陈小宝") -> Person:
    ward = person(name, cast.home)
    Guardianship.objects.create(ward=ward, guardian=guardian, tie="entrusted", starts_at=START, confirmed_at=START)
    return ward


def test_a_relative_asks_for_an_entrusted_person_and_it_is_marked(cast: Cast) -> None:
    ward = ward_of(cast, cast.resident)

    html = browser(cast.resident).get(page()).content.decode()
    answer = ask(cast, who=str(ward.public_id))

    call = Call.objects.get()
    assert answer.status_code == 303
    assert f'value="{ward.public_id}"' in html
    assert (call.requester, call.asked_by, call.channel) == (ward, cast.resident, Channel.PROXY)
    assert [(event.verb, event.on_behalf) for event in call.events.order_by("id")] == [
        ("draft", True),
        ("submit", True),
    ]


def test_nobody_can_ask_in_the_name_of_a_stranger(cast: Cast) -> None:
    alone = ask(cast, who=str(cast.neighbour.public_id))
    ward_of(cast, cast.resident)
    with_family = ask(cast, who=str(cast.neighbour.public_id))

    assert alone.status_code == 303
    assert Call.objects.get().requester == cast.resident  # the field is not asked, so it is not read
    assert (with_family.status_code, list(with_family.context["form"].errors)) == (422, ["who"])


# ── drafts ──────────────────────────────────────────────────────────────────
def test_a_draft_keeps_what_there_is_and_is_seen_by_its_writer_only(cast: Cast) -> None:
    answer = ask(cast, save="draft", title="", q_hospital="", address="", phone="", details="先写着")

    call = Call.objects.get()
    address = reverse("calls:call", args=[call.public_id])
    assert (answer.status_code, answer["Location"]) == (303, reverse("calls:mine"))
    assert (call.state, call.details, call.submitted_at) == (State.DRAFT, "先写着", None)
    assert browser(cast.keeper).get(address).status_code == 404
    assert f"{page()}?draft={call.public_id}" in browser(cast.resident).get(reverse("calls:mine")).content.decode()


def test_a_draft_is_taken_up_changed_and_handed_in_as_the_same_call(cast: Cast) -> None:
    ask(cast, save="draft", q_walk="no", when="date", day="2026-03-06", part="evening")
    draft = Call.objects.get()
    address = f"{page()}?draft={draft.public_id}"
    client = browser(cast.resident)

    form = client.get(address).context["form"]
    first = {name: form[name].value() for name in ("title", "q_hospital", "q_walk", "when", "part", "address", "phone")}
    answer = sent(client, address, **words(cast, title="改好了", when="date", day="2026-03-07", part="morning"))

    draft.refresh_from_db()
    assert first == {
        "title": "去医院复查",
        "q_hospital": "市二院",
        "q_walk": "no",
        "when": "date",
        "part": "evening",
        "address": "桂花里 3 幢 201 室",
        "phone": "+8613800001001",
    }
    assert answer.status_code == 303
    assert (draft.state, draft.title, Call.objects.count()) == (State.SUBMITTED, "改好了", 1)


def test_a_draft_that_was_handed_in_meanwhile_is_not_overwritten(cast: Cast) -> None:
    ask(cast, save="draft")
    draft = Call.objects.get()
    address = f"{page()}?draft={draft.public_id}"
    client = browser(cast.resident)
    sent(client, address, **words(cast))

    again = sent(client, address, **words(cast, title="太晚"))

    draft.refresh_from_db()
    assert again.status_code == 404
    assert draft.title == "去医院复查"


@pytest.mark.parametrize("whose", ["neighbour", "keeper", "dispatcher"])
def test_nobody_opens_the_draft_of_another(cast: Cast, whose: str) -> None:
    ask(cast, save="draft")

    answer = browser(getattr(cast, whose)).get(f"{page()}?draft={Call.objects.get().public_id}")

    assert answer.status_code == 404


@pytest.mark.parametrize("key", ["x", "00000000-0000-0000-0000-000000000000"])
def test_an_unknown_draft_is_not_found(cast: Cast, key: str) -> None:
    assert browser(cast.resident).get(f"{page()}?draft={key}").status_code == 404


# ── the receipt ─────────────────────────────────────────────────────────────
def test_the_receipt_names_the_number_and_the_clock_of_this_installation(cast: Cast) -> None:
    clocks(review=240)
    answer = ask(cast)

    html = browser(cast.resident).get(answer["Location"]).content.decode()

    assert Call.objects.get().number in html
    assert "14:00" in html  # four hours after ten


def test_the_receipt_promises_no_time_where_no_clock_is_set(cast: Cast) -> None:
    answer = ask(cast)

    html = browser(cast.resident).get(answer["Location"]).content.decode()

    assert "最晚" not in html
    assert "分钟" not in html


def test_the_receipt_is_for_the_one_who_asked(cast: Cast) -> None:
    address = ask(cast)["Location"]

    answers = [
        browser(who).get(address).status_code for who in (cast.resident, cast.neighbour, cast.keeper, cast.li.person)
    ]

    assert answers == [200, 404, 404, 404]
    assert Client().get(address).status_code == 302
