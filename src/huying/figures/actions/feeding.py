"""Files made again and again: somebody asks for one, the job makes it while he may have what is in it, and it is forgotten."""

from __future__ import annotations

from typing import Any, cast

from django.db import IntegrityError, transaction

from huying.figures import queries, rules
from huying.figures.actions.refusals import FeedEnded, FeedRuns, FeedTaken, TooManyFeeds
from huying.figures.models import Feed, KeptFile
from huying.figures.queries.amounts import Period
from huying.figures.states import FileKind, Rhythm, Split
from huying.figures.states.feeds import FeedLapsed, Keep, Lapse
from huying.kernel import audit, clock, events, exports, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.places.models import Place

MOST_FEEDS = 20
FORGOTTEN_AT_ONCE = 500
PASSING = (429, 503)
"""What was refused for this moment only, and says nothing of rights."""


def add_feed(
    *,
    actor: Actor,
    place: Place,
    split: Split,
    kind: FileKind,
    rhythm: Rhythm,
    hour: int,
    keep_days: int = Keep.QUARTER,
) -> Feed:
    """Have the numbers of ``place`` made into a file at ``hour`` (0 to 23, China). Forbidden, InvalidInput, TooManyFeeds,
    FeedTaken.
    """
    with begin(actor):
        if actor.person_id is None or not rules.can_read(actor, place):
            raise Forbidden
        facts = {"split": split, "kind": kind, "rhythm": rhythm, "hour": hour, "keep_days": keep_days}
        return added(actor, Feed(place=place, person_id=actor.person_id, **facts))


def add_list_feed(
    *, actor: Actor, address: str, kind: FileKind, rhythm: Rhythm, hour: int, keep_days: int = Keep.MONTH
) -> Feed:
    """Have a list of any room made into a file, with the filters of ``address`` (that of the list as a file).

    NotFound where no list is, Forbidden, InvalidInput, TooManyFeeds, FeedTaken; what the list itself refuses.
    """
    queries.lists().title(address)
    with begin(actor):
        if actor.person_id is None:
            raise Forbidden
        queries.lists().check(queries.acting(actor.person_id), address)
        facts = {"split": Split.NONE, "kind": kind, "rhythm": rhythm, "hour": hour, "keep_days": keep_days}
        return added(actor, Feed(address=address, person_id=actor.person_id, **facts))


def added(actor: Actor, feed: Feed) -> Feed:
    """Write a new one down, with the moment when its first file is due."""
    if not 0 <= feed.hour < 24:
        raise InvalidInput(fields={"hour": InvalidInput.message})
    if feed.keep_days not in Keep.values:
        raise InvalidInput(fields={"keep_days": InvalidInput.message})
    check_room(feed.person_id)
    feed.next_at = queries.due_after(clock.now(), feed.rhythm, feed.hour)
    saved(feed)
    names = ("split", "kind", "rhythm", "hour", "keep_days")
    changes: dict[str, Any] = {name: getattr(feed, name) for name in names}
    record(actor, "figure.feed", feed, changes)
    return feed


def check_room(person_id: int) -> None:
    if Feed.objects.filter(person_id=person_id, ended_at=None).count() >= MOST_FEEDS:
        raise TooManyFeeds


def saved(feed: Feed) -> None:
    """FeedTaken where the same one runs already."""
    try:
        with transaction.atomic():
            feed.save()
    except IntegrityError as taken:
        raise FeedTaken from taken


def record(actor: Actor, verb: str, feed: Feed, changes: dict[str, Any]) -> None:
    """A line of the trail; of a list its address without the filters, in which names may stand."""
    path = feed.place.path if feed.place else ""
    what = {} if feed.place else {"list": feed.address.partition("?")[0]}
    audit.record(actor, verb, feed, place_path=path, changes=what | changes)


def end_feed(*, actor: Actor, feed: Feed) -> Feed:
    """No more files of this; those that were made stay as long as they are kept. Forbidden, FeedEnded."""
    with begin(actor):
        if actor.person_id != feed.person_id:
            raise Forbidden
        fresh = locks.one(Feed, pk=feed.pk)
        if fresh.ended_at is not None:
            raise FeedEnded
        return ended(actor, fresh)


def ended(actor: Actor, feed: Feed, why: str = "") -> Feed:
    """Stopped by its owner, or lapsed: then he is told ``why``."""
    feed.ended_at, feed.lapsed, feed.why = clock.now(), bool(why), why
    feed.save(update_fields=["ended_at", "lapsed", "why"])
    record(actor, "figure.feed_lapsed" if why else "figure.end_feed", feed, {"why": why} if why else {})
    if why:
        events.publish(FeedLapsed(feed.person_id, feed.pk, queries.title_of(feed), why, feed.ended_at.isoformat()))
    return feed


def resume_feed(*, actor: Actor, feed: Feed) -> Feed:
    """Make files of it again, from the next moment on. Forbidden, FeedRuns, FeedTaken, TooManyFeeds; what the list refuses."""
    with begin(actor):
        if actor.person_id != feed.person_id or not queries.may_have(queries.acting(feed.person_id), feed):
            raise Forbidden
        fresh = locks.one(Feed, pk=feed.pk)
        if fresh.ended_at is None:
            raise FeedRuns
        check_room(fresh.person_id)
        fresh.ended_at, fresh.lapsed, fresh.why = None, False, ""
        fresh.next_at = queries.due_after(clock.now(), fresh.rhythm, fresh.hour)
        saved(fresh)
        record(actor, "figure.resume_feed", fresh, {})
        return fresh


def make_file(*, actor: Actor, feed_id: int) -> KeptFile | None:
    """Make the file that is due, of the last day, week or month alone if several were missed; None when none is.

    Row, bytes and the next moment are one transaction behind the row of the feed: a second worker waits and finds it done.
    The owner's rights are those of this moment; who may no longer have it gets nothing, and the feed ends.
    """
    with begin(actor):
        feed, now = locks.one(Feed, pk=feed_id), clock.now()
        if feed.ended_at is not None or feed.next_at > now:
            return None
        who = queries.owner(feed)
        period = queries.period_of(queries.due_before(now, feed.rhythm, feed.hour), feed.rhythm)
        try:
            body = body_of(who, feed, period)
        except DomainError as refused:
            if refused.status in PASSING:
                raise  # tried again: he may still have it
            ended(actor, feed, Lapse.RIGHTS)
            return None
        except queries.TooBig:
            ended(actor, feed, Lapse.SIZE)
            return None
        facts = {"since": period.since, "until": period.until, "roles": [] if feed.place else list(who.roles)}
        made = KeptFile.objects.create(feed=feed, body=body, size=len(body), **facts)
        feed.next_at = queries.due_after(now, feed.rhythm, feed.hour)
        feed.save(update_fields=["next_at"])
        changes = {"kind": feed.kind, "since": period.since.isoformat(), "until": period.until.isoformat()}
        what = {} if feed.place else {"list": feed.address.partition("?")[0]}
        path = feed.place.path if feed.place else ""
        audit.record(who, "figure.file", made, place_path=path, changes=changes | what)
        return made


def body_of(who: Actor, feed: Feed, period: Period) -> bytes:
    """What stands in the file. Forbidden, or what the list refuses."""
    if feed.place is None:
        with transaction.atomic():  # what a list began before it refused is taken back
            return queries.lists().written(who, feed.address, feed.kind, period)
    if not rules.can_read(who, feed.place):
        raise Forbidden
    rows = queries.table(who, feed.place, period, Split(feed.split))
    return exports.written(queries.title_of(feed), cast(exports.Kind, feed.kind), queries.CELLS, rows)


def take_file(*, actor: Actor, file: KeptFile) -> bytes:
    """The bytes, for the owner while he may have them; who took them stands in the trail. Forbidden."""
    with begin(actor):
        if actor.person_id != file.feed.person_id or not queries.may_take(actor, file):
            raise Forbidden
        path = file.feed.place.path if file.feed.place else ""
        audit.record(actor, "figure.take_file", file, place_path=path)
        return bytes(file.body)


def forget_files(*, actor: Actor) -> int:
    """Take away what was kept as long as its feed says; how many."""
    with begin(actor):
        old = KeptFile.objects.filter(queries.old_files()).order_by("id")
        keys = list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
        gone, _by_model = KeptFile.objects.filter(pk__in=keys).delete()
        return gone
