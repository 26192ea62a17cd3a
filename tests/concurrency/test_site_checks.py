"""Two people verify the same check, two keepers check the same site, two packs install the same standard, at once."""

from __future__ import annotations

from typing import Any

import pytest

from huying.kernel.actor import Actor
from huying.places import actions
from huying.places.models import SiteCheck, Standard
from huying.places.tests.factories import SYSTEM, place
from huying.places.tests.standards import checked, facts, installed, keeper, officer, verified
from tests.concurrency.racing import all_at_once, race, race_without_locks, refusals

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


@pytest.fixture
def site(committed_db: None) -> Any:
    return place("station")


def verify(row: SiteCheck, who: Actor) -> Any:
    return actions.verify_check(actor=who, check=row)


def send_back(row: SiteCheck, who: Actor) -> Any:
    return actions.return_check(actor=who, check=row, reason="没有看到")


def test_of_two_who_decide_at_once_one_decides(site: Any) -> None:
    row = checked(site, installed(), "yyy")

    results = race(lambda: verify(row, officer(site, 7)), lambda: send_back(row, officer(site, 8)))

    assert refusals(results) == ["CheckDecided"]
    row.refresh_from_db()
    assert (row.state, row.decided_by_id, row.holds) in {("verified", 7, True), ("returned", 8, False)}


def test_of_two_keepers_who_check_at_once_one_waits(site: Any) -> None:
    standard = installed()

    results = race(
        lambda: checked(site, standard, "yyy", by=keeper(site, 7)),
        lambda: checked(site, standard, "nnn", by=keeper(site, 8)),
    )

    assert refusals(results) == ["CheckWaits"]
    assert SiteCheck.objects.get().answers.count() == 3


def test_control_without_the_lock_the_constraint_still_refuses_a_second_check(site: Any) -> None:
    standard = installed()

    results = race_without_locks(
        lambda: checked(site, standard, "yyy", by=keeper(site, 7)),
        lambda: checked(site, standard, "nnn", by=keeper(site, 8)),
    )

    assert len([one for one in results if isinstance(one, Exception)]) == 1
    assert SiteCheck.objects.count() == 1


def test_checks_of_two_versions_verified_at_once_leave_one_that_holds(site: Any) -> None:
    first = checked(site, installed(code="ones"), "yyy")
    second = checked(site, installed(code="ones", version=2, items=2), "yn", by=keeper(site, 8))

    results = race(lambda: verify(first, officer(site, 9)), lambda: verify(second, officer(site, 10)))

    assert refusals(results) == []
    assert SiteCheck.objects.filter(holds=True).count() == 1
    assert SiteCheck.objects.filter(state="verified").count() == 2


def test_the_same_standard_installed_by_eight_at_once_is_there_once(site: Any) -> None:
    asked = facts("ones")

    results = all_at_once(*[lambda: actions.install_standard(actor=SYSTEM, place=None, facts=asked)] * 8)

    assert Standard.objects.count() == 1
    assert {type(one).__name__ for one in results} <= {"Standard", "StandardDiffers"}
    assert Standard.objects.get().items.count() == 3


def test_a_standard_retired_while_it_is_checked_is_either_checked_before_or_refused(site: Any) -> None:
    standard = installed()
    verified(site, standard, "yyy")

    results = race(lambda: actions.retire(actor=SYSTEM, standard=standard), lambda: checked(site, standard, "yyn"))

    assert set(refusals(results)) <= {"NotAsked"}
    assert Standard.objects.get().ended_at is not None
