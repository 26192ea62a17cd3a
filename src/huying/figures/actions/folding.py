"""Changes are folded into facts and totals, batch by batch, by one at a time; totals follow the tree when it changes."""

from __future__ import annotations

from django.conf import settings
from django.db import connection

from huying.figures.models import Folding
from huying.kernel import locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin

BATCH = 10_000
MOVED_AT_ONCE = 500
ABOVE = "unnest(string_to_array(btrim({path}, '/'), '/')::bigint[])"
# What stands in "above" (metric, place, day, amount) goes into totals of months, and of days where a place has them.
ADDED = """\
wholes AS (
    SELECT metric_id, place_id, 'month' AS grain, date_trunc('month', day)::date AS since, sum(amount)::bigint AS amount
    FROM above GROUP BY 1, 2, 4
    UNION ALL SELECT a.metric_id, a.place_id, 'day', a.day, a.amount::bigint
    FROM above a JOIN figures_branch b ON b.place_id = a.place_id AND b.daily),
added AS (
    INSERT INTO figures_total (metric_id, place_id, grain, since, amount)
    SELECT * FROM wholes WHERE amount <> 0 ORDER BY 1, 2, 3, 4
    ON CONFLICT (metric_id, place_id, grain, since) DO UPDATE SET amount = figures_total.amount + excluded.amount)"""
PLANTED = """
INSERT INTO figures_branch (place_id, path, daily)
SELECT p.id, p.path, coalesce(k.level <= %s, false)
FROM places_place p JOIN places_placekind k ON k.code = p.kind_id
WHERE p.id IN (
    SELECT a.id FROM places_place q CROSS JOIN LATERAL unnest(string_to_array(btrim(q.path, '/'), '/')::bigint[]) a(id)
    WHERE q.id IN (SELECT c.place_id FROM (SELECT place_id FROM figures_change ORDER BY id LIMIT %s) c)
    AND NOT EXISTS (SELECT FROM figures_branch b WHERE b.place_id = q.id))
ON CONFLICT (place_id) DO NOTHING
"""
# A place whose branch another transaction planted too late for this statement is left for the next batch.
FOLDED = f"""
WITH taken AS (
    DELETE FROM figures_change WHERE id IN (
        SELECT c.id FROM figures_change c JOIN figures_branch b ON b.place_id = c.place_id ORDER BY c.id LIMIT %s)
    RETURNING metric_id, place_id, day, amount),
days AS (
    SELECT metric_id, place_id, day, sum(amount)::bigint AS amount FROM taken GROUP BY 1, 2, 3 HAVING sum(amount) <> 0),
kept AS (
    INSERT INTO figures_fact (metric_id, place_id, day, amount) SELECT * FROM days ORDER BY 1, 2, 3
    ON CONFLICT (metric_id, place_id, day) DO UPDATE SET amount = figures_fact.amount + excluded.amount),
above AS (
    SELECT d.metric_id, a.id AS place_id, d.day, sum(d.amount) AS amount
    FROM days d JOIN figures_branch b ON b.place_id = d.place_id CROSS JOIN LATERAL {ABOVE.format(path="b.path")} a(id)
    GROUP BY 1, 2, 3),
{ADDED}
SELECT count(*) FROM taken
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
    """Fold all changes that wait; how many there were. A batch is one short transaction; readers see none of it half."""
    done = 0
    while taken := fold_batch(actor):
        done += taken
        if taken < BATCH:
            break
    return done


def fold_batch(actor: Actor) -> int:
    """Fold the oldest changes, ten thousand at most; how many."""
    with begin(actor):
        take_hold()
        with connection.cursor() as cursor:
            cursor.execute(PLANTED, [settings.HUYING_FIGURES_DAILY_LEVEL, BATCH])
            cursor.execute(FOLDED, [BATCH])
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
