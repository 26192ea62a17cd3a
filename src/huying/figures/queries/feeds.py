"""Files that are made again and again: whose, when due, of which days; and those that were made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext

from huying.figures import rules
from huying.figures.models import Feed, KeptFile
from huying.figures.queries.amounts import Period
from huying.figures.states import Rhythm
from huying.figures.states.feeds import Keep
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, NotFound
from huying.ui.naming import named

KEPT = timedelta(days=max(Keep.values))
"""The longest that a file is kept."""
LAST_ENDED = timedelta(days=90)
"""So long a feed that was stopped can be taken up again from its page."""


class TooBig(Exception):
    """The file of a list is larger than what is kept."""


@dataclass(frozen=True, slots=True)
class Lists:
    """How lists of other rooms are made into files; the floor above says so when it starts.

    ``title``: what the list behind an address is called, NotFound where none is. ``check``: whether this actor may have it
    now. ``written``: its bytes in a kind of file, for him and as he sees it, of these days where it is of days; TooBig
    where they are too many. The last two raise a DomainError where he may not.
    """

    title: Callable[[str], str]
    check: Callable[[Actor, str], None]
    written: Callable[[Actor, str, str, Period], bytes]


_lists: list[Lists] = []
_acting: list[Callable[[int], Actor]] = []


def actors_from(find: Callable[[int], Actor]) -> None:
    """How a person's actor with the roles of this moment is found; the floor above says so when it starts."""
    _acting[:] = [find]


def lists_from(lists: Lists) -> None:
    """Say how lists are made into files."""
    _lists[:] = [lists]


def lists() -> Lists:
    return _lists[0]


def owner(feed: Feed) -> Actor:
    """Who has the file made, with the roles he holds now."""
    return acting(feed.person_id)


def acting(person_id: int) -> Actor:
    """This person as jobs act for him."""
    return _acting[0](person_id)


def title_of(feed: Feed) -> str:
    """What is in its files; of a list that is no more, that it is none: its owner is told so and can stop it."""
    if feed.place is None:
        try:
            return lists().title(feed.address)
        except NotFound:
            return gettext("已经没有的清单")
    return gettext("%(place)s的数据") % {"place": named(feed.place)}


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


def ended_feeds(actor: Actor) -> QuerySet[Feed]:
    """His that were stopped or lapsed lately, the last one first."""
    return my_feeds(actor).filter(ended_at__gt=clock.now() - LAST_ENDED).order_by("-ended_at", "-id")


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
    """What was made for him and is still kept, without the bytes."""
    rows = KeptFile.objects.filter(~old_files(), feed__person_id=actor.person_id or 0)
    return rows.select_related("feed__place").defer("body")


def old_files() -> Q:
    """Files that were kept for as long as their feeds say."""
    now, found = clock.now(), Q(pk__in=())
    for days in Keep.values:
        found |= Q(feed__keep_days=days, made_at__lte=now - timedelta(days=days))
    return found


def my_file(actor: Actor, public_id: UUID) -> KeptFile:
    """One of them, if he may still have what is in it; NotFound."""
    found = my_files(actor).filter(public_id=public_id).first()
    if found is None or not may_take(actor, found):
        raise NotFound
    return found


def may_take(actor: Actor, file: KeptFile) -> bool:
    """Whether he may have what is in this file. The list he would get now need not be the one that was made then, so he
    must still hold each role of then, where it was or above.
    """
    held = [
        any(kind == mine and path.startswith(above) for mine, above in actor.roles)
        for kind, path in ([] if file.feed.place else file.roles)
    ]
    return all(held) and may_have(actor, file.feed)


def may_have(actor: Actor, feed: Feed) -> bool:
    """Whether he reads the place, or may have the list, at this moment."""
    if feed.place is not None:
        return rules.can_read(actor, feed.place)
    try:
        lists().check(actor, feed.address)
    except DomainError:
        return False
    return True
