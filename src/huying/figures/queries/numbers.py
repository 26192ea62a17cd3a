"""Numbers that were cited: found by the code that stands beside them on paper."""

from __future__ import annotations

from huying.figures.models import Metric, Number, ReportedFigure
from huying.figures.queries.amounts import Period
from huying.kernel import chance
from huying.kernel.errors import NotFound
from huying.places.models import Place


def number_by_code(code: str) -> Number:
    """What this code stands for, typed in capitals or not. NotFound."""
    typed = code.strip().upper()
    found = None
    if set(typed) <= set(chance.CLEAR):
        rows = Number.objects.select_related("place", "metric", "reported")
        found = rows.filter(code=typed).first()
    if found is None:
        raise NotFound
    return found


def cited(of: Metric, place: Place, period: Period) -> Number | None:
    """The citation of this number, if there is one."""
    return Number.objects.filter(metric=of, place=place, since=period.since, until=period.until).first()


def cited_reported(figure: ReportedFigure) -> Number | None:
    """The citation of this word on a reported number, if there is one."""
    return Number.objects.filter(reported=figure).first()
