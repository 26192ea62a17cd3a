"""Service of the demonstration: teams sign in on past weekends, others confirm, some wait for a word. All invented.

Made by the real actions, under a clock that stands at the time of each session.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from itertools import cycle

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people.models import Account, Role
from huying.people.states import RoleKind
from huying.volunteers import actions
from huying.volunteers.models import Membership, ServiceCategory, ServiceRecord, Team, Volunteer

PLANS = (
    ("elderly", "周末助餐", "为行动不便的老人送午餐", 9, 12),
    ("environment", "清洁家园", "清理楼道和绿地里的杂物", 8, 10),
    ("daily", "便民集市", "磨刀、理发、修小家电", 14, 17),
    ("culture", "广场文艺", "排练和演出帮忙", 18, 20),
    ("health", "健康义诊", "量血压，陪着做登记", 9, 11),
)
WEEKS, TEAMS, COME = 6, 12, 4
OPEN_WEEKS = 1
"""The last week's records still wait to be confirmed."""


def load() -> None:
    """Six weekends of service for a dozen teams; the last one is not confirmed yet."""
    plans = cycle(PLANS)
    categories = {row.code: row for row in ServiceCategory.objects.all()}
    guests = list(
        Volunteer.objects.filter(person__in=Account.objects.filter(username__startswith="volunteer").values("person"))
    )
    for team in Team.objects.filter(active=True).select_related("place").order_by("id")[:TEAMS]:
        checker = checker_of(team)
        leader = Membership.objects.filter(team=team, is_leader=True, ends_at__isnull=True).first()
        if leader is None or checker is None:
            continue
        for week in range(WEEKS, 0, -1):
            code, title, content, begin, end = next(plans)
            made = held(team, leader.volunteer, week, categories[code], (title, content), (begin, end), guests)
            if week > OPEN_WEEKS:
                actions.confirm_many(actor=checker, records=made)
        guests = []  # those who sign in to the demonstration serve with the first team


def checker_of(team: Team) -> Actor | None:
    """Somebody of the office or the centre above the team, who confirms what its leader entered."""
    kinds = [RoleKind.OFFICE, RoleKind.DISPATCHER]
    for role in Role.objects.filter(kind__in=kinds, ends_at__isnull=True).select_related("place").order_by("id"):
        if team.place.path.startswith(role.place.path):
            return Actor(person_id=role.person_id, roles=((role.kind, role.place.path),))
    return None


def held(
    team: Team,
    leader: Volunteer,
    week: int,
    category: ServiceCategory,
    words: tuple[str, str],
    hours: tuple[int, int],
    guests: list[Volunteer],
) -> list[ServiceRecord]:
    """One session on the Saturday so many weeks ago: opened, the roll called twice, closed."""
    today = clock.today()
    saturday = today - timedelta(days=(today.weekday() + 2) % 7 + 7 * (week - 1) or 7)
    starts_at, ends_at = (datetime.combine(saturday, time(hour), clock.SHANGHAI) for hour in hours)
    doer = Actor(person_id=leader.person_id)
    rows = Membership.objects.filter(team=team, is_leader=False, ends_at__isnull=True).select_related("volunteer")
    here = [one.volunteer for one in rows.order_by("id")[:COME]]
    here += [one for one in guests if one not in here and one != leader]
    plan = actions.SessionPlan(words[0], team.place, starts_at, ends_at, team, category, words[1])
    with clock.frozen(starts_at):
        session = actions.open_session(actor=doer, plan=plan)
        actions.call_roll(actor=doer, session=session, volunteers=here, leaving=False)
    with clock.frozen(ends_at):
        actions.call_roll(actor=doer, session=session, volunteers=here, leaving=True)
        return actions.close_session(actor=doer, session=session)
