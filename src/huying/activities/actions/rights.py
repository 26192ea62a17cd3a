"""What this room keeps about a person: his sign-ups and words; forgotten with him, numbers stay."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from huying.activities import rules
from huying.activities.actions.joining import leave_all
from huying.activities.models import Activity, ActivityNote, CalendarKey, Feedback, Photo, Session, SignUp
from huying.activities.states import COMING, LIVE
from huying.kernel.actor import Actor
from huying.people import actions as people_actions
from huying.people.models import Notice, Person


def export(person: Person) -> Iterable[people_actions.Section]:
    """His sign-ups, those he made for groups, and what he said, for his copy of everything."""
    names = {
        "activity": gettext("活动"),
        "starts_at": gettext("开始"),
        "role": gettext("参加身份"),
        "state": gettext("状态"),
        "at": gettext("报名时间"),
        "in_at": gettext("签到"),
        "out_at": gettext("签退"),
        "score": gettext("评分"),
        "words": gettext("评价"),
    }
    shown = SignUp.objects.filter(rules.still_told(), person=person)
    rows = shown.select_related("session__activity", "shift__role", "check_in").order_by("id")
    mine = [
        {
            "activity": one.session.activity.title,
            "starts_at": one.session.starts_at,
            "role": one.shift.role.name,
            "state": one.get_state_display(),
            "at": one.at,
            "in_at": one.check_in.in_at if hasattr(one, "check_in") else None,
            "out_at": one.check_in.out_at if hasattr(one, "check_in") else None,
        }
        for one in rows
    ]
    yield people_actions.Section("activities", gettext("我的活动"), mine, names)
    yield made_for_others(person)
    said = Feedback.objects.filter(person=person).select_related("session__activity").order_by("id")
    words = [{"activity": one.session.activity.title, "score": one.score, "words": one.words} for one in said]
    yield people_actions.Section("activity_feedback", gettext("我的活动评价"), words, names)


def made_for_others(person: Person) -> people_actions.Section:
    """Teams, groups and people he signed up: of groups the contact he gave, of people no names."""
    names = {
        "activity": gettext("活动"),
        "starts_at": gettext("开始"),
        "group": gettext("团体或队伍"),
        "count": gettext("人数"),
        "contact": gettext("联系人"),
        "phone": gettext("联系电话"),
        "at": gettext("报名时间"),
    }
    rows = SignUp.objects.filter(asked_by=person).exclude(person=person)
    made = [
        {
            "activity": one.session.activity.title,
            "starts_at": one.session.starts_at,
            "group": one.group or (one.team.name if one.team else ""),
            "count": one.count,
            "contact": one.contact_name,
            "phone": one.contact_phone.open() if one.contact_phone else "",
            "at": one.at,
        }
        for one in rows.select_related("session__activity", "team").order_by("id")
    ]
    return people_actions.Section("activities_for_others", gettext("我替别人报的名"), made, names)


def erase(actor: Actor, person: Person) -> None:
    """He comes no more; what he said goes, that somebody was there stays as a number."""
    erase_words(person)
    leave_all(actor=Actor.system("activities.erase"), people=Q(person=person) | Q(person__merged_into=person))
    SignUp.objects.filter(person=person).update(note="")
    SignUp.objects.filter(asked_by=person, person__isnull=True).update(contact_name="", contact_phone=None)
    Feedback.objects.filter(person=person).delete()
    CalendarKey.objects.filter(person=person).delete()


def erase_words(person: Person) -> None:
    """Words that he wrote with a step go, and so do those that name him; what an activity announces to everybody
    stays without his name and number (decision 0012).
    """
    ran = Q(created_by=person) | Q(events__person=person)
    known = Activity.objects.filter(ran | Q(sessions__sign_ups__person=person))
    ids = list(known.values_list("pk", flat=True).distinct())
    naming = ActivityNote.objects.filter(event__activity__in=ids, text__contains=person.name)
    erase_told(list(naming.values_list("event__activity_id", flat=True)), person)
    naming.delete()
    ActivityNote.objects.filter(event__person=person).delete()
    contact = {"contact_name": people_actions.ERASED_NAME, "contact_phone": ""}
    own = Activity.objects.filter(ran, contact_name=person.name).values("pk")
    Activity.objects.filter(pk__in=own).update(**contact)
    without_name(Activity.objects.filter(pk__in=ids), "reason", person)
    without_name(Session.objects.filter(activity__in=ids), "reason", person)
    without_name(Photo.objects.filter(session__activity__in=ids), "consent", person)


def without_name(rows: QuerySet[Any], field: str, person: Person) -> None:
    """Put the word for nobody where his name stands in this text of these rows."""
    for row in rows.filter(**{f"{field}__contains": person.name}):
        setattr(row, field, getattr(row, field).replace(person.name, people_actions.ERASED_NAME)[:200])
        row.save(update_fields=[field])


def erase_told(ids: list[int], person: Person) -> None:
    """Messages about these activities in which he is named."""
    rows = SignUp.objects.filter(session__activity__in=ids)
    people = Q(person__in=rows.values("person_id")) | Q(person__in=rows.values("asked_by_id"))
    urls = [reverse("activities:sign_up", args=[one]) for one in rows.values_list("public_id", flat=True)]
    Notice.objects.filter(people, kind="activity", url__in=urls, body__contains=person.name).delete()


def apart(kept: Person, double: Person) -> Iterable[str | Promise]:
    """Nobody takes two places: of two sign-ups for one session, one is taken back first."""
    coming = SignUp.objects.filter(state__in=LIVE)
    mine = coming.filter(person=kept).values("session_id")
    twice = coming.filter(person=double, state__in=COMING, session__in=mine).select_related("session__activity")
    for row in twice.order_by("session__starts_at", "id")[:3]:
        yield _("两份资料都报名了“{title}”，请先取消并掉那一份的报名。").format(title=row.session.activity.title)


def untangle(kept: Person, double: Person) -> None:
    """One calendar address is enough; the person kept keeps his."""
    if CalendarKey.objects.filter(person=kept).exists():
        CalendarKey.objects.filter(person=double).delete()


def traces(person: Person) -> Iterable[str]:
    """Words of his that an answer kept for repeats may show."""
    yield from ActivityNote.objects.filter(event__person=person).values_list("text", flat=True)
    yield from Feedback.objects.filter(person=person).values_list("words", flat=True)


RIGHTS = people_actions.Rights(
    export=export, erase=erase, traces=traces, one_each={"activities.CalendarKey": ""}, apart=apart, untangle=untangle
)
