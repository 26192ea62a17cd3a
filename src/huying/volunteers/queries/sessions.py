"""Where people sign in and out, who came, and what two people copied from the paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.search import matching
from huying.people import rules as people_rules
from huying.volunteers import rules
from huying.volunteers.models import (
    Attendance,
    ServiceCategory,
    ServiceRecord,
    ServiceSession,
    SheetEntry,
    Team,
    Volunteer,
)
from huying.volunteers.states import SessionState, Way

AROUND = timedelta(hours=6)


def sessions(actor: Actor) -> QuerySet[ServiceSession]:
    """Sessions this actor runs, with how many came."""
    came = Count("attendances", filter=Q(attendances__dropped=False), distinct=True)
    rows = ServiceSession.objects.filter(rules.sessions_visible_to(actor))
    return rows.select_related("team", "place").annotate(came=came)


def session_by_id(actor: Actor, public_id: UUID) -> ServiceSession:
    """A session this actor runs; NotFound for others."""
    found = sessions(actor).filter(public_id=public_id).select_related("team", "place", "category", "opened_by").first()
    if found is None:
        raise NotFound
    return found


def came(session: ServiceSession) -> int:
    """How many have signed in."""
    return Attendance.objects.filter(session=session).count()


def came_to(session: ServiceSession) -> QuerySet[Attendance]:
    """Who came to a session, by name."""
    rows = Attendance.objects.filter(session=session).select_related("volunteer__person", "seen_by", "record")
    return rows.order_by("volunteer__person__sort_key", "id")


@dataclass(frozen=True, slots=True)
class RollLine:
    """One name on the roll: came, left, or neither; ``record`` when it is entered already."""

    volunteer: Volunteer
    visit: Attendance | None

    @property
    def is_in(self) -> bool:
        """Here now."""
        return self.visit is not None and self.visit.out_at is None and not self.visit.dropped

    @property
    def may_be_seen(self) -> bool:
        """Scanned the screen, and no record is made yet: an organiser may say that he saw him. Paper stays class B."""
        visit = self.visit
        ways = {visit.in_way, visit.out_way} if visit is not None and visit.record_id is None else set()
        return Way.SCREEN in ways and Way.PAPER not in ways

    @property
    def is_out(self) -> bool:
        """Came and left."""
        return self.visit is not None and self.visit.out_at is not None


def roll(session: ServiceSession, words: str = "") -> list[RollLine]:
    """Who may be called: the team's members, whoever came, and those found by name around the place; by name."""
    members = Q(memberships__team_id=session.team_id or 0, memberships__ends_at__isnull=True)
    came = Q(attendances__session=session)
    rows = Volunteer.objects.filter(members | came)
    if len(words.strip()) >= 2:
        near = Volunteer.objects.filter(base_place__path__startswith=session.place.path, left_at__isnull=True)
        rows = Volunteer.objects.filter(pk__in=rows.values("pk")) | matching(near, words, prefix="person__")
    visits = {one.volunteer_id: one for one in Attendance.objects.filter(session=session).select_related("record")}
    found = rows.select_related("person").order_by("person__sort_key", "id").distinct()
    return [RollLine(one, visits.get(one.pk)) for one in found[:300]]


@dataclass(frozen=True, slots=True)
class SheetStory:
    """The sheet as one copier may see it: his own lines, never those of the other; and what came of them."""

    mine: dict[int, SheetEntry]
    others: set[int]
    recorded: set[int]


def sheet_of(actor: Actor, session: ServiceSession) -> SheetStory:
    """Lines the actor copied, whom somebody else copied, and for whom a record is there."""
    rows = list(SheetEntry.objects.filter(session=session))
    recorded = ServiceRecord.objects.filter(subject_type=ServiceSession._meta.label, subject_id=session.pk)
    return SheetStory(
        mine={row.volunteer_id: row for row in rows if row.entered_by_id == actor.person_id},
        others={row.volunteer_id for row in rows if row.entered_by_id != actor.person_id},
        recorded=set(recorded.values_list("volunteer_id", flat=True)),
    )


def records_of_session(session: ServiceSession) -> QuerySet[ServiceRecord]:
    """What became of a session."""
    rows = ServiceRecord.objects.filter(subject_type=ServiceSession._meta.label, subject_id=session.pk)
    return rows.select_related("person").order_by("person__sort_key", "id")


def sessions_for(actor: Actor) -> list[ServiceSession]:
    """Sessions at which this volunteer could sign in now: of his teams, around him, or where he is signed in."""
    now = clock.now()
    mine = Team.objects.filter(memberships__volunteer__person_id=actor.person_id or 0, memberships__ends_at=None)
    near = rules.reachable(actor, "place__path") | Q(team__in=mine)
    there = Q(attendances__volunteer__person_id=actor.person_id or 0)
    rows = ServiceSession.objects.filter(near | there, state=SessionState.OPEN, ends_at__gte=now - AROUND)
    visits = Prefetch(
        "attendances",
        Attendance.objects.filter(volunteer__person_id=actor.person_id or 0),
        to_attr="mine",
    )
    rows = rows.filter(starts_at__lte=now + AROUND).select_related("place", "team").distinct()
    return list(rows.prefetch_related(visits).order_by("starts_at", "id")[:50])


def visit_of(actor: Actor, session: ServiceSession) -> Attendance | None:
    """The actor's own visit to a session."""
    return Attendance.objects.filter(session=session, volunteer__person_id=actor.person_id or 0).first()


def categories() -> QuerySet[ServiceCategory]:
    """Kinds of service, in their order."""
    return ServiceCategory.objects.order_by("order", "id")


def teams_led(actor: Actor) -> QuerySet[Team]:
    """Active teams for which this actor may open a session: those he leads, those at places he keeps."""
    kept = people_rules.within(actor, rules.KEEPERS, "place__path")
    rows = Team.objects.filter(Q(pk__in=rules.led_team_ids(actor)) | kept, active=True)
    return rows.select_related("place").order_by("name", "id")
