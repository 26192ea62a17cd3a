"""Guardians, entrusted relatives and the register of consents (PIPL art. 14-16, 29, 31; domain 7 no. 8)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from huying.kernel import clock
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from huying.people import actions, queries, rules
from huying.people.actions import consents, guardians
from huying.people.models import Consent, Guardianship, Notice, Person, Purpose
from huying.people.states import RoleKind
from huying.people.tests import factories as make
from huying.places.tests.factories import place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("purposes")]
NOW = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_noon():
    with clock.frozen(NOW):
        yield


def child_of(parent: Person, birth_date: date = date(2016, 1, 1), name: str = "小禾") -> Person:
    return actions.add_child(
        actor=make.actor(parent), name=name, birth_date=birth_date, sex="", tie="parent", agrees=True
    ).ward


# ── ages ────────────────────────────────────────────────────────────────────
@pytest.mark.parametrize(
    ("born", "day", "years"),
    [
        (date(2012, 3, 3), date(2026, 3, 2), 13),
        (date(2012, 3, 3), date(2026, 3, 3), 14),
        (date(2012, 2, 29), date(2026, 2, 28), 13),
        (date(2012, 2, 29), date(2026, 3, 1), 14),
        (date(2012, 2, 29), date(2028, 2, 29), 16),
        (date(2026, 3, 3), date(2026, 3, 3), 0),
    ],
)
def test_ages_are_counted_in_full_years(born, day, years):
    assert rules.age_on(born, day) == years


def test_the_day_begins_at_midnight_in_china():
    person = make.person(birth_date=date(2012, 3, 4))
    with clock.frozen(datetime(2026, 3, 3, 15, 59, tzinfo=UTC)):
        assert rules.is_child(person, clock.today())
    with clock.frozen(datetime(2026, 3, 3, 16, 0, tzinfo=UTC)):
        assert not rules.is_child(person, clock.today())


@pytest.mark.parametrize("day", [date(2028, 2, 29), date(2026, 2, 28), date(2026, 3, 1), date(2026, 12, 31)])
def test_years_before_and_age_agree(day):
    for offset in range(-3, 4):
        born = rules.years_before(day, 18) + timedelta(days=offset)
        assert (born <= rules.years_before(day, 18)) == (rules.age_on(born, day) >= 18)


# ── children ────────────────────────────────────────────────────────────────
def test_a_guardian_writes_a_child_down_and_agrees_to_its_data():
    parent = make.person(home=place("community"))

    child = child_of(parent)

    assert rules.is_ward_of(parent.pk, child)
    assert child.home_place_id == parent.home_place_id
    consent = Consent.objects.get(person=child)
    assert (consent.purpose.code, consent.given_by_id) == ("child_data", parent.pk)


def test_without_agreement_no_data_of_a_child_is_kept():
    parent = make.person()

    with pytest.raises(guardians.ConsentMissing):
        actions.add_child(
            actor=make.actor(parent), name="小禾", birth_date=date(2016, 1, 1), sex="", tie="parent", agrees=False
        )
    assert Person.objects.count() == 1


def test_grown_people_are_no_children_and_minors_no_guardians():
    with pytest.raises(InvalidInput):
        child_of(make.person(), date(2008, 3, 3))
    with pytest.raises(Forbidden):
        child_of(make.person(birth_date=date(2009, 1, 1)))


def test_a_parent_acts_until_the_child_is_of_age():
    parent = make.person()
    child = child_of(parent, date(2009, 3, 4))

    with clock.frozen(NOW + timedelta(days=365)):
        assert rules.is_ward_of(parent.pk, child)
    with clock.frozen(datetime(2027, 3, 3, 16, 0, tzinfo=UTC)):
        assert not rules.is_ward_of(parent.pk, child)


def test_a_family_has_a_limit():
    parent = make.person()
    for number in range(12):
        child_of(parent, name=f"孩子{number}")

    with pytest.raises(guardians.TooManyTies):
        child_of(parent, name="第十三个")


def test_the_last_guardian_of_a_child_cannot_leave():
    parent = make.person()
    child = child_of(parent)
    bond = Guardianship.objects.get(ward=child)

    with pytest.raises(Conflict):
        actions.end_tie(actor=make.actor(parent), public_id=str(bond.public_id))
    with pytest.raises(consents.GuardianDecides):
        actions.end_tie(actor=make.actor(child), public_id=str(bond.public_id))


def test_strangers_learn_nothing_of_a_tie():
    bond = Guardianship.objects.get(ward=child_of(make.person()))

    with pytest.raises(NotFound):
        actions.end_tie(actor=make.actor(make.person()), public_id=str(bond.public_id))


# ── entrusted relatives ─────────────────────────────────────────────────────
def test_an_entrusted_relative_acts_only_after_both_agreed():
    mother, daughter = make.person("老人家"), make.account(make.person("女儿", phone="13900000888"))

    bond = actions.entrust(actor=make.actor(mother), phone="139-0000-0888")
    before = rules.is_ward_of(daughter.person_id, mother)
    actions.confirm_tie(actor=make.actor(daughter.person), public_id=str(bond.public_id))

    bond.refresh_from_db()
    assert (before, rules.is_ward_of(daughter.person_id, mother)) == (False, True)
    assert (bond.contact, bond.contact_index) == (None, None)
    assert Notice.objects.get(person=daughter.person).about_id == mother.pk


def test_only_the_proved_holder_of_the_number_can_agree():
    mother = make.person()
    bond = actions.entrust(actor=make.actor(mother), phone="13900000888")
    unproved = make.person(phone="13900000888")
    other = make.account(make.person(phone="13900000889")).person

    for person in (unproved, other, mother):
        with pytest.raises(NotFound):
            actions.confirm_tie(actor=make.actor(person), public_id=str(bond.public_id))


def test_the_answer_to_entrusting_is_the_same_for_unknown_numbers():
    make.account(make.person(phone="13900000888"))
    mother = make.account()
    browser = make.client(mother)

    known = browser.post("/people/me/family/entrust/", {"phone": "13900000888", "idempotency_key": "entrust-1"})
    unknown = browser.post("/people/me/family/entrust/", {"phone": "13900000887", "idempotency_key": "entrust-2"})

    assert (
        (known.status_code, known["Location"])
        == (unknown.status_code, unknown["Location"])
        == (303, "/people/me/family/")
    )


def test_entrusting_the_same_number_twice_is_one_tie():
    mother = make.person()

    bonds = {actions.entrust(actor=make.actor(mother), phone="13900000888").pk for _time in range(2)}

    assert len(bonds) == 1


@pytest.mark.parametrize("phone", ["", "110", "abc", "02088886666"])
def test_numbers_that_no_relative_can_prove_are_refused(phone):
    with pytest.raises(InvalidInput):
        actions.entrust(actor=make.actor(make.person()), phone=phone)


def test_minors_cannot_entrust_and_nobody_entrusts_himself():
    with pytest.raises(Forbidden):
        actions.entrust(actor=make.actor(make.person(birth_date=date(2010, 1, 1))), phone="13900000888")
    with pytest.raises(InvalidInput):
        actions.entrust(actor=make.actor(make.person(phone="13900000888")), phone="13900000888")


def test_either_side_ends_it_and_the_right_to_act_ends_at_once():
    mother, daughter = make.person(), make.account(make.person(phone="13900000888")).person
    for ender in (mother, daughter):
        bond = actions.entrust(actor=make.actor(mother), phone="13900000888")
        actions.confirm_tie(actor=make.actor(daughter), public_id=str(bond.public_id))
        actions.end_tie(actor=make.actor(ender), public_id=str(bond.public_id))
        assert not rules.is_ward_of(daughter.pk, mother)


def test_care_staff_write_down_a_tie_they_saw_papers_for():
    home = place("community")
    keeper = make.staff(RoleKind.STATION_KEEPER, home)
    old, nephew = make.person(home=home), make.person(home=home)

    actions.record_tie(actor=make.actor(keeper), ward_id=old.pk, guardian_id=nephew.pk, tie="entrusted", proof="委托书")

    assert rules.is_ward_of(nephew.pk, old)
    assert Guardianship.objects.get().confirmed_by_id == keeper.pk
    with pytest.raises(Conflict):
        actions.record_tie(
            actor=make.actor(keeper), ward_id=old.pk, guardian_id=nephew.pk, tie="entrusted", proof="委托书"
        )
    with pytest.raises(Forbidden):
        actions.record_tie(
            actor=make.actor(nephew), ward_id=nephew.pk, guardian_id=old.pk, tie="entrusted", proof="委托书"
        )


# ── what guardians hear ─────────────────────────────────────────────────────
def test_guardians_hear_of_what_minors_do_and_of_nothing_else():
    parent = make.person()
    youth, grown = child_of(parent, date(2010, 1, 1)), make.person()

    told = [actions.tell_guardians(actor=make.SYSTEM, person=person, title="报名了活动") for person in (youth, grown)]

    assert told == [1, 0]
    assert Notice.objects.get(person=parent).about_id == youth.pk


def test_on_the_birthday_the_young_person_is_told_once():
    born14, born18 = date(2012, 3, 3), date(2008, 3, 3)
    people = [make.account(make.person(birth_date=born)).person for born in (born14, born18, date(2000, 3, 3))]

    for _run in range(2):
        actions.tell_of_age(actor=make.SYSTEM)

    assert [Notice.objects.filter(person=person).count() for person in people] == [1, 1, 0]


# ── consents ────────────────────────────────────────────────────────────────
def test_consent_is_given_once_and_taken_back_as_easily():
    person = make.account().person
    browser = make.client(person)

    for key in ("consent-1", "consent-2"):
        browser.post("/people/me/consents/photo/", {"do": "give", "idempotency_key": key})
    given = queries.consented(person.pk, "photo")
    browser.post("/people/me/consents/photo/", {"do": "withdraw", "idempotency_key": "consent-3"})

    assert (given, queries.consented(person.pk, "photo")) == (True, False)
    assert Consent.objects.filter(person=person, purpose__code="photo").count() == 1


def test_every_sensitive_purpose_stands_alone():
    person = make.person()
    actions.give_consent(actor=make.actor(person), person_id=person.pk, code="health")

    assert [row.purpose.code for row in queries.standing_of(person) if row.consent] == ["health"]


def test_what_the_account_needs_leads_to_erasure_instead():
    person = make.person()
    actions.give_consent(actor=make.actor(person), person_id=person.pk, code="account")

    with pytest.raises(consents.NeededForAccount):
        actions.withdraw_consent(actor=make.actor(person), person_id=person.pk, code="account")


def test_a_new_wording_asks_anew_and_the_old_yes_stays_on_record():
    person = make.person()
    first = actions.give_consent(actor=make.actor(person), person_id=person.pk, code="photo")
    old = first.purpose
    Purpose.objects.create(
        code="photo", version=2, title="照片", text="新", data="照片", keeps="一年", effective_at=NOW
    )

    standing = next(row for row in queries.standing_of(person) if row.purpose.code == "photo")
    second = actions.give_consent(actor=make.actor(person), person_id=person.pk, code="photo")

    assert (standing.purpose.version, standing.is_older) == (2, True)
    first.refresh_from_db()
    assert (first.purpose_id, first.withdrawn_at, second.purpose.version) == (old.pk, NOW, 2)


def test_a_wording_of_the_future_is_not_yet_in_force():
    Purpose.objects.create(
        code="photo",
        version=2,
        title="照片",
        text="新",
        data="照片",
        keeps="一年",
        effective_at=NOW + timedelta(days=1),
    )

    assert consents.current_purpose("photo").version == 1


def test_staff_write_down_what_somebody_said_and_it_shows():
    home = place("community")
    keeper, old = make.staff(RoleKind.STATION_KEEPER, home), make.person(home=home)

    consent = actions.give_consent(actor=make.actor(keeper), person_id=old.pk, code="serve")

    assert (consent.given_by_id, consent.recorded_by_id) == (old.pk, keeper.pk)


def test_strangers_speak_for_nobody():
    person = make.person(home=place("community"))
    elsewhere = make.staff(RoleKind.OFFICE)

    for other in (make.person(), elsewhere):
        with pytest.raises(Forbidden):
            actions.give_consent(actor=make.actor(other), person_id=person.pk, code="serve")


def test_a_child_decides_nothing_and_its_guardian_everything():
    parent = make.account().person
    child = child_of(parent)
    browser = make.client(parent)

    with pytest.raises(consents.GuardianDecides):
        actions.give_consent(actor=make.actor(child), person_id=child.pk, code="photo")
    answer = browser.post(
        "/people/me/consents/photo/", {"do": "give", "person": str(child.public_id), "idempotency_key": "consent-4"}
    )

    assert answer["Location"] == f"/people/me/family/{child.public_id}/consents/"
    assert Consent.objects.get(person=child, purpose__code="photo").given_by_id == parent.pk


def test_nobody_changes_the_consents_of_a_stranger_on_the_page():
    stranger = make.person()
    browser = make.client(make.account())

    for wanted in (str(stranger.public_id), "nonsense", "' or 1=1"):
        answer = browser.post(
            "/people/me/consents/photo/", {"do": "give", "person": wanted, "idempotency_key": f"consent-{len(wanted)}"}
        )
        assert answer.status_code == 404
    assert not Consent.objects.filter(person=stranger).exists()


def test_unknown_purposes_are_unknown():
    person = make.person()

    with pytest.raises(NotFound):
        actions.give_consent(actor=make.actor(person), person_id=person.pk, code="profiling")


def test_loading_the_first_purposes_twice_adds_nothing():
    before = Purpose.objects.count()

    assert (actions.load_purposes(), Purpose.objects.count()) == (0, before)


def test_purposes_of_children_show_for_children_only():
    child, grown = child_of(make.person()), make.person()

    kinds = [{row.purpose.code for row in queries.standing_of(person)} for person in (child, grown)]

    assert "child_data" in kinds[0] and "account" not in kinds[0]
    assert "account" in kinds[1] and not {"child_data", "child_account"} & kinds[1]
