"""A call typed by staff for somebody at the telephone: found or written down, asked once, marked as on behalf."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from huying.calls import actions, queries
from huying.calls.actions import Ask
from huying.calls.actions.intake import NotForOthers
from huying.calls.models import Call, CallEvent
from huying.calls.states import Channel, State
from huying.calls.tests.browsing import browser, sent
from huying.calls.tests.factories import START, Cast, actor, person
from huying.kernel import clock
from huying.kernel.models.idempotency import StoredAnswer
from huying.people.actions import Facts, edit_person
from huying.people.models import Person

pytestmark = pytest.mark.django_db
PHONE = "13800001111"


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        made = Cast()
        edit_person(actor=actor(made.keeper), person_id=made.resident.pk, facts=Facts(phone=PHONE))
        yield made


def find(client: Client, **body: Any) -> Any:
    return client.post("/desk/phone/find/", body)


def filled(cast: Cast, **more: Any) -> dict[str, Any]:
    """What staff type for a caller who is known."""
    return {
        "person": str(cast.resident.public_id),
        "kind": "clinic",
        "title": "周五复查",
        "when": "any",
        "place": str(cast.home.public_id),
        "address": "3 幢 201",
        "via": "phone",
        **more,
    }


def new(cast: Cast, **more: Any) -> dict[str, Any]:
    """What staff type for a caller nobody knows."""
    return filled(cast, **{"person": "", "caller_name": "方小雨", "phone": "13900002222", **more})


# ── finding ─────────────────────────────────────────────────────────────────
def test_the_exact_number_finds_the_person_at_once_with_his_last_calls(cast: Cast) -> None:
    cast.call(title="上次的事")

    page = find(browser(cast.keeper), caller_phone="138 0000 1111")

    assert page.status_code == 200
    assert page.context["person"] == cast.resident
    assert [call.title for call in page.context["last"]] == ["上次的事"]
    assert "上次的事" in page.content.decode()


def test_part_of_a_number_finds_nobody(cast: Cast) -> None:
    page = find(browser(cast.keeper), caller_phone="0000 1111")

    assert page.context["person"] is None and page.context["people"] == []


def test_a_number_somebody_called_with_before_finds_him_too(cast: Cast) -> None:
    cast.call(contact_phone="13700003333")

    page = find(browser(cast.keeper), caller_phone="13700003333")

    assert page.context["person"] == cast.resident


def test_a_name_or_its_pinyin_lists_those_who_fit(cast: Cast) -> None:
    other = person("陈桂芳", cast.home)
    person("陈桂香", cast.away)

    by_name = find(browser(cast.keeper), caller_name="陈桂").context["people"]
    by_pinyin = find(browser(cast.keeper), caller_name="chengui").context["people"]

    assert [one["person"] for one in by_name] == [one["person"] for one in by_pinyin]
    assert {one["person"] for one in by_name} == {cast.resident, other}


def test_looking_loses_nothing_and_writes_nothing_down(cast: Cast) -> None:
    people, stored = Person.objects.count(), StoredAnswer.objects.count()

    page = find(
        browser(cast.keeper),
        caller_phone=PHONE,
        kind="clinic",
        title="周五复查",
        details="走路慢",
        urgent="on",
        change="1",
    )

    text = page.content.decode()
    assert 'value="周五复查"' in text and "走路慢" in text
    assert page.context["form"]["urgent"].value() == "on"
    assert (Person.objects.count(), StoredAnswer.objects.count(), Call.objects.count()) == (people, stored, 0)


def test_a_person_of_another_street_is_not_found(cast: Cast) -> None:
    assert find(browser(cast.outsider), caller_phone=PHONE).context["people"] == []
    assert find(browser(cast.outsider), person=str(cast.resident.public_id)).status_code == 404


@pytest.mark.parametrize("typed", [{"caller_phone": "12"}, {"caller_phone": "'; --"}, {"caller_name": "名" * 5000}])
def test_odd_words_are_named_and_kept(cast: Cast, typed: dict[str, str]) -> None:
    page = find(browser(cast.keeper), **typed)

    assert page.status_code == 422
    assert "hy-errors" in page.content.decode()


def test_the_number_never_stands_in_an_address(cast: Cast) -> None:
    text = find(browser(cast.keeper), caller_phone=PHONE, kind="clinic").content.decode()

    assert "?caller_phone" not in text and f"={PHONE}" not in text


# ── asking ──────────────────────────────────────────────────────────────────
def test_a_call_for_a_known_person_is_submitted_and_marked_as_on_behalf(cast: Cast) -> None:
    answer = sent(browser(cast.keeper), "/desk/phone/for/clinic/", **filled(cast, urgent="on"))

    call = Call.objects.get()
    event = CallEvent.objects.get(call=call, verb="submit")
    assert (answer.status_code, answer["Location"]) == (303, f"/desk/calls/{call.public_id}/")
    assert (call.requester, call.asked_by, call.channel) == (cast.resident, cast.keeper, Channel.PHONE)
    assert (call.state, call.urgent, call.title) == (State.SUBMITTED, True, "周五复查")
    assert (event.person, event.on_behalf) == (cast.keeper, True)
    assert call.address and call.address.open() == "3 幢 201"
    assert call.contact_phone and call.contact_phone.open() == f"+86{PHONE}"


def test_a_new_caller_is_written_down_with_the_call(cast: Cast) -> None:
    answer = sent(browser(cast.keeper), "/desk/phone/for/clinic/", **new(cast))

    call = Call.objects.get()
    assert answer.status_code == 303
    assert (call.requester.name, call.requester.home_place) == ("方小雨", cast.home)
    assert call.requester.phone and call.requester.phone.open() == "+8613900002222"
    assert call.requester.created_by == cast.keeper


def test_nobody_is_written_down_when_the_call_is_refused(cast: Cast) -> None:
    people = Person.objects.count()

    answer = sent(browser(cast.keeper), "/desk/phone/for/clinic/", **new(cast, place=str(cast.away.public_id)))

    assert answer.status_code == 422
    assert (Person.objects.count(), Call.objects.count()) == (people, 0)
    assert "不在您负责的范围内" in answer.content.decode()


def test_what_is_missing_is_named_and_what_was_typed_stays(cast: Cast) -> None:
    answer = sent(
        browser(cast.keeper), "/desk/phone/for/clinic/", **new(cast, caller_name="", address="", details="走路慢")
    )

    text = answer.content.decode()
    assert answer.status_code == 422
    assert {field for field, _words in answer.context["errors"]} == {"id_address", "id_caller_name"}
    assert "走路慢" in text and "周五复查" in text


def test_the_same_kind_of_call_still_open_is_asked_about_first(cast: Cast) -> None:
    cast.call(title="还没办的")
    client = browser(cast.keeper)

    first = sent(client, "/desk/phone/for/clinic/", **filled(cast))
    again = sent(client, "/desk/phone/for/clinic/", **filled(cast, anyway="on"))

    assert (first.status_code, again.status_code) == (422, 303)
    assert "还没办的" in first.content.decode()
    assert Call.objects.count() == 2


def test_another_kind_needs_no_second_thought(cast: Cast) -> None:
    cast.call(kind=actions.save_kind(actor=actor(cast.dispatcher), kind=other_kind()), title="别的事")

    assert sent(browser(cast.keeper), "/desk/phone/for/clinic/", **filled(cast)).status_code == 303


def other_kind() -> Any:
    from huying.calls.models import ServiceKind

    return ServiceKind(code="repair", name="维修", summary="…", icon="wrench-duotone", tone="gui")


def test_a_grid_worker_may_ask_for_his_neighbours_and_then_sees_the_call(cast: Cast) -> None:
    answer = sent(browser(cast.grid_worker), "/desk/phone/for/clinic/", **filled(cast, via="proxy"))

    call = Call.objects.get()
    assert answer["Location"] == f"/calls/{call.public_id}/"
    assert (call.channel, call.asked_by) == (Channel.PROXY, cast.grid_worker)


@pytest.mark.parametrize(
    ("who", "status"), [("resident", 403), ("keeper", 200), ("grid_worker", 200), ("outsider", 200)]
)
def test_who_may_open_the_page(cast: Cast, who: str, status: int) -> None:
    assert browser(getattr(cast, who)).get("/desk/phone/for/clinic/").status_code == status
    assert browser(getattr(cast, who)).get("/desk/phone/").status_code == status


def test_an_outsider_cannot_ask_for_a_person_he_does_not_know(cast: Cast) -> None:
    answer = sent(browser(cast.outsider), "/desk/phone/for/clinic/", **filled(cast, place=str(cast.away.public_id)))

    assert answer.status_code == 404
    assert Call.objects.count() == 0


def test_the_action_itself_refuses_places_and_persons_that_are_not_the_actors(cast: Cast) -> None:
    here = Ask(kind=cast.kind, place=cast.home, requester=cast.resident, title="复查")
    away = Ask(kind=cast.kind, place=cast.away, requester=cast.resident, title="复查")

    for who, what in ((cast.outsider, here), (cast.outsider, away), (cast.keeper, away), (cast.resident, here)):
        with pytest.raises(NotForOthers):
            actions.take_call(actor=actor(who), what=what)


def test_a_kind_that_was_taken_off_the_menu_cannot_be_asked(cast: Cast) -> None:
    actions.set_kind_active(actor=actor(cast.dispatcher), kind=cast.kind, active=False)

    assert browser(cast.keeper).get("/desk/phone/for/clinic/").status_code == 404


def test_sending_twice_makes_one_call(cast: Cast) -> None:
    client = browser(cast.keeper)
    body = {"idempotency_key": "one-and-the-same", **filled(cast)}

    first, second = (client.post("/desk/phone/for/clinic/", body) for _turn in range(2))

    assert first["Location"] == second["Location"]
    assert Call.objects.count() == 1


def test_the_page_shows_emergency_numbers_of_a_dangerous_kind(cast: Cast) -> None:
    cast.kind.emergency = "120 110"
    cast.kind.save()

    assert "120 · 110" in browser(cast.keeper).get("/desk/phone/for/clinic/").content.decode()


def test_open_calls_of_the_caller_are_only_those_on_the_desk(cast: Cast) -> None:
    cast.call()

    assert len(queries.open_calls(actor(cast.keeper), cast.resident)) == 1
    assert queries.open_calls(actor(cast.outsider), cast.resident) == []


# ── a hidden number, nobody's number ────────────────────────────────────────
@pytest.mark.parametrize("shown", ["138****1111", "号码已隐藏", "Anonymous"])
def test_a_number_that_the_exchange_hides_is_no_mistake(cast: Cast, shown: str) -> None:
    page = find(browser(cast.keeper), caller_phone=shown, caller_name="陈桂")

    assert page.status_code == 200
    assert [one["person"] for one in page.context["people"]] == [cast.resident]
    assert "隐去" in page.content.decode()


def test_a_caller_with_a_hidden_number_is_asked_how_to_reach_him(cast: Cast) -> None:
    client = browser(cast.keeper)
    typed_so_far = find(client, caller_phone="138****1111", kind="clinic").context["form"]
    assert not typed_so_far["phone"].value()

    missing = sent(client, "/desk/phone/for/clinic/", **new(cast, phone=""))
    done = sent(client, "/desk/phone/for/clinic/", **new(cast, phone="", reached_by="worker"))

    assert missing.status_code == 422 and "phone" in missing.context["form"].errors
    assert done.status_code == 303
    call = Call.objects.get()
    assert (call.reached_by, call.contact_phone, call.requester.phone) == ("worker", None, None)


def test_a_neighbours_number_does_not_become_the_new_callers_own(cast: Cast) -> None:
    sent(browser(cast.keeper), "/desk/phone/for/clinic/", **new(cast, reached_by="neighbour"))

    call = Call.objects.get()
    assert call.contact_phone is not None and call.requester.phone is None


def test_services_are_chosen_by_number_keys(cast: Cast) -> None:
    text = browser(cast.keeper).get("/desk/phone/").content.decode()

    assert 'data-key="1"' in text and 'data-key="/"' in text
