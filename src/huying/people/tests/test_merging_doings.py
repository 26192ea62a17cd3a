"""Two who become one take their service, sign-ups and bookings with them, or are told why not."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from huying.activities import actions as activity_actions
from huying.activities.models import CalendarKey
from huying.activities.states import SignUpState
from huying.activities.tests.factories import World, come, shift_of
from huying.calls.tests.factories import START, volunteer
from huying.kernel import clock
from huying.ledger import actions as ledger_actions
from huying.people import actions
from huying.people.actions.merging import CannotMerge
from huying.people.models import Person
from huying.people.tests import doings
from huying.people.tests import factories as make
from huying.places import actions as place_actions
from huying.places.models import Booking, SiteCheck
from huying.places.tests.factories import place
from huying.places.tests.standards import installed, keeper, officer, said
from huying.volunteers.models import ServiceRecord
from huying.volunteers.states import LEDGER_OWNER, MINUTES

pytestmark = pytest.mark.django_db
WHY = "本人带身份证来过，是同一个人"


class Two(World):
    """The keeper of a community and somebody written down there twice."""

    def __init__(self) -> None:
        super().__init__()
        self.kept, self.double = (make.person("陈桂英", home=self.home, phone="13944445555") for _ in range(2))

    def merge(self) -> Person:
        return actions.merge_persons(
            actor=self.boss, kept_id=self.kept.pk, double_id=self.double.pk, take=[], reason=WHY
        )


@pytest.fixture
def two(db: None) -> Iterator[Two]:
    with clock.frozen(START):
        yield Two()


def test_two_sign_ups_for_one_session_are_refused_until_one_is_taken_back(two: Two) -> None:
    shift = shift_of(two.published())
    mine, twice = come(two.kept, shift), come(two.double, shift)

    with pytest.raises(CannotMerge, match="都报名了“端午包粽子"):
        two.merge()
    activity_actions.leave(actor=two.boss, sign_up=twice)
    two.merge()

    mine.refresh_from_db()
    twice.refresh_from_db()
    assert (mine.person, mine.state) == (two.kept, SignUpState.SIGNED)
    assert (twice.person, twice.state) == (two.kept, SignUpState.CANCELLED)


def test_sign_ups_of_different_sessions_and_one_calendar_address_are_left(two: Two) -> None:
    other = come(two.double, shift_of(two.published()))
    for person in (two.kept, two.double):
        CalendarKey.objects.create(person=person, token=f"key{person.pk}", made_at=clock.now())

    two.merge()

    other.refresh_from_db()
    assert other.person == two.kept
    assert list(CalendarKey.objects.values_list("token", flat=True)) == [f"key{two.kept.pk}"]


def test_what_the_double_booked_is_booked_by_the_person_kept(two: Two) -> None:
    span = {"starts_at": START, "ends_at": START + timedelta(hours=1)}
    facts = {"purpose": "合唱", "who": "陈桂英", "state": "confirmed", "person_id": two.double.pk}
    row = Booking.objects.create(place=two.room, **span, **facts)

    two.merge()

    row.refresh_from_db()
    assert row.person_id == two.kept.pk


def a_check(two: Two, by: Person) -> SiteCheck:
    """The station, checked by one of the two as its keeper."""
    site = place("station", two.home)
    answers = said("yyy")
    return place_actions.self_check(
        actor=keeper(site, by.pk), place=site, standard=installed(place=two.home), said=answers
    )


def test_what_the_double_checked_is_checked_by_the_person_kept(two: Two) -> None:
    row = a_check(two, two.double)

    two.merge()

    row.refresh_from_db()
    assert row.checked_by_id == two.kept.pk


def test_one_who_verified_the_other_is_somebody_else(two: Two) -> None:
    row = a_check(two, two.double)
    place_actions.verify_check(actor=officer(row.place, two.kept.pk), check=row)

    with pytest.raises(CannotMerge, match="不能是同一个人"):
        two.merge()


def test_whose_hours_stand_in_the_ledger_is_the_one_to_keep(two: Two) -> None:
    volunteer(two.double, two.home)
    ledger_actions.open_account(actor=make.SYSTEM, asset=MINUTES, owner_type=LEDGER_OWNER, owner_id=two.double.pk)

    with pytest.raises(CannotMerge, match="反过来"):
        two.merge()
    two.kept, two.double = two.double, two.kept

    assert two.merge() == two.kept


def test_nobody_ends_up_answering_for_his_own_service(two: Two) -> None:
    mine, now = volunteer(two.double, two.home), clock.now()
    span = {"starts_at": now - timedelta(hours=2), "ends_at": now}
    doings.answered(volunteer=mine, person=two.double, place=two.home, entered_by=two.kept, **span)

    with pytest.raises(CannotMerge, match="登记或核对过服务"):
        two.merge()

    assert ServiceRecord.objects.get().person == two.double
