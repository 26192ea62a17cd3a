"""Facts beside what they were made of. It reads everything: for tests, drills and whoever doubts a number.

``drift`` compares facts and totals with the words they were added up from; ``differences`` compares the words with the
rooms' own records, which rooms above hand in (``recount_from``), since this room may not ask them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import islice

from django.db import connection

from huying.figures.models import Contribution, Source
from huying.figures.states import Word

CHUNK = 2000
Recount = Callable[[], Iterable[Word]]
Tell = Callable[[int], object]
_recounts: dict[str, tuple[Recount, Tell]] = {}
FACTS = """
SELECT 'fact', m.code, place_id, day, sum(was)::bigint, sum(should)::bigint FROM (
    SELECT metric_id, place_id, day, amount AS was, 0 AS should FROM figures_fact
    UNION ALL SELECT w.metric_id, w.place_id, w.day, w.amount, 0 FROM figures_change c
    CROSS JOIN LATERAL unnest(c.metrics, c.places, c.days, c.amounts) w(metric_id, place_id, day, amount)
    UNION ALL SELECT metric_id, place_id, day, 0, amount FROM figures_contribution) b
JOIN figures_metric m ON m.number = b.metric_id
GROUP BY 2, 3, 4 HAVING sum(was) <> sum(should) ORDER BY 2, 3, 4
"""
TOTALS = """
SELECT grain, m.code, place_id, since, sum(was)::bigint, sum(should)::bigint FROM (
    SELECT CASE WHEN daily THEN 'day' ELSE 'month' END AS grain, metric_id, place_id, since, amount AS was, 0 AS should
    FROM figures_total
    UNION ALL
    SELECT g.grain, f.metric_id, a.id, date_trunc(g.grain, f.day)::date, 0, f.amount
    FROM figures_fact f JOIN places_place p ON p.id = f.place_id
    CROSS JOIN LATERAL unnest(string_to_array(btrim(p.path, '/'), '/')::bigint[]) a(id)
    JOIN figures_branch b ON b.place_id = a.id
    CROSS JOIN (VALUES ('month'), ('day')) g(grain) WHERE g.grain = 'month' OR b.daily) b
JOIN figures_metric m ON m.number = b.metric_id
GROUP BY 1, 2, 3, 4 HAVING sum(was) <> sum(should) ORDER BY 1, 2, 3, 4
"""


@dataclass(frozen=True, slots=True)
class Difference:
    """What stands there, and what should; ``what`` is fact, day, month, or the source of a record with its key."""

    what: str
    metric: str
    place_id: int
    day: date
    was: int
    should: int


def recount_from(source: str, recount: Recount, tell: Tell) -> None:
    """How the records of ``source`` are counted afresh, in the order of their keys, and how one of them is told again.
    Rooms above say so when they start.
    """
    _recounts[source] = (recount, tell)


def drift() -> Iterator[Difference]:
    """Facts that are not the sum of their words, and totals that are not the sum of their facts."""
    for statement in (FACTS, TOTALS):
        with connection.cursor() as cursor:
            cursor.execute(statement)
            yield from (Difference(*row) for row in cursor.fetchall())


def differences(sources: Iterable[str] | None = None) -> Iterator[Difference]:
    """Words that are not what a fresh count of the rooms' records says."""
    for source in sorted(sources if sources is not None else _recounts):
        yield from compared(source, iter(_recounts[source][0]()))


def tell_again(found: Iterable[Difference]) -> int:
    """Queue the telling of every record that differs; how many. Records of before figures were kept come in this way."""
    records = {tuple(one.what.rsplit(":", 1)) for one in found}
    for source, key in sorted(records):
        _recounts[source][1](int(key))
    return len(records)


def compared(source: str, words: Iterator[Word]) -> Iterator[Difference]:
    """Chunk by chunk: records in the order of their keys beside the words kept of them."""
    after, held = -1, list(islice(words, CHUNK))
    while held:
        more: list[Word] = []
        held += rest_of(words, held[-1].source_id, more)
        yield from beside(source, after, held[-1].source_id, held)
        after, held = held[-1].source_id, [*more, *islice(words, CHUNK)]
    yield from beside(source, after, None, [])


def rest_of(words: Iterator[Word], source_id: int, more: list[Word]) -> list[Word]:
    """The other words of the record that the chunk ends in; the first of the next record goes to ``more``."""
    found = []
    for word in words:
        if word.source_id != source_id:
            more.append(word)
            break
        found.append(word)
    return found


def beside(source: str, after: int, until: int | None, words: Iterable[Word]) -> Iterator[Difference]:
    """Words of the records after ``after`` up to ``until`` as they should be, and as they stand."""
    known = Source.objects.filter(label=source).first()
    rows = Contribution.objects.filter(source=known.number if known else 0, source_id__gt=after).exclude(amount=0)
    if until is not None:
        rows = rows.filter(source_id__lte=until)
    asked = rows.order_by("source_id", "metric_id")
    stands = {
        (key, code): (place_id, day, amount)
        for key, code, place_id, day, amount in asked.values_list(
            "source_id", "metric__code", "place_id", "day", "amount"
        )
    }
    should = {(one.source_id, one.metric): (one.place_id, one.day, one.amount) for one in words if one.amount}
    for key in sorted(stands.keys() | should.keys()):
        was, is_ = stands.get(key), should.get(key)
        if was != is_:
            place_id, day, _amount = is_ or was or (0, date.min, 0)
            amounts = (was[2] if was else 0, is_[2] if is_ else 0)
            yield Difference(f"{source}:{key[0]}", key[1], place_id, day, *amounts)
