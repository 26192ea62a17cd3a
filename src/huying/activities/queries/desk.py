"""The organisers' side: what is written and not yet shown, what is on, what waits to be closed."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Max, Min, Q, QuerySet

from huying.activities import rules
from huying.activities.models import Activity, Session, SignUp
from huying.activities.queries.listing import not_over, with_facts
from huying.activities.states import COMING, ActivityState, SessionState, SignUpState
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.search import matching
from huying.people import rules as people_rules
from huying.people.models import Person
from huying.places.models import Place
from huying.places.states import Status
from huying.volunteers import rules as volunteer_rules
from huying.volunteers.models import Team

SHOWN = [ActivityState.PUBLISHED, ActivityState.ENDED]
"""What counts as an activity: everybody can see it, or could."""


def desk(actor: Actor, *, words: str = "", state: str = "", size: str = "") -> QuerySet[Activity]:
    """Activities the actor runs, with when they begin and how many come; latest change first.

    ``size`` (ordinary, large): those that ``counted_apart`` counts.
    """
    rows = Activity.objects.filter(pk__in=Activity.objects.filter(rules.runs(actor)).values("pk"), is_template=False)
    if state:
        rows = rows.filter(state=state)
    if size:
        rows = rows.filter(state__in=SHOWN, kind__is_large=size == "large")
    if words.strip():
        rows = matching(rows, words)
    ahead = Q(sessions__state=SessionState.PLANNED, sessions__ends_at__gt=clock.now())
    return rows.select_related("kind", "place").annotate(
        next_at=Min("sessions__starts_at", filter=ahead),
        last_at=Max("sessions__starts_at"),
        times=Count("sessions", distinct=True),
    )


def counted_apart(actor: Actor) -> tuple[int, int]:
    """(ordinary, large): activities that the actor runs and that everybody can see or could; large events stand beside the
    ordinary ones and are never added to them (S0-1d.2).
    """
    mine = Activity.objects.filter(rules.runs(actor), state__in=SHOWN, is_template=False)
    found = mine.aggregate(
        ordinary=Count("pk", filter=Q(kind__is_large=False), distinct=True),
        large=Count("pk", filter=Q(kind__is_large=True), distinct=True),
    )
    return found["ordinary"], found["large"]


def drafts(actor: Actor, limit: int = 10) -> list[Activity]:
    """What is still being written."""
    rows = desk(actor, state=ActivityState.DRAFT)
    return list(rows.order_by("-changed_at", "-id")[:limit])


def templates(actor: Actor, limit: int = 30) -> list[Activity]:
    """Templates of the actor's places."""
    mine = Activity.objects.filter(rules.runs(actor), is_template=True, state=ActivityState.DRAFT).distinct()
    return list(mine.select_related("kind", "place").order_by("title", "id")[:limit])


def to_close(actor: Actor, limit: int = 20) -> list[Session]:
    """Sessions that are over and wait for their results, oldest first."""
    mine = Activity.objects.filter(rules.runs(actor), state=ActivityState.PUBLISHED).values("pk")
    over = Q(state=SessionState.PLANNED, ends_at__lte=clock.now()) | Q(state=SessionState.HELD)
    rows = with_facts(Session.objects.filter(over, activity__in=mine))
    return list(rows.order_by("ends_at", "id")[:limit])


def run_until(actor: Actor, until: datetime, limit: int = 20) -> list[Session]:
    """Sessions that are not over and begin before ``until``, of the activities the actor runs; next first."""
    mine = Activity.objects.filter(rules.runs(actor), state=ActivityState.PUBLISHED).values("pk")
    rows = Session.objects.filter(not_over(), state=SessionState.PLANNED, starts_at__lt=until, activity__in=mine)
    return list(with_facts(rows).order_by("starts_at", "id")[:limit])


def teams_going(actor: Actor, until: datetime, limit: int = 20) -> list[SignUp]:
    """Where the teams this actor leads are signed up as teams, before ``until``; next first."""
    led = SignUp.objects.filter(team_id__in=volunteer_rules.led_team_ids(actor), state__in=COMING)
    rows = led.filter(session__ends_at__gt=clock.now(), session__starts_at__lt=until)
    rows = rows.select_related("team", "session__activity__place", "session__venue__parent")
    return list(rows.order_by("session__starts_at", "id")[:limit])


def lapsed_now() -> QuerySet[SignUp]:
    """Reserved places whose time for a yes is over."""
    return SignUp.objects.filter(state=SignUpState.OFFERED, confirm_by__lte=clock.now()).order_by("id")


def my_places(actor: Actor, limit: int = 200) -> list[Place]:
    """Divisions and sites where the actor writes activities, nearest to the top first."""
    rows = Place.objects.filter(people_rules.within(actor, rules.KEEPERS, "path"), status=Status.OPEN)
    rows = rows.filter(Q(kind__is_division=True) | Q(kind__is_site=True)).exclude(kind="grid")
    return list(rows.select_related("parent", "kind").order_by("depth", "sort_key", "id")[:limit])


def my_venues(actor: Actor, limit: int = 200) -> list[Place]:
    """Sites and rooms of these places that can be booked."""
    rows = Place.objects.filter(people_rules.within(actor, rules.KEEPERS, "path"), status=Status.OPEN)
    rows = rows.filter(Q(kind__is_site=True) | Q(kind="room"))
    return list(rows.select_related("parent", "kind").order_by("path")[:limit])


def my_teams(actor: Actor, limit: int = 1000) -> list[Team]:
    """Active teams that can be named as hosts: those at the places the actor keeps and above them, and those he leads."""
    rows = Team.objects.filter(volunteer_rules.teams_visible_to(actor), active=True).select_related("place")
    return list(rows.order_by("place__depth", "name", "id")[:limit])


def name_of(actor: Actor) -> str:
    """The actor's own name, for the first contact of an activity."""
    return Person.objects.filter(pk=actor.person_id or 0).values_list("name", flat=True).first() or ""
