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
# What stands in "sums" goes into totals. Whoever holds ``Folding`` writes alone, so that rows which are there grow and the
# others are added, without the price of an insert that may meet another; in the order of their keys, page after page.
ADDED = """\
wholes AS MATERIALIZED (
    SELECT since, metric_id, daily, place_id, amount FROM sums WHERE amount <> 0 ORDER BY 1, 2, 3, 4),
grown AS (
    UPDATE figures_total t SET amount = t.amount + w.amount FROM wholes w
    WHERE t.since = w.since AND t.metric_id = w.metric_id AND t.daily = w.daily AND t.place_id = w.place_id
    RETURNING t.since, t.metric_id, t.daily, t.place_id),
added AS (
    INSERT INTO figures_total (since, metric_id, daily, place_id, amount)
    SELECT since, metric_id, daily, place_id, amount FROM wholes
    WHERE (since, metric_id, daily, place_id) NOT IN (SELECT since, metric_id, daily, place_id FROM grown))"""
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
# Months first, then the places above: few rows reach many places. All of one batch is added up before a row is touched.
FOLDED = f"""
WITH taken AS (DELETE FROM figures_change WHERE id = ANY(%(ids)s) RETURNING size, metrics, places, days, amounts),
days AS MATERIALIZED (
    SELECT w.place_id, w.metric_id, w.day, sum(w.amount)::bigint AS amount
    FROM taken t CROSS JOIN LATERAL unnest(t.metrics, t.places, t.days, t.amounts) w(metric_id, place_id, day, amount)
    GROUP BY 1, 2, 3 HAVING sum(w.amount) <> 0 ORDER BY 1, 2, 3),
more AS (
    UPDATE figures_fact f SET amount = f.amount + d.amount FROM days d
    WHERE f.place_id = d.place_id AND f.metric_id = d.metric_id AND f.day = d.day
    RETURNING f.place_id, f.metric_id, f.day),
fresh AS (
    INSERT INTO figures_fact (place_id, metric_id, day, amount) SELECT place_id, metric_id, day, amount FROM days
    WHERE (place_id, metric_id, day) NOT IN (SELECT place_id, metric_id, day FROM more)),
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
SELECT coalesce(sum(size), 0) FROM taken
"""  # noqa: S608
STALE = """
SELECT b.place_id FROM figures_branch b JOIN places_place p ON p.id = b.place_id
WHERE b.path <> p.path ORDER BY b.place_id LIMIT %s
"""
# What hung below other places before is taken from their totals and added to those of today; places above both keep
# theirs. Then the branch says where it hangs now. A new chain may hold places that nothing was counted below yet.
MOVED = f"""
WITH stale AS (
    SELECT b.place_id, b.path AS before, p.path AS after
    FROM figures_branch b JOIN places_place p ON p.id = b.place_id WHERE b.place_id = ANY(%(ids)s)),
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
UPDATE figures_branch b SET path = s.after FROM stale s WHERE b.place_id = s.place_id
"""  # noqa: S608
CHAIN = """
INSERT INTO figures_branch (place_id, path, daily)
SELECT p.id, p.path, coalesce(k.level <= %s, false) FROM places_place p JOIN places_placekind k ON k.code = p.kind_id
WHERE p.id IN (
    SELECT a.id FROM places_place q CROSS JOIN LATERAL unnest(string_to_array(btrim(q.path, '/'), '/')::bigint[]) a(id)
    WHERE q.id = ANY(%s))
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
        cursor.execute(FOLDED, {"ids": ids})
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
        ids = [key for (key,) in cursor.fetchall()]
        if ids:
            cursor.execute(CHAIN, [settings.HUYING_FIGURES_DAILY_LEVEL, ids])
            cursor.execute(MOVED, {"ids": ids})
        return len(ids)
