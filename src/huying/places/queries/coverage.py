"""Full coverage (三级全覆盖, S3-1a.3): has every place of a kind the sites that the rules demand of it?"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from huying.kernel.errors import NotFound
from huying.places.models import CoverageRule, Place
from huying.places.queries.tree import LIST_ORDER
from huying.places.states import Status


@dataclass(frozen=True)
class Covered:
    """One rule and how far it is met; both numbers are kept, never the percentage alone (S1-2c.4)."""

    rule: CoverageRule
    places: int
    covered: int

    @property
    def missing(self) -> int:
        return self.places - self.covered

    @property
    def percent(self) -> float:
        """Share covered in per cent; 100 when there is nothing to cover."""
        return 100.0 * self.covered / self.places if self.places else 100.0


# Each open site names all places above it once; a rule then only asks whether its place was named.
NUMBERS = """
WITH held AS (
    SELECT DISTINCT above.id::bigint AS container, site.kind_id AS kind
    FROM {place} site CROSS JOIN unnest(string_to_array(trim(both '/' from site.path), '/')) above(id)
    WHERE site.status = 'open' AND site.path LIKE %(path)s AND site.kind_id IN (SELECT site_id FROM {rule})
)
SELECT rule.id, count(*), count(held.container)
FROM {rule} rule
JOIN {place} container
  ON container.kind_id = rule.container_id AND container.status = 'open' AND container.path LIKE %(path)s
LEFT JOIN held ON held.container = container.id AND held.kind = rule.site_id
GROUP BY rule.id
"""


def coverage(within: Place | None = None) -> list[Covered]:
    """Every rule with its numbers below ``within``, in two queries."""
    rules = CoverageRule.objects.select_related("container", "site").order_by("container__order", "site__order")
    sql = NUMBERS.format(place=Place._meta.db_table, rule=CoverageRule._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(sql, {"path": f"{within.path if within else '/'}%"})
        numbers = {key: (places, covered) for key, places, covered in cursor.fetchall()}
    return [Covered(rule, *numbers.get(rule.pk, (0, 0))) for rule in rules]


def coverage_rule(key: int) -> CoverageRule:
    """One rule; NotFound."""
    rule = CoverageRule.objects.filter(pk=key).select_related("container", "site").first()
    if rule is None:
        raise NotFound
    return rule


# The places above any open site of one kind.
HOLDERS = """
SELECT DISTINCT above.id::bigint
FROM {place} site CROSS JOIN unnest(string_to_array(trim(both '/' from site.path), '/')) above(id)
WHERE site.status = 'open' AND site.kind_id = %s AND site.path LIKE %s
"""


def gaps(rule: CoverageRule, within: Place | None = None) -> QuerySet[Place]:
    """The open places below ``within`` that lack what ``rule`` demands, in name order."""
    path = within.path if within else "/"
    holders = RawSQL(HOLDERS.format(place=Place._meta.db_table), [rule.site_id, f"{path}%"])  # noqa: S611 - own table
    rows = Place.objects.filter(kind=rule.container_id, status=Status.OPEN, path__startswith=path)
    return rows.exclude(pk__in=holders).select_related("kind", "parent").order_by(*LIST_ORDER)
