"""Passbooks: one's own, what is on them and when it ends, the household's by consent, those that staff find by name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet

from huying.kernel import clock, search
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.ledger import queries as ledger_queries
from huying.people.models import Person
from huying.points import rules
from huying.points.models import Appeal, Bank, Book, Claim, Gift, Passbook, Reversal
from huying.points.queries.books import books_above
from huying.points.queries.endings import end_of, last_day, told_of
from huying.points.queries.owners import of_owner
from huying.points.states import BookletState

FAR = timedelta(days=3660)


@dataclass(frozen=True, slots=True)
class Stand:
    """What is on a passbook: ``free`` can be exchanged, ``held`` is set aside; ``ends``: (last day, points) to come."""

    free: int
    held: int
    ends: list[tuple[date, int]]


def passbook(actor: Actor, public_id: UUID) -> Passbook:
    """One passbook the actor may see; NotFound."""
    rows = Passbook.objects.filter(rules.passbooks_visible_to(actor), public_id=public_id)
    found = rows.select_related("person", "book__place").first()
    if found is None:
        raise NotFound
    return found


def mine(actor: Actor) -> list[Passbook]:
    """One's own passbooks and those of whom one acts for now."""
    who = [one for one in (actor.person_id, actor.on_behalf_of_id) if one is not None]
    rows = Passbook.objects.filter(person_id__in=who).select_related("person", "book__place")
    return list(rows.order_by("id"))


def stand(passbook: Passbook) -> Stand:
    """Read from the ledger, where alone it stands."""
    account = ledger_queries.account(passbook.account_id)
    left = ledger_queries.lots_left(account.pk, clock.now() + FAR)
    told, ends = told_of(passbook), dict[date, int]()
    for one in left:
        if amount := one.free + one.held:
            day = last_day(end_of(one.lot, told))
            ends[day] = ends.get(day, 0) + amount
    return Stand(account.available, account.held, sorted(ends.items()))


def lines(passbook: Passbook, cursor: str | None = None) -> ledger_queries.Statement:
    """Every entry of the passbook as the ledger has it, oldest first, a page at a time."""
    account = ledger_queries.account(passbook.account_id)
    return ledger_queries.statement(account, account.opened_at, clock.now() + timedelta(days=1), cursor)


def all_lines(passbook: Passbook) -> list[ledger_queries.Line]:
    """Every entry, for the booklet and files."""
    account = ledger_queries.account(passbook.account_id)
    return list(ledger_queries.all_lines(account, account.opened_at, clock.now() + timedelta(days=1)))


def titles(transfers: list[ledger_queries.Line]) -> dict[int, str]:
    """Transfer key -> what it was for, in the words of its claim or good."""
    claims = {f"points.Claim:{one.pk}": one.title for one in claims_named(transfers)}
    goods = {f"points.Good:{key}": name for key, name in goods_named(transfers)}
    known = claims | goods
    return {
        one.transfer.pk: known.get(one.transfer.evidence) or ledger_queries.reason_of(one.transfer) for one in transfers
    }


def keys_in(transfers: list[ledger_queries.Line], label: str) -> list[int]:
    marks = [one.transfer.evidence for one in transfers if one.transfer.evidence.startswith(f"{label}:")]
    return [int(mark.partition(":")[2]) for mark in marks]


def claims_named(transfers: list[ledger_queries.Line]) -> QuerySet[Claim]:
    return Claim.objects.filter(pk__in=keys_in(transfers, "points.Claim"))


def goods_named(transfers: list[ledger_queries.Line]) -> list[tuple[int, str]]:
    keys = keys_in(transfers, "points.Good")
    rows = Gift.objects.filter(good__in=keys).values_list("good_id", "good__name").distinct()
    return list(rows) if keys else []


def to_join(actor: Actor) -> list[Book]:
    """Books that reach where one lives and that one has no passbook of, the nearest first."""
    me = Person.objects.filter(pk=actor.on_behalf_of_id or actor.person_id or 0).select_related("home_place").first()
    if me is None or me.home_place is None:
        return []
    have = set(Passbook.objects.filter(person=me).values_list("book_id", flat=True))
    return [one for one in books_above(me.home_place)[:1] if one.pk not in have]


def household(passbook: Passbook) -> list[tuple[Passbook, int]]:
    """Others of the household who share theirs in this book, by name, each with what can be exchanged. Never a sum: no
    household is scored (K01). Nothing unless one shares one's own.
    """
    if not passbook.shares or passbook.person.household_id is None:
        return []
    rows = Passbook.objects.filter(
        book=passbook.book, shares=True, person__household_id=passbook.person.household_id, person__erased_at=None
    ).exclude(pk=passbook.pk)
    found = list(rows.select_related("person").order_by("person__sort_key", "id"))
    return [(one, ledger_queries.account(one.account_id).available) for one in found]


def found_passbooks(actor: Actor, words: str = "", book: Book | None = None) -> QuerySet[Passbook]:
    """Passbooks of the books the actor keeps, or of his counters, by name: never by what is on them."""
    rows = rules.passbooks_at_hand(actor).select_related("person", "book")
    if book is not None:
        rows = rows.filter(book=book)
    return named_like(rows, words) if words.strip() else rows.exclude(state=BookletState.LEFT)


def named_like(rows: QuerySet[Passbook], words: str) -> QuerySet[Passbook]:
    """Those whose number or owner's name this is; all of them without words."""
    text = words.strip()
    if text.isdigit() and len(text) == 10:
        return rows.filter(number=text)
    return rows.filter(person__in=search.matching(Person.objects.filter(erased_at=None), text)) if text else rows


def passbook_at(bank: Bank, number: str) -> Passbook | None:
    """The passbook with this number that the counter's book has."""
    return Passbook.objects.filter(book=bank.book, number=number).select_related("person", "book__place").first()


def gifts_of(passbook: Passbook) -> QuerySet[Gift]:
    return passbook.gifts.select_related("good__bank").order_by("-id")


def claims_of(passbook: Passbook) -> QuerySet[Claim]:
    return passbook.claims.select_related("rule").order_by("-id")


def appeals_of(actor: Actor, passbook: Passbook) -> QuerySet[Appeal]:
    """Of a passbook those that the actor may open, newest first."""
    return passbook.appeals.filter(rules.appeals_visible_to(actor)).order_by("-id")


def gift(actor: Actor, public_id: UUID) -> Gift:
    """One exchange the actor may see; NotFound."""
    rows = Gift.objects.filter(rules.gifts_visible_to(actor), public_id=public_id)
    found = rows.select_related("passbook__person", "passbook__book__place", "good__bank__place").first()
    if found is None:
        raise NotFound
    return found


def claim(actor: Actor, public_id: UUID) -> Claim:
    """One claim the actor may see; NotFound."""
    seen = Q(passbook__in=Passbook.objects.filter(rules.passbooks_visible_to(actor)).values("pk"))
    rows = Claim.objects.filter(seen | Q(made_by_id=actor.person_id or 0), public_id=public_id)
    found = rows.select_related(
        "passbook__person", "passbook__book__place", "rule__edition", "person", "made_by"
    ).first()
    if found is None:
        raise NotFound
    return found


def claims_desk(actor: Actor, state: str = "", words: str = "", book: Book | None = None) -> QuerySet[Claim]:
    """Claims that wait for this actor; with ``state`` all of his books in that state. By the owner's name or number."""
    rows = Claim.objects.select_related("passbook__book", "rule", "person", "made_by", "ended_by")
    rows = of_owner(rows, words, book)
    if not state or state == "waiting":
        return rows.filter(rules.claims_to_check(actor))
    return rows.filter(passbook__in=rules.passbooks_of(actor).values("pk"), state=state)


def reversals_of(claim: Claim) -> list[Reversal]:
    return list(claim.reversals.order_by("-id"))


def since(days: int) -> datetime:
    return clock.now() - timedelta(days=days)
