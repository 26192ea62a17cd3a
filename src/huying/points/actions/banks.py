"""Banks: opened at a place, with goods, partners, and stock that comes in and breaks by two people's word."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.ledger import actions as ledger_actions
from huying.ledger.states import AssetKind
from huying.places.models import Place
from huying.points import rules
from huying.points.actions.events import PointsMoved
from huying.points.actions.refusals import AnotherPerson, GoodRefused, LitterNotSettled, OutOfStock, StepRefused
from huying.points.actions.telling import PLATFORM
from huying.points.models import Bank, Book, Good, Intake, Partner
from huying.points.states import (
    DONATED,
    FUND,
    GOOD,
    LOST,
    PARTNER,
    STOCK,
    SUPPLY,
    IntakeKind,
    IntakeState,
)

FEN = "fen"


class NameTaken(Conflict):
    code = "points_name_taken"
    message = gettext_lazy("这里已经有同名的了。")


@dataclass(frozen=True, slots=True)
class Shelf:
    """What a good is; ``litter`` and ``litter_grams``: what may be brought for one piece of it, by weight."""

    name: str
    unit: str
    points: int
    value_fen: int
    name_en: str = ""
    month_most: int | None = None
    partner: Partner | None = None
    active: bool = True
    litter: str = ""
    litter_grams: int | None = None


def open_bank(*, actor: Actor, book: Book, place: Place, name: str, hours: str = "", name_en: str = "") -> Bank:
    """A counter at a place that the book reaches. Raises Forbidden, NameTaken, InvalidInput (outside the book)."""
    with begin(actor):
        fresh = locks.one(Book, pk=book.pk)
        if not rules.can_keep(actor, fresh):
            raise Forbidden
        if not place.path.startswith(fresh.place.path):
            raise InvalidInput(fields={"place": _("这个地方不在积分办法的范围里。")})
        if fresh.banks.filter(name=name.strip()).exists():
            raise NameTaken(fields={"name": NameTaken.message})
        bank = Bank.objects.create(
            book=fresh, place=place, name=name.strip(), name_en=name_en, hours=hours, opened_at=clock.now()
        )
        audit.record(actor, "points.open_bank", bank, place_path=place.path)
        events.publish(PointsMoved(label=Bank._meta.label, row_id=bank.pk))
        return bank


def close_bank(*, actor: Actor, bank: Bank) -> Bank:
    """No more exchanges here; what waits to be fetched can still be fetched."""
    with begin(actor):
        fresh = locks.one(Bank, pk=bank.pk)
        if not rules.can_keep(actor, fresh.book):
            raise Forbidden
        if fresh.closed_at is None:
            fresh.closed_at = clock.now()
            fresh.save(update_fields=["closed_at"])
            audit.record(actor, "points.close_bank", fresh, place_path=fresh.place.path)
            events.publish(PointsMoved(label=Bank._meta.label, row_id=fresh.pk))
        return fresh


def save_partner(*, actor: Actor, book: Book, name: str, is_sponsor: bool, is_merchant: bool) -> Partner:
    """A sponsor, a merchant, or both; the one of this name when it is there."""
    with begin(actor):
        fresh = locks.one(Book, pk=book.pk)
        if not rules.can_keep(actor, fresh):
            raise Forbidden
        if not (is_sponsor or is_merchant):
            raise InvalidInput(fields={"is_sponsor": _("至少选一样：资助方或商户。")})
        partner, made = Partner.objects.get_or_create(
            book=fresh, name=name.strip(), defaults={"is_sponsor": is_sponsor, "is_merchant": is_merchant}
        )
        if not made:
            partner.is_sponsor, partner.is_merchant = is_sponsor, is_merchant
            partner.save()
        audit.record(actor, "points.save_partner", partner, place_path=fresh.place.path)
        return partner


def save_good(*, actor: Actor, bank: Bank, shelf: Shelf, good: Good | None = None) -> Good:
    """A good of a bank, new or changed. What was exchanged keeps its points, worth and partner. Raises GoodRefused,
    NameTaken, LitterNotSettled.
    """
    if found := rules.refused(f"{shelf.name} {shelf.name_en}", rules.GOODS):
        raise GoodRefused(name=shelf.name, word=found[0], why=found[1])
    if shelf.litter_grams and shelf.partner is not None and shelf.partner.is_merchant:
        raise LitterNotSettled(fields={"litter_grams": LitterNotSettled.message})
    if shelf.partner is not None and shelf.partner.book_id != bank.book_id:
        raise InvalidInput(fields={"partner": _("这个单位不属于这个积分办法。")})
    with begin(actor):
        here = locks.one(Bank, pk=bank.pk)
        if not rules.can_serve(actor, here.place) and not rules.can_keep(actor, here.book):
            raise Forbidden
        row = locks.one(Good, pk=good.pk, bank=here) if good else Good(bank=here)
        if here.goods.filter(name=shelf.name.strip()).exclude(pk=row.pk).exists():
            raise NameTaken(fields={"name": NameTaken.message})
        facts: Mapping[str, Any] = {name: getattr(shelf, name) for name in Shelf.__slots__}
        for name, value in facts.items():
            setattr(row, name, value)
        row.save()
        ledger_actions.add_asset(
            actor=actor,
            code=row.asset_code,
            kind=AssetKind.GOODS,
            name=row.name,
            unit=row.unit,
            name_en=row.name_en,
        )
        audit.record(actor, "points.save_good", row, place_path=here.place.path, changes={"points": row.points})
        return row


def shelf_account(good: Good, purpose: str) -> int:
    """The ledger account of a good for this purpose; only the supply may go below nothing."""
    return ledger_actions.open_account(
        actor=PLATFORM,
        asset=good.asset_code,
        owner_type=GOOD,
        owner_id=good.pk,
        place_path=good.bank.place.path,
        purpose=purpose,
        floor=None if purpose == SUPPLY else 0,
    ).pk


def money_account(partner: Partner, purpose: str) -> int:
    """The ledger account of a partner, in fen; only what was donated may go below nothing."""
    return ledger_actions.open_account(
        actor=PLATFORM,
        asset=FEN,
        owner_type=PARTNER,
        owner_id=partner.pk,
        place_path=partner.book.place.path,
        purpose=purpose,
        floor=None if purpose == DONATED else 0,
    ).pk


# ── what comes and what breaks ──────────────────────────────────────────────
def enter_intake(
    *,
    actor: Actor,
    book: Book,
    kind: str,
    amount: int,
    evidence: str,
    good: Good | None = None,
    partner: Partner | None = None,
) -> Intake:
    """Write down what came or broke; another person counts it before it stands. Raises Forbidden, InvalidInput."""
    if actor.person_id is None:
        raise Forbidden
    if not 0 < amount <= 100_000_000 or not evidence.strip() or (kind == IntakeKind.MONEY) == (good is not None):
        raise InvalidInput(fields={"amount": InvalidInput.message})
    if good is not None and good.bank.book_id != book.pk:
        raise InvalidInput(fields={"good": _("这样物品不在这个积分办法的储蓄所里。")})
    if kind == IntakeKind.MONEY and not (partner is not None and partner.is_sponsor):
        raise InvalidInput(fields={"partner": _("资助款只能记给资助方。")})
    with begin(actor):
        fresh = locks.one(Book, pk=book.pk)
        serves = good is not None and rules.can_serve(actor, good.bank.place)
        if not (serves or rules.can_keep(actor, fresh)) or (partner is not None and partner.book_id != fresh.pk):
            raise Forbidden
        row = Intake.objects.create(
            book=fresh,
            kind=kind,
            good=good,
            partner=partner,
            amount=amount,
            evidence=evidence.strip()[:120],
            made_by_id=actor.person_id,
            made_at=clock.now(),
        )
        audit.record(actor, "points.enter_intake", row, place_path=fresh.place.path, changes={"amount": amount})
        return row


def taken_intake(actor: Actor, intake: Intake) -> Intake:
    """The intake, locked, for a second person who may count it."""
    fresh = locks.one(Intake, pk=intake.pk)
    serves = fresh.good is not None and rules.can_serve(actor, fresh.good.bank.place)
    if not (serves or rules.can_keep(actor, fresh.book)):
        raise Forbidden
    if fresh.state != IntakeState.WAITING:
        raise StepRefused(state=IntakeState(fresh.state).label, verb=_("清点"))
    return fresh


def confirm_intake(*, actor: Actor, intake: Intake) -> Intake:
    """Counted: it enters the ledger. Raises AnotherPerson, StepRefused, OutOfStock (more broke than is there)."""
    with begin(actor):
        fresh = taken_intake(actor, intake)
        if fresh.made_by_id == actor.person_id:
            raise AnotherPerson
        debit, credit, reason = sides(fresh)
        entry = ledger_actions.Entry(
            debit=debit,
            credit=credit,
            amount=fresh.amount,
            key=f"points-intake:{fresh.public_id}",
            reason=reason,
            evidence=f"points.Intake:{fresh.pk}",
            made_by=fresh.made_by_id,
            approved_by=actor.person_id,
        )
        try:
            fresh.transfer_id = ledger_actions.transfer(actor=PLATFORM, entry=entry).pk
        except ledger_actions.NotEnough:
            raise OutOfStock(name=fresh.good) from None
        fresh.state, fresh.checked_by_id, fresh.checked_at = IntakeState.CONFIRMED, actor.person_id, clock.now()
        fresh.save()
        audit.record(actor, "points.confirm_intake", fresh, place_path=fresh.book.place.path)
        return fresh


def sides(intake: Intake) -> tuple[int, int, str]:
    """From which account to which, and why."""
    if intake.kind == IntakeKind.MONEY:
        assert intake.partner is not None
        return money_account(intake.partner, DONATED), money_account(intake.partner, FUND), "points.money"
    assert intake.good is not None
    if intake.kind == IntakeKind.LOSS:
        return shelf_account(intake.good, STOCK), shelf_account(intake.good, LOST), "points.loss"
    return shelf_account(intake.good, SUPPLY), shelf_account(intake.good, STOCK), "points.intake"


def refuse_intake(*, actor: Actor, intake: Intake) -> Intake:
    """Not so; who entered it may take it back this way too."""
    with begin(actor):
        fresh = taken_intake(actor, intake)
        fresh.state, fresh.checked_by_id, fresh.checked_at = IntakeState.REFUSED, actor.person_id, clock.now()
        fresh.save()
        audit.record(actor, "points.refuse_intake", fresh, place_path=fresh.book.place.path)
        return fresh
