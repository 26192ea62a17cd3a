"""Word to those who signed up: changes, places that became free, thanks, and the day before."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from huying.activities.models import ActivityEvent, SignUp
from huying.activities.states import COMING, ActivityState, SessionState, SignUpState
from huying.kernel import clock, jobs
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.people import actions as people_actions

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
SOON = timedelta(hours=24)


def tell(*, actor: Actor, event_id: int) -> int:
    """The messages that follow one step, once; how many were sent."""
    with begin(actor):
        if not jobs.effect(f"activities.tell:{event_id}"):
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
        urgent = event.verb in {"cancel", "session_cancel", "move"}
        return sum(send(actor, row, text, f"{event_id}", urgent=urgent) for row in concerned(event))


def concerned(event: ActivityEvent) -> Iterable[SignUp]:
    """Who must hear of a step: those who come, or came, or would have come had it not been cancelled."""
    rows = SignUp.objects.filter(session__activity_id=event.activity_id)
    if event.session_id:
        rows = rows.filter(session_id=event.session_id)
    if "dropped" in event.facts:
        rows = rows.filter(pk__in=event.facts["dropped"])
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
        return send(actor, row, str(words).format(until=until), f"freed:{row.state}", urgent=True)


def remind(*, actor: Actor) -> int:
    """A word the day before, once a sign-up; how many were sent."""
    with begin(actor):
        now = clock.now()
        rows = SignUp.objects.filter(
            state__in=[SignUpState.SIGNED, SignUpState.OFFERED],
            at__lt=now - timedelta(hours=2),
            session__state=SessionState.PLANNED,
            session__activity__state=ActivityState.PUBLISHED,
            session__starts_at__gt=now,
            session__starts_at__lte=now + SOON,
        )
        sent = 0
        for row in rows.select_related("person", "asked_by", "session__activity", "session__venue").order_by("id"):
            if not jobs.effect(f"activities.remind:{row.pk}:{row.session.starts_at:%Y%m%d%H%M}"):
                continue
            where = row.session.where or (row.session.venue.name if row.session.venue else "")
            sent += send(actor, row, str(REMIND).format(when=when(row.session.starts_at), where=where), "")
        return sent


def send(actor: Actor, row: SignUp, text: str, what: str, *, urgent: bool = False) -> int:
    """One message to the person, and to whoever signed him up; a team hears through its leader, a group by its contact."""
    people = {one.pk: one for one in (row.person, row.asked_by) if one is not None and one.erased_at is None}
    for person in people.values():
        people_actions.send_notice(
            actor=actor,
            person=person,
            title=row.session.activity.title,
            body=text,
            url=reverse("activities:sign_up", args=[row.public_id]),
            kind="activity",
            urgent=urgent,
            about=row.person if row.person_id and row.person_id != person.pk else None,
            key=f"activities:{what}:{row.pk}:{person.pk}" if what else None,
        )
    return len(people)


def when(at: object) -> str:
    """ "10月23日 15:00" in China time, as it stands in a message that is kept."""
    local = timezone.localtime(at, clock.SHANGHAI)  # type: ignore[arg-type]
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def moment(text: str | None) -> str:
    read = parse_datetime(text) if text else None
    return when(read) if read else ""
