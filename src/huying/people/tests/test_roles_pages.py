"""Roles on the page, and where they reach."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.people import actions, queries, rules
from huying.people.models import Role
from huying.people.states import RoleKind
from huying.people.tests import factories as make
from huying.people.tests.test_roles import propose
from huying.places.tests.factories import place

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def at_noon():
    with clock.frozen(NOW):
        yield


def grant(by: Actor, kind: str, at, person=None, **facts) -> Role:
    return actions.grant_role(actor=by, person_id=(person or make.person(home=at)).pk, kind=kind, place=at, **facts)


# ── pages ───────────────────────────────────────────────────────────────────
def test_the_page_of_a_place_shows_who_holds_what_and_who_reaches_it_from_above(county, street):
    make.role(make.person("甲乙丙", home=street), RoleKind.GRID_WORKER, street)
    make.role(make.person("丁戊己", home=county), RoleKind.DISPATCHER, county)
    admin = make.person(home=street)
    make.account(admin)
    make.role(admin, RoleKind.ADMINISTRATOR, street)
    browser = make.client(admin)

    page = browser.get(f"/people/roles/at/{street.public_id}/").content.decode()

    assert "甲乙丙" in page and "丁戊己" in page
    assert browser.get(f"/people/roles/at/{county.public_id}/").status_code == 404


def test_a_role_is_given_on_the_page(street):
    person = make.person("庚辛壬", home=street)
    admin = make.staff(RoleKind.ADMINISTRATOR, street)
    browser = make.client(admin)
    where = f"/people/roles/at/{street.public_id}/grant/"

    page = browser.get(f"{where}?person={person.public_id}").content.decode()
    wrong = browser.post(where, {"person": person.public_id, "kind": "audit_admin", "idempotency_key": "grant-page-1"})
    right = browser.post(
        where, {"person": person.public_id, "kind": "office", "ends": "2026-03-31", "idempotency_key": "grant-page-2"}
    )

    assert "庚辛壬" in page and 'value="audit_admin"' not in page
    assert (wrong.status_code, right.status_code) == (422, 303)
    role = Role.objects.get(person=person)
    assert clock.local(role.ends_at).isoformat() == "2026-04-01T00:00:00+08:00"


def test_a_person_outside_the_administrators_places_cannot_be_picked(street):
    browser = make.client(make.staff(RoleKind.ADMINISTRATOR, street))
    stranger = make.person(home=place("street"))

    assert browser.get(f"/people/roles/at/{street.public_id}/grant/?person={stranger.public_id}").status_code == 404
    assert browser.get(f"/people/roles/at/{street.public_id}/grant/?person=nonsense").status_code == 404


def test_a_role_is_lent_on_the_page_to_a_colleague_by_full_name(street):
    lender, colleague = make.staff(RoleKind.OFFICE, street, "癸卯"), make.staff(RoleKind.GRID_WORKER, street, "辛丑")
    role = Role.objects.get(person=lender)
    browser = make.client(lender)
    where = f"/people/roles/{role.public_id}/lend/"
    facts = {"place_words": street.name, "starts": "2026-03-03", "ends": "2026-03-05"}

    wrong = browser.post(where, {**facts, "colleague": "辛", "idempotency_key": "lend-page-1"})
    right = browser.post(where, {**facts, "colleague": "辛丑", "idempotency_key": "lend-page-2"})

    assert (wrong.status_code, right.status_code) == (422, 303)
    loan = Role.objects.get(person=colleague, kind="office")
    assert (loan.delegated_from_id, loan.starts_at, loan.ends_at) == (
        role.pk,
        NOW,
        datetime(2026, 3, 5, 16, 0, tzinfo=UTC),
    )


def test_proposals_are_decided_on_the_page(street):
    security, system = make.staff(RoleKind.SECURITY_ADMIN, street), make.staff(RoleKind.SYSTEM_ADMIN, street)
    proposal = propose(make.actor(security), RoleKind.AUDITOR, street)
    mine, theirs = make.client(security), make.client(system)
    where = f"/people/roles/proposals/{proposal.public_id}/"

    assert 'value="yes"' not in mine.get("/people/roles/proposals/").content.decode()
    assert 'value="yes"' in theirs.get("/people/roles/proposals/").content.decode()
    refused = mine.post(where, {"answer": "yes", "idempotency_key": "decide-page-1"})
    agreed = theirs.post(where, {"answer": "yes", "idempotency_key": "decide-page-2"})

    assert (refused.status_code, agreed.status_code) == (403, 303)


def test_a_role_of_somebody_else_is_unknown_to_strangers(street):
    role = make.role(make.person(home=street), RoleKind.OFFICE, street)
    browser = make.client(make.account())

    assert browser.get(f"/people/roles/{role.public_id}/end/").status_code == 404
    with pytest.raises(NotFound):
        queries.role_by_id(make.actor(make.person()), role.public_id)


# ── where roles reach ───────────────────────────────────────────────────────
def test_held_keeps_the_outermost_places_only(county, street):
    actor = Actor(
        person_id=1,
        roles=(("office", street.path), ("office", county.path), ("dispatcher", "/99/"), ("grid_worker", "/98/")),
    )

    assert rules.held(actor, ["office", "dispatcher"]) == tuple(sorted([county.path, "/99/"]))
    assert rules.held(Actor.system("job"), ["office"]) == ("/",)
    assert rules.held(Actor(person_id=None), ["office"]) == ()


def test_reaches_and_within_agree_for_every_place(county, street):
    community = place("community", street)
    beside = place("street", county)
    from huying.places.models import Place

    actor = Actor(person_id=1, roles=(("office", street.path),))
    found = set(Place.objects.filter(rules.within(actor, ["office"], "path")))

    assert found == {street, community}
    assert [rules.reaches(actor, ["office"], at) for at in (county, street, community, beside, None)] == [
        False,
        True,
        True,
        False,
        False,
    ]


def test_a_path_that_only_begins_alike_is_not_reached():
    actor = Actor(person_id=1, roles=(("office", "/1/2/"),))

    assert [rules.reaches(actor, ["office"], path) for path in ("/1/2/", "/1/2/3/", "/1/22/", "/1/")] == [
        True,
        True,
        False,
        False,
    ]


def test_those_on_duty_are_found_at_the_nearest_place_that_has_any(county, street):
    community = place("community", street)
    office, dispatcher = make.person(), make.person()
    make.role(office, RoleKind.OFFICE, street)
    make.role(dispatcher, RoleKind.DISPATCHER, county)
    kinds = [RoleKind.OFFICE, RoleKind.DISPATCHER, RoleKind.STATION_KEEPER]

    assert queries.holders_over(community, kinds) == [office.pk]
    assert queries.holders_over(county, kinds) == [dispatcher.pk]
    assert queries.holders_over(community, [RoleKind.AUDITOR]) == []


def test_a_system_administrator_finds_whom_to_open_an_account_for(street):
    make.person("新来的同事", home=street)
    make.account(make.person("老同事甲", home=street))
    browser = make.client(make.staff(RoleKind.SYSTEM_ADMIN, street))

    pages = [
        browser.get(f"/people/roles/at/{street.public_id}/", {"q": words}).content.decode()
        for words in ("新来的同事", "老同事甲")
    ]

    assert ["开通账号" in page for page in pages] == [True, False]
    assert browser.get("/people/persons/").status_code == 404
