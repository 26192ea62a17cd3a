"""Sheets for merchants: what was handed over of their goods in a span of days, paid by a sponsor's fund, by two people."""

from __future__ import annotations

from datetime import date

from django.db.models import Sum

from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.ledger import actions as ledger_actions
from huying.ledger import queries as ledger_queries
from huying.points import rules
from huying.points.actions.banks import money_account
from huying.points.actions.refusals import AnotherPerson, FundTooSmall, NothingToSettle, StepRefused
from huying.points.actions.telling import PLATFORM
from huying.points.models import Gift, Partner, Sheet
from huying.points.queries.books import midnight
from huying.points.states import EARNED, FUND, GiftState, SheetState


def make_sheet(*, actor: Actor, partner: Partner, funded_by: Partner, since: date, until: date) -> Sheet:
    """Put every exchange of this merchant's goods from ``since`` until before ``until`` on one sheet, each only once.

    Raises Forbidden, InvalidInput, NothingToSettle.
    """
    if actor.person_id is None:
        raise Forbidden
    if not since < until or until > date.fromordinal(clock.today().toordinal() + 1):
        raise InvalidInput(fields={"until": InvalidInput.message})
    with begin(actor):
        merchant = locks.one(Partner, pk=partner.pk)
        if not rules.can_keep(actor, merchant.book) or funded_by.book_id != merchant.book_id:
            raise Forbidden
        if not merchant.is_merchant or not funded_by.is_sponsor:
            raise InvalidInput(fields={"partner": InvalidInput.message})
        rows = Gift.objects.filter(partner=merchant, state=GiftState.HANDED, sheet__isnull=True)
        rows = rows.filter(ended_at__gte=midnight(since), ended_at__lt=midnight(until))
        total = rows.aggregate(n=Sum("value_fen"))["n"] or 0
        if total < 1:
            raise NothingToSettle
        sheet = Sheet.objects.create(
            book=merchant.book,
            partner=merchant,
            funded_by=funded_by,
            since=since,
            until=until,
            total_fen=total,
            made_by_id=actor.person_id,
            made_at=clock.now(),
        )
        gifts = locks.many(rows)
        Gift.objects.filter(pk__in=[one.pk for one in gifts]).update(sheet=sheet)
        sheet.total_fen = sum(one.value_fen for one in gifts)  # what was handed over meanwhile is on it too
        sheet.save(update_fields=["total_fen"])
        audit.record(actor, "points.make_sheet", sheet, place_path=merchant.book.place.path)
        return sheet


def taken(actor: Actor, sheet: Sheet) -> Sheet:
    fresh = locks.one(Sheet, pk=sheet.pk)
    if not rules.can_keep(actor, fresh.book):
        raise Forbidden
    if fresh.state != SheetState.DRAFT:
        raise StepRefused(state=SheetState(fresh.state).label, verb=SheetState.APPROVED.label)
    return fresh


def approve_sheet(*, actor: Actor, sheet: Sheet, evidence: str) -> Sheet:
    """Audited by another person: the sponsor's fund pays it in the books. No money is moved by this product.

    Raises AnotherPerson, FundTooSmall, StepRefused, InvalidInput (``evidence``: where the receipt is kept).
    """
    if not evidence.strip():
        raise InvalidInput(fields={"evidence": InvalidInput.message})
    with begin(actor):
        fresh = taken(actor, sheet)
        if actor.person_id is None or actor.person_id == fresh.made_by_id:
            raise AnotherPerson
        fund = money_account(fresh.funded_by, FUND)
        entry = ledger_actions.Entry(
            debit=fund,
            credit=money_account(fresh.partner, EARNED),
            amount=fresh.total_fen,
            key=f"points-sheet:{fresh.public_id}",
            reason="points.settle",
            evidence=f"points.Sheet:{fresh.pk}",
            made_by=fresh.made_by_id,
            approved_by=actor.person_id,
        )
        try:
            fresh.transfer_id = ledger_actions.transfer(actor=PLATFORM, entry=entry).pk
        except ledger_actions.NotEnough:
            have = ledger_queries.account(fund).available
            raise FundTooSmall(need=f"{fresh.total_fen / 100:.2f}", have=f"{have / 100:.2f}") from None
        fresh.state, fresh.approved_by_id, fresh.approved_at = SheetState.APPROVED, actor.person_id, clock.now()
        fresh.evidence = evidence.strip()[:120]
        fresh.save()
        audit.record(actor, "points.approve_sheet", fresh, place_path=fresh.book.place.path)
        return fresh


def drop_sheet(*, actor: Actor, sheet: Sheet) -> Sheet:
    """Throw a sheet away that was not settled; its exchanges can go on another one."""
    with begin(actor):
        fresh = taken(actor, sheet)
        gifts = locks.many(Gift.objects.filter(sheet=fresh))
        Gift.objects.filter(pk__in=[one.pk for one in gifts]).update(sheet=None)
        fresh.state = SheetState.DROPPED
        fresh.save(update_fields=["state"])
        audit.record(actor, "points.drop_sheet", fresh, place_path=fresh.book.place.path)
        return fresh
