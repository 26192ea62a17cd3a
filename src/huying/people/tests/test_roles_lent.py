"""Standing in for somebody: never wider, never longer, never lent on."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.people import actions
from huying.people.models import Role
from huying.people.states import TWO_PEOPLE, RoleKind
from huying.people.tests import factories as make
from huying.people.tests.test_roles import holder
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


# ── lending ─────────────────────────────────────────────────────────────────
def lend(role: Role, person, at=None, *, starts_at=NOW, ends_at=NOW + DAY) -> Role:
    return actions.lend_role(
        actor=make.actor(role.person),
        role_id=role.pk,
        person_id=person.pk,
        place=at or role.place,
        starts_at=starts_at,
        ends_at=ends_at,
    )


def test_a_loan_gives_the_same_reach_for_its_time(street):
    role = make.role(make.person(home=street), RoleKind.OFFICE, street)
    helper = make.person(home=street)

    lend(role, helper)

    assert make.actor(helper).roles == (("office", street.path),)
    with clock.frozen(NOW + DAY):
        assert make.actor(helper).roles == ()


def test_a_loan_is_never_wider_or_longer_than_the_lenders_own(county, street):
    role = make.role(make.person(home=street), RoleKind.OFFICE, street, ends_at=NOW + 2 * DAY)
    helper = make.person(home=street)

    for wider in (county, place("street", county)):
        with pytest.raises(InvalidInput):
            lend(role, helper, wider)
    with pytest.raises(InvalidInput):
        lend(role, helper, ends_at=NOW + 2 * DAY + timedelta(microseconds=1))
    assert lend(role, helper, place("community", street), ends_at=NOW + 2 * DAY).pk


def test_a_loan_ends_with_the_lenders_role(street):
    role = make.role(make.person(home=street), RoleKind.OFFICE, street)
    helper = make.person(home=street)
    loan = lend(role, helper, ends_at=NOW + 30 * DAY)

    with clock.frozen(NOW + DAY):
        actions.end_role(actor=make.actor(role.person), role_id=role.pk)

        assert make.actor(helper).roles == ()
    loan.refresh_from_db()
    assert loan.ends_at == NOW + DAY


def test_a_loan_stops_even_when_the_lenders_role_is_cut_in_the_table(street):
    role = make.role(make.person(home=street), RoleKind.OFFICE, street)
    helper = make.person(home=street)
    lend(role, helper, ends_at=NOW + 30 * DAY)

    Role.objects.filter(pk=role.pk).update(ends_at=NOW)

    assert make.actor(helper).roles == ()


def test_a_loan_is_not_lent_on(street):
    role = make.role(make.person(home=street), RoleKind.OFFICE, street)
    loan = lend(role, make.person(home=street))

    with pytest.raises(Forbidden):
        lend(loan, make.person(home=street))


@pytest.mark.parametrize("kind", TWO_PEOPLE)
def test_oversight_and_administration_are_not_lent(kind, street):
    role = make.role(make.person(home=street), kind, street)

    with pytest.raises(Forbidden):
        lend(role, make.person(home=street))


def test_only_the_holder_lends_and_either_side_ends_it(street):
    role = make.role(make.person(home=street), RoleKind.OFFICE, street)
    helper = make.person(home=street)
    with pytest.raises(Forbidden):
        actions.lend_role(
            actor=holder(RoleKind.ADMINISTRATOR, street),
            role_id=role.pk,
            person_id=helper.pk,
            place=street,
            starts_at=NOW,
            ends_at=NOW + DAY,
        )
    loan = lend(role, helper)

    actions.end_role(actor=make.actor(role.person), role_id=loan.pk)

    assert make.actor(helper).roles == ()
