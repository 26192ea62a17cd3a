"""Calendars as two parsers and one expander that are not ours read them: icalendar, vobject, recurring-ical-events."""

from __future__ import annotations

from datetime import UTC, date, datetime

import icalendar
import pytest
import recurring_ical_events
import vobject
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from huying.activities import actions, queries
from huying.activities.tests.factories import come, later, session_of, shift_of
from huying.calls.tests.factories import actor
from huying.kernel import ical
from huying.kernel.errors import NotFound

FAR = (date(2026, 1, 1), date(2027, 12, 31))


def body(name, *args, **asked):
    answer = Client().get(reverse(f"activities:{name}", args=args), asked)
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "text/calendar; charset=utf-8"
    return answer.content


def feed(activity):
    return body("ics", activity.public_id)


def both(raw):
    """The same events out of both parsers, as (uid, start in UTC, summary, status, sequence)."""
    first = [
        (
            str(one["UID"]),
            one["DTSTART"].dt.astimezone(UTC),
            str(one["SUMMARY"]),
            str(one["STATUS"]),
            int(one["SEQUENCE"]),
        )
        for one in icalendar.Calendar.from_ical(raw).walk("VEVENT")
    ]
    second = [
        (
            one.uid.value,
            one.dtstart.value.astimezone(UTC),
            one.summary.value,
            one.status.value,
            int(one.sequence.value),
        )
        for one in vobject.readOne(raw.decode()).contents.get("vevent", [])
    ]
    assert first == second
    return first


def expanded(raw):
    """Every occurrence that is not cancelled, as moments in UTC, by the expander."""
    calendar = icalendar.Calendar.from_ical(raw)
    found = recurring_ical_events.of(calendar).between(*FAR)
    return sorted(one["DTSTART"].dt.astimezone(UTC) for one in found if one["STATUS"] != "CANCELLED")


def planned(activity):
    rows = activity.sessions.exclude(state="cancelled").order_by("starts_at")
    return list(rows.values_list("starts_at", flat=True))


def test_one_activity_reads_the_same_in_both_parsers(world):
    activity = world.published(title="包粽子；带围裙, 记得\\来", venue=world.station, summary="第一行\n第二行")

    raw = feed(activity)
    (event,) = both(raw)

    assert event[1:4] == (session_of(activity).starts_at, activity.title, "CONFIRMED")
    read = icalendar.Calendar.from_ical(raw).walk("VEVENT")[0]
    assert str(read["DESCRIPTION"]).startswith("第一行\n第二行")
    assert "和平站" in str(read["LOCATION"])
    assert read["GEO"].to_ical() == "30.281;120.051"
    zone = icalendar.Calendar.from_ical(raw).walk("VTIMEZONE")[0]
    assert str(zone["TZID"]) == "Asia/Shanghai"
    assert str(read["DTSTART"].params["TZID"]) == "Asia/Shanghai"


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=DAILY;COUNT=5",
        "FREQ=WEEKLY;COUNT=10",
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=20260601T000000Z",
        "FREQ=WEEKLY;COUNT=8;BYDAY=TH,SU",
        "FREQ=MONTHLY;COUNT=6;BYDAY=1TH",
        "FREQ=MONTHLY;UNTIL=20261231T155959Z;BYMONTHDAY=5",
    ],
)
def test_a_rhythm_expands_elsewhere_to_exactly_our_sessions(world, rule):
    activity = world.published(rrule=rule)

    assert expanded(feed(activity)) == planned(activity)
    assert len(planned(activity)) > 1


def test_one_occurrence_moved_one_called_off_one_added_expand_the_same(world):
    activity = world.published(rrule="FREQ=WEEKLY;COUNT=6")
    first = feed(activity)
    actions.move_session(
        actor=world.boss, session=session_of(activity, 1), starts_at=later(days=10), ends_at=later(days=10, hours=3)
    )
    actions.cancel_session(actor=world.boss, session=session_of(activity, 3), reason="下雨")
    actions.add_session(actor=world.boss, activity=activity, starts_at=later(days=90), ends_at=later(days=90, hours=1))
    activity.refresh_from_db()

    raw = feed(activity)

    assert expanded(raw) == planned(activity)
    events = both(raw)
    assert {one[0] for one in both(first)} <= {one[0] for one in events}
    assert {one[4] for one in events} == {activity.sequence} and activity.sequence == 3
    assert [one[3] for one in events].count("CANCELLED") == 1


def test_identity_stays_and_the_sequence_rises_with_every_change(world):
    activity = world.published()
    ((uid, start, _title, _status, number),) = both(feed(activity))

    actions.move_session(
        actor=world.boss, session=session_of(activity), starts_at=later(days=4), ends_at=later(days=4, hours=1)
    )
    ((again, moved, _title, status, higher),) = both(feed(activity))
    actions.cancel(actor=world.boss, activity=activity, reason="台风")
    ((last, _start, _title, ended, highest),) = both(feed(activity))

    assert uid == again == last
    assert (start, moved) == (later(days=2), later(days=4))
    assert number < higher < highest
    assert (status, ended) == ("CONFIRMED", "CANCELLED")


def test_drafts_have_no_calendar(world):
    draft = world.draft()

    assert Client().get(reverse("activities:ics", args=[draft.public_id])).status_code == 404


def test_the_subscription_holds_what_is_on_and_what_was_called_off(world):
    shown, gone, hidden = world.published(), world.published(), world.draft()
    actions.cancel(actor=world.boss, activity=gone, reason="台风")

    events = both(body("calendar"))
    near = both(body("calendar", within=str(world.other.public_id)))

    assert {one[2]: one[3] for one in events} == {shown.title: "CONFIRMED", gone.title: "CANCELLED"}
    assert hidden.title not in {one[2] for one in events}
    assert near == []


def test_the_own_calendar_says_what_is_not_sure_yet(world):
    shift = shift_of(world.published())
    rows = [come(world.guest(), shift) for _ in range(4)]
    keys = [actions.new_calendar_key(actor=actor(row.person)) for row in (rows[0], rows[3])]

    sure, waiting = (both(body("my_calendar", key.token)) for key in keys)

    assert (sure[0][3], waiting[0][3]) == ("CONFIRMED", "TENTATIVE")


def test_the_subscription_costs_a_fixed_number_of_queries(world, django_assert_max_num_queries):
    for _ in range(6):
        world.published(rrule="FREQ=WEEKLY;COUNT=4")

    with django_assert_max_num_queries(12):
        body("calendar")


@given(st.text(max_size=200))
def test_any_text_comes_back_whole_and_lines_are_at_most_75_octets(words):
    at = datetime(2026, 3, 5, 2, 0, tzinfo=UTC)
    event = ical.Event(uid="a@huying", summary=words, starts_at=at, ends_at=at, stamp=at)

    raw = ical.calendar("x", [event])

    assert all(len(line) <= 75 for line in raw.split(b"\r\n"))
    read = str(icalendar.Calendar.from_ical(raw).walk("VEVENT")[0]["SUMMARY"])
    plain = words.replace("\r\n", "\n").replace("\r", "\n").translate(ical.CONTROLS)
    assert read == plain


def test_a_key_that_is_none_opens_nothing(world):
    with pytest.raises(NotFound):
        queries.mine_for("", str)
