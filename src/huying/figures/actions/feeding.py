"""Files made again and again: somebody asks for one, the job makes it while he may read the place, and it is forgotten."""

from __future__ import annotations

from typing import cast

from django.db import IntegrityError, transaction
from django.utils.translation import gettext

from huying.figures import queries, rules
from huying.figures.actions.refusals import FeedEnded, FeedTaken, TooManyFeeds
from huying.figures.models import Feed, KeptFile
from huying.figures.states import FileKind, Rhythm, Split
from huying.kernel import audit, clock, exports, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.places.models import Place
from huying.ui.naming import named

MOST_FEEDS = 20
FORGOTTEN_AT_ONCE = 500


def add_feed(*, actor: Actor, place: Place, split: Split, kind: FileKind, rhythm: Rhythm, hour: int) -> Feed:
    """Have the numbers of ``place`` made into a file at ``hour`` (0 to 23, China). Forbidden, InvalidInput, TooManyFeeds,
    FeedTaken.
    """
    with begin(actor):
        if actor.person_id is None or not rules.can_read(actor, place):
            raise Forbidden
        if not 0 <= hour < 24:
            raise InvalidInput(fields={"hour": InvalidInput.message})
        if Feed.objects.filter(person_id=actor.person_id, ended_at=None).count() >= MOST_FEEDS:
            raise TooManyFeeds
        facts = {"split": split.value, "kind": kind.value, "rhythm": rhythm.value, "hour": hour}
        due = queries.due_after(clock.now(), rhythm, hour)
        try:
            with transaction.atomic():
                feed = Feed.objects.create(place=place, person_id=actor.person_id, next_at=due, **facts)
        except IntegrityError as taken:
            raise FeedTaken from taken
        audit.record(actor, "figure.feed", feed, place_path=place.path, changes=facts)
        return feed


def end_feed(*, actor: Actor, feed: Feed) -> Feed:
    """No more files of this; those that were made stay their ninety days. Forbidden, FeedEnded."""
    with begin(actor):
        if actor.person_id != feed.person_id:
            raise Forbidden
        fresh = locks.one(Feed, pk=feed.pk)
        if fresh.ended_at is not None:
            raise FeedEnded
        return ended(actor, fresh, lapsed=False)


def ended(actor: Actor, feed: Feed, *, lapsed: bool) -> Feed:
    feed.ended_at, feed.lapsed = clock.now(), lapsed
    feed.save(update_fields=["ended_at", "lapsed"])
    audit.record(actor, "figure.feed_lapsed" if lapsed else "figure.end_feed", feed, place_path=feed.place.path)
    return feed


def make_file(*, actor: Actor, feed_id: int) -> KeptFile | None:
    """Make the file that is due, of the last day, week or month alone if several were missed; None when none is.

    Row, bytes and the next moment are one transaction behind the row of the feed: a second worker waits and finds it done.
    The owner's rights are those of this moment; who reads the place no longer gets nothing, and the feed ends.
    """
    with begin(actor):
        feed, now = locks.one(Feed, pk=feed_id), clock.now()
        if feed.ended_at is not None or feed.next_at > now:
            return None
        who = queries.owner(feed)
        if not rules.can_read(who, feed.place):
            ended(actor, feed, lapsed=True)
            return None
        period = queries.period_of(queries.due_before(now, feed.rhythm, feed.hour), feed.rhythm)
        rows = queries.table(who, feed.place, period, Split(feed.split))
        name = gettext("%(place)s的数据") % {"place": named(feed.place)}
        body = exports.written(name, cast(exports.Kind, feed.kind), queries.CELLS, rows)
        made = KeptFile.objects.create(feed=feed, since=period.since, until=period.until, body=body, size=len(body))
        feed.next_at = queries.due_after(now, feed.rhythm, feed.hour)
        feed.save(update_fields=["next_at"])
        changes = {"kind": feed.kind, "since": period.since.isoformat(), "until": period.until.isoformat()}
        audit.record(who, "figure.file", made, place_path=feed.place.path, changes=changes)
        return made


def take_file(*, actor: Actor, file: KeptFile) -> bytes:
    """The bytes, for the owner while he reads the place; who took them stands in the trail. Forbidden."""
    with begin(actor):
        if actor.person_id != file.feed.person_id or not rules.can_read(actor, file.feed.place):
            raise Forbidden
        audit.record(actor, "figure.take_file", file, place_path=file.feed.place.path)
        return bytes(file.body)


def forget_files(*, actor: Actor) -> int:
    """Take away what was made more than ninety days ago; how many."""
    with begin(actor):
        old = KeptFile.objects.filter(made_at__lte=clock.now() - queries.KEPT).order_by("id")
        keys = list(old.values_list("pk", flat=True)[:FORGOTTEN_AT_ONCE])
        gone, _by_model = KeptFile.objects.filter(pk__in=keys).delete()
        return gone
