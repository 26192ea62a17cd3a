"""Many metrics at once for a place and places below it, for boards: two statements however many there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from huying.figures import rules
from huying.figures.models import Metric
from huying.figures.queries.amounts import Period
from huying.figures.queries.values import Value, counted, level, made, of_place
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.places.models import Place

Spread = dict[int, dict[str, Value]]
"""Key of a place -> code of a metric -> value of its subtree."""
OWN = 0
"""The key under which stands what was counted at the place itself and at none right below it."""


def spread(actor: Actor, metrics: Iterable[Metric], place: Place, period: Period, below: Sequence[Place]) -> Spread:
    """Each value as ``value`` tells it, of the place, of the given places below it, and what is left for the place itself
    (OWN) when all its children are among them. NotFound for who may not read.
    """
    if not rules.can_read(actor, place) or not all(one.path.startswith(place.path) for one in below):
        raise NotFound
    asked = list(metrics)
    parts = {one.pk: one for of in asked for one in counted(of)}
    keys = [place.pk, *(one.pk for one in below)]
    found = level(parts.values(), keys, period)
    children = [one.pk for one in below if one.parent_id == place.pk]

    def own(of: Metric) -> int:
        return of_place(found, place.pk, of) - sum(of_place(found, key, of) for key in children)

    values = {key: {of.pk: made(of, partial(of_place, found, key)) for of in asked} for key in keys}
    return values | {OWN: {of.pk: made(of, own) for of in asked}}
