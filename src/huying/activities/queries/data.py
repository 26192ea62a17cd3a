"""What activities can be, as those who keep it see it: every row, the retired ones too, and how much it is used."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from huying.activities.models import Activity, ActivityKind, Result, Theme, Unit
from huying.kernel.errors import NotFound

D = TypeVar("D", ActivityKind, Theme, Unit)


def all_kinds() -> QuerySet[ActivityKind]:
    """Every kind in order, each with how many activities have it (``used``)."""
    mine = Activity.objects.filter(kind=OuterRef("pk"))
    return ActivityKind.objects.annotate(used=counted(mine, "kind")).order_by("order", "id")


def all_themes() -> QuerySet[Theme]:
    """Every theme in order, each with how many activities carry it (``used``)."""
    mine = Activity.themes.through.objects.filter(theme=OuterRef("pk"))
    return Theme.objects.annotate(used=counted(mine, "theme")).order_by("order", "id")


def all_units() -> QuerySet[Unit]:
    """Every unit in order, each with how many results are measured in it (``used``)."""
    mine = Result.objects.filter(unit=OuterRef("pk"))
    return Unit.objects.annotate(used=counted(mine, "unit")).order_by("order", "id")


def counted(rows: QuerySet, by: str) -> Coalesce:  # type: ignore[type-arg]  # rows of any table
    """How many rows there are, counted apart so that nothing is joined."""
    return Coalesce(Subquery(rows.order_by().values(by).annotate(n=Count("pk")).values("n")), 0)


def data_row(model: type[D], code: str) -> D:
    """One row of such a table, retired or not; NotFound."""
    found = model._default_manager.filter(code=code).first()
    if found is None:
        raise NotFound
    return found
