"""What is done about activities: each prepares its state and gives who does it and the deed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from huying.activities import actions
from huying.activities.actions import Group, PhotoFacts, PlanFacts, ResultFacts, RoleFacts, RuleFacts, Scan
from huying.activities.models import Activity, ActivityEvent, Session, Shift, SignUp, Unit
from huying.activities.queries import counting
from huying.activities.states import Measure, Span
from huying.activities.tests.factories import DAY, HOUR, SYSTEM, World, come, session_of, shift_of
from huying.calls.tests.factories import START, actor, place, team
from huying.figures.actions.counting import sources
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places.actions import cancel_booking
from huying.places.models import Booking

Act = Callable[[], Any]
_numbers, _days = count(1), count(1)


def apart(act: Act, at: Any) -> Act:
    """The act at another moment."""

    def moved() -> Any:
        with clock.frozen(at):
            return act()

    return moved


def fresh(world: World, starts_at: datetime = START + DAY, **more: Any) -> Activity:
    """An activity in a room of its own at the one time: rooms never clash, and every run passes the same points."""
    room = place(f"房间{next(_numbers)}", world.station, "room")
    return world.published(starts_at=starts_at, venue=room, **more)


def held(world: World) -> Session:
    """One that took place, with somebody there."""
    activity = fresh(world)
    row = come(world.guest(), shift_of(activity))
    session = session_of(activity)
    with clock.frozen(session.ends_at):
        actions.check_in(actor=world.boss, sign_up=row)
        return actions.hold(actor=world.boss, session=session)


def save_draft(world: World) -> tuple[Actor, Act]:
    facts = world.facts(rrule="FREQ=WEEKLY;COUNT=3")
    return world.boss, lambda: actions.save_draft(actor=world.boss, facts=facts)


def change(world: World) -> tuple[Actor, Act]:
    activity = fresh(world)
    for _ in range(4):
        come(world.guest(), shift_of(activity))
    facts = actions.facts_of(activity, activity.first_at, activity.first_at + activity.length)  # type: ignore[operator]
    facts = replace(facts, roles=[RoleFacts("参加者", 5)], where="西门")
    return world.boss, lambda: actions.change(actor=world.boss, activity=activity, facts=facts)


def copy(world: World) -> tuple[Actor, Act]:
    activity = fresh(world)
    return world.boss, lambda: actions.copy(actor=world.boss, activity=activity, starts_at=START + 90 * DAY)


def publish(world: World) -> tuple[Actor, Act]:
    room = place(f"房间{next(_numbers)}", world.station, "room")
    draft = world.draft(starts_at=START + DAY, venue=room)
    return world.boss, lambda: actions.publish(actor=world.boss, activity=draft)


def discard(world: World) -> tuple[Actor, Act]:
    draft = world.draft()
    return world.boss, lambda: actions.discard(actor=world.boss, activity=draft)


def cancel(world: World) -> tuple[Actor, Act]:
    activity = fresh(world)
    come(world.guest(), shift_of(activity))
    return world.boss, lambda: actions.cancel(actor=world.boss, activity=activity, reason="台风")


def cancel_session(world: World) -> tuple[Actor, Act]:
    session = session_of(fresh(world))
    return world.boss, lambda: actions.cancel_session(actor=world.boss, session=session, reason="下雨")


def loaded(world: World) -> Session:
    """A session with all that is read lazily, so that the second try passes the same points as the first."""
    rows = Session.objects.select_related("activity__place", "activity__venue__kind", "venue__kind")
    return rows.get(pk=session_of(fresh(world)).pk)


def move_session(world: World) -> tuple[Actor, Act]:
    session = loaded(world)
    at = START + 2 * DAY
    return world.boss, lambda: actions.move_session(
        actor=world.boss, session=session, starts_at=at, ends_at=at + HOUR, venue=session.venue
    )


def add_session(world: World) -> tuple[Actor, Act]:
    activity, at = loaded(world).activity, START + 2 * DAY
    return world.boss, lambda: actions.add_session(actor=world.boss, activity=activity, starts_at=at, ends_at=at + HOUR)


def end_activities(world: World) -> tuple[Actor, Act]:
    held(world)
    return SYSTEM, lambda: actions.end_activities(actor=SYSTEM)


def whole(shift: Shift) -> Shift:
    """With what a try would otherwise load and keep, so that the next one passes another number of points."""
    return Shift.objects.select_related("role", "session__activity").get(pk=shift.pk)


def sign_up(world: World) -> tuple[Actor, Act]:
    shift, doer = whole(shift_of(fresh(world))), actor(world.guest())
    return doer, lambda: actions.sign_up(actor=doer, shift=shift)


def sign_up_team(world: World) -> tuple[Actor, Act]:
    shift, leader = shift_of(fresh(world)), world.volunteer()
    ours, doer = team(f"队{next(_numbers)}", world.home, leader), actor(leader.person)
    return doer, lambda: actions.sign_up_team(actor=doer, shift=shift, team=ours, count=2)


def sign_up_group(world: World) -> tuple[Actor, Act]:
    shift, doer = shift_of(fresh(world, takes_groups=True)), actor(world.guest())
    group = Group("第三小学", 3, "李老师", "13900000003")
    return doer, lambda: actions.sign_up_group(actor=doer, shift=shift, group=group)


def full(world: World) -> list[SignUp]:
    shift = shift_of(fresh(world, confirm_hours=2))
    return [come(world.guest(), shift) for _ in range(4)]


def leave(world: World) -> tuple[Actor, Act]:
    row = full(world)[0]
    doer = actor(row.person)
    return doer, lambda: actions.leave(actor=doer, sign_up=row)


def offered(world: World) -> SignUp:
    rows = full(world)
    actions.leave(actor=actor(rows[0].person), sign_up=rows[0])
    return rows[3]


def confirm_place(world: World) -> tuple[Actor, Act]:
    row = offered(world)
    doer = actor(row.person)
    return doer, lambda: actions.confirm_place(actor=doer, sign_up=row)


def lapse(world: World) -> tuple[Actor, Act]:
    row = offered(world)
    return SYSTEM, apart(lambda: actions.lapse(actor=SYSTEM, sign_up=row), START + 3 * HOUR)


def check_in(world: World) -> tuple[Actor, Act]:
    row = come(world.guest(), shift_of(fresh(world)))
    return world.boss, lambda: actions.check_in(actor=world.boss, sign_up=row)


def check_out(world: World) -> tuple[Actor, Act]:
    row = come(world.guest(), shift_of(fresh(world)))
    actions.check_in(actor=world.boss, sign_up=row)
    return world.boss, lambda: actions.check_out(actor=world.boss, sign_up=row)


def take_scans(world: World) -> tuple[Actor, Act]:
    activity = fresh(world)
    rows = [come(world.guest(), shift_of(activity)) for _ in range(4)]
    actions.check_in(actor=world.boss, sign_up=rows[0])
    scans = [Scan(one.public_id, START - HOUR, out=one is rows[1]) for one in [*rows, rows[1]]]
    return world.boss, lambda: actions.take_scans(actor=world.boss, session=session_of(activity), scans=scans)


def undo_check_in(world: World) -> tuple[Actor, Act]:
    row = come(world.guest(), shift_of(fresh(world)))
    actions.check_in(actor=world.boss, sign_up=row)
    return world.boss, lambda: actions.undo_check_in(actor=world.boss, sign_up=row)


def walk_in(world: World) -> tuple[Actor, Act]:
    session, key = session_of(fresh(world)), f"tablet-{next(_numbers):08d}"
    return world.boss, lambda: actions.walk_in(actor=world.boss, session=session, count=5, key=key)


def hold(world: World) -> tuple[Actor, Act]:
    rows = full(world)
    actions.check_in(actor=world.boss, sign_up=rows[0])
    session = rows[0].session
    act = apart(lambda: actions.hold(actor=world.boss, session=session), session.ends_at)
    return world.boss, act


def save_results(world: World) -> tuple[Actor, Act]:
    session = held(world)
    rows = [ResultFacts(Measure.OUTPUT, Decimal("7.5"), Unit.objects.get(code="mu"), "栽种")]
    return world.boss, lambda: actions.save_results(actor=world.boss, session=session, rows=rows)


def close_results(world: World) -> tuple[Actor, Act]:
    session = held(world)
    return world.boss, lambda: actions.close_results(actor=world.boss, session=session)


def reopen_results(world: World) -> tuple[Actor, Act]:
    session = actions.close_results(actor=world.boss, session=held(world))
    return world.boss, lambda: actions.reopen_results(actor=world.boss, session=session, reason="数错了")


def give_feedback(world: World) -> tuple[Actor, Act]:
    session = held(world)
    doer = actor(session.sign_ups.get().person)
    return doer, lambda: actions.give_feedback(actor=doer, session=session, score=5, words="很好")


def photo(world: World) -> Any:
    session = session_of(fresh(world))
    return actions.add_photo(actor=world.boss, session=session, upload=None, facts=PhotoFacts(False))  # type: ignore[arg-type]


def add_photo(world: World) -> tuple[Actor, Act]:
    session = session_of(fresh(world))
    facts = PhotoFacts(True, consent="都同意了")
    return world.boss, lambda: actions.add_photo(actor=world.boss, session=session, upload=None, facts=facts)  # type: ignore[arg-type]


def remove_photo(world: World) -> tuple[Actor, Act]:
    row = photo(world)
    return world.boss, lambda: actions.remove_photo(actor=world.boss, photo=row)


def hand_in_hours(world: World) -> tuple[Actor, Act]:
    activity = fresh(world, roles=[RoleFacts("志愿者", 3, True)], risks="小心")
    row = come(world.volunteer().person, shift_of(activity))
    session = session_of(activity)
    with clock.frozen(session.starts_at):
        actions.check_in(actor=world.boss, sign_up=row)
    with clock.frozen(session.ends_at):
        actions.check_out(actor=world.boss, sign_up=row)
        actions.hold(actor=world.boss, session=session)
    later = session.ends_at + timedelta(minutes=1)
    return world.boss, apart(lambda: len(actions.hand_in_hours(actor=world.boss, session=session).records), later)


def add_leaving(world: World) -> tuple[Actor, Act]:
    session = held(world)
    row, at = session.sign_ups.get(), session.ends_at
    return world.boss, apart(lambda: actions.add_leaving(actor=world.boss, sign_up=row, at=at), at)


def save_plan(world: World) -> tuple[Actor, Act]:
    facts = PlanFacts(world.home, f"节奏{next(_numbers)}", date(2026, 1, 1), date(2026, 12, 31), [RuleFacts(Span.WEEK)])
    return world.boss, lambda: actions.save_plan(actor=world.boss, facts=facts)


def name_focus(world: World) -> tuple[Actor, Act]:
    _doer, make = save_plan(world)
    plan = make()
    return world.boss, lambda: actions.name_focus(
        actor=world.boss, plan=plan, every=Span.MONTH, day=date(2026, 3, 3), title="学雷锋"
    )


def new_calendar_key(world: World) -> tuple[Actor, Act]:
    doer = actor(world.guest())
    return doer, lambda: actions.new_calendar_key(actor=doer)


def new_unit() -> Unit:
    number = next(_numbers)
    return actions.save_row(actor=SYSTEM, row=Unit(code=f"unit{number}", name=f"单位{number}"))


def save_row(world: World) -> tuple[Actor, Act]:
    number = next(_numbers)
    return SYSTEM, lambda: actions.save_row(actor=SYSTEM, row=Unit(code=f"unit{number}", name=f"单位{number}"))


def set_row_active(world: World) -> tuple[Actor, Act]:
    row = new_unit()
    return SYSTEM, lambda: actions.set_row_active(actor=SYSTEM, row=row, active=False)


def move_row(world: World) -> tuple[Actor, Act]:
    """Moved once before, so that every run finds the same gaps between the orders."""
    row = new_unit()
    actions.move_row(actor=SYSTEM, row=row, up=True)
    return SYSTEM, lambda: actions.move_row(actor=SYSTEM, row=row, up=True)


def tell(world: World) -> tuple[Actor, Act]:
    activity = fresh(world)
    come(world.guest(), shift_of(activity))
    actions.cancel(actor=world.boss, activity=activity, reason="台风")
    event = ActivityEvent.objects.latest("id").pk
    return SYSTEM, lambda: actions.tell(actor=SYSTEM, event_id=event) * 0


def tell_freed(world: World) -> tuple[Actor, Act]:
    row = offered(world)
    return SYSTEM, lambda: actions.tell_freed(actor=SYSTEM, sign_up_id=row.pk) * 0


def tell_room(world: World) -> tuple[Actor, Act]:
    fresh(world)
    booking = Booking.objects.latest("id")
    cancel_booking(actor=SYSTEM, booking=booking, reason="停电")
    return SYSTEM, lambda: actions.tell_room(actor=SYSTEM, booking_id=booking.pk, by_id=None)


def remind(world: World) -> tuple[Actor, Act]:
    """Each on a day of its own: those who were reminded before are over, and every run passes the same points."""
    row = come(world.guest(), shift_of(fresh(world, START + next(_days) * DAY)))
    at = row.session.starts_at - HOUR
    return SYSTEM, apart(lambda: actions.remind(actor=SYSTEM) * 0, at)


def count_sessions(world: World) -> tuple[Actor, Act]:
    session = held(world)
    sources({counting.SOURCE})  # the first word of a kind of record writes its name down as well
    return SYSTEM, lambda: actions.count_sessions(actor=SYSTEM, session_id=session.pk)


ACTS = (
    count_sessions,
    save_draft,
    change,
    copy,
    publish,
    discard,
    cancel,
    cancel_session,
    move_session,
    add_session,
    end_activities,
    sign_up,
    sign_up_team,
    sign_up_group,
    leave,
    confirm_place,
    lapse,
    check_in,
    check_out,
    take_scans,
    undo_check_in,
    walk_in,
    hold,
    save_results,
    close_results,
    reopen_results,
    give_feedback,
    add_photo,
    remove_photo,
    hand_in_hours,
    add_leaving,
    save_plan,
    name_focus,
    new_calendar_key,
    save_row,
    set_row_active,
    move_row,
    tell,
    tell_freed,
    tell_room,
    remind,
)
OPERATIONS = {act.__name__: act for act in ACTS}
