"""What tablets saw at the door without network, in any order and any number of times, taken over in one go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from huying.activities import rules
from huying.activities.actions.holding import ResultsClosed, believed, tell_count
from huying.activities.actions.refusals import ScanMomentUnclear, ScanStrange, ScanTakenBack
from huying.activities.models import CheckIn, Session, Shift, SignUp
from huying.activities.states import SIGN_UP_STEPS, SessionState, SignUpState
from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden, InvalidInput
from huying.kernel.transactions import begin

MOST_SCANS, MOST_TOGETHER = 2000, 10_000
EARLIEST = timedelta(days=7)
"""Who is seen longer before a session than this was seen by a tablet whose clock is wrong."""


@dataclass(frozen=True, slots=True)
class Scan:
    """One ticket seen at the door: whose sign-up (its public id), when, and whether he was on his way out.

    ``count``: how many of a team or group came; None is as many as signed up. Of a person it says nothing.
    """

    sign_up: UUID
    at: datetime
    out: bool = False
    count: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one scan: it brought somebody in, said what was known, or was refused (``why``)."""

    arrived: bool = False
    why: DomainError | None = None

    @property
    def state(self) -> str:
        return "refused" if self.why else "arrived" if self.arrived else "known"


@dataclass(frozen=True, slots=True)
class Taken:
    """``arrived``: counted for the first time now; ``known``: here already, before this batch or within it;
    ``strange``: public ids of no sign-up of this session, or of one that was taken back; ``answers``: one a scan, in
    the order of the batch.
    """

    arrived: int
    known: int
    strange: tuple[UUID, ...]
    answers: tuple[Answer, ...]


@dataclass(slots=True)
class Seen:
    """What a batch says of one sign-up: the first moment of all scans with how many came then (the most, when two
    tablets say different numbers of one moment), and the last moment on the way out.
    """

    first: datetime
    count: int
    last_out: datetime | None = None

    def add(self, at: datetime, count: int, out: bool) -> None:
        self.first, less = min((self.first, -self.count), (at, -count))
        self.count = -less
        if out:
            self.last_out = max(self.last_out or at, at)


def take_scans(*, actor: Actor, session: Session, scans: Sequence[Scan]) -> Taken:
    """Take over a batch of up to ``MOST_SCANS``. Somebody came once, at the first moment any tablet saw him, and left at
    the last one that saw him go: so the order of batches, and how often each comes, changes nothing (S0-1d.3).

    A moment counts as far as it can be ``believed``; one of weeks ago is the moment of a wrong clock. A scan that cannot
    be taken is refused by itself (ScanStrange, ScanTakenBack, ScanMomentUnclear); the whole batch with Forbidden,
    ResultsClosed, InvalidInput.
    """
    if len(scans) > MOST_SCANS:
        raise InvalidInput
    for number, one in enumerate(scans):
        if one.count is not None and not 1 <= one.count <= MOST_TOGETHER:
            raise InvalidInput(fields={f"scans.{number}.count": InvalidInput.message})
    with begin(actor):
        shifts = {one.pk: one for one in locks.many(Shift.objects.filter(session=session))}
        fresh = Session.objects.select_related("activity__place").get(pk=session.pk)
        if not rules.can_run(actor, fresh.activity):
            raise Forbidden
        if fresh.state not in {SessionState.PLANNED, SessionState.HELD}:
            raise ResultsClosed
        wanted = {one.sign_up for one in scans}
        rows = {one.public_id: one for one in locks.many(SignUp.objects.filter(session=session, public_id__in=wanted))}
        here = {one.sign_up_id: one for one in CheckIn.objects.filter(sign_up__in=rows.values())}
        refusals = {n: why for n, one in enumerate(scans) if (why := refusal(one, rows, here, fresh))}
        seen = gathered(fresh, [one for n, one in enumerate(scans) if n not in refusals], rows)
        came = [row for public_id, row in rows.items() if public_id in seen and row.pk not in here]
        let_in(shifts, came)
        corrected(actor, [(here[row.pk], seen[key]) for key, row in rows.items() if key in seen and row.pk in here])
        CheckIn.objects.bulk_create([first_seen(actor, one, seen[one.public_id]) for one in came])
        audit.record_many(actor, "signup.arrive", came, place_path=fresh.activity.place.path)
        tell_count(fresh)
    return taken(scans, refusals, {one.public_id for one in came})


def refusal(
    scan: Scan, rows: Mapping[UUID, SignUp], here: Mapping[int | None, CheckIn], of: Session
) -> DomainError | None:
    """Why a scan is not taken; None when it is."""
    row = rows.get(scan.sign_up)
    if row is None:
        return ScanStrange()
    if row.pk not in here and row.state not in SIGN_UP_STEPS["arrive"].from_:
        return ScanTakenBack()
    return ScanMomentUnclear() if scan.at < of.starts_at - EARLIEST else None


def taken(scans: Sequence[Scan], refusals: Mapping[int, DomainError], fresh: set[UUID]) -> Taken:
    """One answer a scan: whoever came for the first time arrived with his first scan of the batch."""
    answers, told = [], set[UUID]()
    for number, one in enumerate(scans):
        why = refusals.get(number)
        arrived = why is None and one.sign_up in fresh and one.sign_up not in told
        answers.append(Answer(arrived, why))
        if arrived:
            told.add(one.sign_up)
    strange = {scans[n].sign_up for n, why in refusals.items() if not isinstance(why, ScanMomentUnclear)}
    came = sum(one.arrived for one in answers)
    return Taken(came, len(scans) - len(refusals) - came, tuple(sorted(strange)), tuple(answers))


def gathered(of: Session, scans: Sequence[Scan], rows: Mapping[UUID, SignUp]) -> dict[UUID, Seen]:
    """What all scans of a batch say of each sign-up."""
    seen = dict[UUID, Seen]()
    for one in scans:
        at, row = believed(of, one.at), rows[one.sign_up]
        count = row.count if one.count is None or row.person_id else one.count
        seen.setdefault(one.sign_up, Seen(at, count)).add(at, count, one.out)
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
    made = CheckIn(session_id=row.session_id, sign_up=row, count=seen.count, in_at=seen.first, in_by_id=actor.person_id)
    went(actor, made, seen)
    return made


def corrected(actor: Actor, known: Sequence[tuple[CheckIn, Seen]]) -> None:
    """An earlier coming or a later going than was known is the true one; how many came belongs to their coming."""
    changed = []
    for row, seen in known:
        before = (row.in_at, row.out_at, row.count)
        row.in_at, less = min((row.in_at, -row.count), (seen.first, -seen.count))
        row.count = -less
        went(actor, row, seen)
        if (row.in_at, row.out_at, row.count) != before:
            changed.append(row)
    CheckIn.objects.bulk_update(changed, ["in_at", "out_at", "out_by", "count"])


def went(actor: Actor, row: CheckIn, seen: Seen) -> None:
    if seen.last_out is not None and (row.out_at is None or seen.last_out > row.out_at):
        row.out_at, row.out_by_id = seen.last_out, actor.person_id
