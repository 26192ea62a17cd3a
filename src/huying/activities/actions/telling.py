"""Word to those who signed up: changes, places that became free, thanks, and the day before."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.activities.actions.rooms import SESSION
from huying.activities.models import ActivityEvent, Session, SignUp
from huying.activities.states import COMING, ActivityState, SessionState, SignUpState
from huying.kernel import clock, jobs, locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.people import actions as people_actions
from huying.people.actions import Message
from huying.people.models import Person
from huying.places.models import Booking
from huying.places.queries import bookings_of

WORDS: dict[str, Promise] = {
    "change": _("活动的内容有修改，请看详情。"),
    "cancel": _("活动取消了：{reason}"),
    "session_cancel": _("{before}这一场取消了：{reason}"),
    "move": _("改到 {after}，请重新安排时间。不方便的话可以取消报名。"),
    "hold": _("谢谢您来参加，欢迎说说感受。"),
}
FREED: dict[str, Promise] = {
    SignUpState.OFFERED: _("有名额了，请在 {until} 前确认，过时会让给下一位。"),
    SignUpState.SIGNED: _("有名额了，您已报上名。"),
}
REMIND = _("{when}开始，地点：{where}。来不了请取消报名，让给别人。")
LOST = _("{when}这一场订的“{room}”没有了，请换个地方或换个时间。")
LOST_WHY = _("{when}这一场订的“{room}”没有了：{reason} 请换个地方或换个时间。")
SOON = timedelta(hours=24)
MOST = 500
"""Sign-ups that are told in one transaction."""


def tell(*, actor: Actor, event_id: int, after: int = 0) -> int:
    """The messages that follow one step, once, to ``MOST`` sign-ups from the key ``after`` on; the next ones are a job of
    their own, in a transaction of their own. How many messages were given.
    """
    with begin(actor):
        if not jobs.effect(f"activities.tell:{event_id}:{after}"):
            return 0
        event = ActivityEvent.objects.select_related("activity", "session", "words").get(pk=event_id)
        words = WORDS.get(event.verb)
        if words is None:
            return 0
        text = str(words).format(
            reason=event.reason,
            after=moment(event.facts.get("after")),
            before=when(event.session.starts_at) if event.session else "",
        )
        rows = list(concerned(event, after)[:MOST])
        if len(rows) == MOST:
            last = rows[-1].pk
            jobs.enqueue("activities.tell", key=f"activities.tell:{event_id}:{last}", event_id=event_id, after=last)
        urgent = event.verb in {"cancel", "session_cancel", "move"}
        messages = [one for row in rows for one in letters(row, text, f"{event_id}", urgent=urgent)]
        return people_actions.send_notices(actor=actor, messages=messages)


def concerned(event: ActivityEvent, after: int = 0) -> QuerySet[SignUp]:
    """Who must hear of a step: those who come, or came, or would have come had it not been cancelled; in order."""
    rows = SignUp.objects.filter(session__activity_id=event.activity_id, pk__gt=after)
    if event.session_id:
        rows = rows.filter(session_id=event.session_id)
    if "dropped" in event.facts:
        rows = rows.filter(pk__in=[one for one in sorted(event.facts["dropped"]) if one > after][:MOST])
    elif event.verb == "hold":
        rows = rows.filter(state=SignUpState.PRESENT)
    else:
        rows = rows.filter(state__in=COMING, session__ends_at__gt=clock.now())
    return rows.select_related("person", "asked_by", "session__activity").order_by("id")


def tell_freed(*, actor: Actor, sign_up_id: int) -> int:
    """A place came to somebody who waited, or waits for his yes; nothing when he left meanwhile."""
    with begin(actor):
        row = SignUp.objects.select_related("person", "asked_by", "session__activity").get(pk=sign_up_id)
        words = FREED.get(row.state)
        if words is None or not jobs.effect(f"activities.freed:{sign_up_id}:{row.state}"):
            return 0
        until = when(row.confirm_by) if row.confirm_by else ""
        text = str(words).format(until=until)
        messages = letters(row, text, f"freed:{row.state}", urgent=True)
        return people_actions.send_notices(actor=actor, messages=messages)


def tell_room(*, actor: Actor, booking_id: int, by_id: int | None) -> int:
    """The room of a session was taken away: a word to who wrote the activity and who booked, but for who did it. Nothing
    when the session needs the room no more, or has another one by now.
    """
    with begin(actor):
        booking = Booking.objects.select_related("place").get(pk=booking_id)
        rows = Session.objects.filter(pk=booking.subject_id or 0, state=SessionState.PLANNED, venue__isnull=False)
        session = rows.filter(ends_at__gt=clock.now()).select_related("activity").first()
        if booking.subject_type != SESSION or session is None or bookings_of(SESSION, [session.pk]):
            return 0
        known = {one for one in (session.activity.created_by_id, booking.person_id) if one and one != by_id}
        words = LOST_WHY if booking.reason else LOST
        text = str(words).format(when=when(booking.starts_at), room=booking.place.name, reason=booking.reason)
        messages = [
            Message(
                person=one,
                title=session.activity.title,
                body=text,
                url=reverse("activities:move", args=[session.public_id]),
                kind="activity",
                urgent=True,
                key=f"activities:room:{booking.pk}:{one.pk}",
            )
            for one in Person.objects.filter(pk__in=known, erased_at__isnull=True).order_by("pk")
        ]
        return people_actions.send_notices(actor=actor, messages=messages)


def remind(*, actor: Actor) -> int:
    """A word the day before to at most ``MOST`` sign-ups, once for each beginning; how many were reminded."""
    with begin(actor):
        now = clock.now()
        due = SignUp.objects.filter(
            state__in=[SignUpState.SIGNED, SignUpState.OFFERED],
            at__lt=now - timedelta(hours=2),
            session__state=SessionState.PLANNED,
            session__activity__state=ActivityState.PUBLISHED,
            session__starts_at__gt=now,
            session__starts_at__lte=now + SOON,
        ).exclude(reminded_for=F("session__starts_at"))
        keys = list(due.order_by("id").values_list("pk", flat=True)[:MOST])
        joined = ("person", "asked_by", "session__activity", "session__venue")
        rows = locks.many(due.filter(pk__in=keys).select_related(*joined))
        messages = []
        for row in rows:
            where = row.session.where or (row.session.venue.name if row.session.venue else "")
            text = str(REMIND).format(when=when(row.session.starts_at), where=where)
            messages += letters(row, text, f"remind:{row.session.starts_at:%Y%m%d%H%M}")
            row.reminded_for = row.session.starts_at
        SignUp.objects.bulk_update(rows, ["reminded_for"])
        people_actions.send_notices(actor=actor, messages=messages)
        return len(rows)


def letters(row: SignUp, text: str, what: str, *, urgent: bool = False) -> list[Message]:
    """One message to the person, and to whoever signed him up; a team hears through its leader, a group by its contact.
    ``what`` they are about makes each of them come once.
    """
    people = {one.pk: one for one in (row.person, row.asked_by) if one is not None and one.erased_at is None}
    return [
        Message(
            person=person,
            title=row.session.activity.title,
            body=text,
            url=reverse("activities:sign_up", args=[row.public_id]),
            kind="activity",
            urgent=urgent,
            about=row.person if row.person_id and row.person_id != person.pk else None,
            key=f"activities:{what}:{row.pk}:{person.pk}",
        )
        for person in people.values()
    ]


def when(at: object) -> str:
    """ "10月23日 15:00" in China time, as it stands in a message that is kept."""
    local = timezone.localtime(at, clock.SHANGHAI)  # type: ignore[arg-type]
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def moment(text: str | None) -> str:
    read = parse_datetime(text) if text else None
    return when(read) if read else ""
