"""Which rows of data (kinds, themes, services …) are offered where: one condition that any list or menu takes along."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from huying.places.models import Place
from huying.places.models.offered import Offered

R = TypeVar("R", bound=Offered)


def offered_at(rows: QuerySet[R], places: Iterable[Place]) -> QuerySet[R]:
    """Those offered at one of the places: to all, or at the place itself or one above it. No further query."""
    return offered_in(rows, Q(place__in=chain_of(one.path for one in places)))


def offered_somewhere(rows: QuerySet[R]) -> QuerySet[R]:
    """Those that anybody is offered: what was taken off everywhere is left out."""
    return offered_in(rows, Q())


def offered_in(rows: QuerySet[R], where: Q) -> QuerySet[R]:
    """Those offered to all, or at a place that ``where`` holds for (a condition on ``place``)."""
    field: Any = rows.model._meta.get_field("offered_at")
    links = field.remote_field.through._default_manager
    held = links.filter(where, **{field.m2m_field_name(): OuterRef("pk")})
    return rows.filter(Q(limited=False) | Exists(held))


def chain_of(paths: Iterable[str]) -> set[int]:
    """The keys of the places on these paths, themselves and all above."""
    return {int(part) for path in paths for part in path.strip("/").split("/") if part}
