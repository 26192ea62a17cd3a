"""Who sees records of service, who is asked to confirm them, and what they add up to."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from huying.kernel import clock
from huying.volunteers import actions, queries, rules
from huying.volunteers.models import Membership, ServiceRecord
from huying.volunteers.tests.factories import START, Cast, actor, person, role
from huying.volunteers.tests.test_service import confirmed, minutes, served, submitted

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def test_records_are_seen_by_their_volunteer_leader_keepers_and_auditors_only(cast: Cast) -> None:
    record = submitted(cast)
    inspector = person("钱督查", cast.county)
    role(inspector, "inspector", cast.county)
    seen = {
        name: ServiceRecord.objects.filter(rules.records_visible_to(actor(who)), pk=record.pk).exists()
        for name, who in {
            "volunteer": cast.li.person,
            "leader": cast.wu.person,
            "keeper": cast.keeper,
            "office": cast.office,
            "inspector": inspector,
            "mate": cast.he.person,
            "outsider": cast.outsider,
            "resident": cast.resident,
        }.items()
    }

    assert [name for name, yes in seen.items() if yes] == ["volunteer", "leader", "keeper", "office", "inspector"]


def test_the_queue_and_the_rule_agree(cast: Cast) -> None:
    records = [submitted(cast), submitted(cast, who=cast.he), submitted(cast, ago=8)]
    records.append(actions.submit_record(actor=actor(cast.keeper), served=served(cast, who=cast.wu, ago=10, team=None)))
    Membership.objects.create(team=cast.team, volunteer=cast.li, is_leader=True, starts_at=START - HOUR)

    for who in (cast.wu.person, cast.li.person, cast.keeper, cast.office, cast.outsider, cast.resident):
        listed = set(queries.waiting_records(actor(who)).values_list("pk", flat=True))
        assert listed == {one.pk for one in records if rules.can_check(actor(who), one)}


def test_years_add_up_to_what_the_ledger_holds(cast: Cast) -> None:
    confirmed(cast)
    next_year = START + timedelta(days=330)
    with clock.frozen(next_year):
        record = submitted(cast, starts_at=next_year - 3 * HOUR, ends_at=next_year - 2 * HOUR, minutes=60)
        actions.confirm(actor=actor(cast.keeper), record=record)

    years = queries.years_of(cast.li.person_id)

    assert [(one.year, one.minutes, one.records) for one in years] == [(2027, 60, 1), (2026, 120, 1)]
    assert sum(one.minutes for one in years) == minutes(cast.li)
