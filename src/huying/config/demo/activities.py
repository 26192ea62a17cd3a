"""Some two dozen activities of the demonstration: what is on this week, what was, one large event, a rhythm plan.

Written and signed up for by the real actions, under a clock that walks towards now. Everything is invented.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import cycle
from typing import NamedTuple

from huying.activities import actions, queries
from huying.activities.actions import Facts, PartyFacts, PlanFacts, ResultFacts, RoleFacts, RuleFacts
from huying.activities.models import Activity, ActivityKind, RhythmPlan, Session, SignUp, Unit
from huying.activities.states import Measure, Side, SignUpState, Span, Wanted
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError
from huying.people.models import Person, Role
from huying.people.states import RoleKind
from huying.places.models import Place
from huying.volunteers.models import Team

DEMO = Actor.system("demo")
DAY = timedelta(days=1)


class Plan(NamedTuple):
    """One activity: days from today, from and until which hour, places, how many come, and a rhythm."""

    title: str
    kind: str
    day: int
    starts: int
    ends: int
    summary: str
    capacity: int = 30
    come: int = 12
    rrule: str = ""
    serves: bool = False
    groups: bool = False
    sign_up: bool = True
    results: tuple[tuple[Measure, str, str, str], ...] = ()


PLANS = (
    Plan("周三健康义诊", "health", 1, 9, 11, "量血压、测血糖，区医院的医生坐诊", 40, 21, "FREQ=WEEKLY;COUNT=6"),
    Plan("手机课堂：防诈骗和打车", "class", 2, 14, 16, "一对一教，带上自己的手机", 12, 12),
    Plan("桂花树下读书会", "culture", 3, 19, 21, "这一期读《呼兰河传》", 20, 7, "FREQ=WEEKLY;COUNT=4"),
    Plan("清理运河步道", "service", 4, 8, 10, "捡垃圾、拔杂草，工具我们准备", 25, 14, serves=True),
    Plan("小小讲解员：走进非遗馆", "visit", 5, 9, 11, "学剪纸，听老艺人讲故事", 40, 9, groups=True),
    Plan("邻里百家宴", "festival", 6, 10, 13, "每家带一个菜，门口摆长桌", 300, 38, sign_up=True),
    Plan("理论宣讲：医保新规十问", "lecture", 7, 15, 16, "街道干部讲，现场答", 60, 11),
    Plan("天天晨练八段锦", "sports", 1, 7, 8, "老队员带，随时来", 0, 0, "FREQ=DAILY;COUNT=10", sign_up=False),
    Plan("便民集市：磨刀、修伞、理发", "market", 8, 9, 12, "手艺人都来了，不收钱", 0, 0, sign_up=False),
    Plan("果园剪枝农技课", "farming", 9, 9, 11, "农技站老师下田教", 20, 6),
    Plan(
        "四点半课堂招募辅导志愿者",
        "service",
        3,
        16,
        18,
        "陪孩子写作业，有督导在场",
        6,
        6,
        "FREQ=WEEKLY;COUNT=5",
        serves=True,
    ),
    Plan(
        "秋季义务植树",
        "service",
        -4,
        8,
        11,
        "河岸补种垂柳",
        30,
        15,
        serves=True,
        results=((Measure.OUTPUT, "栽种", "7.5", "mu"), (Measure.OUTPUT, "垂柳", "120", "tree")),
    ),
    Plan(
        "重阳送温暖",
        "service",
        -9,
        9,
        11,
        "给八十岁以上老人送米面",
        16,
        9,
        serves=True,
        results=((Measure.SERVED, "老人", "46", "household"), (Measure.HANDED_OUT, "米面", "46", "copy")),
    ),
    Plan("消防演练", "class", -6, 15, 17, "学会用灭火器", 40, 18),
)


def load(people: dict[str, list[Person]]) -> dict[str, int]:
    """Activities, sign-ups and one plan; how many there are of each. ``people`` is what demo/people.py gave back."""
    if not Activity.objects.exists():
        Stage(people).play()
    models = (Activity, Session, SignUp, RhythmPlan)
    return {model.__name__: model._default_manager.count() for model in models}


class Stage:
    """The keepers, the guests and the volunteers of the demonstration."""

    def __init__(self, people: dict[str, list[Person]]):
        self.guests = [one for one in (*people["residents"], *people["others"]) if one.home_place_id]
        self.helpers = [one for one in people["helpers"] if one.home_place_id]
        self.rooms = list(Place.objects.filter(kind="room", status="open").select_related("parent__parent"))
        keepers = Role.objects.filter(kind=RoleKind.STATION_KEEPER).select_related("place", "person").order_by("id")
        self.keeper = keepers[0]
        self.home = self.keeper.place
        self.team = Team.objects.filter(active=True).order_by("id").first()
        self.others = list(Place.objects.filter(kind__in=["community", "village"]).order_by("id"))

    def play(self) -> None:
        """Everything, each at its own place; the last one is left as a draft."""
        places = cycle([self.home, *(one for one in self.others if one.pk != self.home.pk)][:5])
        for number, plan in enumerate(PLANS):
            place = self.home if number % 2 == 0 else next(places)
            self.one(plan, place)
        self.draft()
        self.rhythm()

    def one(self, plan: Plan, place: Place) -> None:
        starts = at(plan.day, plan.starts)
        before = min(clock.now(), starts) - 6 * DAY
        with clock.frozen(before):
            activity = actions.save_draft(actor=DEMO, facts=self.facts(plan, place, starts))
            actions.publish(actor=DEMO, activity=activity)
            self.sign_up(plan, activity)
        if plan.day < 0:
            self.hold(plan, activity)

    def facts(self, plan: Plan, place: Place, starts: datetime) -> Facts:
        """The plan as it is written down."""
        roles = [RoleFacts("志愿者" if plan.serves else "参加者", plan.capacity, plan.serves)] if plan.sign_up else []
        if plan.kind == "festival":
            roles = [RoleFacts("街坊", 260), RoleFacts("搬桌椅", 20, True), RoleFacts("引导", 20, True)]
        room = next((one for one in self.rooms if one.path.startswith(place.path)), None)
        outside = plan.kind in {"service", "market", "farming", "festival", "sports"}
        return Facts(
            kind=ActivityKind.objects.get(code=plan.kind),
            place=place,
            title=plan.title,
            summary=plan.summary,
            starts_at=starts,
            ends_at=starts + timedelta(hours=plan.ends - plan.starts),
            rrule=plan.rrule,
            venue=None if outside else room,
            where=f"{place.name}广场" if outside or room is None else "",
            contact_name=self.keeper.person.name,
            contact_phone="0571-55501234",
            risks="户外活动注意脚下和天气，量力而行" if plan.serves or plan.kind == "festival" else "",
            guarantees="有人身意外保险、饮水" if plan.serves else "",
            needs_sign_up=plan.sign_up,
            takes_groups=plan.groups,
            roles=roles,
            parties=self.parties(plan, place),
        )

    def parties(self, plan: Plan, place: Place) -> list[PartyFacts]:
        """The place and the centre; where volunteers serve, the first team helps to run it."""
        host, centre = PartyFacts(place.name, Side.HOST, 6000), PartyFacts("青禾区文明实践中心", Side.PARTNER, 4000)
        if not plan.serves or self.team is None:
            return [host, centre]
        helps = PartyFacts(self.team.name, Side.ORGANISER, 2000, team=self.team)
        return [host, helps, replace(centre, share=2000)]

    def sign_up(self, plan: Plan, activity: Activity) -> None:
        """Some of those who live here; more than there are places stand in line."""
        session = activity.sessions.order_by("starts_at").first()
        if session is None or not plan.sign_up:
            return
        for shift in session.shifts.select_related("role").order_by("role__order"):
            crowd = self.helpers if shift.role.is_volunteer else self.guests
            wanted = plan.come + 3 if shift.capacity == plan.come else plan.come
            for person in crowd[:wanted]:
                actor = acting(person)
                try:
                    actions.sign_up(actor=actor, shift=shift)
                except DomainError:
                    continue

    def hold(self, plan: Plan, activity: Activity) -> None:
        """It took place: most came, results in their units."""
        session = activity.sessions.get()
        keeper = acting(self.keeper.person)
        runner = keeper if activity.place.path.startswith(self.home.path) else DEMO
        coming = SignUp.objects.filter(session=session, state=SignUpState.SIGNED).order_by("id")
        with clock.frozen(session.starts_at):
            for row in list(coming)[: max(1, coming.count() - 1)]:
                actions.check_in(actor=runner, sign_up=row)
        with clock.frozen(session.ends_at):
            actions.hold(actor=runner, session=session)
            units = {one.code: one for one in Unit.objects.all()}
            rows = [
                ResultFacts(measure, Decimal(amount), units[unit], what) for measure, what, amount, unit in plan.results
            ]
            actions.save_results(actor=runner, session=session, rows=rows)

    def draft(self) -> None:
        """One that is still being written, and a template."""
        starts = at(16, 14)
        plan = Plan("迎新春写春联", "culture", 16, 14, 16, "书法队现场写，红纸管够", 50, 0)
        facts = self.facts(plan, self.home, starts)
        actions.save_draft(actor=DEMO, facts=facts)
        template = Plan("每月免费理发", "market", 20, 9, 11, "给行动不便的老人上门剪发", 20, 0)
        made = self.facts(template, self.home, at(20, 9))
        actions.save_draft(actor=DEMO, facts=replace(made, is_template=True))

    def rhythm(self) -> None:
        """四季有主题、月月有重点、周周有活动, for the whole district of this year."""
        year = clock.today().year
        top = Place.objects.filter(path=self.home.path[: self.home.path.index("/", 1) + 1]).get()
        rules = [
            RuleFacts(Span.SEASON, Wanted.FOCUS),
            RuleFacts(Span.MONTH, Wanted.FOCUS),
            RuleFacts(Span.WEEK, Wanted.ACTIVITY, 1),
            RuleFacts(Span.MONTH, Wanted.ACTIVITY, 2, kind=queries.kinds().get(code="lecture")),
        ]
        facts = PlanFacts(top, f"{year} 年活动节奏", date(year, 1, 1), date(year, 12, 31), rules)
        plan = actions.save_plan(actor=DEMO, facts=facts)
        for month, title in ((1, "春季送福"), (4, "夏季送凉"), (7, "秋季助学"), (10, "冬季送暖")):
            actions.name_focus(actor=DEMO, plan=plan, every=Span.SEASON, day=date(year, month, 1), title=title)
        for month, title in ((3, "学雷锋"), (10, "敬老"), (11, "消防安全")):
            actions.name_focus(actor=DEMO, plan=plan, every=Span.MONTH, day=date(year, month, 1), title=title)


def acting(person: Person) -> Actor:
    """The person with the roles he holds."""
    return Actor(
        person_id=person.pk, roles=tuple(Role.objects.filter(person=person).values_list("kind", "place__path"))
    )


def at(days: int, hour: int) -> datetime:
    """So many days from today at that hour in China."""
    return datetime.combine(clock.today() + days * DAY, time(hour), tzinfo=clock.SHANGHAI)
