"""Banks, what lies on their shelves, who paid for it, and what was settled."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q, QuerySet

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.ledger.models import Account
from huying.places.models import Place
from huying.places.states import Status
from huying.points import rules
from huying.points.models import Bank, Book, Gift, Good, Intake, Partner, Sheet
from huying.points.states import FUND, GOOD, PARTNER, GiftState, IntakeState


@dataclass(frozen=True, slots=True)
class Piece:
    """One good with how much of it there is: on the shelf, waiting to be fetched, given, broken."""

    good: Good
    stock: int = 0
    reserved: int = 0
    given: int = 0
    lost: int = 0


def pieces(goods: Iterable[Good]) -> list[Piece]:
    """Goods with their counts, one question for all of them."""
    rows = list(goods)
    found = Account.objects.filter(owner_type=GOOD, owner_id__in=[one.pk for one in rows], issuing=False)
    counts: dict[int, dict[str, int]] = {}
    for one in found:
        counts.setdefault(one.owner_id, {})[one.purpose] = one.balance
    return [Piece(one, **counts.get(one.pk, {})) for one in rows]


def bank(public_id: UUID) -> Bank:
    """A bank; they are public. NotFound."""
    found = Bank.objects.filter(public_id=public_id).select_related("book__place", "place").first()
    if found is None:
        raise NotFound
    return found


def kept_bank(actor: Actor, public_id: UUID) -> Bank:
    """A bank at whose counter the actor stands, or whose book he looks over; NotFound."""
    found = bank(public_id)
    if not (rules.can_serve(actor, found.place) or rules.can_audit(actor, found.book)):
        raise NotFound
    return found


def banks_of(book: Book, *, closed: bool = False) -> QuerySet[Bank]:
    rows = book.banks.select_related("place", "book").order_by("name")
    return rows if closed else rows.filter(closed_at__isnull=True)


def my_banks(actor: Actor) -> QuerySet[Bank]:
    """Open counters where the actor serves."""
    from_place = Bank.objects.filter(closed_at__isnull=True).select_related("place", "book")
    return from_place.filter(rules.serves(actor)).order_by("name")


def goods_of(bank: Bank) -> QuerySet[Good]:
    """On the shelf of this bank, those that are offered first."""
    return bank.goods.select_related("partner", "bank__place").order_by("-active", "name")


def offered(book: Book) -> list[Piece]:
    """What can be had for points of this book now, with how much there is."""
    rows = Good.objects.filter(bank__book=book, bank__closed_at__isnull=True, active=True)
    return pieces(rows.select_related("bank__place").order_by("bank__name", "points", "name"))


def good(public_id: UUID) -> Good:
    """One good; NotFound."""
    found = Good.objects.filter(public_id=public_id).select_related("bank__place", "bank__book__place").first()
    if found is None:
        raise NotFound
    return found


def partners_of(book: Book) -> QuerySet[Partner]:
    return book.partners.filter(ended_at__isnull=True).order_by("name")


def funds(partners: Iterable[Partner]) -> dict[int, int]:
    """Partner key -> fen in its fund."""
    keys = [one.pk for one in partners]
    rows = Account.objects.filter(owner_type=PARTNER, owner_id__in=keys, purpose=FUND)
    return {one.owner_id: one.balance for one in rows}


def waiting_intakes(book: Book) -> QuerySet[Intake]:
    rows = book.intakes.filter(state=IntakeState.WAITING).select_related("good", "partner", "made_by")
    return rows.order_by("made_at", "id")


def intakes_of(book: Book) -> QuerySet[Intake]:
    return book.intakes.select_related("good", "partner", "made_by", "checked_by")


def intake(public_id: UUID) -> Intake:
    found = Intake.objects.filter(public_id=public_id).select_related("book__place", "good__bank").first()
    if found is None:
        raise NotFound
    return found


def sheets_of(book: Book) -> QuerySet[Sheet]:
    return book.sheets.select_related("partner", "funded_by", "made_by", "approved_by")


def sheet(actor: Actor, public_id: UUID) -> Sheet:
    """One sheet of a book the actor keeps or looks over; NotFound."""
    found = Sheet.objects.filter(public_id=public_id).select_related("book__place", "partner", "funded_by").first()
    if found is None or not rules.can_audit(actor, found.book):
        raise NotFound
    return found


def lines_of(sheet: Sheet) -> QuerySet[Gift]:
    """What a sheet settles, without who fetched it."""
    return sheet.gifts.select_related("good__bank").order_by("ended_at", "id")


def today_at(bank: Bank) -> QuerySet[Gift]:
    """What was handed over at this counter today, the last first."""
    first = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Gift.objects.filter(Q(ended_at__gte=first), good__bank=bank, state=GiftState.HANDED)
    return rows.select_related("good", "passbook__person").order_by("-ended_at", "-id")


def places_of(book: Book) -> list[Place]:
    """Sites and divisions that the book reaches, where a counter can be."""
    rows = Place.objects.filter(path__startswith=book.place.path, status=Status.OPEN)
    rows = rows.filter(Q(kind__is_division=True) | Q(kind__is_site=True)).exclude(kind="grid")
    return list(rows.select_related("kind").order_by("depth", "sort_key", "id")[:200])
