"""Who has to be told in person, because he has no account, and what: points that end, and what is to be taken back."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.ledger import queries as ledger_queries
from huying.ledger.models import Lot, Transfer
from huying.ledger.queries.lots import Left
from huying.people.models import Account
from huying.points import rules
from huying.points.models import Passbook, Reversal
from huying.points.queries.clocks import wordless
from huying.points.queries.endings import reads, told_of
from huying.points.queries.passbooks import named_like
from huying.points.states import EARLY, NOTICE, ReversalState

OPEN = (ReversalState.PROPOSED, ReversalState.CARRIED)


@dataclass(frozen=True, slots=True)
class Untold:
    """Of one passbook: lots that end soon, and proposals (or corrections) that took or take points back."""

    lots: list[Left]
    takings: list[Reversal]


def untold(passbook: Passbook) -> Untold:
    """What its owner has to be told in person now; nothing when he can read it himself, or is gone."""
    if passbook.person.erased_at is not None or reads(passbook.person):
        return Untold([], [])
    known, soon = told_of(passbook), clock.now() + NOTICE + EARLY
    left = ledger_queries.lots_left(passbook.account_id, soon)
    takings = Reversal.objects.filter(claim__passbook=passbook, state__in=OPEN, told_at__isnull=True)
    return Untold(
        [one for one in left if one.free + one.held and known.get(one.lot.pk) is None],
        list(takings.select_related("claim").order_by("pk")),
    )


def to_tell(actor: Actor, words: str = "") -> QuerySet[Passbook]:
    """Passbooks of the books the actor keeps, whose owners have to be told something in person; by name or number."""
    rows = rules.passbooks_at_hand(actor).filter(person__erased_at__isnull=True)
    heard = Account.objects.filter(person=OuterRef("person"), is_active=True)
    ending = unspent().filter(account_id=OuterRef("account_id"))
    takings = Reversal.objects.filter(claim__passbook=OuterRef("pk"), state__in=OPEN, told_at__isnull=True)
    rows = rows.filter(~Exists(heard), Q(Exists(ending)) | Q(Exists(takings))).select_related(
        "person__home_place", "book"
    )
    return named_like(rows, words)


def unspent() -> QuerySet[Lot]:
    """Lots that end soon without word and of which something is left: the oldest units go first, so that is when more is
    on the account than came after them.
    """
    undone = Transfer.objects.filter(reverses=OuterRef("pk"))
    later = Transfer.objects.filter(credit_account=OuterRef("account"), pk__gt=OuterRef("transfer"))
    came = later.filter(~Exists(undone)).order_by().values("credit_account")
    sums = came.annotate(n=Sum(F("amount") - Coalesce(F("lot__gone"), 0))).values("n")
    return wordless().filter(account__credits__gt=F("account__debits") + Coalesce(Subquery(sums), 0))
