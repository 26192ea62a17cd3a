"""Points end only after word, sixty days before, and never while their owner cannot use them.

The word is a message to who has an account; to everybody else a person gives it (actions/in_person.py), and until then
nothing of his ends.

The ledger asks ``may_end`` before it moves anything (apps.py). What was stopped, or comes back after its end, gets a
whole term from then on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from huying.kernel import clock, locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.ledger import queries as ledger_queries
from huying.ledger.models import Lot
from huying.ledger.queries.lots import Left
from huying.people.actions.notices import quiet_until
from huying.points.actions.telling import tell
from huying.points.models import Ending, Passbook
from huying.points.queries import endings as queries
from huying.points.states import EARLY, NOTICE

MOMENT = timedelta(microseconds=1)
AFTERWARDS = gettext_lazy("到那天为止都可以兑换；没有用的会收回，别的服务不受影响。")


def may_end(account_id: int) -> Collection[int] | None:
    """Keys of the lots of a passbook's account that may end now; None: it is no passbook's. Locks the passbook."""
    key = Passbook.objects.filter(account_id=account_id).values_list("pk", flat=True).first()
    if key is None:
        return None
    passbook = locks.one(Passbook, pk=key)
    if queries.is_stopped(passbook):
        return ()
    now = clock.now()
    return [lot for lot, ends_at in queries.told_of(passbook).items() if ends_at is not None and ends_at <= now]


def warn_expiry(*, actor: Actor, passbook: Passbook) -> int:
    """Tell the owner, once for each lot, what will end soon; how many lots he had not been told of."""
    with begin(actor):
        fresh = locks.one(Passbook, pk=passbook.pk)
        known = queries.told_of(fresh)
        soon = ledger_queries.lots_left(fresh.account_id, clock.now() + NOTICE + EARLY)
        return told(actor, fresh, [one for one in soon if known.get(one.lot.pk) is None])


def renewed(actor: Actor, passbook: Passbook, *, within: timedelta = timedelta(0)) -> int:
    """What can be used again, of a locked passbook: lots whose end has come, or comes ``within``, get a whole term from
    now on, and their owner a word of it; how many. ``within`` is for what others stopped.
    """
    until = clock.now() + within
    open_ones = Lot.objects.filter(account_id=passbook.account_id, closed_at__isnull=True, expires_at__lte=until)
    if not open_ones.exists():
        return 0
    known = queries.told_of(passbook)
    left = ledger_queries.lots_left(passbook.account_id, until + MOMENT)
    return told(actor, passbook, [one for one in left if (known.get(one.lot.pk) or until) <= until])


def told(actor: Actor, passbook: Passbook, lots: Iterable[Left]) -> int:
    """Write down until when each of these can be used, sixty days at least, and tell the owner; how many.

    Who cannot read it is told nothing, and a word that was given before holds no more.
    """
    gone = passbook.person.erased_at is not None
    if not gone and not queries.reads(passbook.person):
        taken_back(passbook, lots)
        return 0
    now = clock.now()
    days = written(passbook, lots, now if gone else quiet_until(passbook.person.preferences, now))
    for ends_at, numbers in () if gone else sorted(days.items()):
        tell(actor, passbook, said(sum(numbers), ends_at), str(AFTERWARDS))
    return sum(len(numbers) for numbers in days.values())


def said(points: int, ends_at: datetime) -> str:
    """The word itself, as it stands in messages and on the slip."""
    return _("有 {n} 分可以用到 {day}（含当天）").format(n=points, day=queries.last_day(ends_at))


def written(
    passbook: Passbook, lots: Iterable[Left], told_at: datetime, by: int | None = None
) -> dict[datetime, list[int]]:
    """End -> points of each lot, of those whose end is later now than it was; the rows of it."""
    now, known, days = clock.now(), queries.told_of(passbook), dict[datetime, list[int]]()
    for one in lots:
        points, ends_at = one.free + one.held, max(one.lot.expires_at, queries.soonest(told_at))
        if not points or ends_at <= (known.get(one.lot.pk) or now):
            continue
        times = {"told_at": told_at, "ends_at": ends_at, "told_by_id": by}
        Ending.objects.create(passbook=passbook, lot_id=one.lot.pk, points=points, **times)
        days.setdefault(ends_at, []).append(points)
    return days


def taken_back(passbook: Passbook, lots: Iterable[Left]) -> None:
    """The word about these holds no more: somebody has to tell their owner anew."""
    known = queries.told_of(passbook)
    for one in lots:
        if known.get(one.lot.pk) is not None:
            Ending.objects.create(passbook=passbook, lot_id=one.lot.pk, points=one.free + one.held)
