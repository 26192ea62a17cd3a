"""A whole made-up town and a very small district: as large as the pages say, and no rule of any room broken."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Sum
from django.test import Client

from huying.activities.models import Session, SignUp
from huying.activities.states import SignUpState
from huying.calls.models import Call
from huying.calls.states import OPEN_STATES, State
from huying.cockpit.models import Report
from huying.config.demo.city import plan, steps, told, tree
from huying.config.demo.city.calendar import almanac
from huying.config.demo.city.shape import SHAPES
from huying.config.demo.city.writing import apportioned, strewn
from huying.config.demo.people import PASSWORD
from huying.config.management.pages.asked import pages
from huying.figures import queries as figures
from huying.figures.actions import places as counted_places
from huying.figures.models import ReportedFigure
from huying.kernel import clock
from huying.kernel.sealed import keyring
from huying.ledger import queries as ledger
from huying.ledger.models import Account as LedgerAccount
from huying.ledger.models import Transfer
from huying.packs.models import Switch
from huying.people.models import Person
from huying.places.models import Place, SiteCheck
from huying.points.models import Book, Claim, Gift, Passbook
from huying.volunteers.models import Membership, ServiceRecord, Team, Volunteer
from huying.volunteers.states import RecordState
from tests.invariants import broken_gatherings, broken_points, broken_rules, broken_service

MORNING = datetime(2026, 11, 18, 10, tzinfo=clock.SHANGHAI)
SCALE = 0.3


@pytest.fixture(scope="module")
def city(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[plan.Plan]:
    """Made once for all tests of this file, in a transaction that is taken back, beside a data folder of its own."""
    own = pytest.MonkeyPatch.context()
    with own as patch, django_db_blocker.unblock(), transaction.atomic(), clock.frozen(MORNING):
        patch.setattr(settings, "DATA", tmp_path_factory.mktemp("city"))
        patch.setattr(tree, "COUNTED", 5)  # as where there are more sites than one transaction counts
        patch.setattr(counted_places, "BATCH", 5)
        keyring.ensure()
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
    assert Volunteer.objects.count() == shape.volunteers == 900
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

    assert found[city.root.pk, "sessions_held", None] == city.shape.activities == 126
    assert found[city.root.pk, "attended", None] == city.shape.participations == 1710


def test_the_ledger_is_sealed_and_whole(city: plan.Plan) -> None:
    assert list(ledger.findings()) == []
    assert ledger.unsealed() == 0
    assert Transfer.objects.filter(reverses__isnull=False).exists()


def test_points_are_given_and_fetched_and_their_sums_are_zero(city: plan.Plan) -> None:
    assert broken_points() == []
    assert Book.objects.count() == 1
    assert Passbook.objects.count() == 12
    assert Claim.objects.filter(source_type="volunteers.ServiceRecord", state="confirmed").exists()
    assert Gift.objects.filter(state="handed").exists()
    asset = Book.objects.get().asset_code
    sums = LedgerAccount.objects.filter(asset__code=asset).aggregate(debits=Sum("debits"), credits=Sum("credits"))
    assert sums["debits"] == sums["credits"] > 0


def test_stations_are_checked_mechanisms_on_and_round_ups_written(city: plan.Plan) -> None:
    stations = Place.objects.filter(kind="station").count()
    assert SiteCheck.objects.count() == -(-stations // 3)
    assert SiteCheck.objects.filter(state="verified").exists()
    assert Switch.objects.filter(off_at=None, place=city.root).count() == 2
    draft, published = Report.objects.order_by("state")
    assert (draft.state, published.state) == ("draft", "published")
    assert published.paper_number.endswith("1号")
    told = {one["field"]: one["told"] for one in published.frozen["numbers"]}
    assert told["calls_closed"] != "0件"


def test_calls_keep_their_rules_and_some_are_open(city: plan.Plan) -> None:
    assert broken_rules() == []
    assert Call.objects.filter(state=State.CLOSED).count() > 60
    assert Call.objects.filter(state__in=OPEN_STATES | {State.DELIVERED}).exists()
    assert Call.objects.filter(reopened_count=1).exists()


def test_it_holds_what_the_page_says_at_any_scale() -> None:
    district = SHAPES["district"]

    assert district.sites == 1 + 29 + 648 + 100 + 222 == 1000
    assert SHAPES["city"].sites == 12 + 182 + 2929
    small = district.scaled(0.01)
    assert (small.volunteers, small.teams, small.neighbourhoods, small.bases) == (9100, 18, 6, 1)
    assert (small.activities, small.participations) == (420, 5700)


def test_whole_parts_make_the_whole_and_few_are_spread_out() -> None:
    weights = [0.3, 2.2, 1.0, 1.0, 4.0] * 73

    for total in (0, 1, 7, 364, 42_000):
        assert sum(strewn(total, weights)) == sum(apportioned(total, weights)) == total
        assert all(one >= 0 for one in strewn(total, weights))
    halves = strewn(20, [1.0] * 100)
    assert sum(halves[:50]) == 10
    assert apportioned(10, [1, 1, 2]) == [3, 2, 5]


def test_days_have_their_weight(city: plan.Plan) -> None:
    days = almanac(city)
    saturday, tuesday = date(2026, 11, 7), date(2026, 11, 10)

    assert days.weight(saturday) > 2 * days.weight(tuesday)
    assert days.weight(date(2026, 3, 5)) > days.weight(date(2026, 3, 4)) > days.weight(tuesday)
    for eve in (date(2026, 2, 16), date(2026, 4, 4), date(2026, 6, 18), date(2026, 9, 24), date(2026, 10, 17)):
        assert eve in days.eves, eve  # 春节, 清明, 端午, 中秋, 重阳
        assert days.weight(eve) > days.weight(tuesday)
    assert not days.is_off(date(2026, 10, 10))  # a Saturday that is worked


def test_weekends_are_full_and_nights_are_quiet(city: plan.Plan) -> None:
    days = almanac(city)
    held = [clock.local(one) for one in Session.objects.exclude(state="planned").values_list("starts_at", flat=True)]
    off = sum(days.is_off(one.date()) for one in held) / len(held)
    assert 0.4 < off < 0.75  # a third of the days are off

    asked = [clock.local(one) for one in Call.objects.values_list("created_at", flat=True)]
    assert sum(one.hour < 5 for one in asked) < 0.1 * len(asked)


def test_in_the_flood_week_calls_come_in_a_burst(city: plan.Plan) -> None:
    calls = Call.objects.all()
    first = datetime.combine(almanac(city).flood(2026), time(), clock.SHANGHAI)
    week = calls.filter(created_at__gte=first, created_at__lt=first + timedelta(days=7))
    before = calls.filter(created_at__gte=first - timedelta(days=7), created_at__lt=first)

    assert week.count() >= 3 * max(1, before.count())
    assert week.filter(kind__code__in=["storm", "other"]).count() > week.count() / 2


def test_some_service_is_late_some_waits_and_some_was_put_right(city: plan.Plan) -> None:
    records = ServiceRecord.objects.all()

    assert 0.01 < records.filter(is_late=True).count() / records.count() < 0.1
    assert records.filter(state=RecordState.SUBMITTED).exists()
    assert records.filter(version=2).exists()
    assert SignUp.objects.filter(state=SignUpState.ABSENT).exists()
    assert Session.objects.filter(state="cancelled").exists()
    by_person = Counter(records.values_list("person_id", flat=True))
    most = sum(count for _person, count in by_person.most_common(len(by_person) // 5))
    assert most > 0.35 * records.count()  # a few serve much
    assert len(by_person) < 0.5 * Volunteer.objects.count()  # most never


def test_the_numbers_of_the_page_stand_beside_as_reported(city: plan.Plan) -> None:
    wider = plan.Plan("district", 1, 1.0, city.now)
    told.write(wider, 0)

    found = {one.code: one for one in ReportedFigure.objects.all()}
    assert found["registered"].value == 910_000
    assert found["registered"].sign == "~"
    assert found["participations_a_year"].metric_id == "attended"


PAGES = {
    "dispatcher": [
        *("/", "/desk/", "/desk/list/", "/desk/watch/", "/desk/figures/", "/desk/callbacks/", "/people/persons/"),
        *("/places/", "/places/list/", "/places/figures/", "/activities/", "/activities/desk/", "/volunteers/list/"),
        *(
            "/volunteers/teams/",
            "/volunteers/counts/",
            "/volunteers/service/",
            "/volunteers/service/queue/",
            "/figures/",
            "/cockpit/",
            "/cockpit/reports/",
            "/packs/here/",
            "/points/desk/",
        ),
    ],
    "leader": ["/", "/volunteers/desk/", "/volunteers/service/queue/", "/volunteers/teams/", "/activities/"],
    "volunteer1": [
        "/",
        "/volunteers/me/",
        "/volunteers/me/service/",
        "/help/",
        "/activities/",
        "/activities/mine/",
        "/points/mine/",
    ],
}


@pytest.mark.parametrize("username", PAGES)
def test_the_main_pages_answer(username: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "HUYING_STAFF_SECOND_FACTOR", False)
    visitor = Client()
    visitor.post("/people/sign-in/", {"identifier": username, "password": PASSWORD})

    answers = {page: visitor.get(page, follow=True).status_code for page in PAGES[username]}

    assert set(answers.values()) == {200}, answers


def test_another_demonstration_on_top_is_refused() -> None:
    with pytest.raises(CommandError, match="begun with --like town --seed 7"):
        call_command("demo", like="district")
    with pytest.raises(CommandError, match="not empty"):
        call_command("demo")


def test_those_who_sign_in_have_calls_of_their_own_and_the_measured_pages_find_what_they_show() -> None:
    asked = Call.objects.filter(requester__account__username="resident").exclude(state="draft")
    assert asked.count() >= 1
    assert {"call", "board", "activities"} <= {page.name for page in pages()}
