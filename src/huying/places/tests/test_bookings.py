"""Rooms are never booked twice, a house and its rooms never both; keepers confirm; nobody else sees who."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, NotFound
from huying.kernel.models import AuditLine
from huying.places import actions, queries
from huying.places.actions import BookingMoved, NotBookable, SpaceTaken, TooManyHeld, Wanted
from huying.places.models import BookedSpace, Booking
from huying.places.states import BookingState
from huying.places.tests.factories import SYSTEM, place, staff

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)  # a Tuesday, nine in the morning in China
HOUR = timedelta(hours=1)
OPEN = {name: [["09:00", "17:30"]] for name in ("mon", "tue", "wed", "thu", "fri")}


@pytest.fixture(autouse=True)
def on_a_tuesday():
    with clock.frozen(NOW):
        yield


@pytest.fixture
def house():
    return place("station", name="和平站", hours=OPEN)


@pytest.fixture
def rooms(house):
    return place("room", house, name="一楼"), place("room", house, name="二楼", capacity=20)


def wanted(where, start=1, length=2, **more):
    begins = NOW + start * HOUR
    return Wanted(where, begins, begins + length * HOUR, "排练", "合唱队", **more)


def book(where, start=1, length=2, who=SYSTEM, **more):
    return actions.book(actor=who, wanted=wanted(where, start, length, **more))


def test_a_room_is_free_again_from_the_moment_a_booking_ends(rooms):
    book(rooms[0], 1, 2)

    assert book(rooms[0], 3, 1).state == BookingState.CONFIRMED
    with pytest.raises(SpaceTaken, match="一楼"):
        book(rooms[0], 2, 1)


def test_two_rooms_of_a_house_at_once_but_never_the_house_beside_a_room(house, rooms):
    book(rooms[0])
    book(rooms[1])

    with pytest.raises(SpaceTaken):
        book(house)
    book(house, 5)
    with pytest.raises(SpaceTaken):
        book(rooms[0], 6)


def test_a_room_added_later_is_covered_by_the_booking_of_the_house(house):
    book(house)

    with pytest.raises(SpaceTaken):
        book(place("room", house, name="新房间"))


def test_the_database_itself_refuses_what_the_action_would_not_see(house, rooms):
    booked, other = book(rooms[0]), book(rooms[1], 9)
    span = {"starts_at": booked.starts_at, "ends_at": booked.ends_at}

    for where, whole in ((rooms[0], 1), (house, 1), (rooms[0], 0)):
        with pytest.raises(IntegrityError), transaction.atomic():
            BookedSpace.objects.create(booking=other, place=where, whole=whole, **span)
    BookedSpace.objects.create(booking=other, place=house, whole=0, **span)


def test_a_resident_asks_a_keeper_confirms_and_what_nobody_confirms_is_given_back(house, rooms):
    resident, keeper = Actor(person_id=77), staff(house, "station_keeper", person_id=5)
    first, second = book(rooms[0], who=resident), book(rooms[1], 30, who=resident)

    assert (first.state, first.held_until) == (BookingState.HELD, first.starts_at)
    assert second.held_until == NOW + 30 * HOUR
    with pytest.raises(Forbidden):
        actions.confirm_booking(actor=resident, booking=first)
    assert actions.confirm_booking(actor=keeper, booking=first).state == BookingState.CONFIRMED
    with clock.frozen(NOW + 31 * HOUR):
        assert actions.lapse_bookings(actor=SYSTEM) == 1
        assert actions.lapse_bookings(actor=SYSTEM) == 0
    second.refresh_from_db()
    assert second.state == BookingState.CANCELLED
    with pytest.raises(BookingMoved):
        actions.confirm_booking(actor=keeper, booking=second)


def test_nobody_blocks_a_house_with_wishes(rooms):
    resident = Actor(person_id=77)
    for start in (1, 4, 7):
        book(rooms[0], start, who=resident)

    with pytest.raises(TooManyHeld):
        book(rooms[0], 10, who=resident)


def test_cancelling_frees_the_time_and_a_keeper_says_why(house, rooms):
    resident, keeper = Actor(person_id=77), staff(house, "station_keeper", person_id=5)
    booked = book(house, who=resident)

    with pytest.raises(InvalidInput):
        actions.cancel_booking(actor=keeper, booking=booked)
    with pytest.raises(Forbidden):
        actions.cancel_booking(actor=Actor(person_id=78), booking=booked)
    ended = actions.cancel_booking(actor=keeper, booking=booked, reason="停电")

    assert (ended.state, ended.reason, ended.spaces.count()) == (BookingState.CANCELLED, "停电", 0)
    book(rooms[1])


def test_the_trail_knows_that_a_reason_was_given_and_not_which(house):
    keeper, booked = staff(house, "station_keeper", person_id=5), book(house, who=Actor(person_id=77))

    actions.cancel_booking(actor=keeper, booking=booked, reason="订的李大爷住院了")

    line = AuditLine.objects.get(verb="booking.cancel")
    assert (line.reason, line.changes) == ("", {"reason": True})
    actions.forget_booker(person_id=77, name="已注销")
    booked.refresh_from_db()
    assert (booked.who, booked.reason) == ("已注销", "")


def test_changing_the_time_takes_the_new_one_or_nothing(rooms):
    first, second = book(rooms[0], 1), book(rooms[0], 5)

    with pytest.raises(SpaceTaken):
        actions.change_booking(actor=SYSTEM, booking=second, starts_at=first.starts_at, ends_at=first.ends_at)
    moved = actions.change_booking(
        actor=SYSTEM, booking=second, starts_at=first.ends_at, ends_at=first.ends_at + HOUR, place=rooms[1]
    )

    assert (moved.place, moved.starts_at) == (rooms[1], first.ends_at)
    book(rooms[0], 5)


def test_what_makes_no_sense_is_refused_with_a_sentence(house, rooms):
    with pytest.raises(InvalidInput):
        book(rooms[0], 3, 0)
    with pytest.raises(InvalidInput):
        book(rooms[0], -5, 1, who=Actor(person_id=7))
    with pytest.raises(InvalidInput):
        book(rooms[0], 24 * 500, 1)
    with pytest.raises(NotBookable):
        book(house.parent)
    with pytest.raises(Forbidden):
        book(rooms[0], who=Actor(person_id=None))
    assert not Booking.objects.exists()


def test_closed_days_opening_hours_and_too_many_people_are_warnings_not_refusals(rooms):
    monday = datetime(2026, 3, 9, tzinfo=clock.SHANGHAI)

    def said(hours, length=2, people=None):
        return [
            str(one)
            for one in queries.warnings(rooms[1], monday + hours * HOUR, monday + (hours + length) * HOUR, people)
        ]

    assert said(10) == []
    assert said(10, people=30) == ["这里最多容纳 20 人。"]
    assert said(16) == ["有一部分时间不在开放时间里。"]
    assert said(10 - 24) == ["03-08 不开放。"]
    assert "开放时间" in str(queries.warnings(place("hall"), monday, monday + HOUR)[0])


def test_bookings_to_come_follow_a_room_that_moves_to_another_house(rooms):
    other = place("station", name="另一站")
    book(rooms[0])

    actions.move_place(actor=SYSTEM, place=rooms[0], parent=other)

    with pytest.raises(SpaceTaken):
        book(other)
    actions.book(actor=SYSTEM, wanted=wanted(place("room", other, name="别间")))


def test_the_pages_from_timetable_to_confirmed(as_actor, anonymous, house, rooms):
    form = {
        "day": "2026-03-10",
        "starts": "10:00",
        "ends": "12:00",
        "purpose": "读书会",
        "who": "某队",
        "headcount": "8",
    }
    address = reverse("places:book", args=[rooms[1].public_id])

    assert as_actor(Actor(person_id=77)).post(address, form).status_code == 303
    booked = Booking.objects.get()
    page = as_actor(Actor(person_id=None)).get(
        reverse("places:timetable", args=[house.public_id]), {"day": "2026-03-10"}
    )
    text = page.content.decode()
    assert "10:00–12:00" in text and "待确认" in text and "某队" not in text and "读书会" not in text
    keeper = as_actor(staff(house, "station_keeper", person_id=5))
    assert "读书会" in keeper.get(reverse("places:bookings")).content.decode()
    answer = keeper.post(reverse("places:booking", args=[booked.public_id]), {"act": "confirm"})
    assert answer.status_code == 303
    again = keeper.get(reverse("places:booking", args=[booked.public_id])).content.decode()
    assert "已订好" in again and "某队" in again
    taken = keeper.post(address, form)
    assert taken.status_code == 422 and "已经有人订了" in taken.content.decode()


def test_a_warning_wants_a_second_press(as_actor, rooms):
    keeper = as_actor(staff(rooms[0].parent, "station_keeper", person_id=5))
    form = {"day": "2026-03-08", "starts": "10:00", "ends": "12:00", "purpose": "读书会", "who": "某队"}
    address = reverse("places:book", args=[rooms[1].public_id])

    first = keeper.post(address, form)
    second = keeper.post(address, {**form, "anyway": "on"})

    assert first.status_code == 422 and "03-08 不开放" in first.content.decode()
    assert second.status_code == 303


@pytest.mark.parametrize(
    ("typed", "where"),
    [
        ({"day": "9999-12-31", "ends": "00:00"}, "day"),
        ({"day": "2026-03-01"}, "starts"),
        ({"ends": "09:00"}, "ends"),
    ],
)
def test_a_time_that_makes_no_sense_is_pointed_at(as_actor, rooms, typed, where):
    form = {"day": "2026-03-11", "starts": "10:00", "ends": "12:00", "purpose": "读书会", "who": "某队", "anyway": "on"}

    answer = as_actor(Actor(person_id=77)).post(reverse("places:book", args=[rooms[0].public_id]), form | typed)

    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [where]


def test_strangers_do_not_open_the_page_of_a_booking(as_actor, rooms):
    booked = book(rooms[0], who=Actor(person_id=77))
    address = reverse("places:booking", args=[booked.public_id])

    assert as_actor(Actor(person_id=78)).get(address).status_code == 404
    assert as_actor(Actor(person_id=77)).get(address).status_code == 200
    assert as_actor(Actor(person_id=None)).get(address).status_code == 302
    with pytest.raises(NotFound):
        queries.booking(staff(place("station")), booked.public_id)


def test_changing_a_booking_on_its_page(as_actor, rooms):
    booked = book(rooms[0], who=Actor(person_id=77))
    mine = as_actor(Actor(person_id=77))
    address = reverse("places:change_booking", args=[booked.public_id])

    assert mine.get(address).status_code == 200
    answer = mine.post(address, {"day": "2026-03-11", "starts": "09:00", "ends": "10:00"})

    booked.refresh_from_db()
    assert answer.status_code == 303
    assert clock.local(booked.starts_at).hour == 9


def test_somebody_forgotten_leaves_bookings_without_a_name(rooms):
    booked = book(rooms[0], who=Actor(person_id=77))

    actions.forget_booker(person_id=77, name="已注销")

    booked.refresh_from_db()
    assert (booked.who, booked.person_id) == ("已注销", None)
