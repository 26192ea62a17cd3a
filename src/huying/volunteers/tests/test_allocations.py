"""A plan for all wants of a centre at once: as good as any, nobody twice, everybody asked once when it is confirmed."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.people.models import Person
from huying.volunteers import actions, queries
from huying.volunteers.models import (
    Allocation,
    AllocationGap,
    AllocationLine,
    Invitation,
    Membership,
    Team,
    Volunteer,
    Want,
)
from huying.volunteers.queries import weighing
from huying.volunteers.states import SLOTS, AllocationState, InvitationState
from huying.volunteers.tests.factories import START, Cast, actor
from huying.volunteers.tests.test_wants import facts, invited, locked, wanted

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
SYSTEM = Actor.system("volunteers.allocate")


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        yield Cast()


def planned(cast: Cast, at: Any = None) -> Allocation:
    """A plan of the street, calculated."""
    made = actions.plan_allocation(actor=actor(cast.office), place=at or cast.street)
    actions.calculate_allocation(actor=SYSTEM, allocation_id=made.pk)
    made.refresh_from_db()
    return made


def pairs(plan: Allocation) -> list[tuple[int, str]]:
    rows = plan.lines.select_related("volunteer__person").order_by("want_id", "volunteer_id")
    return [(one.want_id, one.volunteer.person.name) for one in rows]


def test_all_wants_at_once_each_volunteer_once_and_why_a_place_stays_empty(cast: Cast) -> None:
    """Li and he can cook and listen, xu listens only: he who has no choice gets it, and the third cook is missing."""
    cast.li.skills.set([cast.cook, cast.listen])
    cast.he.skills.set([cast.cook, cast.listen])
    xu = cast.volunteer("徐文")
    xu.skills.set([cast.listen])
    listening = wanted(cast, skills=[cast.listen])
    cooking = wanted(cast, skills=[cast.cook], headcount=3)

    plan = planned(cast)

    assert pairs(plan) == [(listening.pk, "徐文"), (cooking.pk, "李安和"), (cooking.pk, "何晓燕")]
    gap = queries.gap_in_words(plan.gaps.get())
    assert (gap.row.want, gap.row.empty, gap.why) == (cooking, 1, "没有还能问的人登记过（并核对过）需要的本领")
    assert gap.people.startswith("会做的 2 人")
    assert (plan.state, plan.figures["wants"], plan.figures["seats"]) == (AllocationState.READY, 2, 4)
    assert plan.figures["total"] == plan.figures["bound"]
    assert not Invitation.objects.exists()


def test_the_same_world_gives_the_same_plan(cast: Cast) -> None:
    crowd(cast, 30, seed=3)
    for number in range(4):
        wanted(cast, headcount=3, slots=[number])

    first = planned(cast)
    told = pairs(first)
    actions.discard_allocation(actor=actor(cast.office), allocation=first)

    assert pairs(planned(cast)) == told
    assert len(told) == 12
    assert not AllocationLine.objects.filter(allocation=first).exists()


def crowd(cast: Cast, many: int, seed: int) -> list[Volunteer]:
    """Volunteers about the community: where, what and when drawn from the seed."""
    draw = random.Random(seed)
    now = clock.now()
    people = Person.objects.bulk_create(
        Person(name=f"人{seed}-{n}", home_place=cast.home, created_at=now, sort_key=f"{n}") for n in range(many)
    )
    rows = Volunteer.objects.bulk_create(
        Volunteer(
            person=one,
            base_place=draw.choice([cast.home, cast.next_door]),
            lon=120.05 + draw.uniform(-0.02, 0.02),
            lat=30.28 + draw.uniform(-0.02, 0.02),
            travel_km=draw.choice([1, 3, 5]),
            availability=sorted(draw.sample(range(SLOTS), 6)) if draw.random() < 0.4 else [],
            joined_at=now,
        )
        for one in people
    )
    having = Volunteer.skills.through
    having._default_manager.bulk_create(
        having(volunteer=one, skill=skill) for one in rows for skill in (cast.cook, cast.listen) if draw.random() < 0.5
    )
    return rows


@pytest.mark.parametrize("seed", range(12))
def test_no_plan_is_better_than_the_one_proposed(cast: Cast, seed: int) -> None:
    """Beside every way to give six volunteers one of three wants or none, with the rules asked in SQL."""
    draw = random.Random(seed)
    crowd(cast, 4, seed)
    team = Team.objects.create(name="邻队", place=cast.next_door)
    for one in draw.sample([cast.li, cast.he], 1):
        Membership.objects.create(team=team, volunteer=one, starts_at=START - DAY)
    rows = [
        wanted(cast, skills=[cast.cook], headcount=draw.choice([1, 2])),
        wanted(cast, skills=[cast.listen], slots=draw.sample(range(SLOTS), 1)),
        actions.state_want(
            actor=actor(cast.office),
            facts=facts(cast, team=team, place=cast.next_door, headcount=2, skills=draw.choice([[], [cast.cook]])),
        ),
    ]

    plan = planned(cast)

    best = cheapest(cast, rows)
    taken = [(one.want_id, one.volunteer_id) for one in plan.lines.all()]
    assert len(taken) == len({volunteer for _want, volunteer in taken})
    assert (len(taken), cost(cast, rows, taken)) == (best[0], pytest.approx(best[1], rel=0.01))


def arcs(cast: Cast, rows: list[Want]) -> dict[tuple[int, int], float]:
    """Who may be asked for what, and what it costs, from the SQL of the list."""
    return {
        (want.pk, one.pk): 1_000 * (one.km + one.load)
        for want in rows
        for one in queries.fitting(actor(cast.office), want)
    }


def cost(cast: Cast, rows: list[Want], taken: list[tuple[int, int]]) -> float:
    known = arcs(cast, rows)
    return sum(known[pair] for pair in taken)


def cheapest(cast: Cast, rows: list[Want]) -> tuple[int, float]:
    """The most places filled, and of these ways the least cost, by trying all."""
    known = arcs(cast, rows)
    people = sorted({volunteer for _want, volunteer in known})
    choices = [[None, *(want.pk for want in rows if (want.pk, one) in known)] for one in people]
    room = {want.pk: want.headcount for want in rows}
    best = (0, 0.0)
    for way in product(*choices):
        if any(way.count(want) > most for want, most in room.items()):
            continue
        filled = sum(one is not None for one in way)
        total = sum(known[want, who] for want, who in zip(way, people, strict=True) if want is not None)
        if (-filled, total) < (-best[0], best[1]):
            best = (filled, total)
    return best


def test_members_and_those_asked_before_or_now_are_not_proposed(cast: Cast) -> None:
    want, other = wanted(cast, headcount=4), wanted(cast, headcount=1)
    (one,) = invited(cast, want, cast.li)
    actions.end_wants(actor=SYSTEM)
    Invitation.objects.filter(pk=one.pk).update(state=InvitationState.OVER)
    invited(cast, other, cast.he)
    free = cast.volunteer("徐文")

    plan = planned(cast)

    assert pairs(plan) == [(want.pk, free.person.name)]  # the other's one place waits for an answer


def test_confirming_asks_everybody_once_and_forgets_who_was_proposed(cast: Cast) -> None:
    want = wanted(cast, headcount=3)
    xu = cast.volunteer("徐文")
    plan = planned(cast)
    line = plan.lines.get(volunteer=cast.he)
    actions.strike(actor=actor(cast.office), line=line, struck=True)
    actions.pause(actor=actor(xu.person), until=clock.today() + DAY)

    done = actions.confirm_allocation(actor=actor(cast.office), allocation=plan)

    assert list(Invitation.objects.values_list("want", "volunteer")) == [(want.pk, cast.li.pk)]
    assert (done.figures["invited"], done.figures["changed"]) == (1, 1)
    assert not AllocationLine.objects.exists()
    assert not AllocationGap.objects.exists()
    with pytest.raises(actions.AllocationOver):
        actions.confirm_allocation(actor=actor(cast.office), allocation=plan)


def test_confirming_locks_invitations_that_are_over_in_one_order(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Li was asked before he was, and goes to the later want."""
    old = wanted(cast, headcount=3)
    asked = [*invited(cast, old, cast.li), *invited(cast, old, cast.he)]
    wants = [wanted(cast), wanted(cast)]
    with clock.frozen(START + 20 * DAY):
        plan = planned(cast)
        plan.lines.all().delete()
        for want, who in zip(wants, (cast.he, cast.li), strict=True):
            AllocationLine.objects.create(allocation=plan, want=want, volunteer=who, km=1, served=0, teams=0)
        keys = locked(monkeypatch)

        done = actions.confirm_allocation(actor=actor(cast.office), allocation=plan)

    assert (done.figures["invited"], keys) == (2, [one.pk for one in asked])


def test_a_line_taken_back_goes_out_again(cast: Cast) -> None:
    wanted(cast)
    plan = planned(cast)
    line = plan.lines.get()
    for struck in (True, False):
        actions.strike(actor=actor(cast.office), line=line, struck=struck)

    assert actions.confirm_allocation(actor=actor(cast.office), allocation=plan).figures["invited"] == 1


def test_one_plan_at_a_time_and_an_old_one_makes_room(cast: Cast) -> None:
    wanted(cast)
    plan = planned(cast)
    doer = actor(cast.office)

    assert actions.plan_allocation(actor=doer, place=cast.street).pk == plan.pk
    with clock.frozen(START + DAY):
        with pytest.raises(actions.AllocationTooOld):
            actions.confirm_allocation(actor=doer, allocation=plan)
        assert actions.plan_allocation(actor=doer, place=cast.street).pk != plan.pk
    plan.refresh_from_db()
    assert plan.state == AllocationState.DROPPED


def test_a_plan_nobody_confirms_is_put_away_with_its_names(cast: Cast) -> None:
    wanted(cast)
    planned(cast)

    with clock.frozen(START + DAY):
        assert actions.drop_old_allocations(actor=SYSTEM) == 1
        assert actions.drop_old_allocations(actor=SYSTEM) == 0
    assert not AllocationLine.objects.exists()


@pytest.mark.parametrize("by_hand", [True, False])
def test_a_plan_whose_calculation_never_ended_makes_room(cast: Cast, by_hand: bool) -> None:
    doer = actor(cast.office)
    stuck = actions.plan_allocation(actor=doer, place=cast.street)

    with clock.frozen(START + DAY - timedelta(minutes=1)):
        assert actions.drop_old_allocations(actor=SYSTEM) == 0
        assert actions.plan_allocation(actor=doer, place=cast.street).pk == stuck.pk
    with clock.frozen(START + DAY):
        if not by_hand:
            assert [actions.drop_old_allocations(actor=SYSTEM) for _run in range(2)] == [1, 0]
        assert actions.plan_allocation(actor=doer, place=cast.street).pk != stuck.pk
    stuck.refresh_from_db()
    assert stuck.state == AllocationState.DROPPED


def test_a_calculation_that_comes_late_changes_nothing(cast: Cast) -> None:
    wanted(cast)
    plan = planned(cast)
    actions.calculate_allocation(actor=SYSTEM, allocation_id=plan.pk)
    assert plan.lines.count() == 1

    actions.discard_allocation(actor=actor(cast.office), allocation=plan)
    actions.calculate_allocation(actor=SYSTEM, allocation_id=plan.pk)
    plan.refresh_from_db()
    assert (plan.state, plan.lines.count()) == (AllocationState.DROPPED, 0)


def test_only_those_who_keep_the_place_plan_strike_and_confirm(cast: Cast) -> None:
    wanted(cast)
    plan = planned(cast)
    line = plan.lines.get()
    for who in (cast.wu.person, cast.keeper, cast.outsider, cast.li.person):
        doer = actor(who)
        for step in (
            lambda doer=doer: actions.plan_allocation(actor=doer, place=cast.street),
            lambda doer=doer: actions.strike(actor=doer, line=line, struck=True),
            lambda doer=doer: actions.confirm_allocation(actor=doer, allocation=plan),
            lambda doer=doer: actions.discard_allocation(actor=doer, allocation=plan),
        ):
            with pytest.raises(Forbidden):
                step()
        assert not queries.allocations(doer).exists()


def test_more_kinds_of_skill_than_one_calculation_holds_wait_for_the_next(cast: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr(weighing, "BITS", 1)
    first, second = wanted(cast, skills=[cast.cook]), wanted(cast, skills=[cast.listen])
    plan = planned(cast)

    assert [want for want, _name in pairs(plan)] == [first.pk]
    assert (plan.gaps.get().want, plan.gaps.get().lack) == (second, "many")


def test_two_thousand_volunteers_and_forty_wants_are_read_with_few_questions(
    cast: Cast, django_assert_max_num_queries: Any
) -> None:
    crowd(cast, 2_000, seed=1)
    for number in range(40):
        wanted(cast, headcount=5, slots=[number % SLOTS], skills=[cast.cook] if number % 2 else [])

    with django_assert_max_num_queries(9):
        matter = weighing.matter(cast.street)
    plan = planned(cast)

    assert (len(matter.people), len(matter.wants)) == (2_003, 40)
    assert plan.lines.values("volunteer").distinct().count() == plan.lines.count() == 200
    assert plan.figures["total"] == plan.figures["bound"]
