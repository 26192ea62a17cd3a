"""How many calls lie on a desk, in which state and how late: counted once and then kept for those who share the desk.

To count a hundred thousand open calls takes the database 40 ms, ten times as long as all else a board asks (decision
0031). So a process keeps what it counted last for each reach, with the stamp it was counted at: the newest step of all
calls, number and sum of the newest thousand (a step that was written down late has an older number and pushes another
out), the newest call, and the minute. A step anywhere changes the stamp, which is read before every use; so nobody is
shown a count from before a step that he could see, and "late" is at most a minute old, like the other words about time
on an open board.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Generic, TypeVar

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q

from huying.calls import rules
from huying.calls.models import Call
from huying.calls.queries.board import EVERYTHING, ON_BOARD, SOON, Filters, day_start, narrowed
from huying.calls.states import COLUMNS, OPEN_STATES, State
from huying.kernel import clock, prepared
from huying.kernel.actor import Actor
from huying.people import rules as people_rules

KEPT = 256
"""So many reaches are kept, those used last; a county has about as many desks."""
LATEST = 1000
NEWEST = (
    "SELECT max(id), count(*), sum(id), (SELECT max(id) FROM calls_call)"
    " FROM (SELECT id FROM calls_callevent ORDER BY id DESC LIMIT {latest}) latest"
)
Tallies = dict[State, tuple[int, int, int]]
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole desk in numbers: ``open`` by state; calls closed today and yesterday; the mean from submission to
    acceptance of the calls accepted today, None when there were none. ``stamp`` is what it was counted at.
    """

    open: Tallies
    today: int
    yesterday: int
    wait: timedelta | None
    stamp: tuple[Any, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Kpis:
    """Figures above the board, over all calls on the desk; ``answer_minutes`` is the mean from submission to acceptance
    of the calls accepted today, None when there were none.
    """

    review: int
    review_soon: int
    dispatch: int
    dispatch_soon: int
    serving: int
    rating: int
    late: int
    closed_today: int
    closed_yesterday: int
    answer_minutes: int | None


class Kept(Generic[V]):
    """What was found last for each reach, for all threads of this process; never for more than ``most`` of them."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, Lock()
        self._found: OrderedDict[tuple[str, ...], tuple[tuple[Any, ...], V]] = OrderedDict()

    def get(self, reach: tuple[str, ...], stamp: tuple[Any, ...]) -> V | None:
        """What was found for this reach at this very stamp."""
        with self._lock:
            known = self._found.get(reach)
            if known is None or known[0] != stamp:
                return None
            self._found.move_to_end(reach)
            return known[1]

    def put(self, reach: tuple[str, ...], stamp: tuple[Any, ...], found: V) -> None:
        with self._lock:
            self._found[reach] = (stamp, found)
            self._found.move_to_end(reach)
            while len(self._found) > self._most:
                self._found.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._found.clear()

    def __len__(self) -> int:
        return len(self._found)


KEPT_COUNTS = Kept[Whole](KEPT)


def whole_desk(actor: Actor) -> Whole:
    """The desk of this actor in numbers, nothing filtered. Counted anew when any call took a step since, else kept.

    What is counted hangs on the reach alone: on the places where his roles let him read, never on who he is. The stamp
    is read before the count, so a step between the two is counted at once and asked for once more.
    """
    reach = people_rules.held(actor, rules.READERS)
    at = clock.now()
    stamp = (*prepared.rows(NEWEST.format(latest=LATEST), ())[0], at.replace(second=0, microsecond=0))
    known = KEPT_COUNTS.get(reach, stamp)
    if known is None:
        known = replace(counted(actor, at), stamp=stamp)
        KEPT_COUNTS.put(reach, stamp, known)
    return known


def tallies(actor: Actor, filters: Filters = EVERYTHING) -> Tallies:
    """Open calls by state: how many, how many are due within the hour, how many are late; counted in the index alone."""
    at = clock.now()
    rows = narrowed(actor, Call.objects.filter(rules.on_desk(actor)), filters).order_by()
    counted: Any = rows.filter(state__in=OPEN_STATES | ON_BOARD).values("state")
    soon, late = Q(stage_due_at__lte=at + SOON), Q(stage_due_at__lte=at)
    counted = counted.annotate(n=Count("id"), soon=Count("id", filter=soon), late=Count("id", filter=late))
    return {State(one["state"]): (one["n"], one["soon"], one["late"]) for one in counted}


def counted(actor: Actor, at: datetime) -> Whole:
    """The desk counted now: what is open, and what was done since yesterday."""
    today = day_start(at)
    wait = ExpressionWrapper(F("accepted_at") - F("submitted_at"), output_field=DurationField())
    closed = Q(state=State.CLOSED, ended_at__gte=today - timedelta(days=1))
    rows = Call.objects.filter(rules.on_desk(actor)).filter(closed | Q(accepted_at__gte=today)).order_by()
    done = rows.aggregate(
        today=Count("id", filter=closed & Q(ended_at__gte=today)),
        yesterday=Count("id", filter=closed & Q(ended_at__lt=today)),
        wait=Avg(wait, filter=Q(accepted_at__gte=today)),
    )
    return Whole(tallies(actor), done["today"], done["yesterday"], done["wait"])


def kpis(actor: Actor, counted: Whole | None = None) -> Kpis:
    """The strip above the board; ``counted`` is the whole desk when it is known already."""
    whole = whole_desk(actor) if counted is None else counted
    column = {
        code: [whole.open.get(state, (0, 0, 0)) for state in states] for code, (_n, _t, states) in COLUMNS.items()
    }
    return Kpis(
        review=sum(n for n, _soon, _late in column["review"]),
        review_soon=sum(soon for _n, soon, _late in column["review"]),
        dispatch=sum(n for n, _soon, _late in column["dispatch"]),
        dispatch_soon=sum(soon for _n, soon, _late in column["dispatch"]),
        serving=sum(n for n, _soon, _late in column["serving"]),
        rating=sum(n for n, _soon, _late in column["rating"]),
        late=sum(late for state, (_n, _soon, late) in whole.open.items() if state in OPEN_STATES),
        closed_today=whole.today,
        closed_yesterday=whole.yesterday,
        answer_minutes=None if whole.wait is None else round(whole.wait.total_seconds() / 60),
    )
