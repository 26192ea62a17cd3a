"""Accounts stay with the auditors of their place, wherever the place is hung."""

from __future__ import annotations

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.ledger import actions, rules
from huying.ledger.actions import following
from huying.ledger.models import Account
from huying.ledger.tasks import follow_move, follow_places
from huying.ledger.tests.factories import SYSTEM, account, person
from huying.places import actions as places
from huying.places.models import Place
from huying.volunteers.tests.factories import place

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]


@pytest.fixture
def tree() -> dict[str, Place]:
    county = place("青禾区", kind="county")
    streets = {name: place(name, county, "street") for name in ("东街", "西街")}
    return {"county": county, **streets, "home": place("和平社区", streets["东街"])}


def seen_by(kind: str, at: Place) -> set[int]:
    auditor = person(5, (kind, Place.objects.get(pk=at.pk).path))
    return set(Account.objects.filter(rules.visible_to(auditor)).values_list("pk", flat=True))


def run(task: object) -> None:
    """The jobs of this name that wait, once each."""
    for ids in (
        ProcrastinateJob.objects.filter(task_name="ledger.follow_move").order_by("id").values_list("args", flat=True)
    ):
        task.func.__wrapped__(**ids)  # type: ignore[attr-defined]


def test_accounts_move_with_their_place_and_with_all_above_it(tree: dict[str, Place]) -> None:
    one, other = account(5, place_path=tree["home"].path), account(5, place_path=tree["西街"].path)
    below = account(5, place_path=tree["东街"].path)
    before = (seen_by("auditor", tree["东街"]), seen_by("auditor", tree["西街"]))

    places.move_place(actor=SYSTEM, place=tree["home"], parent=tree["西街"])
    run(follow_move)

    assert before == ({one.pk, below.pk}, {other.pk})
    assert (seen_by("auditor", tree["东街"]), seen_by("auditor", tree["西街"])) == ({below.pk}, {one.pk, other.pk})
    assert Account.objects.get(pk=one.pk).place_path == Place.objects.get(pk=tree["home"].pk).path
    assert actions.follow_places(actor=SYSTEM) == 0


def test_jobs_that_come_late_twice_or_in_another_order_change_nothing(tree: dict[str, Place]) -> None:
    one = account(5, place_path=tree["home"].path)
    home = tree["home"].path

    for parent in ("西街", "东街"):
        places.move_place(actor=SYSTEM, place=Place.objects.get(pk=tree["home"].pk), parent=tree[parent])
    moves = list(
        ProcrastinateJob.objects.filter(task_name="ledger.follow_move").order_by("-id").values_list("args", flat=True)
    )
    for ids in [*moves, *moves]:
        follow_move.func.__wrapped__(**ids)

    assert len(moves) == 2
    assert Account.objects.get(pk=one.pk).place_path == home


def test_an_account_that_was_opened_while_its_place_moved_is_found_at_night(
    tree: dict[str, Place], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "BATCH", 2)
    old = tree["home"].path
    places.move_place(actor=SYSTEM, place=tree["home"], parent=tree["西街"])
    run(follow_move)
    late = [account(place_path=old).pk for _ in range(5)]

    follow_places.func.__wrapped__()

    assert seen_by("auditor", tree["西街"]) == set(late)


def test_accounts_of_no_place_and_of_places_that_are_gone_stay_as_they_are() -> None:
    nowhere, gone = account(), account(place_path="/999999999/")

    assert actions.follow_places(actor=SYSTEM) == 0
    assert [Account.objects.get(pk=one.pk).place_path for one in (nowhere, gone)] == ["", "/999999999/"]


def test_all_accounts_of_an_owner_follow_him(tree: dict[str, Place]) -> None:
    mine = [
        actions.open_account(actor=SYSTEM, asset=code, owner_type="tests.Owner", owner_id=10**7).pk
        for code in ("minutes", "points")
    ]
    facts = {"actor": SYSTEM, "owner_type": "tests.Owner", "owner_id": 10**7}

    told = [actions.follow_owner(**facts, place=where) for where in (tree["home"], tree["home"], None)]

    assert told == [2, 0, 2]
    assert actions.follow_owner(**facts, place=tree["home"]) == 2
    assert seen_by("auditor", tree["county"]) == set(mine)
