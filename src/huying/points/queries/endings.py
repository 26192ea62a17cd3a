"""When points end: by their lot in the ledger and by the word their owner was given; whichever is later."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from huying.kernel import clock
from huying.ledger.models import Lot
from huying.people.models import Account, Person
from huying.points.models import Appeal, Ending, Gift, Passbook, Reversal
from huying.points.queries.books import midnight
from huying.points.states import NOTICE, AppealState, GiftState, ReversalState


def reads(person: Person) -> bool:
    """Can read a message here: has an account that is open. Everybody else is told in person."""
    return Account.objects.filter(person=person, is_active=True).exists()


def told_of(passbook: Passbook) -> dict[int, datetime | None]:
    """Key of a lot -> before when its points can be used, as its owner was told last; None: to be told anew."""
    rows = Ending.objects.filter(passbook=passbook).order_by("pk")
    return dict(rows.values_list("lot_id", "ends_at"))


def soonest(told_at: datetime) -> datetime:
    """The first midnight (China) at which something may end of which one was told at ``told_at``."""
    day = clock.local(told_at + NOTICE).date()
    return midnight(day) if midnight(day) == told_at + NOTICE else midnight(day + timedelta(days=1))


def end_of(lot: Lot, told: Mapping[int, datetime | None]) -> datetime:
    """The moment before which the points of a lot can be used: nothing ends sooner than sixty days after the word."""
    return max(lot.expires_at, told.get(lot.pk) or soonest(clock.now()))


def last_day(ends_at: datetime) -> date:
    """The last day (China) on which points can be used that end at ``ends_at``."""
    return clock.local(ends_at - timedelta(microseconds=1)).date()


def is_stopped(passbook: Passbook) -> bool:
    """Nothing of it ends now: it is frozen, something of it is in dispute, or an exchange nobody fetched comes back."""
    if passbook.frozen_until is not None:
        return True
    appeals = Appeal.objects.filter(passbook=passbook).exclude(state=AppealState.CLOSED)
    takings = Reversal.objects.filter(claim__passbook=passbook, state=ReversalState.PROPOSED)
    gifts = Gift.objects.filter(passbook=passbook, state=GiftState.RESERVED, until__lte=clock.now())
    return appeals.exists() or takings.exists() or gifts.exists()
