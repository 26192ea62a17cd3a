"""One activity with all that its pages show: sessions, places left, who hosts; for organisers the people too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast
from uuid import UUID

from django.db.models import Avg, Count, Sum, prefetch_related_objects

from huying.activities import rules
from huying.activities.models import (
    Activity,
    ActivityEvent,
    ActivityRole,
    CheckIn,
    Feedback,
    Party,
    Photo,
    Result,
    Session,
    Shift,
    SignUp,
)
from huying.activities.queries.listing import shifts, with_facts
from huying.activities.states import LIVE, SignUpState
from huying.kernel import attachments, clock, prepared
from huying.kernel.actor import Actor
from huying.kernel.attachments import Attachment
from huying.kernel.errors import NotFound
from huying.kernel.prepared import Shape
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Team

MOST_SESSIONS_SHOWN = 60
FEEDBACK_FROM = 5
"""Words and stars of fewer people would tell who said them (domain 7, safeguard 14)."""
Shapes = tuple[Shape[Shift], Shape[ActivityRole], Shape[Session], Shape[Activity]]


@dataclass(frozen=True)
class Story:
    """An activity as one reader sees it; ``mine`` are his sign-ups by session."""

    activity: Activity
    sessions: tuple[Session, ...]
    parties: tuple[Party, ...]
    mine: dict[int, SignUp]
    results: tuple[dict[str, Any], ...]
    photos: tuple[tuple[Photo, Attachment], ...]
    history: tuple[ActivityEvent, ...]
    may_write: bool
    may_run: bool


@dataclass(frozen=True)
class Roster:
    """Who comes to a session, for those who run it. ``absent`` is a number only: nobody is named for not coming."""

    session: Session
    sign_ups: tuple[SignUp, ...]
    checked: dict[int, CheckIn]
    walk_ins: int
    came: int
    absent: int
    waiting: int


def activity(actor: Actor, public_id: UUID) -> Activity:
    """One activity this reader may see; NotFound."""
    rows = Activity.objects.filter(rules.visible_to(actor), public_id=public_id)
    found = rows.select_related("kind", "place__parent", "venue__parent", "created_by").first()
    if found is None:
        raise NotFound
    return found


def session(actor: Actor, public_id: UUID) -> Session:
    """One session of an activity this reader may see; NotFound."""
    rows = with_facts(Session.objects.filter(public_id=public_id))
    found = rows.filter(activity__in=Activity.objects.filter(rules.visible_to(actor))).first()
    if found is None:
        raise NotFound
    return found


def shifts_to_join(actor: Actor, public_id: UUID) -> list[Shift]:
    """The roles of a session this reader may see, with what signing up looks at and no more, in one query; NotFound."""
    joining, shapes = _joining()
    found = [_put_together(row, shapes) for row in prepared.rows(joining, [public_id])]
    if not found or not rules.is_visible(actor, found[0].session.activity):
        raise NotFound
    return found


@cache
def _joining() -> tuple[str, Shapes]:
    """Shifts with their role, session and activity: the statement, and what stands in which of its columns."""
    shapes = (
        Shape(Shift, "shift", "id", "session", "role"),
        Shape(ActivityRole, "role", "id", "activity", "name", "is_volunteer"),
        Shape(Session, "session", "id", "public_id", "activity", "starts_at"),
        Shape(Activity, "activity", "id", "age_from", "age_to", "published_at"),
    )
    shift, role, session, activity = (one.model._meta.db_table for one in shapes)
    joining = (
        f"SELECT {', '.join(one.columns for one in shapes)} FROM {session} session"  # noqa: S608 - own tables
        f" JOIN {shift} shift ON shift.session_id = session.id JOIN {role} role ON role.id = shift.role_id"
        f" JOIN {activity} activity ON activity.id = session.activity_id"
        ' WHERE session.public_id = %s ORDER BY role."order", shift.id'
    )
    return joining, shapes


def _put_together(row: Sequence[Any], shapes: Shapes) -> Shift:
    made: list[Any] = []
    for one in shapes:
        made.append(one.made(row))
        row = row[one.width :]
    shift, role, session, activity = made
    shift.role, shift.session, session.activity = role, session, activity
    return cast(Shift, shift)


def story(actor: Actor, public_id: UUID) -> Story:
    """Everything on the page of one activity, in a fixed number of queries however many people come."""
    found = activity(actor, public_id)
    sessions = sessions_of(found)
    mine = my_rows(actor, sessions)
    may_run = rules.can_run(actor, found)
    photos = Photo.objects.filter(session__activity=found).order_by("id")
    shown = list(photos if may_run else photos.filter(is_public=True))
    files = attachments.of_many(Photo, [one.pk for one in shown])
    events = ActivityEvent.objects.filter(activity=found).select_related("person", "words").order_by("-id")[:30]
    return Story(
        activity=found,
        sessions=tuple(sessions),
        parties=tuple(found.parties.select_related("team", "place").order_by("part_from", "id")),
        mine=mine,
        results=tuple(totals(found)),
        photos=tuple((one, files[one.pk][0]) for one in shown if files.get(one.pk)),
        history=tuple(events) if may_run else (),
        may_write=rules.can_write(actor, found),
        may_run=may_run,
    )


def sessions_of(found: Activity) -> list[Session]:
    """The next and the last sessions of an activity with their shifts, in the order of time; three queries."""
    rows = Session.objects.filter(activity=found).select_related("venue__parent")
    ahead = rows.filter(ends_at__gt=clock.now()).order_by("starts_at", "id")[:MOST_SESSIONS_SHOWN]
    past = rows.filter(ends_at__lte=clock.now()).order_by("-starts_at", "-id")[:MOST_SESSIONS_SHOWN]
    sessions = [*reversed(past), *ahead]
    for one in sessions:
        one.activity = found
    prefetch_related_objects(sessions, shifts())
    return sessions


def my_rows(actor: Actor, sessions: Sequence[Session]) -> dict[int, SignUp]:
    """The reader's own live sign-ups (or those of the one he acts for), by session."""
    who = actor.on_behalf_of_id or actor.person_id
    if who is None:
        return {}
    rows = SignUp.objects.filter(session__in=[one.pk for one in sessions], person_id=who, state__in=LIVE)
    return {one.session_id: one for one in rows.select_related("shift__role")}


def totals(found: Activity) -> list[dict[str, Any]]:
    """Results of all sessions, added within one measure, one thing and one unit only; never across."""
    rows = (
        Result.objects.filter(session__activity=found)
        .values("measure", "what", "unit_id", "unit__name", "unit__name_en", "unit__digits", "source")
        .annotate(total=Sum("amount"), sessions=Count("session", distinct=True))
        .order_by("measure", "what", "unit_id")
    )
    return [dict(row) for row in rows]


def led_teams(actor: Actor) -> list[Team]:
    """Teams this reader may sign up as a whole."""
    return list(Team.objects.filter(pk__in=volunteer_rules.led_team_ids(actor)).order_by("name", "id"))


def roster(actor: Actor, found: Session) -> Roster:
    """Who comes and who is there, in four queries however many; NotFound for those who do not run it."""
    if not rules.can_see_people(actor, found.activity):
        raise NotFound
    rows = SignUp.objects.filter(session=found, state__in=LIVE).select_related("person", "team", "shift__role")
    sign_ups = list(rows.order_by("shift__role__order", "shift_id", "id"))
    check_ins = list(CheckIn.objects.filter(session=found).order_by("id"))
    return Roster(
        session=found,
        sign_ups=tuple(one for one in sign_ups if one.state != SignUpState.ABSENT),
        checked={one.sign_up_id: one for one in check_ins if one.sign_up_id},
        walk_ins=sum(one.count for one in check_ins if one.sign_up_id is None),
        came=sum(one.count for one in check_ins),
        absent=sum(one.count for one in sign_ups if one.state == SignUpState.ABSENT),
        waiting=sum(one.count for one in sign_ups if one.state == SignUpState.WAITING),
    )


def not_out(found: Session) -> list[SignUp]:
    """Who was seen coming to serve and not going, by name: for them no hours are made until somebody says when they left."""
    rows = SignUp.objects.filter(session=found, person__isnull=False, state=SignUpState.PRESENT)
    open_ends = rows.filter(shift__role__is_volunteer=True, check_in__isnull=False, check_in__out_at__isnull=True)
    return list(open_ends.select_related("person", "check_in").order_by("check_in__in_at", "id"))


def feedback_of(found: Session) -> tuple[int, float | None, list[str]]:
    """How many said something, the mean of their stars, and their words: the latter two from five people on only."""
    rows = Feedback.objects.filter(session=found)
    facts = rows.aggregate(n=Count("id"), mean=Avg("score"))
    if facts["n"] < FEEDBACK_FROM:
        return facts["n"], None, []
    words = [text for text in rows.order_by("id").values_list("words", flat=True) if text]
    return facts["n"], float(facts["mean"]), sorted(words)


def results_of(found: Session) -> list[Result]:
    """The results of one session with their units."""
    return list(found.results.select_related("unit").order_by("measure", "what", "unit__order"))


def photos_of(found: Session) -> list[tuple[Photo, Attachment]]:
    """The pictures of one session with their files."""
    rows = list(found.photos.order_by("id"))
    files = attachments.of_many(Photo, [one.pk for one in rows])
    return [(one, files[one.pk][0]) for one in rows if files.get(one.pk)]


def photo(actor: Actor, public_id: UUID) -> Photo:
    """One picture of a session the actor runs; NotFound."""
    found = Photo.objects.filter(public_id=public_id).select_related("session__activity__place").first()
    if found is None or not rules.can_run(actor, found.session.activity):
        raise NotFound
    return found
