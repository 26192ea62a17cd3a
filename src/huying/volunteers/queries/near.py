"""The nearest holders of skills, found ring by ring around a point in the one index that knows both (decision 0045).

Positions are numbered in cells of a two thousandth of a degree, row by row from the south pole (migration 0001), so that a
ring is a stretch of the index for each of its rows. A ring is the square of cells up to so many rows away, without the
square before: it is left before the next is looked into, and nobody outside of a square is nearer than it is high. A square
is as wide as it is high in kilometres; nothing is found across the 180th meridian.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, cos, floor, inf, radians

from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from huying.kernel import prepared
from huying.volunteers.models import Volunteer

A_DEGREE = 2_000
"""Rows, and columns, of a degree."""
A_ROW = 1_000_000
"""What the number of a cell grows by from a row to the next."""
KM = 111.195 / A_DEGREE * (1 - 1e-9)
"""How high a row is, of a sphere of 6371 km; a hair less, for numbers that are rounded."""
NOWHERE = -1
"""The cell of whoever has no position."""
RINGS = (0, 1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 90, 128, 181, 256, 512, 1024, 2048, 3600)
"""Squares, in rows to each side of the middle: 0 is the cell itself, 3600 are 200 km, farther than anybody may offer to go."""
ROUND_HERE, ENOUGH = 72, 4096
"""Of several skills the rarest within 4 km is walked along; of each so many are counted there."""
UNPLACED = 1_000
"""So many skills that have no cell yet are weighed along; with more nobody is looked for ring by ring."""

# Of each skill: how many there are round here, from which row to which there are any, and who has no cell yet.
KNOWN = f"""
SELECT asked.skill, (SELECT count(*) FROM (
        SELECT FROM generate_series(%(south)s::bigint, %(north)s::bigint) AS line CROSS JOIN LATERAL (
            SELECT FROM volunteers_volunteer_skills s WHERE s.skill_id = asked.skill
            AND s.cell BETWEEN line * {A_ROW} + %(west)s::bigint AND line * {A_ROW} + %(east)s::bigint) here
        LIMIT {ENOUGH}) few),
    (SELECT s.cell / {A_ROW} FROM volunteers_volunteer_skills s
        WHERE s.skill_id = asked.skill AND s.cell >= 0 ORDER BY s.cell LIMIT 1),
    (SELECT s.cell / {A_ROW} FROM volunteers_volunteer_skills s
        WHERE s.skill_id = asked.skill AND s.cell >= 0 ORDER BY s.cell DESC LIMIT 1),
    ARRAY(SELECT s.volunteer_id FROM volunteers_volunteer_skills s
        WHERE s.skill_id = asked.skill AND s.cell IS NULL LIMIT {UNPLACED + 1})
FROM unnest(%(skills)s::bigint[]) asked(skill)
"""  # noqa: S608 - numbers of ours
# Read from the inmost ring outwards, and no farther than until there are enough: OFFSET 0 keeps each step behind the one
# before it, for the planner cannot know how soon that is.
WALK = f"""
SELECT ring.n, found.id
FROM unnest(%(souths)s::int[], %(norths)s::int[], %(holes)s::int[], %(wests)s::int[], %(easts)s::int[],
    %(insides)s::int[], %(outsides)s::int[])
    WITH ORDINALITY ring (south, north, hole, west, east, inside, outside, n)
CROSS JOIN LATERAL (
    SELECT s.volunteer_id AS id FROM generate_series(ring.south, ring.north) AS line
    CROSS JOIN LATERAL (
        SELECT ring.west, CASE WHEN abs(line - %(row)s::int) > ring.hole THEN ring.east ELSE ring.inside END
        UNION ALL SELECT ring.outside, ring.east WHERE abs(line - %(row)s::int) <= ring.hole) AS part (first, last)
    CROSS JOIN LATERAL (
        SELECT volunteer_id FROM volunteers_volunteer_skills s WHERE s.skill_id = ANY(%(walked)s::bigint[])
        AND s.cell BETWEEN line::bigint * {A_ROW} + part.first AND line::bigint * {A_ROW} + part.last OFFSET 0) s
    WHERE %(least)s::int <= 1 OR %(least)s::int <= (
        SELECT count(*) FROM volunteers_volunteer_skills h
        WHERE h.volunteer_id = s.volunteer_id AND h.skill_id = ANY(%(skills)s::bigint[]))
    OFFSET 0) found
CROSS JOIN LATERAL ({{who}} OFFSET 0) who
ORDER BY ring.n LIMIT %(most)s
"""  # noqa: S608 - numbers of ours


@dataclass(frozen=True, slots=True)
class Ground:
    """Where skills are looked for: ``skills`` the rarest round here first; ``south`` and ``north`` the rows between which
    there are any; ``unplaced`` volunteers whose cell is not known yet.
    """

    row: int
    column: int
    narrow: float
    skills: list[int]
    south: int
    north: int
    unplaced: frozenset[int]


def ground(skills: Collection[int], lon: float, lat: float) -> Ground | None:
    """What must be known before a search around that point; None where too many have no cell yet."""
    row, column, narrow = floor((lat + 90) * A_DEGREE), floor((lon + 180) * A_DEGREE), max(cos(radians(lat)), 0.01)
    near = ROUND_HERE if len(skills) > 1 else -1
    wide = ceil(near / narrow)
    values = {"south": row - near, "north": row + near, "west": column - wide, "east": column + wide}
    found = prepared.rows(KNOWN, {**values, "skills": list(skills)})
    waiting = frozenset(key for *_rest, keys in found for key in keys)
    if len(waiting) > UNPLACED:
        return None
    souths, norths = ([one[n] for one in found if one[n] is not None] for n in (2, 3))
    rarest = [skill for _count, skill in sorted((one[1], one[0]) for one in found)]
    return Ground(row, column, narrow, rarest, min(souths, default=0), max(norths, default=-1), waiting)


def nearest_holders(at: Ground, who: QuerySet[Volunteer], lacking: int, most: int) -> tuple[set[int], float]:
    """Keys of the nearest volunteers of ``who`` (a query of volunteers) with all but ``lacking`` of the skills, or more of
    them, and how far away (km) all others of them are at least; inf: there are no others. Whoever has no position comes last.

    To lack no more than m of n skills is to hold one of any m + 1: so only the m + 1 rarest are walked along.
    """
    rings = rings_of(at)
    text, values = prepared.words(None, lambda: who.filter(pk=RawSQL("found.id", ())).values_list("pk")) or ("", ())
    if not text:  # the ORM knows that there is nobody
        return set(), inf
    names = {f"who{n}": value for n, value in enumerate(values)}
    walk = WALK.format(who=text.replace("%%", "%%%%") % tuple(f"%({name})s" for name in names))
    given = {"walked": at.skills[: lacking + 1], "skills": at.skills, "least": len(at.skills) - lacking, "most": most}
    columns = ("souths", "norths", "holes", "wests", "easts", "insides", "outsides")
    given |= {"row": at.row, **dict(zip(columns, map(list, zip(*rings, strict=True)), strict=True))}
    found = prepared.rows(walk, given | names)
    keys = {key for _ring, key in found} | at.unplaced
    if len(found) < most:
        return keys, inf
    last = int(found[-1][0]) - 1
    return keys, RINGS[min(last, len(RINGS)) - 1] * KM if last else 0.0


def rings_of(at: Ground) -> list[tuple[int, ...]]:
    """Each ring, then those nowhere: first and last row, rows that the square before has to each side (-1: none), first and
    last column, the last one before its hole and the first one behind.
    """
    found = []
    for hole, high in pairwise((-1, *RINGS)):
        wide, inside = ceil(high / at.narrow), ceil(hole / at.narrow) if hole >= 0 else -1
        south, north = max(at.row - high, at.south), min(at.row + high, at.north)
        spans = (at.column - wide, at.column + wide, at.column - inside - 1, at.column + inside + 1)
        found.append((south, north, hole, *spans))
    return [*found, (0, 0, -1, NOWHERE, NOWHERE, NOWHERE, NOWHERE)]
