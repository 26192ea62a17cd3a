"""Points end only after word, sixty days before, and never while their owner cannot use them.

The ledger asks ``may_end`` before it moves anything (apps.py). What was stopped, or comes back after its end, gets a
whole term from then on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

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


def may_end(account_id: int) -> Collection[int] | None:
    """Keys of the lots of a passbook's account that may end now; None: it is no passbook's. Locks the passbook."""
    key = Passbook.objects.filter(account_id=account_id).values_list("pk", flat=True).first()
    if key is None:
        return None
    passbook = locks.one(Passbook, pk=key)
    if queries.is_stopped(passbook):
        return ()
    return [lot for lot, ends_at in queries.told_of(passbook).items() if ends_at <= clock.now()]


def warn_expiry(*, actor: Actor, passbook: Passbook) -> int:
    """Tell the owner, once for each lot, what will end soon; how many lots he had not been told of."""
    with begin(actor):
        fresh = locks.one(Passbook, pk=passbook.pk)
        known = queries.told_of(fresh)
        soon = ledger_queries.lots_left(fresh.account_id, clock.now() + NOTICE + EARLY)
        return told(actor, fresh, [one for one in soon if one.lot.pk not in known])


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
    return told(actor, passbook, [one for one in left if known.get(one.lot.pk, until) <= until])


def told(actor: Actor, passbook: Passbook, lots: Iterable[Left]) -> int:
    """Write down until when each of these can be used, sixty days at least, and tell the owner; how many."""
    now, known, days = clock.now(), queries.told_of(passbook), dict[datetime, int]()
    gone = passbook.person.erased_at is not None
    read_at = now if gone else quiet_until(passbook.person.preferences, now)
    count = 0
    for one in lots:
        points, ends_at = one.free + one.held, max(one.lot.expires_at, queries.soonest(read_at))
        if not points or ends_at <= known.get(one.lot.pk, now):
            continue
        Ending.objects.create(passbook=passbook, lot_id=one.lot.pk, points=points, told_at=read_at, ends_at=ends_at)
        days[ends_at] = days.get(ends_at, 0) + points
        count += 1
    for ends_at, points in () if gone else sorted(days.items()):
        words = _("有 {n} 分可以用到 {day}（含当天）").format(n=points, day=queries.last_day(ends_at))
        tell(actor, passbook, words, _("到那天为止都可以兑换；没有用的会收回，别的服务不受影响。"))
    return count
