"""What is done to find people for teams (wants, invitations, plans, campaigns), for the sweep: each on things of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from huying.calls.tests.factories import START, Cast, actor, person
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.volunteers import actions
from huying.volunteers.models import Allocation, AllocationLine, Invitation, Team, Volunteer, Want
from huying.volunteers.states import AllocationState, WantState

Act = Callable[[], Any]
Deed = tuple[Actor, Act]
SYSTEM = Actor.system("volunteers.end_wants")
_numbers = count()


def helper(cast: Cast) -> Volunteer:
    somebody = person(f"候选{next(_numbers)}", cast.home)
    return Volunteer.objects.create(person=somebody, base_place=cast.home, joined_at=START)


def facts(cast: Cast) -> actions.WantFacts:
    return actions.WantFacts(cast.team, cast.home, 2, "周三助餐缺人", clock.today() + timedelta(days=9))


def wanted(cast: Cast) -> Want:
    return actions.state_want(actor=actor(cast.keeper), facts=facts(cast))


def asked(cast: Cast) -> Invitation:
    return actions.invite(actor=actor(cast.keeper), want=wanted(cast), volunteers=[helper(cast)])[0]


def plan(cast: Cast) -> Allocation:
    """As the job leaves it, of a place where no other is."""
    old = Allocation.objects.filter(place=cast.home, state__in=[AllocationState.MAKING, AllocationState.READY])
    old.update(state=AllocationState.DROPPED)
    now, want = clock.now(), wanted(cast)
    made = Allocation.objects.create(place=cast.home, state=AllocationState.READY, asked_at=now, made_at=now)
    AllocationLine.objects.create(allocation=made, want=want, volunteer=helper(cast), km=1)
    return made


def state_want(cast: Cast) -> Deed:
    doer, given = actor(cast.leader.person), facts(cast)
    return doer, lambda: actions.state_want(actor=doer, facts=given)


def withdraw_want(cast: Cast) -> Deed:
    doer, row = actor(cast.leader.person), asked(cast).want
    return doer, lambda: actions.withdraw_want(actor=doer, want=row)


def invite(cast: Cast) -> Deed:
    doer, row, who = actor(cast.keeper), wanted(cast), [helper(cast), helper(cast)]
    return doer, lambda: actions.invite(actor=doer, want=row, volunteers=who)


def take_up(cast: Cast) -> Deed:
    row = asked(cast)
    doer = actor(row.volunteer.person)
    return doer, lambda: actions.take_up(actor=doer, invitation=row)


def put_away(cast: Cast) -> Deed:
    row = asked(cast)
    doer = actor(row.volunteer.person)
    return doer, lambda: actions.put_away(actor=doer, invitation=row)


def end_wants(cast: Cast) -> Deed:
    Team.objects.filter(pk=cast.team.pk).update(active=True)
    row = asked(cast).want
    Want.objects.filter(pk=row.pk).update(until_date=clock.today() - timedelta(days=1))
    return SYSTEM, lambda: actions.end_wants(actor=SYSTEM)


def plan_allocation(cast: Cast) -> Deed:
    old = Allocation.objects.filter(place=cast.home, state__in=[AllocationState.MAKING, AllocationState.READY])
    old.update(state=AllocationState.DROPPED)
    doer = actor(cast.keeper)
    return doer, lambda: actions.plan_allocation(actor=doer, place=cast.home)


def strike(cast: Cast) -> Deed:
    doer, line = actor(cast.keeper), plan(cast).lines.get()
    return doer, lambda: actions.strike(actor=doer, line=line, struck=True)


def confirm_allocation(cast: Cast) -> Deed:
    doer, row = actor(cast.keeper), plan(cast)
    return doer, lambda: actions.confirm_allocation(actor=doer, allocation=row)


def discard_allocation(cast: Cast) -> Deed:
    doer, row = actor(cast.keeper), plan(cast)
    return doer, lambda: actions.discard_allocation(actor=doer, allocation=row)


def drop_old_allocations(cast: Cast) -> Deed:
    Allocation.objects.filter(pk=plan(cast).pk).update(made_at=START - timedelta(days=2))
    return SYSTEM, lambda: actions.drop_old_allocations(actor=SYSTEM)


def calculate_allocation(cast: Cast) -> Deed:
    """Of the one want that is open: those of earlier deaths would make the plan larger each time."""
    Want.objects.filter(state=WantState.OPEN).update(state=WantState.WITHDRAWN, closed_at=START)
    row = plan(cast)
    row.lines.all().delete()
    Allocation.objects.filter(pk=row.pk).update(state=AllocationState.MAKING, made_at=None)
    return SYSTEM, lambda: actions.calculate_allocation(actor=SYSTEM, allocation_id=row.pk)


def notice(cast: Cast) -> actions.Notice:
    times = {"opens_at": START, "closes_at": START + timedelta(days=7)}
    return actions.Notice(team=cast.team, title="招募", content="助餐", risks="楼梯", cover="意外险", wanted=3, **times)


def start_campaign(cast: Cast) -> Deed:
    doer, facts = actor(cast.leader.person), notice(cast)
    return doer, lambda: actions.start_campaign(actor=doer, notice=facts)


def stop_campaign(cast: Cast) -> Deed:
    doer = actor(cast.leader.person)
    row = actions.start_campaign(actor=doer, notice=notice(cast))
    return doer, lambda: actions.stop_campaign(actor=doer, campaign=row)


def join_campaign(cast: Cast) -> Deed:
    row, doer = actions.start_campaign(actor=actor(cast.leader.person), notice=notice(cast)), actor(helper(cast).person)
    return doer, lambda: actions.join_campaign(actor=doer, campaign=row)


ALLOCATING = (
    state_want,
    withdraw_want,
    invite,
    take_up,
    put_away,
    end_wants,
    plan_allocation,
    strike,
    confirm_allocation,
    discard_allocation,
    drop_old_allocations,
    calculate_allocation,
    start_campaign,
    stop_campaign,
    join_campaign,
)
