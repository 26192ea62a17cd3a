"""Teams of the demonstration that want people: some are asked, one came, one guest has an invitation on his own page. All
invented, made by the real actions.
"""

from __future__ import annotations

from datetime import timedelta

from huying.config.demo.service import checker_of
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.people.models import Account
from huying.volunteers import actions, queries
from huying.volunteers.models import Membership, Team, Volunteer, Want

ASKS: tuple[tuple[str, int, list[int], bool], ...] = (
    ("每周一次上门陪老人说说话，第一次有老队员带着", 3, [4], False),
    ("水电小修的老师傅忙不过来，想请会的人搭把手", 2, [15, 18], True),
    ("工作日助餐缺人打菜、收碗，一次一个多小时", 4, [0, 6], False),
    ("放学以后陪孩子写作业，周三、周五各一次", 2, [7, 13], True),
    ("居民问租房、劳动的事，想请懂的人一起听一听", 1, [], True),
    ("台风天前后巡一遍低洼处，平时每月练一次", 6, [], False),
)
"""The sentence, how many, at which parts of the week, whether the skills of the team are asked for."""
DAYS = 45
GUEST = "volunteer1"


def load() -> None:
    """A want for each of the first teams, half of them with people who are asked; of these the first one came."""
    teams = Team.objects.filter(active=True).select_related("place").order_by("id")[: len(ASKS)]
    for number, (team, (words, headcount, slots, skilled)) in enumerate(zip(teams, ASKS, strict=False)):
        leader = Membership.objects.filter(team=team, is_leader=True, ends_at__isnull=True).first()
        office = checker_of(team)
        if leader is None or office is None:
            continue
        facts = actions.WantFacts(
            team=team,
            place=team.place,
            headcount=headcount,
            words=words,
            until_date=clock.today() + timedelta(days=DAYS - 5 * number),
            skills=list(team.skills.order_by("id"))[:1] if skilled else [],
            slots=slots,
        )
        doer = Actor(person_id=leader.volunteer.person_id)
        with clock.frozen(clock.now() - timedelta(hours=30 - number)):
            want = actions.state_want(actor=doer, facts=facts)
        ask(office, want, number)


def ask(office: Actor, want: Want, number: int) -> None:
    """Every other want asks two people; for the first want the guest is among them, for the third one comes."""
    if number % 2:
        return
    guest = Account.objects.filter(username=GUEST).values_list("person", flat=True).first()
    fits = list(queries.fitting(office, want).order_by(*queries.FITTING_ORDER)[:40])
    chosen: list[Volunteer] = sorted(fits, key=lambda one: one.person_id != guest)[:2] if number == 0 else fits[1:3]
    made = actions.invite(actor=office, want=want, volunteers=chosen)
    if number and made:
        first = made[0]
        actions.take_up(actor=Actor(person_id=first.volunteer.person_id), invitation=first)
