"""Messages to a person, held back in the hours when the telephone should stay quiet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.people.models import Notice, Person
from huying.people.states import QUIET_FROM, QUIET_UNTIL


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
