"""The word to an owner who has no account: a keeper gives it face to face, and presses when he has."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.kernel.transactions import begin
from huying.points import rules
from huying.points.actions.endings import AFTERWARDS, said, written
from huying.points.actions.refusals import NothingToTell, ReasonMissing
from huying.points.actions.reversals import said as proposal_said
from huying.points.models import Passbook, Reversal
from huying.points.queries import appeals as appeal_queries
from huying.points.queries import telling as queries
from huying.points.queries.endings import soonest
from huying.points.states import ReversalState


def spoken(passbook: Passbook) -> list[tuple[str, str]]:
    """What its owner has to be told, as it is when he is told today: (what, what follows from it)."""
    waits, now, days = queries.untold(passbook), clock.now(), dict[datetime, int]()
    for one in waits.lots:
        ends_at = max(one.lot.expires_at, soonest(now))
        days[ends_at] = days.get(ends_at, 0) + one.free + one.held
    until = appeal_queries.due("file", now, passbook.book.place.path)
    return [(said(points, ends_at), str(AFTERWARDS)) for ends_at, points in sorted(days.items())] + [
        about_taking(row, until) for row in waits.takings
    ]


def about_taking(row: Reversal, until: datetime) -> tuple[str, str]:
    """Of a proposal what its message would say; of one that is done, what was done and that he may object."""
    if row.state == ReversalState.PROPOSED:
        return proposal_said(row, until)
    title = _("已冲回 {n} 分：{title}").format(n=row.claim.amount, title=row.claim.title)
    return title, _("不同意的，{until} 以前可以申诉。").format(until=f"{clock.local(until):%Y-%m-%d %H:%M}")


def tell_in_person(*, actor: Actor, passbook: Passbook, how: str) -> Passbook:
    """Its owner was told what ends when and what somebody wants to take back; ``how`` stands in the trail.

    From now on count the sixty days and his time to object. Raises ReasonMissing, Forbidden, NothingToTell.
    """
    if not how.strip():
        raise ReasonMissing(fields={"how": ReasonMissing.message})
    with begin(actor):
        fresh = locks.one(Passbook, pk=passbook.pk)
        if actor.person_id is None or not rules.attends(actor, fresh):
            raise Forbidden
        waits = queries.untold(fresh)
        takings = locks.many(Reversal.objects.filter(pk__in=[one.pk for one in waits.takings]))
        if not (waits.lots or takings):
            raise NothingToTell
        now, path = clock.now(), fresh.book.place.path
        written(fresh, waits.lots, now, actor.person_id)
        for row in takings:
            row.told_at, row.told_by_id = now, actor.person_id
            row.not_before = row.not_before or appeal_queries.due("file", now, path)
            if row.state == ReversalState.PROPOSED:
                row.until = appeal_queries.due("reversal", row.not_before, path)
            row.save(update_fields=["told_at", "told_by", "not_before", "until"])
        audit.record(actor, "points.tell_in_person", fresh, place_path=path, reason=how.strip()[:200])
        return fresh
