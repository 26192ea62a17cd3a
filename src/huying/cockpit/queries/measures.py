"""Numbers of a board that are no metrics of figures: shares of calls, open calls and active volunteers of this moment."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from huying.calls import queries as call_queries
from huying.calls.queries.measuring.formulas import Value as Share
from huying.cockpit import rules
from huying.cockpit.queries.boards import COUNTER, asked
from huying.figures.queries import Period
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.places.models import Place
from huying.volunteers import queries as volunteer_queries

SHARES = ("responded", "confirmed", "satisfied")
"""Shares of calls that stand on boards."""
OPEN, ACTIVE = "open", "active"


@dataclass(frozen=True, slots=True)
class Part:
    """The same share of a place right below; ``place`` None is what lies at the place itself."""

    place: Place | None
    share: Share


@dataclass(frozen=True, slots=True)
class Measure:
    """``amount`` of what is counted, or ``share``; ``out``: calls that two people left out of it."""

    code: str
    amount: int | None = None
    share: Share | None = None
    out: int = 0
    lines: list[Part] = field(default_factory=list)
    clocks: call_queries.Clocks | None = None


def measure(actor: Actor, place: Place, code: str, period: Period) -> Measure:
    """The number that stands on the board of the place, and what it is made of. NotFound."""
    if not rules.can_see_board(actor, place):
        raise NotFound
    if code == OPEN:
        clocks = call_queries.open_clocks(place)
        return Measure(code, amount=clocks.total, clocks=clocks)
    if code == ACTIVE:
        return Measure(code, amount=volunteer_queries.active_below(place))
    if code not in SHARES:
        raise NotFound
    report = call_queries.measured(COUNTER, replace(asked(place, period), by="place"), call_queries.score_rule())
    below = {str(one.public_id): one for one in Place.objects.filter(parent=place)}
    lines = [Part(below.get(one.key), one.values[code]) for one in report.lines if one.values[code].whole]
    return Measure(code, share=report.whole.values[code], out=report.whole.out, lines=lines)
