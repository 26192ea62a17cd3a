"""How many there are of what, computed from the tree and never typed in (C01, S2-3e.1)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Count

from huying.places.models import Place, PlaceFlag, PlaceKind
from huying.places.queries.tree import listed
from huying.places.states import Status


@dataclass(frozen=True)
class KindCount:
    """One kind below a place: how many in use, how many closed, and how many of them hold which flag."""

    kind: PlaceKind
    open: int
    closed: int
    flags: tuple[tuple[PlaceFlag, int], ...]


@dataclass(frozen=True)
class Counts:
    """All counts below one place (itself included)."""

    kinds: tuple[KindCount, ...]
    flags: tuple[tuple[PlaceFlag, int], ...]
    levels: tuple[tuple[int, int], ...]

    def of(self, kind: str, flag: str = "") -> int:
        """The number in use of a kind, or of those of it that hold a flag; 0 when there are none."""
        for line in self.kinds:
            if line.kind.pk == kind:
                return next((n for row, n in line.flags if row.pk == flag), 0) if flag else line.open
        return 0

    @property
    def sites(self) -> int:
        return sum(line.open for line in self.kinds if line.kind.is_site)


@dataclass(frozen=True)
class Share:
    """One part of a place and how many of each kind it holds: {kind code: number}."""

    place: Place
    numbers: dict[str, int]


def counts(within: Place | None = None) -> Counts:
    """Numbers by kind, level and flag below ``within`` (None: everywhere), in three queries."""
    kinds = {kind.pk: kind for kind in PlaceKind.objects.order_by("order")}
    flags = {flag.pk: flag for flag in PlaceFlag.objects.order_by("group", "order")}
    rows = listed(within=within, closed=True).order_by()
    by_status: Counter[tuple[str, str]] = Counter()
    by_flag: Counter[tuple[str, str]] = Counter()
    for kind, status, held, n in rows.values_list("kind", "status", "flags").annotate(n=Count("id")):
        by_status[kind, status] += n
        by_flag.update({(kind, flag): n for flag in held if status == Status.OPEN})
    lines = [
        KindCount(
            kind,
            by_status.get((code, Status.OPEN), 0),
            by_status.get((code, Status.CLOSED), 0),
            tuple((flags[flag], n) for flag in flags if (n := by_flag.get((code, flag), 0))),
        )
        for code, kind in kinds.items()
        if (code, Status.OPEN) in by_status or (code, Status.CLOSED) in by_status
    ]
    in_all = {flag: sum(n for (_kind, held), n in by_flag.items() if held == flag) for flag in flags}
    levels: dict[int, int] = {}
    for line in lines:
        if line.kind.level is not None:
            levels[line.kind.level] = levels.get(line.kind.level, 0) + line.open
    return Counts(
        tuple(lines),
        tuple((flags[code], n) for code, n in in_all.items() if n),
        tuple(sorted(levels.items())),
    )


def shares(within: Place) -> list[Share]:
    """For each open division right below ``within``: how many open places of each kind it holds (2 queries)."""
    parts = list(
        Place.objects.filter(parent=within, kind__is_division=True, status=Status.OPEN)
        .select_related("kind")
        .order_by("sort_key", "id")
    )
    table = Place._meta.db_table
    numbers: dict[int, dict[str, int]] = {part.pk: {} for part in parts}
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT split_part(path, '/', %s)::bigint, kind_id, count(*) FROM {table}"  # noqa: S608 - own table
            " WHERE path LIKE %s AND depth > %s AND status = %s GROUP BY 1, 2",
            [within.depth + 2, f"{within.path}%", within.depth + 1, Status.OPEN],
        )
        rows: list[Any] = cursor.fetchall()
    for part, kind, n in rows:
        if part in numbers:
            numbers[part][kind] = n
    return [Share(part, numbers[part.pk]) for part in parts]
