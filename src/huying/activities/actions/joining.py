"""Signing up many, and leaving. A shift is locked before its places are counted; the line moves up in order of arrival.

Nobody overtakes: while somebody waits, a newcomer waits too, even if a smaller group would still fit. One person signs
up in ``pressing``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.activities import rules
from huying.activities.actions.refusals import (
    AlreadySignedUp,
    ByNameOnly,
    GroupsAreGuests,
    GroupsEnough,
    GroupsNotTaken,
    SignUpClosed,
    SignUpMoved,
)
from huying.activities.models import Activity, Session, Shift, SignUp
from huying.activities.states import COMING, HOLDING, LIVE, SIGN_UP_STEPS, ActivityState, SessionState, SignUpState
from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, SignInNeeded
from huying.kernel.sealed import normal_phone
from huying.kernel.transactions import begin
from huying.people.models import Person
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Team

MOST_GROUPS = 2
"""Groups that one person can bring to one session."""


@dataclass(frozen=True, slots=True)
class PlaceFreed:
    """A place came to somebody who waited. Reactions tell him."""

    sign_up_id: int


@dataclass(frozen=True, slots=True)
class Group:
    """People who come together without names: a school class, a unit. Only the contact is known."""

    name: str
    count: int
    contact_name: str
    contact_phone: str


def sign_up_team(*, actor: Actor, shift: Shift, team: Team, count: int, note: str = "") -> SignUp:
    """A leader signs his team up with a number of people. Forbidden, SignUpClosed, ByNameOnly, AlreadySignedUp,
    InvalidInput.
    """
    with begin(actor):
        if not (volunteer_rules.leads(actor, team) or volunteer_rules.can_keep_team(actor, team)):
            raise Forbidden
        fresh = open_shift(actor, shift)
        check_nameless(fresh)
        check_count(count, fresh)
        return enter(actor, fresh, SignUp(team=team, count=count, note=note.strip()[:100]))


def sign_up_group(*, actor: Actor, shift: Shift, group: Group) -> SignUp:
    """A school class or a unit: a count and a contact, no names (S4-7.1; K04). They come as guests; whoever does not run
    the activity brings ``MOST_GROUPS`` at most. GroupsNotTaken, GroupsAreGuests, GroupsEnough, SignUpClosed.
    """
    if actor.person_id is None:
        raise SignInNeeded
    with begin(actor):
        locks.one(Person, pk=actor.person_id)  # so that he cannot press for two roles at once
        fresh = open_shift(actor, shift)
        check_groups(actor, fresh)
        check_count(group.count, fresh)
        row = SignUp(group=group.name.strip()[:60], count=group.count, contact_name=group.contact_name.strip()[:40])
        row.contact_phone = normal_phone(group.contact_phone) if group.contact_phone else None
        if not row.group:
            raise InvalidInput(fields={"name": _("请写学校或单位的名称。")})
        return enter(actor, fresh, row)


def check_groups(actor: Actor, shift: Shift) -> None:
    """Whether this actor may bring one more group to this role."""
    if shift.role.is_volunteer:
        raise GroupsAreGuests(role=shift.role.name)
    if rules.can_run(actor, shift.session.activity):
        return
    if not shift.session.activity.takes_groups:
        raise GroupsNotTaken
    mine = SignUp.objects.filter(session_id=shift.session_id, asked_by_id=actor.person_id, state__in=LIVE)
    if mine.exclude(group="").count() >= MOST_GROUPS:
        raise GroupsEnough(most=MOST_GROUPS)


def check_nameless(shift: Shift) -> None:
    """Where everybody must be checked, nobody comes as a mere number; ByNameOnly."""
    role = shift.role
    if role.is_volunteer and volunteer_rules.is_by_name(role.category):
        raise ByNameOnly(role=role.name)


def open_shift(actor: Actor, shift: Shift) -> Shift:
    """The locked shift with its session as it is now, if people can still sign up for it. SignUpClosed."""
    fresh = locks.one(Shift, pk=shift.pk)
    fresh.session = Session.objects.select_related("activity__place").get(pk=fresh.session_id)
    if not may_enter(actor, fresh):
        raise SignUpClosed
    return fresh


def may_enter(actor: Actor, shift: Shift) -> bool:
    """Whether this actor can still sign somebody up for a shift, as its session is now."""
    if is_open(shift.session):
        return True
    return is_open(shift.session, staff=True) and rules.can_run(actor, shift.session.activity)


def is_open(session: Session, *, staff: bool = False) -> bool:
    """Whether people can sign up now; those who run it may add people until it ends."""
    activity: Activity = session.activity
    if activity.state != ActivityState.PUBLISHED or session.state != SessionState.PLANNED:
        return False
    closes = session.ends_at if staff else session.starts_at - timedelta(minutes=activity.closes_minutes)
    return activity.needs_sign_up and clock.now() < closes


def check_count(count: int, shift: Shift) -> None:
    """A number of people that the shift could ever hold; InvalidInput."""
    if not 1 <= count <= min(shift.capacity, 2000):
        raise InvalidInput(fields={"count": _("人数要在 1 到名额之间。")})


def enter(actor: Actor, shift: Shift, row: SignUp) -> SignUp:
    """Write the sign-up down with a place, or at the end of the line. The shift is locked. AlreadySignedUp."""
    fits = not shift.waiting and shift.taken + row.count <= shift.capacity
    row.session, row.shift = shift.session, shift
    row.state = SignUpState.SIGNED if fits else SignUpState.WAITING
    row.asked_by_id, row.at, row.changed_at = actor.person_id, clock.now(), clock.now()
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError:
        raise AlreadySignedUp from None
    add(shift, row, +1)
    place_path = shift.session.activity.place.path
    audit.record(actor, "signup.make", row, place_path=place_path, changes={"state": row.state, "count": row.count})
    return row


def add(shift: Shift, row: SignUp, sign: int) -> None:
    """Count the people of a sign-up in or out, where its state has them."""
    if row.state in HOLDING:
        shift.taken += sign * row.count
    elif row.state == SignUpState.WAITING:
        shift.waiting += sign * row.count
    shift.save(update_fields=["taken", "waiting"])


def held(actor: Actor, sign_up: SignUp, verb: str) -> tuple[Shift, SignUp]:
    """Shift and sign-up, locked in this order, if ``verb`` leads on from its state and the actor may. SignUpMoved."""
    shift = locks.one(Shift, pk=sign_up.shift_id)
    fresh = locks.one(SignUp, pk=sign_up.pk)
    if not rules.can_leave(actor, fresh):
        raise Forbidden
    if fresh.state not in SIGN_UP_STEPS[verb].from_:
        raise SignUpMoved
    return shift, fresh


def turn(actor: Actor, shift: Shift, row: SignUp, verb: str, to: SignUpState | None = None) -> None:
    """Bring a sign-up into its next state and count its people where they belong now."""
    add(shift, row, -1)
    row.state, row.changed_at = to or SignUpState(SIGN_UP_STEPS[verb].to), clock.now()
    if row.state != SignUpState.OFFERED:
        row.confirm_by = None
    row.save(update_fields=["state", "changed_at", "confirm_by"])
    add(shift, row, +1)
    audit.record(actor, f"signup.{verb}", row, place_path=row.session.activity.place.path)


def leave(*, actor: Actor, sign_up: SignUp) -> SignUp:
    """Take a sign-up back, without a reason and without consequence; the next in line moves up. SignUpMoved."""
    with begin(actor):
        shift, row = held(actor, sign_up, "leave")
        turn(actor, shift, row, "leave")
        promote(actor, shift)
        return row


def leave_all(*, actor: Actor, people: Q) -> int:
    """Take back whatever these people still come to (``people``: a condition on sign-ups); how many sign-ups it were.

    All shifts are locked before all sign-ups, once, so it fits into an action that holds no later lock.
    """
    coming = SignUp.objects.filter(people, state__in=COMING)
    with begin(actor):
        if not coming.exists():
            return 0
        shifts = {one.pk: one for one in locks.many(Shift.objects.filter(pk__in=coming.values("shift_id")))}
        rows = locks.many(coming.filter(shift__in=shifts).select_related("session__activity__place"))
        for row in rows:
            turn(actor, shifts[row.shift_id], row, "leave")
        for key in sorted({row.shift_id for row in rows}):
            promote(actor, shifts[key])
        return len(rows)


def confirm_place(*, actor: Actor, sign_up: SignUp) -> SignUp:
    """Say yes to a place that became free. SignUpMoved when it is gone already."""
    with begin(actor):
        shift, row = held(actor, sign_up, "confirm")
        turn(actor, shift, row, "confirm")
        return row


def promote(actor: Actor, shift: Shift) -> None:
    """Give free places to those who wait, in order, as long as the first one fits. The shift is locked.

    They get them at once, or reserved until ``confirm_hours`` from now (and not past the beginning) for a yes.
    """
    session = Session.objects.select_related("activity__place").get(pk=shift.session_id)
    if not is_open(session, staff=True) or clock.now() >= session.starts_at:
        return
    for row in SignUp.objects.filter(shift=shift, state=SignUpState.WAITING).order_by("id")[:200]:
        if shift.taken + row.count > shift.capacity:
            return
        hours = session.activity.confirm_hours
        if hours:
            row.confirm_by = min(clock.now() + timedelta(hours=hours), session.starts_at)
        turn(actor, shift, row, "offer" if hours else "promote")
        events.publish(PlaceFreed(sign_up_id=row.pk))


def lapse(*, actor: Actor, sign_up: SignUp) -> SignUp:
    """The time for a yes is over: the place goes to the next in line. SignUpMoved when he said yes meanwhile."""
    with begin(actor):
        shift, row = held(actor, sign_up, "lapse")
        if row.confirm_by is None or row.confirm_by > clock.now():
            raise SignUpMoved
        turn(actor, shift, row, "lapse")
        promote(actor, shift)
        return row
