"""Asking for help in three short pages: the menu, the form of one kind, the receipt (S0-3a, S2-7c)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from huying.calls.models import Call
from huying.calls.states import Channel, State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, account, clocks, kind, person, place
from huying.kernel import clock
from huying.people.models import Guardianship, Person

pytestmark = pytest.mark.django_db
QUESTIONS = [
    {"key": "hospital", "label": "去哪家医院", "label_en": "Which hospital", "type": "text", "required": True},
    {"key": "walk", "label": "走路要不要扶", "label_en": "A steadying arm", "type": "yesno"},
    {"key": "days", "label": "要几天", "label_en": "Days", "type": "number", "min": 1, "max": 31},
    {"key": "how", "label": "怎么去", "label_en": "How", "type": "choice", "choices": [["bus", "公交", "Bus"], ["car", "车", "Car"]]},
]


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        made = Cast()
        made.kind.questions = QUESTIONS
        made.kind.emergency = "120"
        made.kind.example = "周五去复查"
        made.kind.save()
        yield made


def page(code: str = "clinic") -> str:
    return reverse("calls:ask_kind", args=[code])


def words(cast: Cast, **more: Any) -> dict[str, Any]:
    """A form filled in as it should be."""
    good = {
        "title": "去医院复查",
        "q_hospital": "市二院",
        "when": "any",
        "part": "day",
        "place": str(cast.home.public_id),
        "address": "桂花里 3 幢 201 室",
        "phone": "138 0000 1001",
    }
    return {name: value for name, value in (good | more).items() if value is not None}


def ask(cast: Cast, **more: Any) -> Any:
    return sent(browser(cast.resident), page(), **words(cast, **more))


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


def test_the_telephone_stands_on_every_page_of_asking_only_when_the_installation_has_one(cast: Cast, settings: Any) -> None:
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
    answer = ask(cast, q_walk="yes", q_days="2", q_how="bus", details="走路要扶\r\n下午三点前到", when="tomorrow", part="afternoon")

    call = Call.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, reverse("calls:asked", args=[call.public_id]))
    assert (call.state, call.channel, call.kind, call.place) == (State.SUBMITTED, Channel.WEB, cast.kind, cast.home)
    assert (call.requester, call.asked_by, call.title) == (cast.resident, cast.resident, "去医院复查")
    assert call.details == "走路要扶\n下午三点前到"
    assert call.answers == {"hospital": "市二院", "walk": True, "days": 2, "how": "bus"}
    assert (call.address.open(), call.contact_phone.open()) == ("桂花里 3 幢 201 室", "+8613800001001")
    assert [clock.local(at).strftime("%m-%d %H:%M") for at in (call.wanted_from, call.wanted_to)] == ["03-04 12:00", "03-04 18:00"]
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

    assert (taken.status_code, taken.json()) == (201, {"location": reverse("calls:asked", args=[Call.objects.get().public_id])})
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


# ── where ───────────────────────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["麦田社区", "麦田", "maitian", "mtsq", " 麦田社区 "])
def test_another_place_is_found_by_name_pinyin_or_initials(cast: Cast, name: str) -> None:
    answer = ask(cast, place_words=name)

    assert answer.status_code == 303
    assert Call.objects.get().place == cast.away


def test_several_places_of_one_name_are_offered_and_the_chosen_one_is_taken(cast: Cast) -> None:
    twin = place("麦田社区", cast.street, "community")

    first = ask(cast, place_words="麦田社区")
    offered = dict(first.context["form"].fields["place"].choices)
    second = ask(cast, place_words="麦田社区", place=str(twin.public_id))

    assert first.status_code == 422
    assert offered == {str(cast.away.public_id): "麦田社区（东篱街道）", str(twin.public_id): "麦田社区（青禾街道）"}
    assert second.status_code == 303
    assert Call.objects.get().place == twin


def test_somebody_without_a_home_on_file_writes_the_name_of_the_place(cast: Cast) -> None:
    cast.resident.home_place = None
    cast.resident.save()

    html = browser(cast.resident).get(page()).content.decode()
    missing = ask(cast, place="other", place_words="")
    found = ask(cast, place="other", place_words="和平社区")

    assert 'type="radio" name="place"' not in html
    assert (missing.status_code, list(missing.context["form"].errors)) == (422, ["place_words"])
    assert found.status_code == 303


@pytest.mark.parametrize("sent_place", ["x", "", "00000000-0000-0000-0000-000000000000", "' OR 1=1 --"])
def test_a_place_that_does_not_exist_is_refused(cast: Cast, sent_place: str) -> None:
    answer = ask(cast, place=sent_place)

    assert answer.status_code == 422
    assert set(answer.context["form"].errors) & {"place", "place_words"}
    assert Call.objects.count() == 0


def test_a_street_or_a_room_is_no_place_to_ask_from(cast: Cast) -> None:
    answers = [ask(cast, place=str(one.public_id)).status_code for one in (cast.street, cast.county)]

    assert answers == [422, 422]


# ── when ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("given", "at_fault"),
    [
        ({"when": "date", "day": ""}, "day"),
        ({"when": "date", "day": "2026-02-30"}, "day"),
        ({"when": "date", "day": "2026-03-02"}, "day"),
        ({"when": "date", "day": "2027-03-05"}, "day"),
        ({"when": "date", "day": "9999-12-31"}, "day"),
        ({"when": "date", "day": "明天"}, "day"),
        ({"when": "yesterday"}, "when"),
        ({"when": ""}, "when"),
        ({"when": "today", "part": "dawn"}, "part"),
    ],
)
def test_a_wish_that_cannot_be_met_is_refused_beside_its_field(cast: Cast, given: dict[str, str], at_fault: str) -> None:
    answer = ask(cast, **given)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [at_fault]
    assert 'value="去医院复查"' in answer.content.decode()


def test_a_part_of_today_that_is_over_is_refused_and_one_under_way_begins_now(cast: Cast) -> None:
    with clock.frozen(START + timedelta(hours=3)):  # one in the afternoon
        over = ask(cast, when="today", part="morning")
        under_way = ask(cast, when="today", part="afternoon")

    assert (over.status_code, list(over.context["form"].errors)) == (422, ["part"])
    assert under_way.status_code == 303
    assert Call.objects.get().wanted_from == START + timedelta(hours=3)


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
    assert [(event.verb, event.on_behalf) for event in call.events.order_by("id")] == [("draft", True), ("submit", True)]


def test_nobody_can_ask_in_the_name_of_a_stranger(cast: Cast) -> None:
    alone = ask(cast, who=str(cast.neighbour.public_id))
    ward_of(cast, cast.resident)
    with_family = ask(cast, who=str(cast.neighbour.public_id))

    assert alone.status_code == 303
    assert Call.objects.get().requester == cast.resident  # the field is not asked, so it is not read
    assert (with_family.status_code, list(with_family.context["form"].errors)) == (422, ["who"])


# ── hostile and silly input ─────────────────────────────────────────────────
@pytest.mark.parametrize("name", ["title", "q_hospital", "details", "address", "place_words", "phone"])
def test_a_megabyte_in_one_field_is_refused_beside_it_and_given_back(cast: Cast, name: str) -> None:
    long = "长" * 350_000

    answer = ask(cast, **{name: long})

    assert answer.status_code == 422
    assert name in answer.context["form"].errors
    assert long in answer.content.decode()


def test_ten_megabytes_are_refused_with_a_clear_page(cast: Cast) -> None:
    answer = ask(cast, title="长" * 3_500_000)

    assert answer.status_code in {400, 413}
    assert "太大" in answer.content.decode()
    assert Call.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("😀👨‍👩‍👧 买药", "😀👨‍👩‍👧 买药"),
        ("abc\u202egnp.exe", "abcgnp.exe"),
        ("ئۇيغۇرچە ياردەم", "ئۇيغۇرچە ياردەم"),
        ("a\x00b\x07c", "abc"),
        ("  两  行\n并一行 ", "两 行 并一行"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("{{ secret }}{% now %}", "{{ secret }}{% now %}"),
        ("' ; DROP TABLE calls_call --", "' ; DROP TABLE calls_call --"),
    ],
)
def test_odd_letters_are_kept_or_cleaned_and_never_run(cast: Cast, typed: str, kept: str) -> None:
    answer = ask(cast, title=typed)

    assert answer.status_code == 303
    call = Call.objects.get()
    shown = browser(cast.resident).get(reverse("calls:call", args=[call.public_id])).content.decode()
    assert call.title == kept
    assert "<script>alert" not in shown


@pytest.mark.parametrize(
    ("given", "at_fault"),
    [
        ({"title": ""}, "title"),
        ({"title": "\u202e\u200f \x00".replace("\u200f", "")}, "title"),
        ({"q_hospital": ""}, "q_hospital"),
        ({"q_days": "0"}, "q_days"),
        ({"q_days": "1e9"}, "q_days"),
        ({"q_days": "三"}, "q_days"),
        ({"q_how": "rocket"}, "q_how"),
        ({"q_walk": "maybe"}, "q_walk"),
        ({"phone": "12"}, "phone"),
        ({"phone": ""}, "phone"),
        ({"phone": "abc"}, "phone"),
        ({"address": ""}, "address"),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_it_and_the_rest_is_kept(cast: Cast, given: dict[str, str], at_fault: str) -> None:
    answer = ask(cast, details="别忘了我", **given)

    html = answer.content.decode()
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [at_fault]
    assert 'class="hy-errors"' in html
    assert "别忘了我" in html
    assert Call.objects.count() == 0


def test_a_write_without_its_key_is_refused(cast: Cast) -> None:
    answer = browser(cast.resident).post(page(), words(cast))

    assert answer.status_code == 400
    assert Call.objects.count() == 0


def test_letters_that_are_no_text_at_all_do_not_break_the_page(cast: Cast) -> None:
    client = browser(cast.resident)

    answer = client.post(
        page(), b"idempotency_key=" + uuid4().hex.encode() + b"&title=%FF%FE&when=any", content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 422


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

    answers = [browser(who).get(address).status_code for who in (cast.resident, cast.neighbour, cast.keeper, cast.li.person)]

    assert answers == [200, 404, 404, 404]
    assert Client().get(address).status_code == 302
