"""Staff write down who may act for whom: found, checked, confirmed, from when to when, seen on the page, ended."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from huying.kernel import clock
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from huying.people import actions, queries, rules
from huying.people.models import Guardianship, Person
from huying.people.states import RoleKind, Tie
from huying.people.tests import factories as make
from huying.places.tests.factories import place

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 3)


class House:
    """A keeper, an old person, a child, and a nephew who may act."""

    def __init__(self) -> None:
        self.home = place("community")
        self.keeper = make.staff(RoleKind.STATION_KEEPER, self.home)
        self.old = make.person("陈桂英", home=self.home, birth_date=date(1944, 5, 1))
        self.child = make.person("周小禾", home=self.home, birth_date=date(2018, 5, 1))
        self.nephew = make.person("周安民", home=self.home, phone="13944445555")

    def record(self, **more: Any) -> Guardianship:
        given = {"ward_id": self.old.pk, "guardian_id": self.nephew.pk, "tie": Tie.ENTRUSTED, "proof": "看过委托书"}
        return actions.record_tie(actor=make.actor(self.keeper), **{**given, **more})


@pytest.fixture
def house(db: None) -> Iterator[House]:
    with clock.frozen(NOW):
        yield House()


def test_a_tie_holds_from_its_first_day_until_the_end_of_its_last(house: House) -> None:
    bond = house.record(starts_on=TODAY + timedelta(days=1), ends_on=TODAY + timedelta(days=2))

    holds = {}
    for hours in (1, 13, 15, 61, 63):  # now it is ten in the morning in China
        with clock.frozen(NOW + timedelta(hours=hours)):
            holds[hours] = rules.is_ward_of(house.nephew.pk, house.old)
    assert holds == {1: False, 13: False, 15: True, 61: True, 63: False}
    assert (bond.proof, bond.confirmed_by_id) == ("看过委托书", house.keeper.pk)
    with clock.frozen(NOW + timedelta(days=1)):
        assert [tie.pk for tie in queries.ties_of(house.old)] == [bond.pk]
    with clock.frozen(NOW + timedelta(days=3)):
        assert not queries.ties_of(house.old).exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"proof": " "}, "proof"),
        ({"proof": "长" * 201}, "proof"),
        ({"tie": "friend"}, "tie"),
        ({"tie": Tie.PARENT}, "tie"),
        ({"ends_on": TODAY - timedelta(days=1)}, "ends_on"),
        ({"starts_on": TODAY + timedelta(days=5), "ends_on": TODAY + timedelta(days=3)}, "ends_on"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(house: House, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        house.record(**wrong)

    assert set(refused.value.fields) == {field}
    assert not Guardianship.objects.exists()


def test_children_have_parents_or_guardians_who_are_of_age(house: House) -> None:
    house.record(ward_id=house.child.pk, tie=Tie.GUARDIAN, proof="判决书")

    with pytest.raises(InvalidInput):
        house.record(ward_id=house.child.pk, guardian_id=house.old.pk, tie=Tie.ENTRUSTED)
    with pytest.raises(InvalidInput):
        house.record(guardian_id=house.child.pk)


def test_nobody_records_himself_twice_or_outside_his_places(house: House) -> None:
    elsewhere = make.staff(RoleKind.STATION_KEEPER, place("community"))
    house.record()

    with pytest.raises(Conflict):
        house.record()
    with pytest.raises(Forbidden):
        house.record(guardian_id=house.keeper.pk)
    with pytest.raises(NotFound):
        house.record(guardian_id=house.old.pk)
    for other in (elsewhere, house.nephew):
        with pytest.raises(Forbidden):
            actions.record_tie(
                actor=make.actor(other),
                ward_id=house.child.pk,
                guardian_id=house.old.pk,
                tie=Tie.GUARDIAN,
                proof="户口本",
            )


def test_a_tie_that_has_not_begun_is_over_when_it_is_ended(house: House) -> None:
    bond = house.record(starts_on=TODAY + timedelta(days=5))
    actions.end_tie(actor=make.actor(house.keeper), public_id=str(bond.public_id))

    assert not queries.ties_of(house.old).exists()
    with clock.frozen(NOW + timedelta(days=6)):
        assert not rules.is_ward_of(house.nephew.pk, house.old)
    assert house.record().pk != bond.pk


def test_the_papers_are_forgotten_with_either_of_them(house: House) -> None:
    house.record(proof="周安民的户口本")
    actions.erase_person(actor=make.actor(house.old), person_id=house.old.pk)

    assert Guardianship.objects.get().proof == ""


# ── the page ────────────────────────────────────────────────────────────────
def at(person: Person) -> str:
    return f"/people/persons/{person.public_id}/guardian/"


def test_staff_search_choose_and_confirm_on_one_page(house: House) -> None:
    browser = make.client(house.keeper)
    card = f"/people/persons/{house.old.public_id}/"
    assert at(house.old) in browser.get(card).content.decode()
    page = browser.get(at(house.old), {"q": "安民"}).content.decode()
    assert "周安民" in page and "13944445555" not in page and "陈桂英 ·" not in page

    form = {
        "guardian": str(house.nephew.public_id),
        "tie": "entrusted",
        "proof": "委托书",
        "starts_on": "",
        "ends_on": "",
    }
    unsure = browser.post(f"{at(house.old)}?q=安民", {**form, "idempotency_key": "tie-unsure-1"})
    done = browser.post(f"{at(house.old)}?q=安民", {**form, "sure": "on", "idempotency_key": "tie-sure-1"})

    assert (unsure.status_code, done.status_code, done["Location"]) == (422, 303, card)
    assert "委托书" in unsure.content.decode()
    shown = browser.get(card).content.decode()
    assert "周安民可以代为办理（受托家人）" in shown and "委托书" in shown
    bond = Guardianship.objects.get()
    ended = browser.post(f"/people/persons/ties/{bond.public_id}/end/", {"idempotency_key": "tie-end-1"})
    assert (ended.status_code, ended["Location"]) == (303, card)
    assert not queries.ties_of(house.old).exists()


def test_a_refusal_stands_at_its_field_and_nothing_typed_is_lost(house: House) -> None:
    browser = make.client(house.keeper)
    form = {"guardian": str(house.nephew.public_id), "tie": "parent", "proof": "看过户口本", "sure": "on"}

    answer = browser.post(f"{at(house.old)}?q=安民", {**form, "idempotency_key": "tie-wrong-1"})

    assert answer.status_code == 422 and "看过户口本" in answer.content.decode()
    assert "请选“受托家人”" in answer.content.decode()


def test_only_persons_that_were_found_can_be_chosen(house: House) -> None:
    stranger = make.person("外乡人", home=place("community"))
    browser = make.client(house.keeper)
    form = {"guardian": str(stranger.public_id), "tie": "entrusted", "proof": "委托书", "sure": "on"}

    assert browser.post(f"{at(house.old)}?q=外乡", {**form, "idempotency_key": "tie-far-1"}).status_code == 422
    assert browser.post(at(house.old), {**form, "idempotency_key": "tie-far-2"}).status_code == 422


def test_who_keeps_nobody_here_finds_no_page(house: House) -> None:
    elsewhere = make.staff(RoleKind.STATION_KEEPER, place("community"))
    resident = make.account().person
    bond = house.record()

    for other in (elsewhere, resident):
        browser = make.client(other)
        assert browser.get(at(house.old)).status_code == 404
        answer = browser.post(f"/people/persons/ties/{bond.public_id}/end/", {"idempotency_key": f"end-{other.pk}-x"})
        assert answer.status_code == 404
