"""A number is cited: it gets a short code that is printed beside it and opens its page."""

from __future__ import annotations

from typing import Any

from huying.figures import rules
from huying.figures.actions.refusals import NothingCounted
from huying.figures.models import Metric, Number, ReportedFigure
from huying.figures.queries.amounts import Period
from huying.kernel import audit, chance
from huying.kernel.actor import Actor
from huying.kernel.errors import Busy, Forbidden
from huying.kernel.transactions import begin
from huying.places.models import Place

LETTERS = 10
"""30 to the tenth codes: none is met by trying."""


def cite(*, actor: Actor, metric: str, place: Place, period: Period) -> Number:
    """The citation of what ``metric`` (a code of the register) counts at ``place`` and below it in ``period``.

    Citing the same again gives the same code. Forbidden, NothingCounted for an unknown metric or an empty period.
    """
    with begin(actor):
        if not rules.can_read(actor, place):
            raise Forbidden
        if not Metric.objects.filter(pk=metric).exists() or period.since >= period.until:
            raise NothingCounted
        return kept(actor, place, {"metric_id": metric, "since": period.since, "until": period.until})


def cite_reported(*, actor: Actor, figure: ReportedFigure) -> Number:
    """The citation of this very word on a reported number; a correction of it is cited by itself. Forbidden."""
    with begin(actor):
        if not rules.can_read(actor, figure.place):
            raise Forbidden
        return kept(actor, figure.place, {"reported_id": figure.pk})


def kept(actor: Actor, place: Place, what: dict[str, Any]) -> Number:
    """The one row of this citation, written if it is missing; of two who write it at once one finds that of the other."""
    asked = Number.objects.filter(place=place, **what)
    for _draw in range(3):  # a second one only where the code is taken
        if found := asked.first():
            return found
        made = Number(code=chance.code(LETTERS), place=place, made_by=actor.person_id, **what)
        Number.objects.bulk_create([made], ignore_conflicts=True)
        found = asked.first()
        if found is not None and found.code == made.code:
            audit.record(actor, "figure.cite", found, place_path=place.path, changes={"code": found.code})
    raise Busy
