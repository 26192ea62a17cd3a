"""Teams of very unequal size: far fewer people belong to one than have registered (recruited is not registered)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from huying.config.demo.city.plan import Local, Plan
from huying.config.demo.city.writing import apportioned, copy, keys
from huying.kernel import chance as ids
from huying.kernel.actor import Actor
from huying.places.models import Place
from huying.volunteers.actions import place_skills
from huying.volunteers.models import Membership, Skill, Team, TeamKind, Volunteer

CHUNK = 250
MEMBERS = 0.2
"""So many of the registered belong to a team (S2-3e.2: 900,000 registered, 187,700 recruited)."""
LEAST, MOST = 5, 1500
TEAM = ("id", "public_id", "name", "place_id", "about", "kind_id")
MEMBERSHIP = ("team_id", "volunteer_id", "is_leader", "starts_at")
WORDS = (
    ("助老帮扶", "care accompany listen", "陪聊、陪诊、代办，照看独居老人"),
    ("暖心厨房", "cook clean", "做饭送饭，节前帮忙打扫"),
    ("巧手维修", "electric plumbing carry", "水电灯锁小修小补"),
    ("学雷锋", "errand carry", "哪里需要去哪里"),
    ("环保护绿", "carry drive", "清理河道和绿地，宣传分类"),
    ("理论宣讲", "law hakka", "把政策讲成家常话"),
    ("文艺轻骑", "listen", "排练演出，送到家门口"),
    ("银龄互助", "listen phone", "低龄老人陪高龄老人"),
    ("青春课堂", "tutor phone", "陪孩子写作业，教老人用手机"),
    ("平安守护", "firstaid drive", "巡逻、劝导、应急"),
    ("健康义诊", "firstaid care", "量血压，讲健康"),
    ("法律服务", "law", "解答合同、继承、劳动纠纷"),
    ("理发便民", "barber", "上门理发，月月不停"),
    ("农技帮扶", "farm drive", "剪枝、防病、帮销售"),
)


def chunks(plan: Plan) -> int:
    return -(-missing(plan) // CHUNK)


def missing(plan: Plan) -> int:
    """How many teams are made in bulk; those of the people who sign in are there and have words about them."""
    return max(0, plan.shape.teams - Team.objects.filter(kind=None).count())


def write(plan: Plan, number: int) -> None:
    """So many teams with their members and what they can do."""
    chance, total = plan.drawn("teams", number), missing(plan)
    count = min(total, (number + 1) * CHUNK) - number * CHUNK
    sizes = sizes_of(plan, total)[number * CHUNK :][:count]
    kinds, skills = list(TeamKind.objects.order_by("order", "id")), dict(Skill.objects.values_list("code", "id"))
    made, teams, members, can, known = keys(Team, count), [], [], [], set[int]()
    for key, public, size, serial in zip(made, ids.uuid7s(count), sizes, range(number * CHUNK, total), strict=False):
        word, codes, about = WORDS[serial % len(WORDS)]
        place, crowd = crowd_of(plan, chance, size)
        kind = kinds[chance.randrange(len(kinds))]
        teams.append((key, public, f"{place.name}{word}{serial + 1}队", place.pk, about, kind.pk))
        can += [(key, skills[code]) for code in codes.split()]
        rows = list(people_of(plan, chance, key, crowd, size))
        members += rows
        known |= {row[1] for row in rows[: len(rows) // 2]}
    copy(Team, TEAM, teams)
    copy(Team.skills.through, ("team_id", "skill_id"), can)
    copy(Membership, MEMBERSHIP, members)
    learned = ((one, two) for one in sorted(known - skilled(known)) for two in some(chance, list(skills.values())))
    copy(Volunteer.skills.through, ("volunteer_id", "skill_id"), learned)
    place_skills(actor=Actor.system("demo"))


def skilled(volunteers: set[int]) -> set[int]:
    """Those of them whose skills are written down already."""
    rows = Volunteer.skills.through.objects.filter(volunteer_id__in=volunteers)
    return set(rows.values_list("volunteer_id", flat=True))


def some(chance: random.Random, skills: list[int]) -> list[int]:
    return chance.sample(skills, chance.randrange(1, 4))


def sizes_of(plan: Plan, total: int) -> list[int]:
    """Members of each team: a few have a thousand, most some dozens; in all about a fifth of the registered."""
    wanted = int(plan.shape.volunteers * MEMBERS)
    sizes = apportioned(wanted, [1 / (rank + 3) ** 0.8 for rank in range(total)])
    plan.drawn("sizes", "teams").shuffle(sizes)
    return [max(LEAST, min(MOST, one)) for one in sizes]


def crowd_of(plan: Plan, chance: random.Random, size: int) -> tuple[Place, list[Local]]:
    """Where a team is at home and whom it draws from: a neighbourhood, or for large ones and every sixth a town."""
    home = chance.choice(plan.neighbourhoods)
    here = plan.locals.get(home.pk)
    if here is not None and chance.random() > 1 / 6 and len(here.volunteers) >= 2 * size:
        return home, [here]
    town = home.parent
    assert town is not None  # a neighbourhood hangs below a town
    around = [one for one in plan.neighbourhoods if one.parent_id == town.pk]
    return town, [plan.locals[one.pk] for one in around if one.pk in plan.locals]


def people_of(plan: Plan, chance: random.Random, team: int, crowd: list[Local], size: int) -> Iterator[tuple[Any, ...]]:
    """The members, the leader first; rather those who joined early."""
    found: dict[int, None] = {}
    for _try in range(3 * size):
        here = crowd[chance.randrange(len(crowd))].volunteers
        found[here[int(len(here) * chance.random() ** 2)]] = None
        if len(found) == size:
            break
    for n, volunteer in enumerate(found):
        since = plan.now - timedelta(days=2 + chance.randrange(700), minutes=chance.randrange(600))
        yield team, volunteer, n == 0, since
