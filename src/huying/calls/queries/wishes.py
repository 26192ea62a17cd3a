"""When help is wished, in the parts of days in which volunteers name their time (``Volunteer.availability``).

A wish is a time in which help may come: whoever has one part of it free can come. Parts are counted from 1970 on, three a
day: 0 the morning of the first of January. ``parts`` says the same of many calls at once, for arrays.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import DateTimeField, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from huying.calls.models import Call, Offer
from huying.calls.states import OfferState
from huying.kernel import clock
from huying.volunteers.states import SLOTS

A_DAY = 3
BEGIN = (0, 12, 18)
"""The hours at which the parts of a day begin."""
THURSDAY = 3
"""The day of the week on which the parts are counted from."""
EPOCH = datetime(1970, 1, 1, tzinfo=clock.SHANGHAI)
PROMISED_AT = Coalesce("call__scheduled_at", "call__wanted_from", output_field=DateTimeField())
"""When somebody who said yes is expected; empty where nothing is settled and nothing was wished."""


@dataclass(frozen=True, slots=True)
class Wish:
    """Help may come in the parts from ``first`` to ``last``, and begins at the latest at ``begins``."""

    first: int
    last: int
    begins: datetime

    @property
    def parts(self) -> range:
        return range(self.first, self.last + 1)


def wish_of(call: Call) -> Wish | None:
    """What is wished from now on; None for any time: without a wish, and with one of a week or longer.

    Of what is half over the rest counts; what is over is wished anew for the same parts of the next week, but not by a place:
    what it wanted until then is of no use a week later.
    """
    since, now = call.wanted_from, clock.now()
    if since is None or (call.limit_at and call.limit_at <= now):
        return None
    until = call.wanted_to or since
    first, last = part_of(since), max(part_of(since), part_of(until - timedelta(microseconds=1)))
    if last - first + 1 >= SLOTS:
        return None
    weeks = max(0, -(-(part_of(now) - last) // SLOTS))
    first, last = max(first + weeks * SLOTS, part_of(now)), last + weeks * SLOTS
    return Wish(first, last, max(since + timedelta(weeks=weeks), begins_at(last), now))


def part_of(moment: datetime) -> int:
    """The part in which a moment falls."""
    here = clock.local(moment)
    return A_DAY * (here.date() - EPOCH.date()).days + sum(here.hour >= hour for hour in BEGIN[1:])


def begins_at(part: int) -> datetime:
    """When a part begins: at midnight, noon or six in the evening in China."""
    day, of_day = divmod(part, A_DAY)
    return EPOCH + timedelta(days=day, hours=BEGIN[of_day])


def week_part(part: int) -> int:
    """The part of the week as volunteers name it, 0 on Monday morning."""
    return (part + A_DAY * THURSDAY) % SLOTS


def promises() -> QuerySet[Any]:
    """What volunteers said yes to and have not done yet, with ``at`` when it is."""
    return Offer.objects.filter(state=OfferState.ACCEPTED, volunteer__isnull=False).annotate(at=PROMISED_AT)


def has_time(wish: Wish) -> Q:
    """Volunteers who named one part of the wish, or no part at all, and have not promised it to somebody else."""
    usual = {part: week_part(part) for part in wish.parts}
    free = Q()
    for part, named in usual.items():
        then = promises().filter(volunteer=OuterRef("pk"), at__gte=begins_at(part), at__lt=begins_at(part + 1))
        free |= (Q(availability__len=0) | Q(availability__contains=[named])) & ~Q(Exists(then))
    return names_one(wish) & free


def names_one(wish: Wish) -> Q:
    """Volunteers who usually have time in one part of the wish, whatever they promised."""
    named = sorted({week_part(part) for part in wish.parts})
    return Q(availability__len=0) | Q(availability__overlap=named)


def free_parts(wish: Wish, named: Iterable[int], promised: Iterable[datetime]) -> list[int]:
    """Which parts of the day on which somebody can first come are free from then on without a gap."""
    usual, gone = set(named), {part_of(one) for one in promised}

    def free(part: int) -> bool:
        return (not usual or week_part(part) in usual) and part not in gone

    first = next((part for part in wish.parts if free(part)), None)
    if first is None:
        return []
    end = first
    while (end + 1) % A_DAY and free(end + 1):
        end += 1
    return list(range(first, end + 1))


def rest() -> timedelta:
    """How long nobody is asked to serve again after a service (``HUYING_REST_HOURS``); he may offer himself all the same."""
    return timedelta(hours=settings.HUYING_REST_HOURS)


def is_rested(begins: datetime) -> Q:
    """Volunteers whose last service is long enough over when help begins."""
    done = Offer.objects.filter(state=OfferState.DONE, volunteer=OuterRef("pk"))
    return ~Q(Exists(done.filter(call__delivered_at__gt=begins - rest())))


def needs_help_now() -> Q:
    """Calls without a wish that cannot wait until anybody has rested: urgent ones, those that a place raised, and those that go
    out ring by ring. ``is_now`` says the same of one call.
    """
    return Q(urgent=True) | Q(raised_for__isnull=False) | Q(ring__gt=0)


def is_now(call: Call) -> bool:
    return call.urgent or call.raised_for_id is not None or call.ring > 0


def week_start() -> datetime:
    """Monday midnight in China: from then on the services of this week count."""
    today = clock.today()
    return datetime.combine(today - timedelta(days=today.weekday()), datetime.min.time(), tzinfo=clock.SHANGHAI)
