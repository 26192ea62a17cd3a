"""What tablets saw at the door without network, in any order and any number of times, taken over in one go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from huying.activities import rules
from huying.activities.actions.holding import ResultsClosed, believed
from huying.activities.models import CheckIn, Session, Shift, SignUp
from huying.activities.states import SIGN_UP_STEPS, SessionState, SignUpState
from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin

MOST_SCANS = 2000


@dataclass(frozen=True, slots=True)
class Scan:
    """One ticket seen at the door: whose sign-up (its public id), when, and whether he was on his way out."""

    sign_up: UUID
    at: datetime
    out: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """``arrived``: counted for the first time now; ``known``: here already, before this batch or within it;
    ``strange``: public ids of no sign-up of this session, or of one that was taken back.
    """

    arrived: int
    known: int
    strange: tuple[UUID, ...]


@dataclass(slots=True)
class Seen:
    """What a batch says of one sign-up: the first moment of all scans, and the last one on the way out."""

    first: datetime
    last_out: datetime | None = None
    scans: int = 0

    def add(self, at: datetime, out: bool) -> None:
        self.first, self.scans = min(self.first, at), self.scans + 1
        if out:
            self.last_out = max(self.last_out or at, at)


def take_scans(*, actor: Actor, session: Session, scans: Sequence[Scan]) -> Taken:
    """Take over a batch of up to ``MOST_SCANS``. Somebody came once, at the first moment any tablet saw him, and left at
    the last one that saw him go: so the order of batches, and how often each comes, changes nothing (S0-1d.3).

    A moment counts as far as it can be ``believed``. Forbidden, ResultsClosed, InvalidInput.
    """
    if len(scans) > MOST_SCANS:
        raise InvalidInput
    seen = gathered(session, scans)
    with begin(actor):
        shifts = {one.pk: one for one in locks.many(Shift.objects.filter(session=session))}
        fresh = Session.objects.select_related("activity__place").get(pk=session.pk)
        if not rules.can_run(actor, fresh.activity):
            raise Forbidden
        if fresh.state not in {SessionState.PLANNED, SessionState.HELD}:
            raise ResultsClosed
        rows = locks.many(SignUp.objects.filter(session=session, public_id__in=list(seen)))
        here = {one.sign_up_id: one for one in CheckIn.objects.filter(sign_up__in=rows)}
        came = [one for one in rows if one.pk not in here and one.state in SIGN_UP_STEPS["arrive"].from_]
        let_in(shifts, came)
        corrected(actor, [(here[one.pk], seen[one.public_id]) for one in rows if one.pk in here])
        CheckIn.objects.bulk_create([first_seen(actor, one, seen[one.public_id]) for one in came])
        audit.record_many(actor, "signup.arrive", came, place_path=fresh.activity.place.path)
    ours = {one.public_id for one in [*came, *(row for row in rows if row.pk in here)]}
    scanned = sum(one.scans for public_id, one in seen.items() if public_id in ours)
    return Taken(len(came), scanned - len(came), tuple(sorted(set(seen) - ours)))


def gathered(session: Session, scans: Iterable[Scan]) -> dict[UUID, Seen]:
    """What all scans of a batch say of each sign-up."""
    seen = dict[UUID, Seen]()
    for one in scans:
        at = believed(session, one.at)
        seen.setdefault(one.sign_up, Seen(first=at)).add(at, one.out)
    return seen


def let_in(shifts: dict[int, Shift], came: Sequence[SignUp]) -> None:
    """Those who came are present and hold a place; whoever waited and stands at the door gets one more."""
    for row in came:
        shift = shifts[row.shift_id]
        if row.state == SignUpState.WAITING:
            shift.waiting -= row.count
            shift.taken += row.count
            shift.capacity = max(shift.capacity, shift.taken)
        row.state, row.confirm_by, row.changed_at = SignUpState.PRESENT, None, clock.now()
    SignUp.objects.bulk_update(came, ["state", "confirm_by", "changed_at"])
    Shift.objects.bulk_update(shifts.values(), ["taken", "waiting", "capacity"])


def first_seen(actor: Actor, row: SignUp, seen: Seen) -> CheckIn:
    made = CheckIn(session_id=row.session_id, sign_up=row, count=row.count, in_at=seen.first, in_by_id=actor.person_id)
    went(actor, made, seen)
    return made


def corrected(actor: Actor, known: Sequence[tuple[CheckIn, Seen]]) -> None:
    """An earlier coming or a later going than was known is the true one."""
    changed = []
    for row, seen in known:
        before = (row.in_at, row.out_at)
        row.in_at = min(row.in_at, seen.first)
        went(actor, row, seen)
        if (row.in_at, row.out_at) != before:
            changed.append(row)
    CheckIn.objects.bulk_update(changed, ["in_at", "out_at", "out_by"])


def went(actor: Actor, row: CheckIn, seen: Seen) -> None:
    if seen.last_out is not None and (row.out_at is None or seen.last_out > row.out_at):
        row.out_at, row.out_by_id = seen.last_out, actor.person_id
