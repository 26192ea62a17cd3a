"""The register of units and metrics: what the product brings, and parts that come with kinds of data."""

from __future__ import annotations

from collections.abc import Iterable

from huying.figures.actions.refusals import MetricUnknown
from huying.figures.models import Metric, Unit
from huying.figures.states import FIRST_METRICS, FIRST_UNITS, FirstMetric, MetricKind


def install_first_rows(units: type[Unit] = Unit, metrics: type[Metric] = Metric) -> None:
    """Write the first units and metrics where they are missing; what a locality changed stays. Migrations hand in their
    own models.
    """
    rows = [units(code=one.code, name=one.name, name_en=one.name_en, adds=one.adds) for one in FIRST_UNITS]
    for order, row in enumerate(rows):
        row.order = order
    units.objects.bulk_create(rows, ignore_conflicts=True)
    new: list[FirstMetric] = []
    for order, one in enumerate(sorted(FIRST_METRICS, key=lambda one: one.of is not None)):
        _found, made = metrics.objects.get_or_create(code=one.code, defaults=facts_of(one) | {"order": order})
        new += [one] if made else []
    guard(new, metrics)


def guard(those: Iterable[FirstMetric], metrics: type[Metric] = Metric) -> None:
    """Say what these are guarded by, once all of them are there."""
    for one in those:
        if one.guard:
            metrics.objects.filter(code=one.code).update(guard_id=one.guard)
        if one.second_guard:
            metrics.objects.filter(code=one.code).update(second_guard_id=one.second_guard)


def facts_of(one: FirstMetric) -> dict[str, object]:
    numerator, denominator = one.of or (None, None)
    return {
        "name": one.name,
        "name_en": one.name_en,
        "unit_id": one.unit,
        "kind": one.kind,
        "counts": one.counts,
        "counts_en": one.counts_en,
        "source": one.source,
        "numerator_id": numerator,
        "denominator_id": denominator,
        "direction": one.direction,
        "is_public": one.is_public,
        "least_public": one.least,
    }


def add_part(whole: str, code: str, name: str, name_en: str = "") -> str:
    """The metric of one kind of what ``whole`` counts, made at its first use; its code. MetricUnknown."""
    found = f"{whole}_{code}"
    if Metric.objects.filter(pk=found).exists():
        return found
    check_counted([whole])
    of = Metric.objects.get(pk=whole)
    facts = {field: getattr(of, field) for field in ("unit_id", "kind", "counts", "counts_en", "source", "direction")}
    facts |= {"is_public": of.is_public, "least_public": of.least_public, "order": of.order}
    facts |= {"guard_id": of.guard_id, "second_guard_id": of.second_guard_id}
    Metric.objects.get_or_create(code=found, defaults=facts | {"name": name, "name_en": name_en, "part_of": of})
    return found


def check_counted(codes: Iterable[str]) -> dict[str, int]:
    """Code -> number, when all of these can be counted; those the product brings are written down where they are missing.
    MetricUnknown.
    """
    wanted = set(codes)
    rows = Metric.objects.filter(pk__in=wanted).exclude(kind=MetricKind.RATIO).values_list("pk", "number")
    found = dict(rows)
    missing = wanted - found.keys()
    if missing and missing <= {one.code for one in FIRST_METRICS if one.of is None}:
        install_first_rows()
        found = dict(rows.all())
        missing = wanted - found.keys()
    if missing:
        raise MetricUnknown(fields={"metric": MetricUnknown.message}, metrics=sorted(missing))
    return found
