"""Whose auditors see somebody's hours: those of the place he lives at, and they follow him when he moves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.ledger import rules as ledger_rules
from huying.ledger.models import Account
from huying.people import actions as people
from huying.places.models import Place
from huying.volunteers import actions
from huying.volunteers.tasks import follow_home
from huying.volunteers.tests.factories import START, Cast, actor
from huying.volunteers.tests.test_service import confirmed

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def seen_by_auditor(at: Place) -> set[int]:
    """Owners of the accounts of minutes that an auditor of this place sees."""
    auditor = Actor(person_id=99, roles=(("auditor", Place.objects.get(pk=at.pk).path),))
    rows = Account.objects.filter(ledger_rules.visible_to(auditor), owner_type="people.Person")
    return set(rows.values_list("owner_id", flat=True))


def run_moves() -> None:
    for ids in ProcrastinateJob.objects.filter(task_name="volunteers.follow_home").values_list("args", flat=True):
        follow_home.func.__wrapped__(**ids)


def test_the_auditor_of_the_county_sees_the_hours_of_its_people_also_after_they_move(cast: Cast) -> None:
    confirmed(cast)
    li = cast.li.person
    before = (seen_by_auditor(cast.county), seen_by_auditor(cast.street), seen_by_auditor(cast.other_street))

    people.edit_person(actor=actor(li), person_id=li.pk, facts=people.Facts(home_place=cast.away))
    run_moves()
    moved = (seen_by_auditor(cast.street), seen_by_auditor(cast.other_street))
    run_moves()

    assert before == ({li.pk}, {li.pk}, set())
    assert moved == (set(), {li.pk}) == (seen_by_auditor(cast.street), seen_by_auditor(cast.other_street))


def test_hours_of_somebody_whose_home_nobody_knows_belong_to_where_he_starts_out(cast: Cast) -> None:
    li = cast.li.person
    li.home_place = None
    li.save()
    confirmed(cast)

    actions.save_profile(actor=actor(li), profile=actions.Profile(base_place=cast.away))
    before = seen_by_auditor(cast.other_street)
    run_moves()

    assert (before, seen_by_auditor(cast.street), seen_by_auditor(cast.other_street)) == (set(), set(), {li.pk})
    assert actions.follow_home(actor=Actor.system("tests"), person_id=10**9) == 0
