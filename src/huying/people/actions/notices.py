"""Messages to a person, held back in the hours when the telephone should stay quiet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.people.models import Notice, Person
from huying.people.states import QUIET_FROM, QUIET_UNTIL

FEED_LAPSED = {
    "rights": _("您现在看不到它了，所以不再做文件。权限恢复以后，可以在“定时导出”里恢复。"),
    "size": _("文件太大，放不下。请用条件把清单缩小，再加一项。"),
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person, as ``send_notice`` takes it."""

    person: Person
    title: str
    body: str = ""
    url: str = ""
    kind: str = ""
    urgent: bool = False
    about: Person | None = None
    key: str | None = None


def send_notice(
    *,
    actor: Actor,
    person: Person,
    title: str,
    body: str = "",
    url: str = "",
    kind: str = "",
    urgent: bool = False,
    about: Person | None = None,
    key: str | None = None,
) -> Notice:
    """Leave ``person`` a message; in his quiet hours it shows when they end, unless it is urgent.

    ``about`` is another person whose name or affairs stand in the text: erasing him removes the message.
    ``key`` makes it unique: the same key again returns the message that is there.
    """
    with begin(actor):
        row = written(Message(person, title, body, url, kind, urgent, about, key))
        if key is None:
            row.save()
            return row
        Notice.objects.bulk_create([row], ignore_conflicts=True)
        return Notice.objects.get(key=key)


def tell_feed_lapsed(*, actor: Actor, person_id: int, feed_id: int, title: str, why: str, at: str) -> Notice | None:
    """Tell somebody that a file which was made for him again and again is made no more; None for one who was erased."""
    with begin(actor):
        person = Person.objects.filter(pk=person_id, erased_at__isnull=True).first()
        if person is None:
            return None
        return send_notice(
            actor=actor,
            person=person,
            title=gettext("定时导出停了：%(title)s") % {"title": title},
            body=str(FEED_LAPSED.get(why, "")),
            url=reverse("figures:feeds"),
            kind="feed",
            key=f"feed.lapsed:{feed_id}:{at}",
        )


def send_notices(*, actor: Actor, messages: Sequence[Message]) -> int:
    """The same for many people in one statement; how many messages were given. Those whose key is there stay as they are."""
    with begin(actor):
        Notice.objects.bulk_create([written(one) for one in messages], ignore_conflicts=True)
        return len(messages)


def written(message: Message) -> Notice:
    """The row as it is to be saved now."""
    now = clock.now()
    return Notice(
        person=message.person,
        about=message.about,
        kind=message.kind,
        title=message.title[:120],
        body=message.body,
        url=message.url[:300],
        is_urgent=message.urgent,
        key=message.key,
        created_at=now,
        show_after=now if message.urgent else quiet_until(message.person.preferences, now),
    )


def mark_read(*, actor: Actor, notices: list[str] | None = None) -> int:
    """Mark the given messages (public ids) of ``actor``, or all that show now, as read; how many changed."""
    with begin(actor):
        now = clock.now()
        rows = Notice.objects.filter(person_id=actor.person_id or 0, read_at__isnull=True, show_after__lte=now)
        if notices is not None:
            rows = rows.filter(public_id__in=notices)
        return rows.update(read_at=now)


def quiet_until(preferences: dict[str, str], now: datetime) -> datetime:
    """The first moment from ``now`` on outside the quiet hours of ``preferences`` (half-open, China time).

    Equal ends mean no quiet hours at all.
    """
    begins = _clock_time(preferences.get("quiet_from"), QUIET_FROM)
    ends = _clock_time(preferences.get("quiet_until"), QUIET_UNTIL)
    wall = clock.local(now)
    here = wall.time().replace(tzinfo=None)
    quiet = begins <= here < ends if begins < ends else (here >= begins or here < ends)
    if begins == ends or not quiet:
        return now
    day = wall.date() if here < ends else wall.date() + timedelta(days=1)
    return datetime.combine(day, ends, tzinfo=clock.SHANGHAI).astimezone(now.tzinfo)


def _clock_time(text: str | None, default: str) -> time:
    try:
        return time.fromisoformat(text or default)
    except (TypeError, ValueError):
        return time.fromisoformat(default)
