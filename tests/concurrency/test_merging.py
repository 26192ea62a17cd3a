"""One person written down twice, and merged while others write. Rules have controls that break without them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from huying.people import actions
from huying.people.models import (
    Consent,
    Notice,
    Person,
)
from huying.people.states import RoleKind
from huying.people.tests import factories as make
from huying.places.tests.factories import place
from tests.concurrency.racing import race, race_without_locks, refusals

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("at_noon")]
DAY = timedelta(days=1)
PHONE = "13900000001"
Work = Callable[[], Any]


def merging() -> tuple[Work, Work, Person, Person]:
    """Two records of one person, and the merge of each into the other by two keepers, ready to be done."""
    street = place("street")
    first, second = (make.person("陈桂英", home=street, phone=PHONE) for _ in range(2))
    works = []
    for kept, double in ((first, second), (second, first)):
        keeper = make.person(home=street)
        make.role(keeper, RoleKind.OFFICE, street)
        given = {"kept_id": kept.pk, "double_id": double.pk, "take": [], "reason": "本人带身份证来过"}
        works.append(partial(actions.merge_persons, actor=make.actor(keeper), **given))
    return works[0], works[1], first, second


def test_two_records_merged_both_ways_at_once_leave_one_person():
    one_way, other_way, first, second = merging()

    results = race(one_way, other_way)

    assert len(refusals(results)) == 1, results
    assert set(refusals(results)) <= {"NotFound", "CannotMerge"}
    rows = Person.objects.filter(pk__in=[first.pk, second.pk])
    assert rows.filter(erased_at__isnull=True, merged_into__isnull=True).count() == 1
    assert rows.filter(merged_into__isnull=False).count() == 1


def test_control_without_locks_both_merges_go_through_and_nobody_is_left():
    one_way, other_way, first, second = merging()

    results = race_without_locks(one_way, other_way)

    assert refusals(results) == []
    assert not Person.objects.filter(pk__in=[first.pk, second.pk], erased_at__isnull=True).exists()


def test_merging_twice_at_once_is_done_once():
    one_way, _other_way, first, second = merging()

    results = race(one_way, one_way)

    assert refusals(results) == []
    assert {row.pk for row in results} == {first.pk}
    assert Notice.objects.filter(person=first).count() == 1
    assert Person.objects.get(pk=second.pk).merged_into_id == first.pk


def test_what_is_written_to_the_double_while_it_is_merged_moves_or_is_refused():
    street = place("street")
    keeper, kept, double = (make.person("陈桂英", home=street, phone=PHONE) for _ in range(3))
    make.role(keeper, RoleKind.OFFICE, street)
    Person.objects.filter(pk=keeper.pk).update(phone=None, phone_index=None)
    given = {"kept_id": kept.pk, "double_id": double.pk, "take": [], "reason": "本人带身份证来过"}
    merge = partial(actions.merge_persons, actor=make.actor(keeper), **given)
    consent = partial(actions.give_consent, actor=make.actor(double), person_id=double.pk, code="photo")

    results = race(merge, consent)

    assert Person.objects.get(pk=double.pk).merged_into_id == kept.pk
    standing = Consent.objects.filter(person=double, withdrawn_at__isnull=True)
    assert not standing.exists(), results
