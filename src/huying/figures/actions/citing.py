"""A number is cited: it gets a short code that is printed beside it and opens its page."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

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


class Cited(NamedTuple):
    """What a number counts, where, and in which days."""

    metric: str
    place: int
    period: Period


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


def cite_many(*, actor: Actor, asked: Iterable[Cited]) -> dict[Cited, str]:
    """The codes of many numbers at once, as of all cells of a table. Forbidden when one place is not read, NothingCounted."""
    wanted = list(dict.fromkeys(asked))
    with begin(actor):
        places = Place.objects.in_bulk({one.place for one in wanted})
        metrics = set(Metric.objects.filter(pk__in={one.metric for one in wanted}).values_list("pk", flat=True))
        if not all(one.place in places and rules.can_read(actor, places[one.place]) for one in wanted):
            raise Forbidden
        if any(one.metric not in metrics or one.period.since >= one.period.until for one in wanted):
            raise NothingCounted
        known = known_codes(wanted)
        for _draw in range(3):  # again only where a code is taken
            missing = [one for one in wanted if one not in known]
            if not missing:
                return known
            made = {chance.code(LETTERS): one for one in missing}
            Number.objects.bulk_create(
                (
                    Number(
                        code=code,
                        place_id=one.place,
                        metric_id=one.metric,
                        since=one.period.since,
                        until=one.period.until,
                        made_by=actor.person_id,
                    )
                    for code, one in made.items()
                ),
                ignore_conflicts=True,
            )
            known = known_codes(wanted)
            mine = Number.objects.filter(code__in=[code for code, one in made.items() if known.get(one) == code])
            audit.write(
                audit.line(actor, "figure.cite", row, place_path=places[row.place_id].path, changes={"code": row.code})
                for row in mine.order_by("pk")
            )
        if all(one in known for one in wanted):
            return known  # the last draw gave the last code
        raise Busy


def known_codes(asked: Iterable[Cited]) -> dict[Cited, str]:
    """The codes that are there already."""
    wanted = set(asked)
    rows = Number.objects.filter(
        metric__in={one.metric for one in wanted},
        place__in={one.place for one in wanted},
        since__in={one.period.since for one in wanted},
    )
    found = {}
    for one in rows:
        if one.since and one.until:
            found[Cited(one.metric_id or "", one.place_id, Period(one.since, one.until))] = one.code
    return {key: code for key, code in found.items() if key in wanted}


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
