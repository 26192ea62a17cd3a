"""The statements of presses written together: each is one for the whole batch, and planned once (``kernel.prepared``)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from operator import attrgetter
from uuid import UUID

from huying.activities.models import Activity, Session, Shift, SignUp
from huying.activities.states import LIVE
from huying.kernel import locks, prepared
from huying.kernel.prepared import Shape
from huying.places.models import Place

COUNT = f"UPDATE {Shift._meta.db_table} SET taken = %s, waiting = %s WHERE id = %s"  # noqa: S608 - own table
of_sign_up = attrgetter("public_id", "session_id", "shift_id", "person_id", "asked_by_id", "on_behalf", "note", "at")
INSERT = (
    f"INSERT INTO {SignUp._meta.db_table} (public_id, session_id, shift_id, person_id, asked_by_id, on_behalf, note,"  # noqa: S608
    ' at, changed_at, state, count, "group", contact_name)'
    " SELECT public_id, session_id, shift_id, person_id, asked_by_id, on_behalf, note, at, at, state, 1, '', ''"
    " FROM unnest(%s::uuid[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::boolean[], %s::text[],"
    " %s::timestamptz[], %s::text[]) WITH ORDINALITY asked (public_id, session_id, shift_id, person_id, asked_by_id,"
    " on_behalf, note, at, state, n) ORDER BY n ON CONFLICT DO NOTHING RETURNING public_id, id"
)


@cache
def _shifts() -> Shape[Shift]:
    return Shape(Shift, "shift")


def locked(keys: set[int]) -> dict[int, Shift]:
    """Shifts by key, locked in the order of their keys."""
    return {one.pk: one for one in locks.keyed(_shifts(), keys)}


@cache
def _looking() -> tuple[str, Shape[Session], Shape[Activity], Shape[Place], Shape[SignUp]]:
    """Sessions with what says whether people can sign up now and where it is; and who of some people stands there."""
    sessions = Shape(Session, "session", "id", "activity", "starts_at", "ends_at", "state")
    activities = Shape(Activity, "activity", "id", "state", "closes_minutes", "needs_sign_up", "created_by", "place")
    places, sign_ups = Shape(Place, "place", "id", "path"), Shape(SignUp, "standing")
    live = ", ".join(f"'{state}'" for state in sorted(LIVE))
    statement = (
        f"SELECT {sessions.columns}, {activities.columns}, {places.columns}, {sign_ups.columns}"  # noqa: S608 - own tables
        f" FROM {Session._meta.db_table} session"
        f" JOIN {Activity._meta.db_table} activity ON activity.id = session.activity_id"
        f" JOIN {Place._meta.db_table} place ON place.id = activity.place_id"
        f" LEFT JOIN {SignUp._meta.db_table} standing ON standing.session_id = session.id"
        f" AND standing.person_id = ANY(%s) AND standing.state IN ({live})"
        " WHERE session.id = ANY(%s)"
    )
    return statement, sessions, activities, places, sign_ups


def looked(sessions: set[int], people: set[int]) -> tuple[dict[int, Session], list[SignUp]]:
    """Sessions by key as they are now, and what these people have signed up for in them, in whatever role."""
    statement, of_session, of_activity, of_place, of_sign_up = _looking()
    found: dict[int, Session] = {}
    standing: list[SignUp] = []
    for row in prepared.rows(statement, [list(people), list(sessions)]):
        activity_at = of_session.width
        place_at = activity_at + of_activity.width
        sign_up_at = place_at + of_place.width
        if row[0] not in found:
            one = found[row[0]] = of_session.made(row)
            one.activity = of_activity.made(row[activity_at:])
            one.activity.place = of_place.made(row[place_at:])
        if row[sign_up_at] is not None:
            standing.append(of_sign_up.made(row[sign_up_at:]))
    return found, standing


def insert(rows: Sequence[SignUp]) -> dict[UUID, int]:
    """Write sign-ups of persons; their keys, which rise in this order, by public id. Who stands there has none."""
    if not rows:
        return {}
    asked = [(*of_sign_up(one), str(one.state)) for one in rows]
    return dict(prepared.rows(INSERT, [list(column) for column in zip(*asked, strict=True)]))


def count(shift: Shift) -> None:
    """Write down how many places of a locked shift are taken and how many people wait."""
    prepared.rows(COUNT, [shift.taken, shift.waiting, shift.pk])
