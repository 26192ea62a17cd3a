"""How the sites of a part of the tree stand against standards: numbers, gaps, and the items that are missing most."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Case, CharField, Count, Exists, F, FilteredRelation, OuterRef, Q, QuerySet, Value, When

from huying.kernel import clock
from huying.kernel import search as kernel_search
from huying.kernel.errors import NotFound
from huying.places.models import CheckAnswer, Place, SiteCheck, Standard, StandardItem
from huying.places.queries.tree import LIST_ORDER, ids_in
from huying.places.rules.values import tidy
from huying.places.states import CHECK_LASTS, Answer, CheckState, Standing, Status

GAPS = (Standing.NEVER, Standing.OLD, Standing.UNMET)
WAITING, GAP = "waiting", "gap"


@dataclass
class Tally:
    """One standard and how many sites below a place stand how; ``waiting`` of them have a check to be verified."""

    standard: Standard
    numbers: dict[str, int] = field(default_factory=dict)
    waiting: int = 0

    @property
    def sites(self) -> int:
        return sum(self.numbers.values())

    def of(self, standing: str) -> int:
        return self.numbers.get(standing, 0)

    @property
    def met(self) -> int:
        return self.of(Standing.MET)

    @property
    def unmet(self) -> int:
        return self.of(Standing.UNMET)

    @property
    def old(self) -> int:
        return self.of(Standing.OLD)

    @property
    def never(self) -> int:
        return self.of(Standing.NEVER)


# Each site with the check that holds of any version of the standard; the same words as ``standing`` below. What a pack asks
# both here and further up is asked once, by the nearest place; the same rule as in ``asked_nearer``.
NUMBERS = """
SELECT s.id,
    CASE WHEN c.id IS NULL THEN 'never'
        WHEN c.standard_id <> s.id OR c.decided_at < %(since)s THEN 'old'
        WHEN c.met < c.applies THEN 'unmet' ELSE 'met' END AS standing,
    count(*), count(w.id)
FROM {standard} s
JOIN {kinds} k ON k.standard_id = s.id
LEFT JOIN {place} scope ON scope.id = s.place_id
JOIN {place} p ON p.kind_id = k.placekind_id AND p.status = 'open' AND p.path LIKE %(path)s
    AND (scope.id IS NULL OR p.path LIKE scope.path || '%%')
LEFT JOIN ({check} c JOIN {standard} v ON v.id = c.standard_id)
    ON c.holds AND c.place_id = p.id AND v.code = s.code AND v.place_id IS NOT DISTINCT FROM s.place_id
LEFT JOIN {check} w ON w.standard_id = s.id AND w.place_id = p.id AND w.state = 'self_checked'
WHERE s.ended_at IS NULL AND NOT EXISTS (
    SELECT 1 FROM {standard} n JOIN {place} at ON at.id = n.place_id
    WHERE n.code = s.code AND n.pack = s.pack AND n.pack <> '' AND n.ended_at IS NULL AND n.id <> s.id
        AND p.path LIKE at.path || '%%' AND at.path LIKE coalesce(scope.path, '/') || '%%'
)
GROUP BY 1, 2
"""


def in_force() -> QuerySet[Standard]:
    """The standards that are asked now, in order of name."""
    return Standard.objects.filter(ended_at=None).select_related("place").order_by("name", "id")


def standard(public_id: UUID) -> Standard:
    """One version, in force or not; NotFound."""
    found = Standard.objects.filter(public_id=public_id).select_related("place").first()
    if found is None:
        raise NotFound
    return found


def tallies(within: Place | None = None) -> list[Tally]:
    """Every standard in force that is asked of a site below ``within``, with its numbers (2 queries)."""
    names = {"standard": Standard._meta.db_table, "check": SiteCheck._meta.db_table, "place": Place._meta.db_table}
    sql = NUMBERS.format(kinds=Standard.kinds.through._meta.db_table, **names)
    found = {one.pk: Tally(one) for one in in_force()}
    with connection.cursor() as cursor:
        cursor.execute(sql, {"since": clock.now() - CHECK_LASTS, "path": f"{within.path if within else '/'}%"})
        rows: list[Any] = cursor.fetchall()
    for key, standing, sites, waiting in rows:
        if key in found:
            found[key].numbers[standing] = sites
            found[key].waiting += waiting
    return [one for one in found.values() if one.sites or within is None]


def sites(
    standard: Standard,
    *,
    within: Place | None = None,
    standing: str = "",
    item: int | None = None,
    words: str = "",
) -> QuerySet[Place]:
    """The open sites the standard is asked of, in name order, each with ``standing``, ``waits``, and of the check that
    holds ``checked_key``, ``met``, ``applies`` and ``verified_at``. ``standing``: one of its words, "waiting" or "gap";
    ``item``: only those that have not got this item.
    """
    path = within.path if within else "/"
    versions = versions_of(standard)
    rows = Place.objects.filter(kind__standards=standard, status=Status.OPEN, path__startswith=path)
    if standard.place is not None:
        rows = rows.filter(path__startswith=standard.place.path)
    for nearer in asked_nearer(standard):
        rows = rows.exclude(path__startswith=nearer)
    rows = with_standing(rows, standard, versions)
    if standing in Standing.values:
        rows = rows.filter(Q(standing=standing))
    elif standing == GAP:
        rows = rows.filter(Q(standing__in=GAPS))
    elif standing == WAITING:
        rows = rows.filter(Q(waits=True))
    if item is not None:
        lacking = CheckAnswer.objects.filter(check_of=OuterRef("held__pk"), item__number=item, answer=Answer.NO)
        rows = rows.filter(Exists(lacking), Q(held__standard=standard.pk))
    words = tidy(words[:200])
    rows = kernel_search.matching(rows, words) if words else rows
    return rows.select_related("kind", "parent").order_by(*LIST_ORDER)


def asked_nearer(standard: Standard) -> list[str]:
    """Paths of places further down that ask for the same of the same pack: their sites are asked there, and once."""
    if not standard.pack:
        return []
    path = standard.place.path if standard.place else "/"
    rows = Standard.objects.filter(code=standard.code, pack=standard.pack, ended_at=None, place__path__startswith=path)
    return list(rows.exclude(place=standard.place_id).order_by("id").values_list("place__path", flat=True))


def with_standing(rows: QuerySet[Place], standard: Standard, versions: list[int]) -> QuerySet[Place]:
    """The places with how they stand; at most one check of a line of versions holds at a place."""
    waiting = SiteCheck.objects.filter(place=OuterRef("pk"), standard=standard.pk, state=CheckState.SELF_CHECKED)
    old = ~Q(held__standard=standard.pk) | Q(held__decided_at__lt=clock.now() - CHECK_LASTS)
    return rows.annotate(
        held=FilteredRelation("checks", condition=Q(checks__holds=True, checks__standard__in=versions)),
    ).annotate(
        waits=Exists(waiting),
        checked_key=F("held__public_id"),
        met=F("held__met"),
        applies=F("held__applies"),
        verified_at=F("held__decided_at"),
        standing=Case(
            When(held__isnull=True, then=Value(Standing.NEVER.value)),
            When(old, then=Value(Standing.OLD.value)),
            When(held__met__lt=F("held__applies"), then=Value(Standing.UNMET.value)),
            default=Value(Standing.MET.value),
            output_field=CharField(),
        ),
    )


def versions_of(standard: Standard) -> list[int]:
    """The keys of all versions of the same line."""
    rows = Standard.objects.filter(code=standard.code, place=standard.place_id)
    return list(rows.order_by("id").values_list("pk", flat=True))


def missing_items(standard: Standard, within: Place | None = None) -> list[tuple[StandardItem, int]]:
    """Every item with how many open sites lack it by the check that holds, as ``sites`` lists them (1 query)."""
    here = Q(
        answers__check_of__holds=True,
        answers__answer=Answer.NO,
        answers__check_of__place__status=Status.OPEN,
        answers__check_of__place__path__startswith=within.path if within else "/",
        answers__check_of__place__kind__in=standard.kinds.all(),
    )
    if standard.place is not None:
        here &= Q(answers__check_of__place__path__startswith=standard.place.path)
    for nearer in asked_nearer(standard):
        here &= ~Q(answers__check_of__place__path__startswith=nearer)
    rows = StandardItem.objects.filter(standard=standard).order_by("number")
    return [(one, one.lacking) for one in rows.annotate(lacking=Count("answers", filter=here))]


def last_of(place: Place) -> QuerySet[SiteCheck]:
    """All checks of a site, the newest first."""
    return SiteCheck.objects.filter(place=place).select_related("standard").order_by("-checked_at", "-id")


def asked_of(place: Place) -> list[Standard]:
    """The standards in force that are asked of a site; what a pack asks at several places above it, once: the nearest."""
    above = ids_in(place.path)
    here = Q(place__isnull=True) | Q(place__in=above)
    rows = list(in_force().filter(here, kinds=place.kind_id))
    nearest: dict[tuple[str, str], int] = {}
    for one in rows:
        depth = one.place.depth if one.place else -1
        nearest[one.pack, one.code] = max(depth, nearest.get((one.pack, one.code), -1))
    return [
        one for one in rows if not one.pack or (one.place.depth if one.place else -1) == nearest[one.pack, one.code]
    ]


@dataclass(frozen=True)
class Stands:
    """One standard at one site: how it stands, the check that holds, and the one that waits or was returned last."""

    standard: Standard
    standing: str
    holding: SiteCheck | None
    latest: SiteCheck | None

    @property
    def waits(self) -> bool:
        """A check of this version waits; one of a version before does not stand in the way of the next."""
        return self.is_latest(CheckState.SELF_CHECKED)

    @property
    def returned(self) -> bool:
        return self.is_latest(CheckState.RETURNED)

    def is_latest(self, state: CheckState) -> bool:
        return self.latest is not None and (self.latest.state, self.latest.standard_id) == (state, self.standard.pk)


def standing_of(standard: Standard, holding: SiteCheck | None, at: datetime) -> str:
    """One site's standing; the same words as in ``with_standing``."""
    if holding is None:
        return Standing.NEVER
    if holding.standard_id != standard.pk or (holding.decided_at and holding.decided_at < at - CHECK_LASTS):
        return Standing.OLD
    return Standing.UNMET if holding.met < holding.applies else Standing.MET


def of_site(place: Place) -> list[Stands]:
    """How a site stands against everything that is asked of it (3 queries)."""
    asked = asked_of(place)
    rows = SiteCheck.objects.filter(place=place, standard__code__in=[one.code for one in asked])
    holding: dict[tuple[str, int | None], SiteCheck] = {}
    latest: dict[tuple[str, int | None], SiteCheck] = {}
    for row in rows.filter(holds=True).select_related("standard"):
        holding[row.standard.code, row.standard.place_id] = row
    newest = rows.order_by("standard", "-checked_at", "-id").distinct("standard").select_related("standard")
    for row in sorted(newest, key=lambda one: (one.checked_at, one.pk)):
        latest[row.standard.code, row.standard.place_id] = row
    at = clock.now()
    return [
        Stands(one, standing_of(one, holding.get(key), at), holding.get(key), latest.get(key))
        for one in asked
        for key in ((one.code, one.place_id),)
    ]


def met_at(place: Place) -> list[tuple[Standard, datetime]]:
    """What the public sees: the standards in force that a site meets, and since when that is verified (1 query)."""
    below = Q(standard__place__isnull=True) | Q(standard__place__in=ids_in(place.path))
    rows = SiteCheck.objects.filter(
        below,
        place=place,
        holds=True,
        met=F("applies"),
        standard__ended_at=None,
        standard__kinds=place.kind_id,
        decided_at__gte=clock.now() - CHECK_LASTS,
    )
    found = rows.select_related("standard").order_by("standard__name", "id")
    return [(one.standard, one.decided_at) for one in found if one.decided_at is not None]
