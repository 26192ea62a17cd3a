"""The one door through which rooms above tell what their records add.

A word is the present truth about one record and one metric. It replaces the former word on the same record and metric, and
only the difference is counted: telling it again, after a crash or twice over, changes nothing; a correction, a reversal or
a record that comes late moves the difference on the days concerned. Whoever tells must have read the record under a lock
that he holds until his transaction ends, so that an older truth never replaces a newer one (decision 0025).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from huying.figures.actions.refusals import PlaceUnknown
from huying.figures.actions.setup import check_counted
from huying.figures.models import Contribution, Source
from huying.figures.states import Word
from huying.kernel import locks, prepared
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin

SAID = (
    "SELECT * FROM unnest(%s::smallint[], %s::bigint[], %s::smallint[], %s::bigint[], %s::date[], %s::bigint[])"
    " WITH ORDINALITY said (source, source_id, metric_id, place_id, day, amount, n)"
)
# What is in "moved" becomes one row of columns.
TOLD = """\
summed AS (SELECT place_id, metric_id, day, sum(amount)::bigint AS amount FROM moved GROUP BY 1, 2, 3),
told AS (
    INSERT INTO figures_change (size, metrics, places, days, amounts)
    SELECT count(*), array_agg(metric_id), array_agg(place_id), array_agg(day), array_agg(amount)
    FROM summed WHERE amount <> 0 HAVING count(*) > 0)"""
# New words, in the order of their keys; whoever is telling the same at this moment is waited for.
FRESH = f"""
WITH said AS ({SAID}),
moved AS (
    INSERT INTO figures_contribution (source, source_id, metric_id, place_id, day, amount)
    SELECT source, source_id, metric_id, place_id, day, amount FROM said WHERE amount <> 0 ORDER BY n
    ON CONFLICT (source, source_id, metric_id) DO NOTHING
    RETURNING metric_id, place_id, day, amount),
{TOLD}
SELECT count(*), (SELECT count(*) FROM said) FROM moved
"""  # noqa: S608
# Rows first, in a statement of their own: the next one then sees them as they are, not as they were when it began.
HELD = f"""
WITH said AS ({SAID})
SELECT c.source_id FROM figures_contribution c JOIN said USING (source, source_id, metric_id)
WHERE (c.place_id, c.day, c.amount) IS DISTINCT FROM (said.place_id, said.day, said.amount)
ORDER BY c.source, c.source_id, c.metric_id FOR UPDATE OF c
"""  # noqa: S608
REPLACED = f"""
WITH said AS ({SAID}),
stale AS (
    SELECT c.source, c.source_id, c.metric_id, c.place_id, c.day, c.amount,
        said.place_id AS new_place, said.day AS new_day, said.amount AS new_amount
    FROM figures_contribution c JOIN said USING (source, source_id, metric_id)
    WHERE (c.place_id, c.day, c.amount) IS DISTINCT FROM (said.place_id, said.day, said.amount)),
mended AS (
    UPDATE figures_contribution c SET place_id = s.new_place, day = s.new_day, amount = s.new_amount
    FROM stale s WHERE (c.source, c.source_id, c.metric_id) = (s.source, s.source_id, s.metric_id)),
moved AS (
    SELECT metric_id, place_id, day, -amount AS amount FROM stale
    UNION ALL SELECT metric_id, new_place, new_day, new_amount FROM stale),
{TOLD}
SELECT count(*) FROM stale
"""  # noqa: S608
UNKNOWN = """
SELECT asked.id FROM unnest(%s::bigint[]) asked(id)
WHERE NOT EXISTS (SELECT FROM places_place p WHERE p.id = asked.id) LIMIT 1
"""


def count(*, actor: Actor, words: Iterable[Word]) -> int:
    """Take these words, the last of each key; how many said something new. MetricUnknown, PlaceUnknown.

    All words of a transaction go in one call: keys are then locked in one order, and two tellers never wait in a circle.
    """
    said = {one.key: one for one in words}
    if not said:
        return 0
    with begin(actor):
        metrics = check_counted({one.metric for one in said.values()})
        check_places({one.place_id for one in said.values()})
        locks.note(Contribution)
        values = columns(said.values(), sources({one.source for one in said.values()}), metrics)
        ((fresh, told),) = prepared.rows(FRESH, values)
        if fresh == told or not prepared.rows(HELD, values):
            return int(fresh)
        ((replaced,),) = prepared.rows(REPLACED, values)
        return int(fresh) + int(replaced)


def columns(words: Iterable[Word], sources: Mapping[str, int], metrics: Mapping[str, int]) -> list[str]:
    """One array a column, as the statements take them, in the order of keys. Written out here, for they are numbers and
    days alone: the driver would look at each for itself.
    """
    rows = sorted(
        [(sources[one.source], one.source_id, metrics[one.metric], one.place_id, one.day, one.amount) for one in words]
    )
    return [f"{{{','.join(map(str, column))}}}" for column in zip(*rows, strict=True)]


def sources(labels: Collection[str]) -> dict[str, int]:
    """Label -> number; a new one is written down."""
    rows = Source.objects.filter(label__in=labels).values_list("label", "number")
    found = dict(rows)
    if missing := set(labels) - found.keys():
        Source.objects.bulk_create([Source(label=one) for one in sorted(missing)], ignore_conflicts=True)
        found = dict(rows.all())
    return found


def check_places(ids: Collection[int]) -> None:
    """PlaceUnknown unless all of these are in the tree; nothing ever leaves it."""
    if prepared.rows(UNKNOWN, [f"{{{','.join(map(str, ids))}}}"]):
        raise PlaceUnknown
