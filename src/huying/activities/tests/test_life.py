"""From draft to ended: rooms follow, places grow and shrink, everybody who signed up is told, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from huying.activities import actions, queries, tasks
from huying.activities.actions import (
    CapacityTooSmall,
    NotReady,
    PartyFacts,
    ReasonMissing,
    RoleFacts,
    SharesUnclear,
    StepRefused,
    TimesUnclear,
)
from huying.activities.models import Activity, ActivityEvent, Party, SignUp
from huying.activities.states import ActivityState, SessionState, Side, SignUpState
from huying.activities.tests.factories import DAY, HOUR, SYSTEM, come, later, session_of, shift_of
from huying.calls.tests.factories import START, actor
from huying.kernel import clock
from huying.kernel.errors import Forbidden, InvalidInput
from huying.people.models import Notice
from huying.places.actions import SpaceTaken
from huying.places.models import Booking
from huying.places.states import BookingState

EARLIEST = datetime(1, 1, 1, tzinfo=UTC)


def told(who):
    return list(Notice.objects.filter(person=who).order_by("id").values_list("body", flat=True))


def tell_all():
    """What the worker would do with the events so far."""
    return sum(actions.tell(actor=SYSTEM, event_id=pk) for pk in ActivityEvent.objects.values_list("pk", flat=True))


def test_shares_of_credit_fill_exactly_one_hundred_per_cent(world):
    thirds = [
        PartyFacts("甲", Side.HOST, 3333),
        PartyFacts("乙", Side.PARTNER, 3333),
        PartyFacts("丙", Side.PARTNER, 3334),
    ]

    made = world.draft(parties=thirds)

    assert sum(one.share for one in made.parties.all()) == 10_000
    for wrong in ([*thirds[:2]], [*thirds, PartyFacts("丁", Side.PARTNER, 1)]):
        with pytest.raises(SharesUnclear):
            world.draft(parties=wrong)
    with pytest.raises(InvalidInput):
        world.draft(parties=[PartyFacts("甲", Side.HOST, 5000), PartyFacts("甲", Side.PARTNER, 5000)])


def test_the_database_holds_no_more_than_the_whole_credit(world):
    activity = world.draft(parties=[PartyFacts("甲", Side.HOST, 6000), PartyFacts("乙", Side.PARTNER, 4000)])

    for start, end in ((9999, 10_000), (0, 1), (10_000, 10_001)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Party.objects.create(activity=activity, side=Side.SUPPORT, name="丁", part_from=start, part_to=end)


def test_what_a_notice_must_say_is_asked_before_publishing(world):
    serving = [RoleFacts("志愿者", 3, True)]
    for facts, word in (
        ({"where": ""}, "地点"),
        ({"roles": ()}, "名额"),
        ({"roles": serving}, "风险"),
        ({"starts_at": START - DAY}, "场次"),
        ({"is_template": True}, "模板"),
    ):
        with pytest.raises(NotReady, match=word):
            actions.publish(actor=world.boss, activity=world.draft(**facts))
    assert not Activity.objects.filter(state=ActivityState.PUBLISHED).exists()


def test_only_keepers_of_the_place_write_and_publish(world):
    draft = world.draft()
    for step in (
        lambda who: actions.publish(actor=who, activity=draft),
        lambda who: actions.cancel(actor=who, activity=draft, reason="x"),
        lambda who: actions.save_draft(actor=who, facts=world.facts()),
        lambda who: actions.move_session(
            actor=who, session=session_of(draft), starts_at=later(days=5), ends_at=later(days=6)
        ),
    ):
        with pytest.raises(Forbidden):
            step(actor(world.stranger))
    with pytest.raises(StepRefused):
        actions.cancel(actor=world.boss, activity=draft, reason="x")


def test_publishing_books_the_room_of_every_session_or_nothing(world):
    weekly = {"venue": world.room, "rrule": "FREQ=WEEKLY;COUNT=3"}
    world.published(**weekly)

    assert Booking.objects.filter(state=BookingState.CONFIRMED).count() == 3
    clash = world.draft(**{**weekly, "starts_at": START + 9 * DAY})
    with pytest.raises(SpaceTaken):
        actions.publish(actor=world.boss, activity=clash)
    assert Booking.objects.count() == 3


def test_a_move_takes_the_room_along_and_tells_everybody(world):
    activity = world.published(venue=world.room)
    row, session = come(world.guest(), shift_of(activity)), session_of(activity)

    moved = actions.move_session(
        actor=world.boss,
        session=session,
        starts_at=later(days=3),
        ends_at=later(days=3, hours=1),
        venue=world.room,
        reason="停电",
    )

    booking = Booking.objects.get(state=BookingState.CONFIRMED)
    assert (booking.starts_at, moved.sequence) == (later(days=3), 1)
    assert tell_all() == 1 and tell_all() == 0
    assert told(row.person) == ["改到 3月6日 10:00，请重新安排时间。不方便的话可以取消报名。"]
    with pytest.raises(InvalidInput):
        actions.move_session(actor=world.boss, session=session, starts_at=START - DAY, ends_at=START)
    with pytest.raises(TimesUnclear):
        actions.move_session(actor=world.boss, session=session, starts_at=later(days=3), ends_at=later(days=3))


def test_cancelling_frees_people_and_rooms_and_says_why_once(world):
    activity = world.published(venue=world.room, rrule="FREQ=WEEKLY;COUNT=2")
    shift = shift_of(activity)
    rows = [come(world.guest(), shift) for _ in range(4)]

    with pytest.raises(ReasonMissing):
        actions.cancel(actor=world.boss, activity=activity, reason=" ")
    actions.cancel(actor=world.boss, activity=activity, reason="台风")

    assert not Booking.objects.exclude(state=BookingState.CANCELLED).exists()
    assert set(SignUp.objects.values_list("state", flat=True)) == {SignUpState.DROPPED}
    shift.refresh_from_db()
    assert (shift.taken, shift.waiting) == (0, 0)
    assert tell_all() == 4
    assert told(rows[3].person) == ["活动取消了：台风"]
    with pytest.raises(StepRefused):
        actions.publish(actor=world.boss, activity=activity)


def test_one_session_is_called_off_the_others_stay(world):
    activity = world.published(rrule="FREQ=WEEKLY;COUNT=3")
    first, second = (come(world.guest(), shift_of(activity, n)) for n in (0, 1))

    actions.cancel_session(actor=world.boss, session=session_of(activity), reason="下雨")

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.state, second.state) == (SignUpState.DROPPED, SignUpState.SIGNED)
    tell_all()
    assert told(first.person) == ["3月5日 10:00这一场取消了：下雨"] and told(second.person) == []


def test_places_grow_and_the_line_moves_up_they_shrink_to_those_taken(world):
    activity = world.published(confirm_hours=0)
    shift = shift_of(activity)
    rows = [come(world.guest(), shift) for _ in range(5)]
    facts = actions.facts_of(activity, activity.first_at, activity.first_at + activity.length)

    def with_places(number):
        return actions.Facts(
            **{**{n: getattr(facts, n) for n in facts.__slots__}, "roles": [RoleFacts("参加者", number)]}
        )

    actions.change(actor=world.boss, activity=activity, facts=with_places(5))
    for row in rows:
        row.refresh_from_db()
    assert [one.state for one in rows] == ["signed"] * 5
    with pytest.raises(CapacityTooSmall):
        actions.change(actor=world.boss, activity=activity, facts=with_places(4))


def test_a_change_of_place_is_told_a_change_of_words_is_not(world):
    activity = world.published()
    row = come(world.guest(), shift_of(activity))
    facts = actions.facts_of(activity, activity.first_at, activity.first_at + activity.length)

    def changed(**more):
        given = {**{name: getattr(facts, name) for name in facts.__slots__}, **more}
        return actions.change(actor=world.boss, activity=activity, facts=actions.Facts(**given))

    changed(summary="新的介绍")
    queued = ActivityEvent.objects.latest("id")
    assert queued.facts["changed"] == ["summary"]
    changed(where="西门")
    actions.tell(actor=SYSTEM, event_id=ActivityEvent.objects.latest("id").pk)
    assert told(row.person) == ["活动的内容有修改，请看详情。"]


def test_a_role_that_serves_is_not_added_without_the_risks(world):
    activity = world.published()
    facts = actions.facts_of(activity, activity.first_at, activity.first_at + activity.length)
    serving = replace(facts, roles=[*facts.roles, RoleFacts("志愿者", 3, True)])

    for wrong, field in ((serving, "risks"), (replace(facts, where=""), "where")):
        with pytest.raises(NotReady) as refused:
            actions.change(actor=world.boss, activity=activity, facts=wrong)
        assert list(refused.value.fields) == [field]
    assert activity.roles.count() == 1
    actions.change(actor=world.boss, activity=activity, facts=replace(serving, risks="台阶滑"))
    assert activity.roles.count() == 2


@pytest.mark.parametrize("starts_at", [datetime(9999, 12, 30, tzinfo=UTC), datetime(2031, 4, 1, tzinfo=UTC), EARLIEST])
def test_a_year_that_nobody_can_mean_is_refused_beside_the_field(world, starts_at):
    activity, times = world.published(), {"starts_at": starts_at, "ends_at": starts_at + HOUR}

    for act in (
        lambda: world.draft(**times),
        lambda: actions.copy(actor=world.boss, activity=activity, starts_at=starts_at),
        lambda: actions.add_session(actor=world.boss, activity=activity, **times),
        lambda: actions.move_session(actor=world.boss, session=session_of(activity), **times),
    ):
        with pytest.raises(TimesUnclear) as refused:
            act()
        assert list(refused.value.fields) == ["starts_at"]
    assert Activity.objects.get().sessions.count() == 1


def test_a_freed_place_and_the_day_before_are_told_once(world):
    shift = shift_of(world.published(confirm_hours=3))
    rows = [come(world.guest(), shift) for _ in range(4)]
    actions.leave(actor=actor(rows[0].person), sign_up=rows[0])

    assert actions.tell_freed(actor=SYSTEM, sign_up_id=rows[3].pk) == 1
    assert actions.tell_freed(actor=SYSTEM, sign_up_id=rows[3].pk) == 0
    assert "请在 3月3日 13:00 前确认" in told(rows[3].person)[0]
    assert actions.remind(actor=SYSTEM) == 0
    with clock.frozen(START + 2 * DAY - 20 * HOUR):
        assert actions.remind(actor=SYSTEM) == 3
        assert actions.remind(actor=SYSTEM) == 0
    assert "3月5日 10:00开始，地点：社区广场" in told(rows[1].person)[-1]


def test_the_clock_gives_unconfirmed_places_on(world):
    shift = shift_of(world.published(confirm_hours=3))
    rows = [come(world.guest(), shift) for _ in range(5)]
    actions.leave(actor=actor(rows[0].person), sign_up=rows[0])

    with clock.frozen(later(hours=4)):
        assert list(queries.lapsed_now()) == [rows[3]]
        actions.lapse(actor=tasks.CLOCKS, sign_up=rows[3])
    rows[4].refresh_from_db()
    assert rows[4].state == SignUpState.OFFERED


def test_activities_end_when_all_their_sessions_were_held(world):
    activity = world.published(rrule="FREQ=DAILY;COUNT=2")

    with clock.frozen(later(days=5)):
        actions.hold(actor=world.boss, session=session_of(activity))
        assert actions.end_activities(actor=SYSTEM) == 0
        actions.hold(actor=world.boss, session=session_of(activity, 1))
        assert actions.end_activities(actor=SYSTEM) == 1
        assert actions.end_activities(actor=SYSTEM) == 0
    activity.refresh_from_db()
    assert activity.state == ActivityState.ENDED


def test_a_session_is_not_over_before_it_began(world):
    session = session_of(world.published())

    with pytest.raises(actions.NotYet):
        actions.hold(actor=world.boss, session=session)
    with clock.frozen(later(days=3)):
        held = actions.hold(actor=world.boss, session=session)
        with pytest.raises(StepRefused):
            actions.hold(actor=world.boss, session=session)
    assert held.state == SessionState.HELD


def test_a_copy_has_everything_but_the_people_and_the_rhythm(world):
    source = world.published(rrule="FREQ=WEEKLY;COUNT=3", bring="水杯", venue=world.room)
    come(world.guest(), shift_of(source))

    made = actions.copy(actor=world.boss, activity=source, starts_at=later(days=40))

    assert (made.state, made.rrule, made.bring, made.sessions.count()) == (ActivityState.DRAFT, "", "水杯", 1)
    assert made.length == timedelta(hours=2)
    assert not SignUp.objects.filter(session__activity=made).exists()


def test_history_can_only_be_added_to(world):
    world.draft()

    with pytest.raises(ProgrammingError), transaction.atomic():
        ActivityEvent.objects.update(verb="x")
    with pytest.raises(ProgrammingError), transaction.atomic():
        ActivityEvent.objects.all().delete()
