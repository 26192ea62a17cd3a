"""Hours of service and records of other rooms become points; passbooks are opened, left and frozen."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.ledger import queries as ledger_queries
from huying.points import actions, queries
from huying.points.actions import Deed
from huying.points.models import Claim, Passbook
from huying.points.states import BookletState, ClaimState
from huying.points.tests.factories import World, actor, balance
from huying.volunteers import actions as volunteer_actions
from huying.volunteers.models import ServiceRecord
from huying.volunteers.states import Evidence
from huying.volunteers.tests.factories import START

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SYSTEM = Actor.system("tests")


# ── service ─────────────────────────────────────────────────────────────────
def served(world: World, hours: float = 2, ago: float = 1, **more: Any) -> ServiceRecord:
    begin = START - timedelta(hours=ago)
    facts: dict[str, Any] = {
        "volunteer": world.cast.li,
        "place": world.home,
        "title": "周三助餐",
        "starts_at": begin,
        "ends_at": begin + timedelta(hours=hours),
        "minutes": int(hours * 60),
        "evidence": Evidence.A,
        "team": world.cast.team,
    }
    with clock.frozen(START + 5 * HOUR):
        record = volunteer_actions.submit_record(
            actor=actor(world.cast.wu.person), served=volunteer_actions.Served(**(facts | more))
        )
        return volunteer_actions.confirm(actor=world.keeper, record=record)


def earned(record: ServiceRecord) -> Claim | None:
    with clock.frozen(START + 6 * HOUR):
        return actions.earn_service(actor=SYSTEM, record_id=record.pk)


def test_confirmed_hours_become_points_by_the_two_who_stand_for_them(world: World) -> None:
    passbook = world.passbook(world.cast.li.person)
    record = served(world)

    first, again = earned(record), earned(record)

    assert first is not None and again is not None
    assert (first.pk, first.amount, balance(passbook)) == (again.pk, 12, 12)
    assert (first.made_by, first.ended_by) == (world.cast.wu.person, world.cast.keeper)


def test_who_wants_no_passbook_gets_none_and_loses_nothing(world: World) -> None:
    record = served(world)

    assert earned(record) is None
    assert not Passbook.objects.exists()
    assert record.state == "confirmed"


def test_hours_over_the_cap_stand_there_with_the_reason(world: World) -> None:
    passbook = world.passbook(world.cast.li.person)
    with clock.frozen(START + 5 * HOUR):
        earned(served(world, hours=5, ago=0))
    second = earned(served(world, hours=1, ago=1))

    assert second is None
    assert balance(passbook) == 30
    assert Claim.objects.get(state=ClaimState.REFUSED).reason


def test_corrected_hours_are_booked_anew_by_the_two_who_corrected_them(world: World) -> None:
    passbook = world.passbook(world.cast.li.person)
    record = served(world)
    earned(record)
    with clock.frozen(START + 7 * HOUR):
        record = volunteer_actions.correct(
            actor=world.second,
            record=record,
            starts_at=record.starts_at,
            ends_at=record.starts_at + HOUR,
            minutes=60,
            reason="只做了一小时",
        )
        record = volunteer_actions.accept(actor=world.keeper, record=record)
        again = actions.earn_service(actor=SYSTEM, record_id=record.pk)
        same = actions.earn_service(actor=SYSTEM, record_id=record.pk)

    assert again is not None and same is not None
    assert (again.amount, same.pk, balance(passbook)) == (6, again.pk, 6)
    states = Claim.objects.order_by("id").values_list("state", flat=True)
    assert list(states) == [ClaimState.REVERSED, ClaimState.CONFIRMED]


def test_hours_that_did_not_take_place_take_their_points_back_unless_they_are_spent(world: World) -> None:
    passbook = world.passbook(world.cast.li.person)
    record = served(world)
    earned(record)
    good = world.good(stock=5, points=12)
    with clock.frozen(START + 7 * HOUR):
        gift = world.gift(good, passbook)
        record = volunteer_actions.correct(
            actor=world.second,
            record=record,
            starts_at=record.starts_at,
            ends_at=record.ends_at,
            minutes=0,
            reason="没来",
        )
        record = volunteer_actions.accept(actor=world.keeper, record=record)
        actions.earn_service(actor=SYSTEM, record_id=record.pk)
        short = ledger_queries.balance(passbook.account_id)
        actions.cancel(actor=Actor(person_id=passbook.person_id), gift=gift)
        actions.earn_service(actor=SYSTEM, record_id=record.pk)

    assert (short, balance(passbook)) == (12, 0)


# ── the door for other rooms ────────────────────────────────────────────────
def test_learning_and_nominations_come_in_by_the_door_each_once(world: World) -> None:
    resident = world.cast.resident
    passbook = world.passbook(resident)
    deed = Deed("春季夜校", clock.today(), ("learning.Attendance", 7), minutes=90)
    two = {"maker_id": world.cast.keeper.pk, "checker_id": world.cast.office.pk}

    made = [actions.earn(actor=SYSTEM, person=resident, source="learning", deed=deed, **two) for _ in range(2)]
    other = Deed("好邻居", clock.today(), ("honours.Title", 3))
    actions.earn(actor=SYSTEM, person=resident, source="honour", deed=other, **two)

    assert made[0] == made[1]
    assert balance(passbook) == 55


def test_the_door_is_for_the_platform_and_for_two_people(world: World) -> None:
    resident, keeper = world.cast.resident, world.cast.keeper
    world.passbook(resident)
    deed = Deed("夜校", clock.today(), ("learning.Attendance", 7))

    with pytest.raises(Forbidden):
        actions.earn(
            actor=world.keeper, person=resident, source="learning", deed=deed, maker_id=1, checker_id=keeper.pk
        )
    for maker, checker in ((keeper.pk, keeper.pk), (resident.pk, keeper.pk), (keeper.pk, resident.pk)):
        with pytest.raises(actions.NotForOneself):
            actions.earn(
                actor=SYSTEM, person=resident, source="learning", deed=deed, maker_id=maker, checker_id=checker
            )


# ── passbooks ───────────────────────────────────────────────────────────────
def test_a_passbook_is_opened_by_ones_own_wish(world: World) -> None:
    resident = world.cast.resident

    first = world.passbook(resident)
    again = actions.open_passbook(actor=world.keeper, book=world.book, person=resident)

    assert (first.pk, first.state, len(first.number)) == (again.pk, BookletState.OPEN, 10)
    with pytest.raises(Forbidden):
        actions.open_passbook(actor=world.outsider, book=world.book, person=world.cast.he.person)
    with pytest.raises(Forbidden):
        actions.open_passbook(actor=actor(world.cast.li.person), book=world.book, person=world.cast.he.person)


def test_leaving_costs_nothing_and_one_may_come_back(world: World) -> None:
    passbook = world.passbook(world.cast.li.person, points=40)
    owner, good = actor(world.cast.li.person), world.good(stock=3)

    left = actions.leave(actor=owner, passbook=passbook)
    record = served(world)
    nothing = earned(record)
    used = world.gift(good, passbook)

    assert (left.state, nothing, record.state, used.points) == (BookletState.LEFT, None, "confirmed", 40)
    with pytest.raises(actions.NotOpen):
        world.claim(passbook)
    assert actions.rejoin(actor=owner, passbook=passbook).state == BookletState.OPEN
    assert earned(record) is not None


def test_only_its_owner_shows_it_leaves_it_and_takes_it_up_again(world: World) -> None:
    passbook = world.passbook()

    for who in (world.keeper, world.office, world.outsider, actor(world.cast.he.person)):
        for act in (
            lambda who: actions.leave(actor=who, passbook=passbook),
            lambda who: actions.share(actor=who, passbook=passbook, shares=True),
        ):
            with pytest.raises(Forbidden):
                act(who)


def test_a_frozen_passbook_exchanges_nothing_earns_on_and_opens_by_itself(world: World) -> None:
    passbook, good = world.passbook(points=80), world.good(stock=3)
    owner = Actor(person_id=passbook.person_id)
    gift = world.gift(good, passbook)
    with pytest.raises(actions.ReasonMissing):
        actions.freeze(actor=owner, passbook=passbook, reason="")
    actions.freeze(actor=world.keeper, passbook=passbook, reason="存折丢了，电话来说的")

    with pytest.raises(actions.NotOpen):
        world.gift(good, passbook)
    with pytest.raises(actions.NotOpen):
        world.handed(gift)
    with pytest.raises(Forbidden):
        actions.unfreeze(actor=owner, passbook=passbook)
    assert world.confirmed(passbook).amount == 10

    early = actions.unfreeze(actor=SYSTEM, passbook=passbook)
    with clock.frozen(START + 16 * DAY):
        assert list(queries.over_now()["unfreeze"]) == [passbook.pk]
        opened = actions.unfreeze(actor=SYSTEM, passbook=passbook)
    assert (early.state, opened.state) == (BookletState.FROZEN, BookletState.OPEN)


def test_what_waits_for_somebody_who_is_forgotten_goes_back(world: World) -> None:
    from procrastinate.contrib.django.models import ProcrastinateJob

    from huying.people import actions as people

    passbook, good = world.passbook(points=100), world.good(stock=5)
    gifts = [world.gift(good, passbook) for _ in range(2)]
    people.erase_person(actor=Actor(person_id=passbook.person_id), person_id=passbook.person_id)

    queued = ProcrastinateJob.objects.filter(task_name="points.give_back").values_list("args__row_id", flat=True)
    assert sorted(queued) == [gift.pk for gift in gifts]
    for key in queued:  # each job does this, in a transaction of its own
        actions.cancel(actor=SYSTEM, gift=queries.any_gift(key))

    passbook.refresh_from_db()
    assert passbook.state == BookletState.LEFT
    assert ledger_queries.account(passbook.account_id).available == 100
    assert queries.pieces([good])[0].stock == 5
