"""Changes are folded into facts and totals, batch by batch, by one at a time; totals follow the tree when it changes."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from huying.figures.models import Folding
from huying.kernel import locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin

BATCH = 50_000
"""Differences folded at once, or those of one telling where there are more."""
MOVED_AT_ONCE = 500
ABOVE = "unnest(string_to_array(btrim({path}, '/'), '/')::bigint[])"
MONTH = "date_trunc('month', {day}::timestamp)::date"
# What stands in "sums" goes into totals. Whoever holds ``Folding`` writes alone, so that a row is there or not, without the
# price of an insert that may meet another; in the order of their keys, page after page, each looked up once.
ADDED = """\
wholes AS MATERIALIZED (
    SELECT since, metric_id, daily, place_id, amount FROM sums WHERE amount <> 0 ORDER BY 1, 2, 3, 4)
MERGE INTO figures_total t USING wholes w
    ON t.since = w.since AND t.metric_id = w.metric_id AND t.daily = w.daily AND t.place_id = w.place_id
WHEN MATCHED THEN UPDATE SET amount = t.amount + w.amount
WHEN NOT MATCHED THEN INSERT (since, metric_id, daily, place_id, amount)
    VALUES (w.since, w.metric_id, w.daily, w.place_id, w.amount)"""
TAKEN = """
SELECT id FROM (
    SELECT id, sum(size) OVER (ORDER BY id) - size AS before FROM (
        SELECT id, size FROM figures_change ORDER BY id LIMIT %(most)s) c) w WHERE before < %(most)s
"""
PLANTED = """
INSERT INTO figures_branch (place_id, path, daily)
SELECT p.id, p.path, coalesce(k.level <= %(level)s, false)
FROM places_place p JOIN places_placekind k ON k.code = p.kind_id
WHERE p.id IN (
    SELECT a.id FROM places_place q CROSS JOIN LATERAL unnest(string_to_array(btrim(q.path, '/'), '/')::bigint[]) a(id)
    WHERE q.id IN (SELECT unnest(places) FROM figures_change WHERE id = ANY(%(ids)s))
    AND NOT EXISTS (SELECT FROM figures_branch b WHERE b.place_id = q.id))
ON CONFLICT (place_id) DO NOTHING
"""
# All of one batch is added up before a row is touched.
DAYS = """\
days AS MATERIALIZED (
    SELECT w.place_id, w.metric_id, w.day, sum(w.amount)::bigint AS amount
    FROM figures_change c CROSS JOIN LATERAL
        unnest(c.metrics, c.places, c.days, c.amounts) w(metric_id, place_id, day, amount)
    WHERE c.id = ANY(%(ids)s) GROUP BY 1, 2, 3 HAVING sum(w.amount) <> 0 ORDER BY 1, 2, 3)"""
FACTS = f"""
WITH {DAYS}
MERGE INTO figures_fact f USING days d ON f.place_id = d.place_id AND f.metric_id = d.metric_id AND f.day = d.day
WHEN MATCHED THEN UPDATE SET amount = f.amount + d.amount
WHEN NOT MATCHED THEN INSERT (place_id, metric_id, day, amount) VALUES (d.place_id, d.metric_id, d.day, d.amount)
"""  # noqa: S608
# Months first, then the places above: few rows reach many places.
TOTALS = f"""
WITH {DAYS},
months AS (
    SELECT place_id, metric_id, {MONTH.format(day="day")} AS since, sum(amount)::bigint AS amount FROM days GROUP BY 1, 2, 3),
chains AS MATERIALIZED (
    SELECT b.place_id, a.id AS above_id, a.id IN (SELECT place_id FROM figures_branch WHERE daily) AS daily
    FROM figures_branch b CROSS JOIN LATERAL {ABOVE.format(path="b.path")} a(id)
    WHERE b.place_id IN (SELECT place_id FROM days)),
sums AS (
    SELECT c.above_id AS place_id, m.metric_id, false AS daily, m.since, sum(m.amount)::bigint AS amount
    FROM months m JOIN chains c USING (place_id) GROUP BY 1, 2, 4
    UNION ALL
    SELECT c.above_id, d.metric_id, true, d.day, sum(d.amount)::bigint
    FROM days d JOIN chains c ON c.place_id = d.place_id AND c.daily GROUP BY 1, 2, 4),
{ADDED}
"""  # noqa: S608
FORGOTTEN = """
WITH taken AS (DELETE FROM figures_change WHERE id = ANY(%(ids)s) RETURNING size)
SELECT coalesce(sum(size), 0) FROM taken
"""
STALE = """
SELECT b.place_id, p.path FROM figures_branch b JOIN places_place p ON p.id = b.place_id
WHERE b.path <> p.path ORDER BY b.place_id LIMIT %s
"""
# What hung below other places before is taken from their totals and added to those of today; places above both keep
# theirs. Then the branch says where it hangs now: where all statements were told, for it may have moved again meanwhile. A
# new chain may hold places that nothing was counted below yet.
MOVED = f"""
WITH stale AS (
    SELECT b.place_id, b.path AS before, now.path AS after
    FROM unnest(%(ids)s::bigint[], %(paths)s::text[]) now(place_id, path) JOIN figures_branch b USING (place_id)),
sides AS (
    SELECT s.place_id, a.id AS above_id, -1 AS side FROM stale s CROSS JOIN LATERAL {ABOVE.format(path="s.before")} a(id)
    UNION ALL
    SELECT s.place_id, a.id, 1 FROM stale s CROSS JOIN LATERAL {ABOVE.format(path="s.after")} a(id)),
turned AS (SELECT place_id, above_id, sum(side) AS side FROM sides GROUP BY 1, 2 HAVING sum(side) <> 0),
above AS (
    SELECT f.metric_id, t.above_id AS place_id, f.day, sum(f.amount * t.side) AS amount
    FROM turned t JOIN figures_fact f ON f.place_id = t.place_id GROUP BY 1, 2, 3),
sums AS (
    SELECT metric_id, place_id, false AS daily, {MONTH.format(day="day")} AS since, sum(amount)::bigint AS amount
    FROM above GROUP BY 1, 2, 4
    UNION ALL SELECT a.metric_id, a.place_id, true, a.day, a.amount::bigint
    FROM above a JOIN figures_branch b ON b.place_id = a.place_id AND b.daily),
{ADDED}
"""  # noqa: S608
FOLLOWED = """
UPDATE figures_branch b SET path = now.path FROM unnest(%(ids)s::bigint[], %(paths)s::text[]) now(place_id, path)
WHERE b.place_id = now.place_id
"""
CHAIN = """
INSERT INTO figures_branch (place_id, path, daily)
SELECT p.id, p.path, coalesce(k.level <= %(level)s, false)
FROM places_place p JOIN places_placekind k ON k.code = p.kind_id
WHERE p.id IN (
    SELECT a.id FROM unnest(%(paths)s::text[]) q(path) CROSS JOIN LATERAL
        unnest(string_to_array(btrim(q.path, '/'), '/')::bigint[]) a(id))
ON CONFLICT (place_id) DO NOTHING
"""


def fold(*, actor: Actor) -> int:
    """Fold all changes that wait; how many differences. A batch is one short transaction; readers see none of it half."""
    done = 0
    while taken := fold_batch(actor):
        done += taken
    return done


def fold_batch(actor: Actor) -> int:
    """Fold the oldest changes; how many differences."""
    with begin(actor), connection.cursor() as cursor:
        take_hold()
        cursor.execute(TAKEN, {"most": BATCH})
        ids = [key for (key,) in cursor.fetchall()]
        if not ids:
            return 0
        cursor.execute(PLANTED, {"level": settings.HUYING_FIGURES_DAILY_LEVEL, "ids": ids})
        cursor.execute(FACTS, {"ids": ids})
        cursor.execute(TOTALS, {"ids": ids})
        cursor.execute(FORGOTTEN, {"ids": ids})
        return int(cursor.fetchone()[0])


def take_hold() -> None:
    """From here until the transaction ends nobody else folds, or moves totals."""
    if not Folding.objects.filter(pk=1).exists():
        Folding.objects.bulk_create([Folding(pk=1)], ignore_conflicts=True)
    locks.one(Folding, pk=1)


def follow_places(*, actor: Actor) -> int:
    """Let totals follow all places that hang elsewhere than when they were added up; how many. Run again it finds none."""
    done = 0
    while moved := follow_batch(actor):
        done += moved
    return done


def follow_batch(actor: Actor) -> int:
    with begin(actor), connection.cursor() as cursor:
        take_hold()
        cursor.execute(STALE, [MOVED_AT_ONCE])
        stale = cursor.fetchall()
        if stale:
            ids, paths = map(list, zip(*stale, strict=True))
            cursor.execute(CHAIN, {"level": settings.HUYING_FIGURES_DAILY_LEVEL, "paths": paths})
            cursor.execute(MOVED, {"ids": ids, "paths": paths})
            cursor.execute(FOLLOWED, {"ids": ids, "paths": paths})
        return len(stale)
