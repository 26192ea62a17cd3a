"""What tablets at a door saw without network, in a plain model, and whether the database agrees with it."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from huying.activities.actions import Scan
from huying.activities.models import CheckIn, Session, Shift, SignUp
from huying.activities.states import HOLDING, SignUpState
from huying.kernel.models.audit import AuditLine

Batch = tuple[Scan, ...]


@dataclass(slots=True)
class Model:
    """Who was there from when until when: two dictionaries, and the people who may come in at all."""

    may_come: frozenset[UUID]
    first: dict[UUID, datetime] = field(default_factory=dict)
    last_out: dict[UUID, datetime] = field(default_factory=dict)

    def take(self, scans: Iterable[Scan]) -> None:
        for one in scans:
            if one.sign_up in self.may_come:
                self.first[one.sign_up] = min(self.first.get(one.sign_up, one.at), one.at)
                if one.out:
                    self.last_out[one.sign_up] = max(self.last_out.get(one.sign_up, one.at), one.at)


def seen_by_tablets(
    luck: random.Random, tickets: Sequence[UUID], scans: int, tablets: int, size: int, begins: datetime
) -> list[list[Batch]]:
    """For each tablet its batches: of ten scans one was seen by two tablets, all are out of order, of ten batches one is
    sent again by the same tablet and one by another.
    """
    queues: list[list[Scan]] = [[] for _ in range(tablets)]
    for n in range(scans):
        at = begins + timedelta(seconds=luck.randrange(7200))
        ticket = tickets[n] if n < len(tickets) else luck.choice(tickets)
        scan = Scan(sign_up=ticket, at=at, out=luck.random() < 0.3)
        for queue in luck.sample(queues, 2 if luck.random() < 0.1 else 1):
            queue.append(scan)
    sent: list[list[Batch]] = []
    for queue in queues:
        luck.shuffle(queue)
        sent.append([tuple(queue[n : n + size]) for n in range(0, len(queue), size)])
    for mine in list(sent):
        for batch in luck.sample(mine, len(mine) // 10):
            mine.insert(luck.randrange(len(mine) + 1), batch)
            luck.choice(sent).append(batch)
    return sent


def violations(session: Session, model: Model, arrived: int) -> list[str]:
    """Where the database differs from the model; ``arrived``: how many the batches together said came for the first time."""
    rows = {one.public_id: one for one in SignUp.objects.filter(session=session)}
    here: dict[int, list[CheckIn]] = {}
    for one in CheckIn.objects.filter(session=session).order_by("id"):
        here.setdefault(one.sign_up_id or 0, []).append(one)
    found = list(differing(rows, here, model))
    if arrived != len(model.first):
        found.append(f"{arrived} arrivals were counted, {len(model.first)} people came")
    lines = AuditLine.objects.filter(verb="signup.arrive", subject_type=SignUp._meta.label)
    told = lines.filter(subject_id__in=[one.pk for one in rows.values()]).count()
    if told != len(model.first):
        found.append(f"the trail tells of {told} arrivals, {len(model.first)} people came")
    counted = sum(one.count for stands in here.values() for one in stands)
    due = sum(rows[one].count for one in model.first)
    if counted != due:
        found.append(f"{counted} people were counted at the door, {due} came")
    return found + list(miscounted(session, list(rows.values())))


def differing(rows: dict[UUID, SignUp], here: dict[int, list[CheckIn]], model: Model) -> Iterator[str]:
    for public_id, row in rows.items():
        stands, due = here.get(row.pk, []), model.first.get(public_id)
        if len(stands) != (due is not None):
            yield f"sign-up {row.pk} is counted {len(stands)} times"
        elif due is not None and (stands[0].in_at, stands[0].out_at) != (due, model.last_out.get(public_id)):
            yield f"sign-up {row.pk} was there {stands[0].in_at}–{stands[0].out_at}, not from {due}"
        if (row.state == SignUpState.PRESENT) != (due is not None):
            yield f"sign-up {row.pk} is {row.state}"


def miscounted(session: Session, rows: Sequence[SignUp]) -> Iterator[str]:
    for shift in Shift.objects.filter(session=session):
        mine = [row for row in rows if row.shift_id == shift.pk]
        held = sum(row.count for row in mine if row.state in HOLDING)
        line = sum(row.count for row in mine if row.state == SignUpState.WAITING)
        if (shift.taken, shift.waiting) != (held, line):
            yield f"the shift counts {shift.taken} and {shift.waiting}, but {held} hold and {line} wait"
