"""Service of the demonstration: teams sign in on weekdays and weekends, others confirm, some wait for a word. All invented.

Made by the real actions, under a clock that stands at the time of each session. Nothing is left to chance: who comes
late or goes early follows from the numbers of the team and the week.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from typing import NamedTuple

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people.models import Account, Role
from huying.people.states import RoleKind
from huying.volunteers import actions
from huying.volunteers.models import Membership, ServiceCategory, ServiceRecord, Team, Volunteer


class Plan(NamedTuple):
    """What a team does: kind of service, words, day of the week (Monday 0), from when, how many minutes."""

    category: str
    title: str
    content: str
    weekday: int
    starts: time
    minutes: int


PLANS = (
    Plan("elderly", "周末助餐", "为行动不便的老人送午餐", 5, time(10, 30), 110),
    Plan("environment", "清洁家园", "清理楼道和绿地里的杂物", 6, time(8), 150),
    Plan("daily", "代买菜、代取药", "照单子跑一趟，送到家门口", 1, time(9, 20), 30),
    Plan("culture", "广场文艺", "排练和演出帮忙", 4, time(18, 40), 105),
    Plan("health", "健康义诊", "量血压，陪着做登记", 2, time(8, 30), 180),
    Plan("daily", "便民集市", "磨刀、理发、修小家电", 5, time(13), 240),
    Plan("elderly", "上门探访", "陪独居老人说说话，看看水电", 3, time(15), 45),
    Plan("environment", "河道巡护", "沿河走一遍，捡垃圾、记排口", 6, time(7, 30), 330),
    Plan("daily", "图书角值班", "借还登记，整理书架", 5, time(9), 360),
    Plan("elderly", "工作日助餐", "在食堂打菜、收碗", 0, time(10, 45), 80),
    Plan("culture", "楼院议事记录", "摆桌椅、记发言", 3, time(19), 60),
)
MARKET, VISIT = PLANS[5], PLANS[6]
WEEKS, TEAMS, COME = 6, 12, 4
OPEN_WEEKS = 1
"""The last week's records still wait to be confirmed."""
WEEK = timedelta(days=7)


class Turn(NamedTuple):
    """One session to play: when, by which team, what, who runs it, and who confirms it (nobody: it still waits)."""

    starts_at: datetime
    stage: Stage
    plan: Plan
    doer: Actor
    checker: Actor | None


def load() -> None:
    """Six weeks of service for a dozen teams; the last one is not confirmed yet. The first team has plans for today too.

    In the order of time, for nobody can come to one thing before another that he has not left.
    """
    guests = list(
        Volunteer.objects.filter(person__in=Account.objects.filter(username__startswith="volunteer").values("person"))
    )
    stages: list[Stage] = []
    for team in Team.objects.filter(active=True).select_related("place").order_by("id")[:TEAMS]:
        checker = checker_of(team)
        leader = Membership.objects.filter(team=team, is_leader=True, ends_at__isnull=True).first()
        if leader is not None and checker is not None:
            stages.append(Stage(len(stages), team, leader.volunteer, checker, [] if stages else guests))
    for turn in sorted((one for stage in stages for one in stage.turns()), key=lambda one: one.starts_at):
        made = turn.stage.held(turn)
        if turn.checker is not None:
            actions.confirm_many(actor=turn.checker, records=made)
    if stages:
        stages[0].today()


class Stage:
    """One team, its leader, who confirms what he enters, and who serves with it."""

    def __init__(self, number: int, team: Team, leader: Volunteer, checker: Actor, guests: list[Volunteer]):
        self.number, self.team, self.checker = number, team, checker
        self.doer = Actor(person_id=leader.person_id)
        rows = Membership.objects.filter(team=team, is_leader=False, ends_at__isnull=True).select_related("volunteer")
        here = [one.volunteer for one in rows.order_by("id")[:COME]]
        self.crowd = here + [one for one in guests if one not in here and one != leader]
        self.categories = {row.code: row for row in ServiceCategory.objects.all()}

    def turns(self) -> Iterator[Turn]:
        """A session each week, other things each time; for the first team one that the office entered, for its leader
        to confirm.
        """
        for week in range(WEEKS, 0, -1):
            plan = PLANS[(self.number * WEEKS + week) % len(PLANS)]
            checker = self.checker if week > OPEN_WEEKS else None
            yield Turn(weeks_ago(week, plan), self, plan, self.doer, checker)
        if self.number == 0:
            yield Turn(weeks_ago(1, VISIT), self, VISIT, self.checker, None)

    def session(self, plan: Plan, starts_at: datetime) -> actions.SessionPlan:
        ends_at = starts_at + timedelta(minutes=plan.minutes)
        category = self.categories[plan.category]
        return actions.SessionPlan(plan.title, self.team.place, starts_at, ends_at, self.team, category, plan.content)

    def held(self, turn: Turn) -> list[ServiceRecord]:
        """One session: opened, the roll called as people come and go, closed. Some come late, some go early."""
        starts_at, doer, day = turn.starts_at, turn.doer, turn.starts_at.toordinal()
        facts = self.session(turn.plan, starts_at)
        slack = max(1, turn.plan.minutes // 12)
        late = timedelta(minutes=(self.number * 7 + day * 3) % slack)
        early = timedelta(minutes=(self.number * 5 + day * 11) % slack)
        at = (self.number + day) % max(1, len(self.crowd))
        punctual, others = self.crowd[at:], self.crowd[:at]
        with clock.frozen(starts_at):
            session = actions.open_session(actor=doer, plan=facts)
        calls = [
            (starts_at, punctual, False),
            (starts_at + late, others, False),
            (facts.ends_at - early, punctual, True),
            (facts.ends_at, others, True),
        ]
        for moment, people, leaving in calls:
            with clock.frozen(moment):
                actions.call_roll(actor=doer, session=session, volunteers=people, leaving=leaving)
        with clock.frozen(facts.ends_at):
            return actions.close_session(actor=doer, session=session)

    def today(self) -> None:
        """What the leader finds on his desk: a session that goes on, two still to come."""
        begun = clock.now().replace(minute=0, second=0, microsecond=0)
        with clock.frozen(begun):
            session = actions.open_session(actor=self.doer, plan=self.session(MARKET, begun))
            actions.call_roll(actor=self.doer, session=session, volunteers=self.crowd[:2], leaving=False)
        for days, plan in ((2, PLANS[9]), (5, PLANS[1])):
            starts_at = datetime.combine(clock.today() + timedelta(days=days), plan.starts, clock.SHANGHAI)
            actions.open_session(actor=self.doer, plan=self.session(plan, starts_at))


def weeks_ago(week: int, plan: Plan) -> datetime:
    """The plan's day and time, so many whole weeks (Monday to Sunday) back."""
    monday = clock.today() - timedelta(days=clock.today().weekday()) - week * WEEK
    return datetime.combine(monday + timedelta(days=plan.weekday), plan.starts, clock.SHANGHAI)


def checker_of(team: Team) -> Actor | None:
    """Somebody of the office or the centre above the team, who confirms what its leader entered."""
    kinds = [RoleKind.OFFICE, RoleKind.DISPATCHER]
    for role in Role.objects.filter(kind__in=kinds, ends_at__isnull=True).select_related("place").order_by("id"):
        if team.place.path.startswith(role.place.path):
            return Actor(person_id=role.person_id, roles=((role.kind, role.place.path),))
    return None
