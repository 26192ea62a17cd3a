"""The rooms of activities follow what is written, and whoever counts on one hears when it is gone."""

from __future__ import annotations

from dataclasses import replace

import pytest

from huying.activities import actions
from huying.activities.tests.factories import DAY, SYSTEM, later, pressed, session_of
from huying.activities.tests.test_pages import form
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, actor, place, role
from huying.kernel import clock
from huying.people.models import Notice
from huying.places import actions as place_actions
from huying.places.actions import SpaceTaken
from huying.places.models import Booking
from huying.places.states import BookingState

WEEKLY = "FREQ=WEEKLY;COUNT=3"


def written(activity, **more):
    """The facts of a published activity with some of them changed."""
    return replace(actions.facts_of(activity, activity.first_at, activity.first_at + activity.length), **more)


def booked(activity):
    """(room, beginning) of the live bookings of an activity, in order."""
    ids = activity.sessions.values_list("pk", flat=True)
    rows = Booking.objects.filter(subject_id__in=ids).exclude(state=BookingState.CANCELLED)
    return list(rows.order_by("starts_at").values_list("place__name", "starts_at"))


@pytest.fixture
def hall(world):
    return place("大会议室", world.station, "room", capacity=80)


def test_a_published_activity_takes_its_rooms_along_to_another_venue(world, hall):
    activity = world.published(venue=world.room, rrule=WEEKLY)

    actions.change(actor=world.boss, activity=activity, facts=written(activity, venue=hall))

    weeks = [START + 2 * DAY + number * 7 * DAY for number in range(3)]
    assert booked(activity) == [("大会议室", at) for at in weeks]
    assert {one.venue for one in activity.sessions.all()} == {hall}
    other = world.published(venue=world.room, rrule=WEEKLY)
    assert len(booked(other)) == 3


def test_a_venue_that_is_taken_once_refuses_the_change_and_nothing_is_lost(world, hall):
    activity = world.published(venue=world.room, rrule=WEEKLY)
    world.published(venue=hall, starts_at=START + 9 * DAY)
    before = booked(activity)

    with pytest.raises(SpaceTaken) as refused:
        actions.change(actor=world.boss, activity=activity, facts=written(activity, venue=hall, title="换地方"))

    assert list(refused.value.fields) == ["venue"]
    activity.refresh_from_db()
    assert (booked(activity), activity.venue, activity.title == "换地方") == (before, world.room, False)


def test_the_form_says_beside_the_venue_who_has_it(world, hall):
    activity = world.published(venue=world.room, roles=[actions.RoleFacts("参加者", 20)])
    world.published(venue=hall)
    typed = form(world, venue=str(hall.public_id), summary="新的介绍")

    answer = pressed(browser(world.keeper), "edit", activity.public_id, status=422, **typed)

    assert list(answer.context["form"].errors) == ["venue"]
    assert "新的介绍" in answer.content.decode()


def test_rooms_are_given_back_and_asked_for_as_the_venue_comes_and_goes(world, hall):
    activity = world.published(venue=world.room, rrule=WEEKLY)

    actions.change(actor=world.boss, activity=activity, facts=written(activity, venue=None, where="西门"))
    assert booked(activity) == []
    activity.refresh_from_db()
    actions.change(actor=world.boss, activity=activity, facts=written(activity, venue=hall))
    assert len(booked(activity)) == 3


def test_a_session_at_a_place_of_its_own_stays_there(world, hall):
    activity = world.published(venue=world.room)
    times = {"starts_at": later(days=4), "ends_at": later(days=4, hours=1)}
    actions.move_session(actor=world.boss, session=session_of(activity), venue=hall, **times)
    station = place("小书房", world.station, "room")

    actions.change(actor=world.boss, activity=activity, facts=written(activity, summary="新的介绍"))
    actions.change(actor=world.boss, activity=activity, facts=written(activity, venue=station))

    assert session_of(activity).venue == hall
    assert booked(activity) == [("大会议室", later(days=4))]


def lost(world):
    """A session whose room was taken away by another keeper, and what is told then."""
    other = world.guest("孙主任")
    role(other, "office", world.street)
    activity = world.published(venue=world.room)
    booking = Booking.objects.get(state=BookingState.CONFIRMED)
    place_actions.cancel_booking(actor=actor(other), booking=booking, reason="水管爆了")
    return other, activity, booking


def test_the_organiser_hears_that_a_keeper_cancelled_the_room_once(world, queued):
    other, activity, booking = lost(world)
    assert queued("activities.tell_room") == [{"booking_id": booking.pk, "by_id": other.pk}]

    for _time in range(2):
        actions.tell_room(actor=SYSTEM, booking_id=booking.pk, by_id=other.pk)

    notice = Notice.objects.get(kind="activity")
    assert (notice.person, notice.title) == (world.keeper, activity.title)
    assert "3月5日 10:00" in notice.body and "二楼活动室" in notice.body and "水管爆了" in notice.body
    assert notice.url.endswith(f"{session_of(activity).public_id}/move/")


def test_nobody_is_told_of_a_room_that_is_needed_no_more(world, queued):
    other, activity, booking = lost(world)
    actions.change(actor=world.boss, activity=activity, facts=written(activity, venue=None, where="西门"))
    called_off = world.published(venue=world.room)
    actions.cancel(actor=world.boss, activity=called_off, reason="台风")

    assert actions.tell_room(actor=SYSTEM, booking_id=booking.pk, by_id=other.pk) == 0
    assert len(queued("activities.tell_room")) == 1


def test_a_room_that_nobody_confirmed_in_time_is_told_too(world, queued):
    away = place("邻里中心", world.other, "station")
    world.published(venue=away)
    assert Booking.objects.get().state == BookingState.HELD
    with clock.frozen(later(days=2)):
        place_actions.lapse_bookings(actor=SYSTEM)
        (told,) = queued("activities.tell_room")

        assert actions.tell_room(actor=SYSTEM, **told) == 1
    assert Notice.objects.get(kind="activity").person == world.keeper
