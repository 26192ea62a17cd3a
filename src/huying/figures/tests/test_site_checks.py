"""Checks of sites are counted when they are made and when they are verified, and their records are found behind the number."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from huying.figures import actions, queries
from huying.figures.queries import Period
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places import actions as places
from huying.places.models import Place, SiteCheck
from huying.places.tests.factories import place, staff
from huying.places.tests.standards import checked, installed, officer

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
NOW = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
MARCH = Period.month(date(2026, 3, 1))


@pytest.fixture(autouse=True)
def in_march():
    with clock.frozen(NOW):
        actions.install_first_rows()
        yield


@pytest.fixture
def site() -> Place:
    return place("station", name="和平站")


def counted(site: Place) -> tuple[int | None, ...]:
    """Checks made and verified in March at the county above the site."""
    county = Place.objects.get(kind="county")
    for check in SiteCheck.objects.all():
        actions.count_check(actor=SYSTEM, check_id=check.pk)
    actions.fold(actor=SYSTEM)
    reader = staff(county, "office")
    metrics = [queries.metric(one) for one in ("site_checks", "site_checks_verified")]
    return tuple(queries.value(reader, one, county, MARCH).amount for one in metrics)


def test_a_check_counts_when_it_is_made_and_again_when_it_is_verified(site):
    standard = installed()
    row = checked(site, standard, "yyn")
    assert counted(site) == (1, 0)

    places.verify_check(actor=officer(site), check=row)

    assert counted(site) == counted(site) == (1, 1)


def test_what_was_sent_back_counts_as_made_only_and_another_month_counts_apart(site):
    standard = installed()
    with clock.frozen(NOW - timedelta(days=30)):
        first = checked(site, standard, "yyn")
    places.return_check(actor=officer(site), check=first, reason="没有看到")
    assert counted(site) == (0, 0)

    row = checked(site, standard, "yyy")
    with clock.frozen(NOW + timedelta(days=40)):
        places.verify_check(actor=officer(site), check=row)

    assert counted(site) == (1, 0)


def test_the_numbers_agree_with_the_checks_counted_afresh(site):
    standard = installed()
    places.verify_check(actor=officer(site), check=checked(site, standard, "yyn"))
    assert [(one.metric, one.was, one.should) for one in queries.differences([SiteCheck._meta.label])] == [
        ("site_checks", 0, 1),
        ("site_checks_verified", 0, 1),
    ]

    assert counted(site) == (1, 1)

    assert list(queries.differences([SiteCheck._meta.label])) == []


def test_the_checks_behind_a_number_open_for_who_reads_them(site):
    row = checked(site, installed(name="三个一"), "yyn")
    counted(site)
    metric = queries.metric("site_checks")

    (behind,) = queries.records(staff(site, "inspector"), metric, site, MARCH).rows

    assert (behind.title, behind.href) == ("和平站 · 三个一", f"/places/checks/{row.public_id}/")
