"""What a leader finds on his desk: hours to confirm, sessions of today, those still to come, and his teams."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Count, Q

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.volunteers import rules
from huying.volunteers.models import ServiceRecord, ServiceSession, Team
from huying.volunteers.queries.service import waiting_records
from huying.volunteers.queries.sessions import sessions
from huying.volunteers.states import SessionState

AHEAD = timedelta(days=14)
SHOWN = 5
MOST = 20


@dataclass(frozen=True, slots=True)
class Desk:
    """``forgotten``: sessions of days gone by that nobody closed; ``people``: members of all his teams, each once."""

    waiting: list[ServiceRecord]
    forgotten: list[ServiceSession]
    today: list[ServiceSession]
    ahead: list[ServiceSession]
    teams: list[Team]
    people: int


def desk(actor: Actor) -> Desk:
    """The desk of somebody who leads teams; for others it is empty."""
    begin = datetime.combine(clock.today(), time(), clock.SHANGHAI)
    end = begin + timedelta(days=1)
    rows = sessions(actor).order_by("starts_at", "id")
    live = rows.filter(state=SessionState.OPEN)
    led = Team.objects.filter(pk__in=rules.led_team_ids(actor))
    present = Count("memberships", filter=Q(memberships__ends_at__isnull=True), distinct=True)
    teams = led.select_related("place").annotate(members=present).order_by("name", "id")
    return Desk(
        waiting=list(waiting_records(actor).order_by("starts_at", "id")[:SHOWN]),
        forgotten=list(live.filter(ends_at__lt=begin)[:MOST]),
        today=list(rows.filter(starts_at__lt=end, ends_at__gte=begin)[:MOST]),
        ahead=list(live.filter(starts_at__gte=end, starts_at__lt=end + AHEAD)[:MOST]),
        teams=list(teams[:MOST]),
        people=led.filter(memberships__ends_at__isnull=True).values("memberships__volunteer").distinct().count(),
    )
