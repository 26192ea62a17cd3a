"""A big tree in a second or two, by SQL: for tests of speed and of the number of queries."""

from __future__ import annotations

from django.db import connection

from huying.places.models import Place
from huying.places.tests.factories import place

# One level: for each parent of a kind, so many children, spread around it.
LEVEL = """
WITH fresh AS (
    SELECT nextval(pg_get_serial_sequence('places_place', 'id')) AS id, up.id AS parent_id, up.path, up.depth,
           up.lon, up.lat, n
    FROM places_place up, generate_series(1, %(each)s) n
    WHERE up.kind_id = %(above)s
)
INSERT INTO places_place (id, public_id, parent_id, kind_id, name, name_en, short_name, code, path, depth, lon, lat,
    crs, address, phone, flags, floor, purpose, host, status, closed_reason, source, sort_key, search_text,
    search_terms, created_at, changed_at)
SELECT id, gen_random_uuid(), parent_id, %(kind)s, %(kind)s || n, '', '', '', path || id || '/', depth + 1,
    lon + (n %% 7 - 3) * %(spread)s, lat + (n %% 5 - 2) * %(spread)s, 'WGS84', '', '',
    CASE WHEN n %% 3 = 0 THEN %(flags)s::varchar[] ELSE '{}' END, '', '', '', 'open', '', '',
    %(kind)s || lpad(n::text, 6, '0'), %(kind)s || n, ARRAY[left(%(kind)s, 2)], now(), now()
FROM fresh
"""


def level(kind: str, above: str, each: int, spread: float = 0.001, flags: list[str] | None = None) -> int:
    """Put ``each`` places of ``kind`` under every place of kind ``above``; the number of rows made."""
    with connection.cursor() as cursor:
        cursor.execute(
            LEVEL, {"kind": kind, "above": above, "each": each, "spread": spread, "flags": flags or ["canteen"]}
        )
        return int(cursor.rowcount)


def county_of_20_000() -> Place:
    """1 county, 20 streets with an office, 400 communities with a station, 19,600 grids; about 20,400 places."""
    county = place("county", name="大县", lon=120.0, lat=30.0)
    level("street", "county", 20, 0.05)
    level("community", "street", 20, 0.01)
    level("grid", "community", 48)
    level("office", "street", 1, flags=["demonstration"])
    level("station", "community", 1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE places_place")
    return county
