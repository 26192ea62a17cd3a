"""What points add to figures: banks, passbooks, points given and exchanged, goods given and what they were worth.

A passbook counts from the day it was opened until its owner left; a bank until it was closed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import Any

from huying.figures.states import Word
from huying.kernel import clock
from huying.points.models import Bank, Claim, Gift, Passbook, Weighing
from huying.points.states import BookletState, ClaimState, GiftState

CLAIM, GIFT, WEIGHING = Claim._meta.label, Gift._meta.label, Weighing._meta.label
BANK, PASSBOOK = Bank._meta.label, Passbook._meta.label
CLOSED, LEFT = f"{BANK}.closed", f"{PASSBOOK}.left"


def day_of(at: datetime | None) -> date:
    return clock.local(at).date() if at else clock.today()


def of_claim(row: Claim) -> list[Word]:
    """Points booked, on the day when they were."""
    amount = row.amount or 0 if row.state == ClaimState.CONFIRMED else 0
    at, day = row.passbook.book.place_id, day_of(row.ended_at or row.made_at)
    return [
        Word(CLAIM, row.pk, "points_given", at, day, amount),
        Word(CLAIM, row.pk, "points_claims", at, day, int(amount != 0)),
    ]


def of_gift(row: Gift) -> list[Word]:
    """Points exchanged, pieces and their worth, on the day they were handed over, at the bank. What came back counts no
    more, but for the goods of one that was settled, which stay given.
    """
    at, day, handed = row.good.bank.place_id, day_of(row.ended_at or row.made_at), row.state == GiftState.HANDED
    gone = handed or (row.state == GiftState.RETURNED and row.sheet_id is not None)
    return [
        Word(GIFT, row.pk, "points_used", at, day, row.points if handed else 0),
        Word(GIFT, row.pk, "points_exchanges", at, day, int(handed and row.points != 0)),
        Word(GIFT, row.pk, "gifts", at, day, int(gone)),
        Word(GIFT, row.pk, "gifts_given", at, day, row.quantity if gone else 0),
        Word(GIFT, row.pk, "gifts_worth", at, day, row.value_fen if gone else 0),
    ]


def of_weighing(row: Weighing) -> list[Word]:
    """Goods given for litter."""
    at, day = row.good.bank.place_id, day_of(row.made_at)
    return [
        Word(WEIGHING, row.pk, "gifts", at, day, 1),
        Word(WEIGHING, row.pk, "litter_weighings", at, day, 1),
        Word(WEIGHING, row.pk, "gifts_given", at, day, row.quantity),
        Word(WEIGHING, row.pk, "gifts_worth", at, day, row.value_fen),
        Word(WEIGHING, row.pk, "litter_grams", at, day, row.grams),
    ]


def of_bank(row: Bank) -> list[Word]:
    words = [Word(BANK, row.pk, "points_banks", row.place_id, day_of(row.opened_at), 1)]
    if row.closed_at is not None:
        words.append(Word(CLOSED, row.pk, "points_banks", row.place_id, day_of(row.closed_at), -1))
    return words


def of_passbook(row: Passbook) -> list[Word]:
    left = row.state == BookletState.LEFT
    return [
        Word(PASSBOOK, row.pk, "points_passbooks", row.book.place_id, day_of(row.opened_at), 1),
        Word(
            LEFT, row.pk, "points_passbooks", row.book.place_id, day_of(row.left_at or row.opened_at), -1 if left else 0
        ),
    ]


COUNTED: dict[str, tuple[Any, Callable[[Any], list[Word]]]] = {
    CLAIM: (Claim.objects.select_related("passbook__book"), of_claim),
    GIFT: (Gift.objects.select_related("good__bank"), of_gift),
    WEIGHING: (Weighing.objects.select_related("good__bank"), of_weighing),
    BANK: (Bank.objects.all(), of_bank),
    PASSBOOK: (Passbook.objects.select_related("book"), of_passbook),
}
SOURCES = {CLAIM: CLAIM, GIFT: GIFT, WEIGHING: WEIGHING, BANK: BANK, CLOSED: BANK, PASSBOOK: PASSBOOK, LEFT: PASSBOOK}
"""Source of a word -> label of the rows it comes from."""


def words_of(label: str, row_id: int) -> list[Word]:
    """What one row adds now."""
    rows, told = COUNTED[label]
    found = rows.filter(pk=row_id).first()
    return told(found) if found is not None else []


def recounted(source: str) -> Iterator[Word]:
    """All words of this source, by row: a fresh count."""
    rows, told = COUNTED[SOURCES[source]]
    for row in rows.order_by("pk").iterator():
        yield from (word for word in told(row) if word.source == source)
