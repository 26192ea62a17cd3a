"""Publishing, moving and cancelling: rooms are booked and given back, and everybody who signed up is told."""

from __future__ import annotations

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.activities.actions.refusals import NotReady, StepRefused
from huying.activities.actions.rooms import book_room, book_rooms, give_back, move_room
from huying.activities.actions.steps import for_step, locked, remember, session_for_step, shifts_of
from huying.activities.actions.writing import add_shifts, check_times, tag, untold
from huying.activities.models import Activity, Session, Shift, SignUp
from huying.activities.states import (
    ACTIVITY_STEPS,
    COMING,
    TOOK_PLACE,
    ActivityState,
    SessionState,
    SignUpState,
)
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import InvalidInput
from huying.kernel.transactions import begin
from huying.places.models import Place


def publish(*, actor: Actor, activity: Activity) -> Activity:
    """Show a draft to everybody and book its rooms. Raises NotReady with what is missing, SpaceTaken."""
    with begin(actor):
        book_rooms(actor, activity)
        fresh = for_step(actor, activity, "publish")
        missing = [str(one) for one in still_missing(fresh)]
        if missing:
            raise NotReady(what="；".join(missing))
        fresh.state, fresh.published_at = ActivityState.PUBLISHED, clock.now()
        fresh.changed_at = clock.now()
        fresh.save(update_fields=["state", "published_at", "changed_at"])
        remember(actor, fresh, "publish", tell=False)
        return fresh


def still_missing(activity: Activity) -> list[str | Promise]:
    """What a notice of recruitment must say (志愿服务条例 art. 12, GB/T 40143 6.1) and is not there yet."""
    found: list[str | Promise] = []
    if activity.is_template:
        found.append(_("这是模板，请先复制成活动"))
    if not activity.sessions.filter(starts_at__gt=clock.now()).exists():
        found.append(_("没有今后的场次"))
    return [*found, *untold(activity).values()]


def discard(*, actor: Actor, activity: Activity) -> Activity:
    """A draft that will not be. Nobody ever saw it."""
    with begin(actor):
        fresh = for_step(actor, activity, "discard")
        fresh.state, fresh.changed_at = ActivityState.CANCELLED, clock.now()
        fresh.save(update_fields=["state", "changed_at"])
        remember(actor, fresh, "discard", tell=False)
        return fresh


def cancel(*, actor: Actor, activity: Activity, reason: str) -> Activity:
    """Call the whole activity off: all sessions to come, with their rooms; everybody is told why."""
    with begin(actor):
        ahead = list(activity.sessions.filter(state=SessionState.PLANNED).values_list("pk", flat=True))
        give_back(actor, ahead, reason)
        fresh = for_step(actor, activity, "cancel", reason)
        sessions = list(fresh.sessions.filter(state=SessionState.PLANNED))
        dropped = drop_all(shifts_of(sessions))
        for session in sessions:
            session.state, session.reason = SessionState.CANCELLED, reason.strip()[:200]
            session.sequence += 1
        Session.objects.bulk_update(sessions, ["state", "reason", "sequence"])
        fresh.state, fresh.reason, fresh.changed_at = ActivityState.CANCELLED, reason.strip()[:200], clock.now()
        fresh.sequence += 1
        fresh.save(update_fields=["state", "reason", "changed_at", "sequence"])
        remember(actor, fresh, "cancel", reason=reason, dropped=dropped)
        return fresh


def drop_all(shifts: list[Shift]) -> list[int]:
    """Everybody who was coming to these (locked) shifts is free again; the keys of their sign-ups."""
    rows = SignUp.objects.filter(shift__in=shifts, state__in=COMING)
    dropped = list(rows.values_list("pk", flat=True))
    rows.update(state=SignUpState.DROPPED, confirm_by=None, changed_at=clock.now())
    for shift in shifts:
        shift.taken = shift.waiting = 0
        shift.save(update_fields=["taken", "waiting"])
    return dropped


def cancel_session(*, actor: Actor, session: Session, reason: str) -> Session:
    """Call one session off; the others stay. Everybody who signed up for it is told why."""
    with begin(actor):
        give_back(actor, [session.pk], reason)
        activity = locked(actor, session.activity)
        shifts = shifts_of([session])
        fresh = session_for_step(actor, session, "cancel", reason)
        dropped = drop_all(shifts)
        fresh.state, fresh.reason, fresh.sequence = SessionState.CANCELLED, reason.strip()[:200], fresh.sequence + 1
        fresh.save(update_fields=["state", "reason", "sequence"])
        raise_sequence(activity)
        remember(actor, activity, "session_cancel", session=fresh, reason=reason, dropped=dropped)
        return fresh


def move_session(
    *,
    actor: Actor,
    session: Session,
    starts_at: datetime,
    ends_at: datetime,
    venue: Place | None = None,
    where: str = "",
    reason: str = "",
) -> Session:
    """Another time or place for one session; its room moves with it and everybody is told. SpaceTaken, TimesUnclear."""
    check_times(starts_at, ends_at)
    if starts_at <= clock.now():
        raise InvalidInput(fields={"starts_at": _("请选现在以后的时间。")})
    with begin(actor):
        move_room(actor, session, starts_at, ends_at, venue)
        activity = locked(actor, session.activity)
        check_apart(activity, starts_at, session.pk)
        fresh = session_for_step(actor, session, "move")
        before = {"starts_at": fresh.starts_at.isoformat(), "venue": fresh.venue_id}
        if activity.rrule and fresh.original_at is None:
            fresh.original_at = fresh.starts_at
        fresh.starts_at, fresh.ends_at, fresh.sequence = starts_at, ends_at, fresh.sequence + 1
        fresh.venue, fresh.where = venue, where
        fresh.save()
        raise_sequence(activity)
        tag(activity)
        remember(actor, activity, "move", session=fresh, reason=reason, before=before, after=starts_at.isoformat())
        return fresh


def check_apart(activity: Activity, starts_at: datetime, but: int = 0) -> None:
    """No two sessions of one activity begin at the same moment; InvalidInput."""
    rows = activity.sessions.filter(starts_at=starts_at).exclude(state=SessionState.CANCELLED).exclude(pk=but)
    if rows.exists():
        raise InvalidInput(fields={"starts_at": _("这个时间已经有一场了。")})


def add_session(*, actor: Actor, activity: Activity, starts_at: datetime, ends_at: datetime) -> Session:
    """One more time, with the same places; published at once. SpaceTaken, TimesUnclear, StepRefused."""
    check_times(starts_at, ends_at)
    with begin(actor):
        check_apart(activity, starts_at)
        made = Session.objects.create(
            activity=activity, starts_at=starts_at, ends_at=ends_at, venue=activity.venue, where=activity.where
        )
        if activity.state == ActivityState.PUBLISHED:
            book_room(actor, made)
        fresh = locked(actor, activity)
        if fresh.state not in {ActivityState.DRAFT, ActivityState.PUBLISHED}:
            raise StepRefused(state=ActivityState(fresh.state).label, verb=ACTIVITY_STEPS["publish"].label)
        add_shifts([made], list(fresh.roles.all()))
        raise_sequence(fresh)
        tag(fresh)
        remember(actor, fresh, "change", session=made, tell=False, added=starts_at.isoformat())
        return made


def raise_sequence(activity: Activity) -> None:
    """Calendars that hold an older number take the new state (RFC 5545 3.8.7.4)."""
    activity.sequence, activity.changed_at = activity.sequence + 1, clock.now()
    activity.save(update_fields=["sequence", "changed_at"])


def end_activities(*, actor: Actor) -> int:
    """Published activities without a session still to come are over; how many ended."""
    with begin(actor):
        rows = Activity.objects.filter(state=ActivityState.PUBLISHED)
        open_ones = Session.objects.filter(state=SessionState.PLANNED).values("activity_id")
        done = rows.exclude(pk__in=open_ones).filter(sessions__state__in=TOOK_PLACE).distinct().order_by("id")[:200]
        ended = 0
        for activity in done:
            fresh = for_step(actor, activity, "end")
            fresh.state, fresh.changed_at = ActivityState.ENDED, clock.now()
            fresh.save(update_fields=["state", "changed_at"])
            remember(actor, fresh, "end", tell=False)
            ended += 1
        return ended
