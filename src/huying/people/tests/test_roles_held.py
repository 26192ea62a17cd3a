"""The question of every request, put to the database in its own words, gives what the rule for lists gives."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from huying.kernel import clock
from huying.people.models import Role
from huying.people.queries.actors import holding, pairs_held
from huying.people.states import RoleKind
from huying.people.tests import factories as make
from huying.places.tests.factories import place

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SPANS = [(start, end) for start, end in product((-2, -1, 0, 1), (None, -1, 0, 1, 2)) if end is None or start < end]


def by_rule(person, at):
    rows = Role.objects.filter(holding(at), person=person)
    return tuple(sorted(set(rows.values_list("kind", "place__path"))))


def moment(days):
    return None if days is None else NOW + days * DAY


def test_every_own_span_and_every_loan_of_every_span_holds_when_the_rule_says_so():
    street = place("street")
    told = set()
    with clock.frozen(NOW):
        for start, end in SPANS:
            owner = make.person()
            lent = make.role(owner, RoleKind.OFFICE, street, starts_at=moment(start), ends_at=moment(end))
            borrowers = []
            for loan_start, loan_end in SPANS:
                if loan_end is not None:
                    borrowers.append(make.person())
                    span = {"starts_at": moment(loan_start), "ends_at": moment(loan_end)}
                    make.role(borrowers[-1], RoleKind.OFFICE, street, delegated_from=lent, **span)
            for person in (owner, *borrowers):
                held = pairs_held(person.pk, NOW)
                assert held == by_rule(person, NOW)
                told.add(bool(held))
    assert told == {True, False}


def test_the_same_kind_at_the_same_place_from_two_sides_is_held_once_and_pairs_are_in_order():
    street, other = place("street"), place("street")
    with clock.frozen(NOW):
        person, lender = make.person(), make.person()
        make.role(person, RoleKind.OFFICE, other)
        make.role(person, RoleKind.OFFICE, street, ends_at=NOW)
        lent = make.role(lender, RoleKind.OFFICE, street)
        make.role(person, RoleKind.OFFICE, street, starts_at=NOW, ends_at=NOW + DAY, delegated_from=lent)

        assert pairs_held(person.pk, NOW) == by_rule(person, NOW)
        assert [path for _kind, path in pairs_held(person.pk, NOW)] == sorted([street.path, other.path])
