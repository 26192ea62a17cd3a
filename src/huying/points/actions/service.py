"""Confirmed hours of service become points, when their volunteer has a passbook; a corrected record is booked anew."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.ledger.actions import NotEnough
from huying.points.actions.earning import Deed, earned, passbooks_of, rebooked, take_back
from huying.points.actions.events import PointsMoved
from huying.points.actions.reversals import ended, release
from huying.points.actions.telling import tell
from huying.points.models import Claim, Reversal
from huying.points.queries.endings import reads
from huying.points.states import ClaimState, Ground, ReversalState, Source
from huying.volunteers.models import ServiceRecord
from huying.volunteers.states import COUNTED

LABEL = ServiceRecord._meta.label


def earn_service(*, actor: Actor, record_id: int) -> Claim | None:
    """Book what this record is worth as it stands; again it changes nothing. None: no passbook, or nothing to book.

    A record that was corrected by two people takes back the old points first, and tells their owner; where they are
    already spent they stay, for nobody comes below nothing.
    """
    with begin(actor):
        record = ServiceRecord.objects.select_related("person").get(pk=record_id)
        deed = deed_of(record)
        counted = record.state in COUNTED and record.confirmed_by_id is not None
        passbooks = passbooks_of(record.person)
        old = booked_of(record)
        withdraw_stale(actor, record, deed, counted)
        if old is not None:
            same = (old.done_on, old.quantity) == (deed.done_on, deed.as_done(old.rule).quantity)
            if (counted and same) or not undone(actor, old, record):
                return old
        if not counted:
            return None
        if old is not None:
            return rebooked(actor, old, deed, maker_of(record), record.confirmed_by_id or 0)
        return earned(actor, passbooks, Source.SERVICE, deed, maker_of(record), record.confirmed_by_id or 0)


def deed_of(record: ServiceRecord) -> Deed:
    """A record of service as something done; its evidence class is the proof."""
    day = clock.local(record.starts_at).date()
    return Deed(record.title, day, (LABEL, record.pk), minutes=record.minutes, proof=record.get_evidence_display())


def maker_of(record: ServiceRecord) -> int:
    """Who entered the hours; after a correction by the same who confirmed them, who saw them second."""
    makers = [record.entered_by_id, record.second_by_id or 0]
    return next((one for one in makers if one and one != record.confirmed_by_id), record.entered_by_id)


def booked_of(record: ServiceRecord) -> Claim | None:
    """The claim that counts this record, locked."""
    rows = Claim.objects.filter(source_type=LABEL, source_id=record.pk, state=ClaimState.CONFIRMED)
    return next(iter(locks.many(rows)), None)


def withdraw_stale(actor: Actor, record: ServiceRecord, deed: Deed, counted: bool) -> None:
    """A claim that still waits for another confirmer, of what the record does not say any more, is taken back."""
    rows = Claim.objects.filter(source_type=LABEL, source_id=record.pk, state=ClaimState.WAITING)
    for row in locks.many(rows):
        if not counted or (row.done_on, row.quantity) != (deed.done_on, deed.as_done(row.rule).quantity):
            row.state, row.ended_at = ClaimState.WITHDRAWN, clock.now()
            row.save(update_fields=["state", "ended_at"])
            audit.record(actor, "points.withdraw", row, place_path=row.passbook.book.place.path)


def answered_by_correction(actor: Actor, claim: Claim) -> None:
    """A proposal to take these points back ends: two people have put the record itself right."""
    for row in locks.many(Reversal.objects.filter(claim=claim, state=ReversalState.PROPOSED)):
        release(row)
        row.reason = _("服务记录已更正，按更正后的重新计分。")
        ended(actor, row, ReversalState.DROPPED, "drop_reversal")


def undone(actor: Actor, claim: Claim, record: ServiceRecord) -> bool:
    """Take the points of the old version back; False when they are spent. The two who corrected answer for it."""
    last = record.events.filter(verb="accept").order_by("-id").first()
    asked = record.events.filter(verb="correct").order_by("-id").first()
    if last is None or asked is None or last.by_id is None or asked.by_id is None or last.by_id == asked.by_id:
        return False
    try:
        with begin(actor):
            answered_by_correction(actor, claim)
            take_back(claim, asked.by_id, last.by_id)
    except NotEnough:
        audit.record(actor, "points.reversal_short", claim, place_path=claim.passbook.book.place.path)
        return False
    now = clock.now()
    Reversal.objects.create(
        claim=claim,
        ground=Ground.ERROR,
        evidence=f"{LABEL}:{record.pk}",
        state=ReversalState.CARRIED,
        made_by_id=asked.by_id,
        made_at=now,
        told_at=now if reads(claim.passbook.person) else None,
        not_before=now,
        ended_by_id=last.by_id,
        ended_at=now,
    )
    claim.state = ClaimState.REVERSED
    claim.save(update_fields=["state"])
    audit.record(actor, "points.carry", claim, place_path=claim.passbook.book.place.path)
    events.publish(PointsMoved(label=Claim._meta.label, row_id=claim.pk))
    words = _("服务记录更正后重新计分：{title}").format(title=claim.title)
    tell(actor, claim.passbook, words, _("原来的 {n} 分已冲回，不同意可以申诉。").format(n=claim.amount))
    return True
