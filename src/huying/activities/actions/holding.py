"""At the door and afterwards: who came, counted once; what came of it; hours handed in; pictures, words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from huying.activities import rules
from huying.activities.actions.joining import turn
from huying.activities.actions.learning import tell_learned
from huying.activities.actions.refusals import (
    ConsentMissing,
    CountedAtDoor,
    NotThere,
    NotYet,
    SameTwice,
    SignUpMoved,
    UnitUnclear,
)
from huying.activities.actions.steps import remember, session_for_step, shifts_of
from huying.activities.models import CheckIn, Feedback, Photo, Result, Session, Shift, SignUp, Unit
from huying.activities.states import (
    COUNTED_UNIT,
    SIGN_UP_STEPS,
    TOOK_PLACE,
    Measure,
    SessionState,
    SignUpState,
    Source,
)
from huying.kernel import attachments, audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput, SignInNeeded
from huying.kernel.transactions import begin

MOST_RESULTS, MOST_PHOTOS = 30, 24
EARLY = timedelta(hours=12)
"""Whoever was seen longer before a session was seen by a clock that is wrong."""


@dataclass(frozen=True, slots=True)
class DoorCounted:
    """After a session had taken place somebody was still counted in, or taken off: its attendances have changed."""

    session_id: int


def tell_count(session: Session) -> None:
    """Before the end nothing is told: the end counts all who came."""
    if session.state == SessionState.HELD:
        events.publish(DoorCounted(session_id=session.pk))


class ResultsClosed(Conflict):
    code = "results_closed"
    message = _("结果已经归档，要改请先重新打开。")


@dataclass(frozen=True, slots=True)
class ResultFacts:
    """One amount: what was planted, handed out, who was served."""

    measure: Measure
    amount: Decimal
    unit: Unit
    what: str = ""


def check_in(*, actor: Actor, sign_up: SignUp, count: int | None = None, at: datetime | None = None) -> CheckIn:
    """Somebody is there. Sent twice, from two tablets or after a day without network, it counts once.

    ``count``: how many of a team or group came; ``at``: when the screen saw it, as far as it can be ``believed``. A
    person from the waiting list who stands at the door is let in. Forbidden, SignUpMoved for those who cancelled.
    """
    with begin(actor):
        shift, row = at_the_door(actor, sign_up)
        standing = CheckIn.objects.filter(sign_up=row).first()
        if standing is not None:
            return standing
        if row.state not in SIGN_UP_STEPS["arrive"].from_:
            raise SignUpMoved
        if row.state == SignUpState.WAITING:
            shift.capacity = max(shift.capacity, shift.taken + row.count)
            shift.save(update_fields=["capacity"])
        turn(actor, shift, row, "arrive")
        seen = believed(row.session, at)
        here = row.count if count is None or row.person_id else count
        if not 1 <= here <= 10_000:
            raise InvalidInput(fields={"count": _("人数要在 1 到 10000 之间。")})
        tell_count(row.session)
        return CheckIn.objects.create(
            session_id=row.session_id, sign_up=row, count=here, in_at=seen, in_by_id=actor.person_id
        )


def believed(session: Session, at: datetime | None) -> datetime:
    """When a screen saw somebody: what it says, within the twelve hours before the session and now. A clock that is behind
    or ahead is not believed beyond; before these twelve hours, the last twelve hours count.
    """
    now = clock.now()
    earliest = session.starts_at - EARLY
    return min(max(at or now, earliest if earliest <= now else now - EARLY), now)


def at_the_door(actor: Actor, sign_up: SignUp) -> tuple[Shift, SignUp]:
    """Shift and sign-up, locked, for those who run the activity, while its results are open."""
    shift = locks.one(Shift, pk=sign_up.shift_id)
    row = locks.one(SignUp, pk=sign_up.pk)
    if not rules.can_run(actor, row.session.activity):
        raise Forbidden
    if row.session.state not in {SessionState.PLANNED, SessionState.HELD}:
        raise ResultsClosed
    return shift, row


def check_out(*, actor: Actor, sign_up: SignUp, at: datetime | None = None) -> CheckIn:
    """Somebody goes, witnessed by an organiser: the second half of the best evidence for hours. Twice counts once."""
    with begin(actor):
        _shift, row = at_the_door(actor, sign_up)
        here = CheckIn.objects.filter(sign_up=row).first()
        if here is None:
            raise SignUpMoved
        if here.out_at is None:
            here.out_at = max(believed(row.session, at), here.in_at)
            here.out_by_id = actor.person_id
            here.save(update_fields=["out_at", "out_by"])
        return here


def undo_check_in(*, actor: Actor, sign_up: SignUp) -> SignUp:
    """The wrong name was pressed. SignUpMoved when he was not there."""
    with begin(actor):
        shift, row = at_the_door(actor, sign_up)
        if row.state not in SIGN_UP_STEPS["undo"].from_:
            raise SignUpMoved
        CheckIn.objects.filter(sign_up=row).delete()
        tell_count(row.session)
        turn(actor, shift, row, "undo")
        return row


def walk_in(*, actor: Actor, session: Session, count: int, key: str) -> CheckIn:
    """People who just came, as a number without names. The same key again is the same people."""
    with begin(actor):
        fresh = locks.one(Session, pk=session.pk)
        if not rules.can_run(actor, fresh.activity):
            raise Forbidden
        if fresh.state not in {SessionState.PLANNED, SessionState.HELD}:
            raise ResultsClosed
        if not 1 <= count <= 10_000:
            raise InvalidInput(fields={"count": _("人数要在 1 到 10000 之间。")})
        standing = CheckIn.objects.filter(key=key).first()
        if standing is not None:
            return standing
        made = CheckIn.objects.create(session=fresh, key=key, count=count, in_at=clock.now(), in_by_id=actor.person_id)
        path = fresh.activity.place.path
        audit.record(actor, "activity.walk_in", fresh, place_path=path, changes={"count": count})
        tell_count(fresh)
        return made


def hold(*, actor: Actor, session: Session) -> Session:
    """The session has taken place. Who did not come is noted for planning, if somebody was checked in at all."""
    with begin(actor):
        shifts = shifts_of([session])
        fresh = session_for_step(actor, session, "hold", run=True)
        if fresh.starts_at > clock.now():
            raise NotYet
        rows, now = SignUp.objects.filter(session=fresh), clock.now()
        rows.filter(state=SignUpState.WAITING).update(state=SignUpState.DROPPED, changed_at=now)
        rows.filter(state=SignUpState.LAPSED).update(state=SignUpState.CANCELLED, changed_at=now)  # nobody is blamed
        if CheckIn.objects.filter(session=fresh).exists():
            missed = rows.filter(state__in=SIGN_UP_STEPS["miss"].from_)
            missed.update(state=SignUpState.ABSENT, confirm_by=None, changed_at=now)
        for shift in shifts:
            shift.waiting = 0
            shift.save(update_fields=["waiting"])
        fresh.state, fresh.held_at, fresh.held_by_id = SessionState.HELD, clock.now(), actor.person_id
        fresh.save(update_fields=["state", "held_at", "held_by"])
        count_in(actor, fresh)
        remember(actor, fresh.activity, "hold", session=fresh)
        return fresh


def count_in(actor: Actor, session: Session) -> None:
    """What the door has counted, as a result of its own: attendances, never mixed with what people enter.

    CountedAtDoor when somebody entered the same before anybody was counted: it is not written over.
    """
    came = CheckIn.objects.filter(session=session).aggregate(n=Sum("count"))["n"] or 0
    unit = Unit.objects.filter(code=COUNTED_UNIT).first()
    if unit is not None and came:
        same = Result.objects.filter(session=session, measure=Measure.PARTICIPANTS, what="", unit=unit)
        if same.filter(source=Source.ENTERED).exists():
            raise CountedAtDoor(what=f"{Measure.PARTICIPANTS.label} · {unit.name}")
        Result.objects.update_or_create(
            session=session,
            measure=Measure.PARTICIPANTS,
            what="",
            unit=unit,
            defaults={"amount": came, "source": Source.COUNTED, "entered_by_id": None, "at": clock.now()},
        )


def save_results(*, actor: Actor, session: Session, rows: Sequence[ResultFacts]) -> list[Result]:
    """Write the entered results anew, each in its own unit; what the door counted stays.

    Raises Forbidden, NotYet, ResultsClosed, UnitUnclear, SameTwice, CountedAtDoor; then nothing is changed.
    """
    with begin(actor):
        fresh = locks.one(Session, pk=session.pk)
        if not rules.can_run(actor, fresh.activity):
            raise Forbidden
        if fresh.state not in TOOK_PLACE:
            raise NotYet
        if fresh.state == SessionState.RECORDED:
            raise ResultsClosed
        if len(rows) > MOST_RESULTS:
            raise InvalidInput
        for one in rows:
            if one.amount < 0 or one.amount != round(one.amount, one.unit.digits):
                raise UnitUnclear(unit=one.unit.name, digits=one.unit.digits)
        if len({(one.measure, one.what.strip()[:60], one.unit.pk) for one in rows}) < len(rows):
            raise SameTwice
        check_counted(fresh, rows)
        Result.objects.filter(session=fresh, source=Source.ENTERED).delete()
        made = [
            Result(**plain(one), session=fresh, source=Source.ENTERED, entered_by_id=actor.person_id, at=clock.now())
            for one in rows
        ]
        Result.objects.bulk_create(made)
        path = fresh.activity.place.path
        audit.record(actor, "activity.results", fresh, place_path=path, changes={"rows": len(made)})
        return made


def check_counted(session: Session, rows: Sequence[ResultFacts]) -> None:
    """Nobody enters once more what the door counted; CountedAtDoor names it."""
    standing = Result.objects.filter(session=session, source=Source.COUNTED)
    counted = set(standing.values_list("measure", "what", "unit_id"))
    for one in rows:
        if (one.measure, one.what.strip()[:60], one.unit.pk) in counted:
            raise CountedAtDoor(what=f"{Measure(one.measure).label} · {one.unit.name}")


def plain(row: ResultFacts) -> dict[str, Any]:
    return {"measure": row.measure, "amount": row.amount, "unit": row.unit, "what": row.what.strip()[:60]}


def close_results(*, actor: Actor, session: Session) -> Session:
    """Results are complete: from now on they are read, not written. Raises CountedAtDoor as ``count_in``."""
    with begin(actor):
        fresh = session_for_step(actor, session, "record", run=True)
        count_in(actor, fresh)
        fresh.state = SessionState.RECORDED
        fresh.save(update_fields=["state"])
        remember(actor, fresh.activity, "record", session=fresh, tell=False)
        tell_learned(actor, fresh)
        return fresh


def reopen_results(*, actor: Actor, session: Session, reason: str) -> Session:
    """Something was wrong: results are open again, with a reason that stays."""
    with begin(actor):
        fresh = session_for_step(actor, session, "reopen", reason)
        fresh.state = SessionState.HELD
        fresh.save(update_fields=["state"])
        remember(actor, fresh.activity, "reopen", session=fresh, reason=reason, tell=False)
        return fresh


def give_feedback(*, actor: Actor, session: Session, score: int, words: str = "") -> Feedback:
    """What somebody who was there says, once; again replaces it. NotThere."""
    if actor.person_id is None:
        raise SignInNeeded
    with begin(actor):
        fresh = locks.one(Session, pk=session.pk)
        here = SignUp.objects.filter(session=fresh, person_id=actor.person_id, state=SignUpState.PRESENT)
        if not here.exists():
            raise NotThere
        if not 1 <= score <= 5 or len(words) > 300:
            raise InvalidInput(fields={"score": InvalidInput.message})
        row, _made = Feedback.objects.update_or_create(
            session=fresh,
            person_id=actor.person_id,
            defaults={"score": score, "words": words.strip(), "at": clock.now()},
        )
        audit.record(actor, "activity.feedback", fresh, place_path=fresh.activity.place.path)
        return row


@dataclass(frozen=True, slots=True)
class PhotoFacts:
    """What can be seen, how it was agreed to, and whether everybody may look at it."""

    shows_people: bool
    shows_children: bool = False
    consent: str = ""
    is_public: bool = False


def add_photo(*, actor: Actor, session: Session, upload: UploadedFile[Any], facts: PhotoFacts) -> Photo:
    """Keep a picture of the session, with consent where people can be known in it. ConsentMissing, PictureRefused."""
    if not rules.can_run(actor, session.activity):
        raise Forbidden
    if facts.shows_people and not facts.consent.strip():
        raise ConsentMissing(fields={"consent": ConsentMissing.message})
    picture = attachments.redraw(upload)  # takes a while, so before any lock
    with begin(actor):
        fresh = locks.one(Session, pk=session.pk)
        if fresh.photos.count() >= MOST_PHOTOS:
            raise InvalidInput(_("照片太多了，最多 {most} 张。"), most=MOST_PHOTOS)
        row = Photo.objects.create(
            session=fresh,
            shows_people=facts.shows_people,
            shows_children=facts.shows_children,
            consent=facts.consent.strip()[:200],
            is_public=facts.is_public,
            added_by_id=actor.person_id,
            at=clock.now(),
        )
        path = fresh.activity.place.path
        attachments.store(actor=actor, upload=picture, subject=row, place_path=path, is_public=facts.is_public)
        return row


def remove_photo(*, actor: Actor, photo: Photo) -> None:
    """Take a picture away: organisers, whenever somebody in it no longer agrees. Forbidden."""
    with begin(actor):
        row = locks.one(Photo, pk=photo.pk)
        if not rules.can_run(actor, row.session.activity):
            raise Forbidden
        for one in attachments.of(row):
            attachments.remove(actor=actor, attachment=one)
        row.delete()
