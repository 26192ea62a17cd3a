"""Numbers of a board that are no metrics of figures: open calls and active volunteers of this moment."""

from __future__ import annotations

from dataclasses import dataclass

from huying.calls import queries as call_queries
from huying.cockpit import rules
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.places.models import Place
from huying.volunteers import queries as volunteer_queries

OPEN, ACTIVE = "open", "active"


@dataclass(frozen=True, slots=True)
class Measure:
    """``amount`` of what is counted; ``clocks``: of open calls by their time."""

    code: str
    amount: int
    clocks: call_queries.Clocks | None = None


def measure(actor: Actor, place: Place, code: str) -> Measure:
    """The number that stands on the board of the place. NotFound."""
    if not rules.can_see_board(actor, place):
        raise NotFound
    if code == OPEN:
        clocks = call_queries.open_clocks(place)
        return Measure(code, clocks.total, clocks)
    if code == ACTIVE:
        return Measure(code, volunteer_queries.active_below(place))
    raise NotFound
