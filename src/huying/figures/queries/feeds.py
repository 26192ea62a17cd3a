"""Files that are made again and again: whose, when due, of which days; and those that were made."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import QuerySet

from huying.figures import rules
from huying.figures.models import Feed, KeptFile
from huying.figures.queries.amounts import Period
from huying.figures.states import Rhythm
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound

KEPT = timedelta(days=90)
_acting: list[Callable[[int], Actor]] = []


def actors_from(find: Callable[[int], Actor]) -> None:
    """How a person's actor with the roles of this moment is found; the floor above says so when it starts."""
    _acting[:] = [find]


def owner(feed: Feed) -> Actor:
    """Who has the file made, with the roles he holds now."""
    return _acting[0](feed.person_id)


def first_day(day: date, rhythm: str) -> date:
    """The first day of the day, week or month that ``day`` lies in."""
    if rhythm == Rhythm.WEEKLY:
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if rhythm == Rhythm.MONTHLY else day


def due_before(moment: datetime, rhythm: str, hour: int) -> datetime:
    """The last moment up to ``moment`` at which a file was due."""
    day = first_day(clock.local(moment).date(), rhythm)
    found = at(day, hour)
    return found if found <= moment else at(first_day(day - timedelta(days=1), rhythm), hour)


def due_after(moment: datetime, rhythm: str, hour: int) -> datetime:
    """The first moment after ``moment`` at which a file is due."""
    day = first_day(clock.local(moment).date(), rhythm)
    longest = {Rhythm.DAILY: 1, Rhythm.WEEKLY: 7}.get(Rhythm(rhythm), 31)
    following = first_day(day + timedelta(days=longest), rhythm)
    return at(day, hour) if at(day, hour) > moment else at(following, hour)


def at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), clock.SHANGHAI)


def period_of(due: datetime, rhythm: str) -> Period:
    """The day, week or month that ended before the file was due."""
    until = first_day(clock.local(due).date(), rhythm)
    return Period(first_day(until - timedelta(days=1), rhythm), until)


def due_feeds(moment: datetime) -> QuerySet[Feed]:
    """Feeds whose next file is due, the longest waiting first."""
    return Feed.objects.filter(ended_at=None, next_at__lte=moment).order_by("next_at", "id")


def my_feeds(actor: Actor) -> QuerySet[Feed]:
    """The feeds of this person that go on, and those that lapsed while he did not look."""
    return Feed.objects.filter(person_id=actor.person_id or 0).select_related("place")


def my_feed(actor: Actor, public_id: UUID) -> Feed:
    """One of his own; NotFound."""
    found = my_feeds(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def my_files(actor: Actor) -> QuerySet[KeptFile]:
    """What was made for him within ninety days, without the bytes."""
    rows = KeptFile.objects.filter(feed__person_id=actor.person_id or 0, made_at__gt=clock.now() - KEPT)
    return rows.select_related("feed__place").defer("body")


def my_file(actor: Actor, public_id: UUID) -> KeptFile:
    """One of them, if he still reads the place; NotFound."""
    found = my_files(actor).filter(public_id=public_id).first()
    if found is None or not rules.can_read(actor, found.feed.place):
        raise NotFound
    return found
