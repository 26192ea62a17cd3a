"""A whole made-up town and a very small district: as large as the pages say, and no rule of any room broken."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from huying.calls.models import Call
from huying.calls.states import OPEN_STATES, State
from huying.config.demo.city import plan, steps
from huying.figures import queries as figures
from huying.kernel import clock
from huying.ledger import queries as ledger
from huying.ledger.models import Transfer
from huying.people.models import Person
from huying.places.models import Place
from huying.volunteers.models import Membership, Team, Volunteer
from tests.invariants import broken_gatherings, broken_rules, broken_service

MORNING = datetime(2026, 11, 18, 10, tzinfo=clock.SHANGHAI)
SCALE = 0.5


@pytest.fixture(scope="module")
def city(django_db_setup: None, django_db_blocker: Any, keys: None) -> Iterator[plan.Plan]:
    """Made once for all tests of this file, in a transaction that is taken back."""
    with django_db_blocker.unblock(), transaction.atomic(), clock.frozen(MORNING):
        made = plan.begun("town", 7, SCALE)
        steps.run(made)
        yield made
        transaction.set_rollback(True)


@pytest.fixture(autouse=True)
def apart(city: plan.Plan) -> Iterator[None]:
    """What one test changes, the next does not see."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_sites_teams_and_volunteers_are_as_many_as_the_page_says_in_this_scale(city: plan.Plan) -> None:
    shape = city.shape

    assert Place.objects.filter(kind__is_site=True).count() == shape.sites
    assert Team.objects.count() == shape.teams
    assert Volunteer.objects.count() == shape.volunteers == 1500
    assert 0.1 < Membership.objects.values("volunteer").distinct().count() / shape.volunteers < 0.5


def test_figures_are_what_the_records_say(city: plan.Plan) -> None:
    assert list(figures.drift()) == []
    assert list(figures.differences()) == []


def test_people_are_found_by_sound_and_by_number(city: plan.Plan) -> None:
    person = Person.objects.order_by("-id")[0]
    assert person.phone is not None
    assert person.phone.open().startswith("1540")
    assert person.search_terms and person.sort_key


def test_service_and_gatherings_keep_their_rules(city: plan.Plan) -> None:
    assert broken_service() == []
    assert broken_gatherings() == []


def test_a_year_has_as_many_activities_and_participations_as_the_page_says(city: plan.Plan) -> None:
    today = clock.local(city.now).date()
    year = figures.Period(today - timedelta(days=365), today)
    found = figures.amounts(["sessions_held", "attended"], [city.root.pk], year)

    assert found[city.root.pk, "sessions_held", None] == city.shape.activities == 210
    assert found[city.root.pk, "attended", None] == city.shape.participations == 2850


def test_the_ledger_is_sealed_and_whole(city: plan.Plan) -> None:
    assert list(ledger.findings()) == []
    assert ledger.unsealed() == 0
    assert Transfer.objects.filter(reverses__isnull=False).exists()


def test_calls_keep_their_rules_and_some_are_open(city: plan.Plan) -> None:
    assert broken_rules() == []
    assert Call.objects.filter(state=State.CLOSED).count() > 100
    assert Call.objects.filter(state__in=OPEN_STATES | {State.DELIVERED}).exists()
    assert Call.objects.filter(reopened_count=1).exists()
