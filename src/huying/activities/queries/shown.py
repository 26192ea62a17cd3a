"""What lines of the public list show: one statement with a constant text, whichever sessions were chosen."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple

from huying.activities.models import Activity, ActivityKind, Session, Shift
from huying.kernel import prepared
from huying.kernel.prepared import Shape
from huying.places.models import Place


class Seats(NamedTuple):
    """Places that a newcomer gets at once, and how many wait, over all roles of a session."""

    free: int
    waiting: int


def lines_of(keys: Iterable[int]) -> list[tuple[Session, Seats]]:
    """The sessions with these keys in the order of the keys, with activity, kind, places and seats; who asks has chosen
    only what the public may see. Kinds and places come again and again, so each is made once.
    """
    found, session_of, activity_of, kind_of, place_of = _statement()
    keys, kinds, places = list(keys), dict[int, ActivityKind](), dict[int, Place]()
    lines: dict[int, tuple[Session, Seats]] = {}

    def place(values: Any) -> Place | None:
        if values[0] is None:
            return None
        return places.get(values[0]) or places.setdefault(values[0], place_of.made(values))

    for row in prepared.rows(found, {"keys": keys}):
        activity_at = session_of.width
        kind_at = activity_at + activity_of.width
        host_at = kind_at + kind_of.width
        venue_at, house_at = host_at + place_of.width, host_at + 2 * place_of.width
        kind = kinds.get(row[kind_at]) or kinds.setdefault(row[kind_at], kind_of.made(row[kind_at:]))
        activity = activity_of.made(row[activity_at:], kind=kind, place=place(row[host_at:]))
        venue = place(row[venue_at:])
        if venue is not None:
            venue._state.fields_cache["parent"] = place(row[house_at:])
        session = session_of.made(row, activity=activity, venue=venue)
        lines[session.pk] = session, Seats(row[-2] or 0, row[-1] or 0)
    return [lines[key] for key in keys if key in lines]


@cache
def _statement() -> tuple[str, Shape[Session], Shape[Activity], Shape[ActivityKind], Shape[Place]]:
    session = Shape(Session, "session", "id", "activity", "starts_at", "ends_at", "venue", "where", "state")
    activity = Shape(
        Activity, "activity", "id", "public_id", "title", "kind", "place", "state", "needs_sign_up", "is_template"
    )
    kind = Shape(ActivityKind, "kind", "id", "name", "name_en", "icon", "tone", "is_large")
    named = ("id", "kind", "name", "name_en", "parent")
    place, venue, house = (Shape(Place, table, *named) for table in ("place", "venue", "house"))
    table = {model: model._meta.db_table for model in (Session, Activity, ActivityKind, Place, Shift)}
    found = f"""
    SELECT {session.columns}, {activity.columns}, {kind.columns}, {place.columns}, {venue.columns}, {house.columns},
           seats.free, seats.waiting
    FROM {table[Session]} session
    JOIN {table[Activity]} activity ON activity.id = session.activity_id
    JOIN {table[ActivityKind]} kind ON kind.id = activity.kind_id
    JOIN {table[Place]} place ON place.id = activity.place_id
    LEFT JOIN {table[Place]} venue ON venue.id = session.venue_id
    LEFT JOIN {table[Place]} house ON house.id = venue.parent_id
    LEFT JOIN LATERAL (
        SELECT sum(CASE WHEN shift.waiting > 0 THEN 0 ELSE shift.capacity - shift.taken END)::bigint AS free,
               sum(shift.waiting)::bigint AS waiting
        FROM {table[Shift]} shift WHERE shift.session_id = session.id
    ) seats ON true
    WHERE session.id = ANY(%(keys)s)
    """  # noqa: S608 - own tables
    return found, session, activity, kind, place
