"""A book from above: its sums beside the ledger's, who confirms much for whom, who gives out without a code.

Nobody is ranked: people stand here by name, for a look at proofs, and only those who audit or keep the book see it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from django.db.models import Count, F, Q, QuerySet, Sum

from huying.ledger.models import Account
from huying.points.models import Book, Claim, Gift
from huying.points.models.banks import GAVE
from huying.points.queries.passbooks import since
from huying.points.states import BOOK, ISSUING, TAKEN, ClaimState, GiftState, Way

MONTH, QUARTER = 30, 90
FEW = 3
"""Confirmations below which a share says nothing."""
MOST, MORE = 80, 30
"""Percent of somebody's points from one confirmer that are shown when he gives so many points of a hundred more to him
than to all together.
"""


@dataclass(frozen=True, slots=True)
class Pair:
    """``by`` confirmed for ``who`` so often, and ``back`` times the other way, here or in another book."""

    who: str
    by: str
    times: int
    back: int


@dataclass(frozen=True, slots=True)
class Leaning:
    """``share`` percent of the points of ``who`` were confirmed by ``by``, who confirmed ``whole`` percent of all."""

    who: str
    by: str
    times: int
    share: int
    whole: int


@dataclass(frozen=True, slots=True)
class Uncoded:
    """``by`` gave so often without a pick-up code, to so many people."""

    by: str
    times: int
    people: int


@dataclass(frozen=True, slots=True)
class Audit:
    """Sums from the room's rows; ``issued`` and ``taken`` are the same as the ledger has them."""

    given: int
    used: int
    worth: int
    gifts: int
    unsettled: int
    issued: int
    taken: int
    pairs: list[Pair]
    leanings: list[Leaning]
    uncoded: list[Uncoded]

    @property
    def agrees(self) -> bool:
        """The room and the ledger say the same."""
        return (self.given, self.used) == (self.issued, self.taken)


def audit(book: Book) -> Audit:
    """The sums of a book, read twice, and what an auditor looks at."""
    claims = Claim.objects.filter(passbook__book=book, state=ClaimState.CONFIRMED)
    given = Gift.objects.filter(passbook__book=book, state__in=GAVE)
    handed = given.filter(state=GiftState.HANDED)
    sums = handed.aggregate(points=Sum("points"), n=Count("id"))
    lost = Q(
        state=GiftState.RETURNED, sheet__isnull=False
    )  # settled, then returned: the merchant was paid, goods are gone
    fen = given.filter(Q(state=GiftState.HANDED) | lost).aggregate(n=Sum("value_fen"))["n"]
    open_fen = handed.filter(sheet__isnull=True, partner__is_merchant=True).aggregate(n=Sum("value_fen"))["n"]
    booked = {
        one.purpose: one.balance
        for one in Account.objects.filter(owner_type=BOOK, owner_id=book.pk, asset__code=book.asset_code)
    }
    return Audit(
        given=claims.aggregate(n=Sum("amount"))["n"] or 0,
        used=sums["points"] or 0,
        worth=fen or 0,
        gifts=sums["n"],
        unsettled=open_fen or 0,
        issued=-booked.get(ISSUING, 0),
        taken=booked.get(TAKEN, 0),
        pairs=mutual(claims),
        leanings=one_sided(claims),
        uncoded=without_code(given),
    )


def mutual(claims: QuerySet[Claim]) -> list[Pair]:
    """People who confirmed each other's points within thirty days: the one here, the other here or in any book."""
    recent = claims.filter(ended_at__gte=since(MONTH)).exclude(ended_by=F("person"))
    rows = list(recent.values("person_id", "person__name", "ended_by_id", "ended_by__name").annotate(n=Count("id")))
    there = Claim.objects.filter(
        state=ClaimState.CONFIRMED,
        ended_at__gte=since(MONTH),
        person_id__in={one["ended_by_id"] for one in rows},
        ended_by_id__in={one["person_id"] for one in rows},
    )
    back = {
        (one["ended_by_id"], one["person_id"]): one["n"]
        for one in there.values("person_id", "ended_by_id").annotate(n=Count("id"))
    }
    found = [
        Pair(one["person__name"], one["ended_by__name"], one["n"], times)
        for one in rows
        if (times := back.get((one["person_id"], one["ended_by_id"]), 0))
    ]
    return sorted(found, key=lambda pair: (pair.who, pair.by))


def one_sided(claims: QuerySet[Claim]) -> list[Leaning]:
    """Whose points of ninety days come mostly from one confirmer, who gives far less of them to all together."""
    recent = claims.filter(ended_at__gte=since(QUARTER))
    rows = list(
        recent.values("person_id", "person__name", "ended_by_id", "ended_by__name").annotate(
            n=Count("id"), points=Sum("amount")
        )
    )
    of_person, by_confirmer = Counter[int](), Counter[int]()
    for one in rows:
        of_person[one["person_id"]] += one["points"]
        by_confirmer[one["ended_by_id"]] += one["points"]
    whole = sum(of_person.values())
    found = []
    for one in rows:
        share = 100 * one["points"] // of_person[one["person_id"]]
        usual = 100 * by_confirmer[one["ended_by_id"]] // whole
        if one["n"] >= FEW and share >= MOST and share - usual >= MORE:
            found.append(Leaning(one["person__name"], one["ended_by__name"], one["n"], share, usual))
    return sorted(found, key=lambda one: (one.who, one.by))


def without_code(given: QuerySet[Gift]) -> list[Uncoded]:
    """Who gave how often without a pick-up code within ninety days, by name; what came back was given too."""
    rows = given.filter(ended_at__gte=since(QUARTER)).filter(Q(way=Way.BOOKLET) | Q(way=Way.UNKNOWN))
    counted = rows.values("ended_by_id", "ended_by__name").annotate(
        n=Count("id"), people=Count("passbook_id", distinct=True)
    )
    return [
        Uncoded(one["ended_by__name"], one["n"], one["people"])
        for one in counted.order_by("ended_by__sort_key", "ended_by_id")
    ]
