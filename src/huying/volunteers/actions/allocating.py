"""A plan for all open wants below a place at once: asked for, calculated, read and struck through by hand, confirmed.

Nobody is asked before it is confirmed; then everybody in it gets one invitation. Lock order: Place, Volunteer, Want,
Allocation, Invitation.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, jobs, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden
from huying.kernel.transactions import begin
from huying.places.models import Place
from huying.volunteers import rules
from huying.volunteers.actions.wanting import ask, end_late
from huying.volunteers.models import Allocation, AllocationGap, AllocationLine, Volunteer, Want
from huying.volunteers.states import LIVE_ALLOCATIONS, AllocationState

if TYPE_CHECKING:
    from huying.matching.apart import Answer
    from huying.volunteers.queries.weighing import Matter

AT_ONCE = 5_000
"""Lines written by one statement."""


class AllocationOver(Conflict):
    code = "allocation_over"
    message = _("这份方案{state}，不能再改。")


class AllocationTooOld(Conflict):
    code = "allocation_too_old"
    message = _("这份方案算出来已经超过 {hours} 小时，情况可能变了，请放弃它，重新算一份。")


def plan_allocation(*, actor: Actor, place: Place) -> Allocation:
    """Have all open wants below ``place`` weighed; the plan that is under way or waits there is returned instead.

    One that is too old is put away first. Forbidden for whoever keeps nothing there.
    """
    if not rules.can_allocate(actor, place):
        raise Forbidden
    with begin(actor):
        locks.one(Place, pk=place.pk)
        for old in locks.many(Allocation.objects.filter(place=place, state__in=LIVE_ALLOCATIONS)):
            if not rules.too_old(old, clock.now()):
                return old
            put_off(old)
        made = Allocation.objects.create(place=place, asked_by_id=actor.person_id, asked_at=clock.now())
        audit.record(actor, "allocation.ask", made, place_path=place.path)
        jobs.enqueue("volunteers.allocate", key=f"volunteers.allocate:{made.pk}", allocation_id=made.pk)
        return made


def calculate_allocation(*, actor: Actor, allocation_id: int) -> None:
    """Weigh, and write lines and gaps down; once, whoever runs it and however often.

    Read and calculated outside a transaction, in a process of its own: nothing waits for it.
    """
    from huying.matching import apart  # noqa: PLC0415  brings numpy along: pages do without
    from huying.volunteers.queries import weighing  # noqa: PLC0415  the same

    plan = Allocation.objects.select_related("place").get(pk=allocation_id)
    if plan.state != AllocationState.MAKING:
        return
    with apart.planner(Path(settings.DATA) / "compiled", size=weighing.size(plan.place)) as planner:
        matter = weighing.matter(plan.place)
        planner.know(matter.helpers, weighing.WEEK, weighing.PRICES)
        found = planner.plan(matter.needs)
    with begin(actor):
        fresh = locks.one(Allocation, pk=allocation_id)
        if fresh.state != AllocationState.MAKING:
            return
        write_down(fresh, matter, found)
        fresh.state, fresh.made_at = AllocationState.READY, clock.now()
        fresh.figures = {
            "wants": len(matter.wants) + len(matter.later),
            "volunteers": len(matter.people),
            "seats": int(matter.needs.headcount.sum()) + sum(one.free for one in matter.later),  # type: ignore[attr-defined]
            "total": found.total,
            "bound": found.bound,
        }
        fresh.save(update_fields=["state", "made_at", "figures"])


def write_down(plan: Allocation, matter: Matter, found: Answer) -> None:
    """The lines and gaps of an answer."""
    lines = [
        AllocationLine(
            allocation=plan,
            want=matter.wants[need],
            volunteer_id=int(matter.people[helper]),
            km=matter.km(need, helper),
            served=int(matter.served[helper]),
            teams=int(matter.teams[helper]),
        )
        for need, helper in zip(found.need.tolist(), found.helper.tolist(), strict=True)
    ]
    gaps = [
        AllocationGap(allocation=plan, want=matter.wants[one.need], empty=one.empty, lack=one.lack, people=one.people)
        for one in found.gaps
    ]
    gaps += [AllocationGap(allocation=plan, want=one, empty=one.free, lack="many") for one in matter.later]  # type: ignore[attr-defined]
    AllocationLine.objects.bulk_create(lines, AT_ONCE)
    AllocationGap.objects.bulk_create(gaps, AT_ONCE)


def ready(actor: Actor, plan: Allocation) -> Allocation:
    """The plan, locked, when the actor may change it and it waits for a yes; Forbidden, AllocationOver."""
    fresh = locks.one(Allocation, pk=plan.pk)
    if not rules.can_allocate(actor, fresh.place):
        raise Forbidden
    if fresh.state != AllocationState.READY:
        raise AllocationOver(state=AllocationState(fresh.state).label)
    return fresh


def strike(*, actor: Actor, line: AllocationLine, struck: bool) -> AllocationLine:
    """Strike a line out, or take it back. Forbidden, AllocationOver."""
    with begin(actor):
        fresh = ready(actor, line.allocation)
        row: AllocationLine = fresh.lines.get(pk=line.pk)
        row.struck = struck
        row.save(update_fields=["struck"])
        return row


def confirm_allocation(*, actor: Actor, allocation: Allocation) -> Allocation:
    """Invite everybody whose line was not struck out, once, whoever presses; lines and gaps go, their number stays.

    Who can be asked no more is left out, as are wants that are over or full. Forbidden, AllocationOver, AllocationTooOld.
    """
    with begin(actor):
        going = AllocationLine.objects.filter(allocation_id=allocation.pk)
        people = locks.many(Volunteer.objects.filter(pk__in=going.values("volunteer_id")))
        wants = locks.many(Want.objects.filter(pk__in=going.values("want_id")).select_related("team__place"))
        fresh = ready(actor, allocation)
        if rules.too_old(fresh, clock.now()):
            raise AllocationTooOld(hours=int(rules.HOLDS.total_seconds() // 3600))
        here, invited, chosen = {one.pk for one in people}, 0, 0
        by_want: dict[int, list[int]] = {}
        for want_id, volunteer_id in fresh.lines.filter(struck=False).order_by("id").values_list("want", "volunteer"):
            chosen += 1
            if volunteer_id in here:
                by_want.setdefault(want_id, []).append(volunteer_id)
        end_late({one for chosen_for in by_want.values() for one in chosen_for})  # all at once: locked in one order
        for want in wants:
            if want.pk in by_want and rules.is_wanted(want) and want.team.active:
                invited += len(ask(actor, want, by_want[want.pk]))
        fresh.state, fresh.confirmed_at, fresh.confirmed_by_id = AllocationState.CONFIRMED, clock.now(), actor.person_id
        fresh.figures = {**fresh.figures, "invited": invited, "changed": chosen - invited}
        fresh.save(update_fields=["state", "confirmed_at", "confirmed_by", "figures"])
        forget(fresh)
        audit.record(actor, "allocation.confirm", fresh, place_path=fresh.place.path, changes={"invited": invited})
        return fresh


def discard_allocation(*, actor: Actor, allocation: Allocation) -> Allocation:
    """Put it away: nobody is asked. Also while it is being calculated. Forbidden, AllocationOver."""
    with begin(actor):
        fresh = locks.one(Allocation, pk=allocation.pk)
        if not rules.can_allocate(actor, fresh.place):
            raise Forbidden
        if fresh.state not in LIVE_ALLOCATIONS:
            raise AllocationOver(state=AllocationState(fresh.state).label)
        put_off(fresh)
        audit.record(actor, "allocation.discard", fresh, place_path=fresh.place.path)
        return fresh


def put_off(plan: Allocation) -> None:
    plan.state = AllocationState.DROPPED
    plan.save(update_fields=["state"])
    forget(plan)


def forget(plan: Allocation) -> None:
    """Who was thought of is nobody's business afterwards."""
    plan.lines.all().delete()
    plan.gaps.all().delete()


def drop_old_allocations(*, actor: Actor) -> int:
    """Plans that nobody confirmed in time, or that were never calculated to the end, are put away with the names in them; how
    many. A second run finds none.
    """
    with begin(actor):
        last = clock.now() - rules.HOLDS
        late = Q(state=AllocationState.READY, made_at__lte=last) | Q(state=AllocationState.MAKING, asked_at__lte=last)
        rows = locks.many(Allocation.objects.filter(late))
        for plan in rows:
            put_off(plan)
        return len(rows)
