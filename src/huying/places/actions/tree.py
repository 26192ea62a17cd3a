"""The shape of the tree: make, change, move, close and reopen a place.

Whoever changes the shape first locks the top row of each tree concerned, so that a path never changes between
reading and writing it (two opposite moves cannot make a circle, S0-3a.3).
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import BigIntegerField, Case, F, Q, QuerySet, Value, When
from django.db.models.functions import Concat, Substr
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, clock, events, locks, search
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.places import rules
from huying.places.actions.bookings import follow_bookings
from huying.places.actions.refusals import (
    BelowItself,
    CodeTaken,
    KindNotAllowed,
    KindNotOffered,
    NameTaken,
    ParentClosed,
    PlaceChanged,
    PlaceClosedAlready,
    PlaceOpenAlready,
    StillInUse,
    TooDeep,
    TreeChanged,
)
from huying.places.models import DEEPEST, Place, PlaceKind
from huying.places.queries.offering import offered_at
from huying.places.rules.values import Facts, checked, reason_problem, sort_key
from huying.places.states import PlaceClosed, PlaceMoved, PlacesChanged, Status

ROOM = "room"
BATCH = 5000
KEY = BigIntegerField()


def next_ids(count: int) -> list[int]:
    """Fresh keys of places, so that a row can be inserted once with its path complete."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [Place._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def top_id(path: str) -> int:
    return int(path.split("/", 2)[1])


def lock_trees(*places: Place) -> None:
    """Lock the tops above ``places`` and read the places anew; TreeChanged when a top itself has moved."""
    tops = {top_id(place.path) for place in places}
    locks.many(Place.objects.filter(pk__in=tops).only("pk"))
    for place in places:
        place.refresh_from_db()
    if any(top_id(place.path) not in tops for place in places):
        raise TreeChanged


def derived(name: str, name_en: str, short_name: str, code: str) -> dict[str, Any]:
    """The columns that follow from names: order in lists and what search finds."""
    text = search.search_text(name, short_name, name_en, code)
    return {"sort_key": sort_key(name), "search_text": text, "search_terms": search.pieces(text)}


def insert_many(places: list[Place]) -> None:
    """Insert complete rows without hours by COPY, parents before children: six times as fast as bulk_create.

    Foreign keys are checked batch by batch, on plans made for the table as it is now: a plan kept from when the
    table was small reads all of it for every row.
    """
    fields = Place._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    table = connection.ops.quote_name(Place._meta.db_table)
    values = attrgetter(*[field.attname for field in fields])
    for start in range(0, len(places), BATCH):
        with connection.cursor() as cursor, cursor.cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
            for place in places[start : start + BATCH]:
                copy.write_row(values(place))
        with connection.cursor() as cursor:
            cursor.execute("DISCARD PLANS; SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")


def check_parent(kind: PlaceKind, parent: Place | None) -> None:
    """KindNotAllowed, ParentClosed or TooDeep when a place of ``kind`` cannot hang under ``parent``."""
    if parent is None:
        if not kind.may_be_top:
            raise KindNotAllowed(kind=kind.name, parent="—", fields={"parent": KindNotAllowed.message})
        return
    if not kind.parents.filter(pk=parent.kind_id).exists():
        raise KindNotAllowed(kind=kind.name, parent=parent.kind.name)
    if parent.status != Status.OPEN:
        raise ParentClosed(parent=parent.name)
    if parent.depth >= DEEPEST:
        raise TooDeep(deepest=DEEPEST)


def same_name(kind_id: str, parent_id: int | None, name: str) -> QuerySet[Place]:
    return Place.objects.filter(parent=parent_id, kind=kind_id, name=name, status=Status.OPEN)


def check_unique(place: Place) -> None:
    """NameTaken or CodeTaken when another place has what ``place`` is about to have."""
    others = Place.objects.exclude(pk=place.pk)
    if same_name(place.kind_id, place.parent_id, place.name).exclude(pk=place.pk).exists():
        raise NameTaken(fields={"name": NameTaken.message})
    if place.code and others.filter(code=place.code).exists():
        raise CodeTaken(fields={"code": CodeTaken.message})


def save_unique(place: Place, *, insert: bool = False, fields: list[str] | None = None) -> None:
    """Save; when somebody took the name or code in this very moment, say that and not "database error"."""
    check_unique(place)
    try:
        with transaction.atomic():
            place.save(force_insert=insert, update_fields=fields)
    except IntegrityError:
        check_unique(place)
        raise


def create_place(*, actor: Actor, parent: Place | None, kind: str, facts: Facts) -> Place:
    """A new place of ``kind`` under ``parent`` (None: a new top). Forbidden, InvalidInput, KindNotAllowed,
    NameTaken, CodeTaken, ParentClosed, TooDeep.
    """
    facts = checked(facts)
    with begin(actor):
        if parent is not None:
            lock_trees(parent)
        if not rules.can_create(actor, parent):
            raise Forbidden
        row = known_kind(kind)
        check_parent(row, parent)
        if row.limited and not offered_at(PlaceKind.objects.filter(pk=row.pk), [parent] if parent else []).exists():
            raise KindNotOffered(kind=row.name)
        (key,) = next_ids(1)
        place = Place(
            id=key,
            parent=parent,
            kind=row,
            path=f"{parent.path if parent else '/'}{key}/",
            depth=parent.depth + 1 if parent else 1,
            **asdict(facts),
            **derived(facts.name, facts.name_en, facts.short_name, facts.code),
        )
        save_unique(place, insert=True)

        audit.record(actor, "place.create", place, place_path=place.path, changes={"kind": kind, "name": place.name})
        events.publish(PlacesChanged(first=place.pk, last=place.pk))
        return place


def known_kind(code: str) -> PlaceKind:
    row = PlaceKind.objects.filter(pk=code).first()
    if row is None:
        raise InvalidInput(fields={"kind": KindNotAllowed.message})
    return row


def change_place(*, actor: Actor, place: Place, facts: Facts, seen: datetime | None = None) -> Place:
    """Write new facts; only what differs is saved and kept in the trail. ``seen`` is the ``changed_at`` that
    the writer had before his eyes: PlaceChanged when somebody was faster.
    """
    facts = checked(facts)
    with begin(actor):
        place = locks.one(Place, pk=place.pk)
        if not rules.can_change(actor, place):
            raise Forbidden
        if seen is not None and seen != place.changed_at:
            raise PlaceChanged
        before = {field: getattr(place, field) for field in asdict(facts)}
        changed = {field: value for field, value in asdict(facts).items() if value != before[field]}
        if not changed:
            return place

        for field, value in changed.items():
            setattr(place, field, value)
        for field, value in derived(place.name, place.name_en, place.short_name, place.code).items():
            setattr(place, field, value)
        place.changed_at = clock.now()
        save_unique(place, fields=[*changed, "sort_key", "search_text", "search_terms", "changed_at"])

        trail = {field: [plain(before[field]), plain(value)] for field, value in changed.items()}
        audit.record(actor, "place.change", place, place_path=place.path, changes=trail)
        if "opened_date" in changed:
            events.publish(PlacesChanged(first=place.pk, last=place.pk))
        return place


def plain(value: Any) -> Any:
    """A value as the trail can keep it in JSON."""
    return value.isoformat() if isinstance(value, date) else value


def move_place(*, actor: Actor, place: Place, parent: Place | None, reason: str = "") -> Place:
    """Hang ``place`` and all below it under ``parent``, in one UPDATE. Forbidden, BelowItself,
    KindNotAllowed, NameTaken, ParentClosed, TooDeep, TreeChanged.
    """
    with begin(actor):
        lock_trees(place, *([parent] if parent else []))
        if not rules.can_move(actor, place, parent):
            raise Forbidden
        if parent is not None and parent.path.startswith(place.path):
            raise BelowItself
        if (parent.pk if parent else None) == place.parent_id:
            return place
        check_parent(place.kind, parent)
        before = place.path
        place.parent = parent
        place.path = f"{parent.path if parent else '/'}{place.pk}/"
        check_depth(before, (parent.depth if parent else 0) + 1 - place.depth)
        if place.status == Status.OPEN:
            check_unique(place)
        hang(place, before)
        follow_bookings(place)

        audit.record(
            actor,
            "place.move",
            place,
            place_path=place.path,
            changes={"path": [before, place.path]},
            reason=reason,
        )
        events.publish(PlaceMoved(place_id=place.pk, before=before, after=place.path))
        return place


def check_depth(path: str, deeper: int) -> None:
    """TooDeep when the deepest place below ``path`` would end up lower than the tree allows."""
    if deeper > 0 and Place.objects.filter(path__startswith=path, depth__gt=DEEPEST - deeper).exists():
        raise TooDeep(deepest=DEEPEST)


def hang(place: Place, before: str) -> None:
    """The one UPDATE of a move: paths below ``before`` begin anew, the place itself gets its parent."""
    deeper = place.path.count("/") - before.count("/")
    Place.objects.filter(path__startswith=before).update(
        path=Concat(Value(place.path), Substr("path", len(before) + 1)),
        depth=F("depth") + deeper,
        parent=Case(When(pk=place.pk, then=Value(place.parent_id, KEY)), default=F("parent_id"), output_field=KEY),
    )
    place.refresh_from_db()


def close_place(*, actor: Actor, place: Place, reason: str, on: date | None = None) -> Place:
    """Take a place out of use and keep all it has seen. Its rooms close with it; anything else still in use
    below is a reason to refuse (StillInUse).
    """
    if problem := reason_problem(reason):
        raise InvalidInput(fields={"reason": problem})
    with begin(actor):
        lock_trees(place)
        if not rules.can_change(actor, place):
            raise Forbidden
        if place.status == Status.CLOSED:
            raise PlaceClosedAlready
        below = Place.objects.filter(path__startswith=place.path, status=Status.OPEN).exclude(pk=place.pk)
        if in_use := below.exclude(kind=ROOM).count():
            raise StillInUse(count=in_use)
        day = on or clock.today()
        if place.opened_date and day < place.opened_date:
            raise InvalidInput(fields={"on": _("停用日期不能早于启用日期。")})
        closing = Place.objects.filter(Q(pk=place.pk) | Q(pk__in=below.values("pk")))
        closing.update(status=Status.CLOSED, closed_date=day, closed_reason=reason.strip(), changed_at=clock.now())
        place.refresh_from_db()

        audit.record(actor, "place.close", place, place_path=place.path, reason=reason.strip())
        events.publish(PlaceClosed(place_id=place.pk))
        events.publish(PlacesChanged(first=place.pk, last=place.pk))
        return place


def reopen_place(*, actor: Actor, place: Place, reason: str = "") -> Place:
    """Bring a closed place back, without its rooms. PlaceOpenAlready, ParentClosed, NameTaken."""
    with begin(actor):
        lock_trees(place)
        if not rules.can_change(actor, place):
            raise Forbidden
        if place.status == Status.OPEN:
            raise PlaceOpenAlready
        check_parent(place.kind, place.parent)
        before = place.closed_date
        place.status = Status.OPEN
        place.closed_date = None
        place.closed_reason = ""
        place.changed_at = clock.now()
        save_unique(place, fields=["status", "closed_date", "closed_reason", "changed_at"])

        changes = {"closed_date": [plain(before), None]}
        audit.record(actor, "place.reopen", place, place_path=place.path, changes=changes, reason=reason.strip())
        events.publish(PlacesChanged(first=place.pk, last=place.pk))
        return place
