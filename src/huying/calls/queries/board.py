"""The dispatcher's board: four columns of live calls, the figures above them, and the filters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.db.models.expressions import RawSQL

from huying.calls import rules
from huying.calls.models import Call, Offer, ServiceKind
from huying.calls.queries.calls import found
from huying.calls.states import COLUMNS, OPEN_STATES, OfferState, State
from huying.kernel import clock, prepared
from huying.kernel.actor import Actor
from huying.kernel.prepared import Shape
from huying.people import rules as people_rules
from huying.people.rules.reach import ROOT
from huying.places.models import Place, PlaceKind

CARDS = 20
SOON = timedelta(hours=1)
ON_BOARD = frozenset[State]().union(*(states for _name, _tone, states in COLUMNS.values()))
COLUMN_OF = {state: code for code, (_name, _tone, states) in COLUMNS.items() for state in states}
LATEST = 200
"""So many of the newest steps are looked through for those on the desk."""
NEWEST_HERE = """
    SELECT coalesce(max(latest.id), 0), count(*), coalesce(sum(latest.id), 0)
    FROM (SELECT id, call_id FROM calls_callevent ORDER BY id DESC LIMIT {latest}) latest CROSS JOIN LATERAL ({here} OFFSET 0) AS here
"""
"""Which of the newest steps lie here. A step that is written down late, under an older number, changes their sum. Without
OFFSET the prepared plan, which does not know the place, walks all its calls: 7 ms instead of one with sixty thousand."""
ONLY = ("late", "amber", "soon", "due", "urgent", "mine", "today", "callback")
ROW = (
    *("id", "public_id", "number", "title", "state", "level", "urgent", "channel", "people_needed", "accepted_count"),
    *(
        "stage_started_at",
        "stage_due_at",
        "amber_at",
        "due_estimated",
        "overdue",
        "scheduled_at",
        "started_at",
        "created_at",
    ),
    *("raised_for", "wanted_to"),
    *("submitted_at", "accepted_at", "delivered_at", "ended_at", "reopened_count", "needs_callback", "score", "solved"),
    "urged_at",
    *("kind__code", "kind__name", "kind__name_en", "kind__icon", "kind__tone", "place__name", "place__name_en"),
    *("place__short_name", "place__path", "requester__name", "requester__birth_date", "requester__erased_at"),
)
"""What a card or a row of the list shows: never an address, a telephone number or the answers."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What the dispatcher narrows the board by; empty means all. ``only`` is one of ``ONLY``."""

    words: str = ""
    only: str = ""
    kind: str = ""
    place_path: str = ""


EVERYTHING = Filters()


@dataclass(frozen=True, slots=True)
class Card:
    """One call as a card: share of its time used (0–100), and how urgent that is: none, calm, amber, late.

    ``age`` in full years when known; ``helpers`` are the names of those who said yes; ``asked`` counts open questions.
    """

    call: Call
    percent: int
    level: str
    left: timedelta | None
    age: int | None = None
    helpers: tuple[str, ...] = ()
    asked: int = 0

    @property
    def clock_tone(self) -> str:
        """The tone of bar and words: pine, kaki from half of the time on, mei when over."""
        return {"amber": "kaki", "late": "mei"}.get(self.level, "pine" if self.level == "calm" else "")


@dataclass(frozen=True, slots=True)
class Column:
    """``code`` as in states.COLUMNS; ``total`` counts all calls of the column, ``cards`` holds the first ones."""

    code: str
    name: str
    tone: str
    total: int
    cards: list[Card] = field(default_factory=list)


def desk_calls(actor: Actor) -> QuerySet[Call]:
    """Calls on this actor's desk with what a row shows, unordered."""
    rows = Call.objects.filter(rules.on_desk(actor))
    return rows.select_related("kind", "place", "requester").only(*ROW)


def card(call: Call, at: datetime, offers: Sequence[tuple[str, str]] | None = None) -> Card:
    """How much of the stage's time is gone, amber from half of its working time on (domain 1), red when over.

    ``offers`` are pairs (state, name) of those who come, came or are asked; without them, those loaded with the call.
    """
    if offers is None:
        offers = [(one.state, str(one.volunteer or one.team)) for one in _known_offers(call)]
    born = None if call.raised_for_id else call.requester.birth_date
    facts: dict[str, Any] = {
        "age": people_rules.age_on(born, clock.local(at).date()) if born else None,
        "helpers": tuple(name for state, name in offers if state != OfferState.OFFERED),
        "asked": sum(state == OfferState.OFFERED for state, _name in offers),
    }
    if call.stage_due_at is None:
        return Card(call, 0, "none", None, **facts)
    percent = used(call.stage_started_at, call.amber_at or call.stage_due_at, call.stage_due_at, at)
    level = "late" if at >= call.stage_due_at else "amber" if call.amber_at and at >= call.amber_at else "calm"
    return Card(call, percent, level, call.stage_due_at - at, **facts)


def used(began: datetime, half: datetime, due: datetime, at: datetime) -> int:
    """Share of a clock that is gone, 0–100: 50 when half of its working time is, whatever nights lie in between."""
    if at < half:
        return max(0, min(49, int(50 * ((at - began) / (half - began))))) if half > began else 0
    return min(100, 50 + int(50 * ((at - half) / (due - half)))) if due > half else 100


def _known_offers(call: Call) -> list[Offer]:
    """Offers that were loaded with the call; a card never asks for them one by one."""
    return list(getattr(call, "shown_offers", ()))


def with_offers(rows: QuerySet[Call]) -> QuerySet[Call]:
    """The rows with those who come, came or are asked: one more query for all of them."""
    shown = Offer.objects.filter(state__in=[OfferState.OFFERED, OfferState.ACCEPTED, OfferState.DONE])
    shown = shown.select_related("volunteer__person", "team").only(
        "call_id", "state", "team__name", "volunteer__person__name"
    )
    return rows.prefetch_related(Prefetch("offers", queryset=shown.order_by("id"), to_attr="shown_offers"))


def narrowed(actor: Actor, rows: QuerySet[Call], filters: Filters) -> QuerySet[Call]:
    """Rows that pass the filters; an unknown ``only`` changes nothing."""
    at = clock.now()
    if filters.only == "soon":
        rows = rows.filter(stage_due_at__lte=at + SOON)
    elif filters.only in {"late", "amber", "due"}:
        rows = rows.filter(coloured(at)[filters.only])
    elif filters.only == "urgent":
        rows = rows.filter(urgent=True)
    elif filters.only == "mine":
        rows = rows.filter(rules.mine_to_handle(actor))
    elif filters.only == "today":
        rows = rows.filter(created_at__gte=day_start(at))
    elif filters.only == "callback":
        rows = rows.filter(Q(needs_callback=True) | Q(reopened_count__gt=0))
    if filters.kind:
        rows = rows.filter(kind__code=filters.kind)
    if filters.place_path:
        rows = rows.filter(place__path__startswith=filters.place_path)
    return found(rows, filters.words)


def stamp(actor: Actor, filters: Filters = Filters()) -> str:
    """Changes whenever the board would: the newest steps on the desk, and the minute. One query.

    Whatever changes a board is a step of a call on the desk, whether the filters show that call or not; texts such as "6
    minutes left" change with the minute. Only the latest steps of all are looked through: when one of those here is no
    longer among them, the board is drawn once more than it had to be.
    """
    here = prepared.words(
        ("calls.on_desk", actor.rights),
        lambda: Call.objects.filter(rules.on_desk(actor), pk=RawSQL("latest.call_id", ())).values_list("pk"),
    )
    if here is None:
        return f"0-{clock.now():%Y%m%d%H%M}"
    text, values = here
    newest, many, total = prepared.rows(NEWEST_HERE.format(here=text, latest=LATEST), values)[0]
    return f"{newest}-{many}-{total}-{clock.now():%Y%m%d%H%M}"


def waiting(actor: Actor) -> int:
    """How many calls wait to be taken up; at most 100 are counted."""

    def question() -> QuerySet[Call, Any]:
        rows = Call.objects.filter(rules.on_desk(actor), state__in=COLUMNS["review"][2])
        return rows.values_list("pk")[:100]

    return len(prepared.written_once(("calls.waiting", actor.rights), question))


def kinds_on_desk() -> list[ServiceKind]:
    """Kinds to filter by, in the order of the menu; those taken off the menu too, for their calls live on."""
    shown = Shape(ServiceKind, "kind", "id", "code", "name", "name_en", "active")
    found = f"""
    SELECT {shown.columns} FROM {ServiceKind._meta.db_table} kind ORDER BY kind.active DESC, kind."order", kind.id
    """  # noqa: S608 - own tables
    return [shown.made(row) for row in prepared.rows(found, ())]


def places_on_desk(actor: Actor, within: str = "") -> list[Place]:
    """Divisions to filter by: those right below the actor's own places, or below ``within`` with itself first."""
    roots: Iterable[str] = [within] if within else people_rules.held(actor, rules.READERS)
    keys = [int(path.strip("/").rpartition("/")[2]) for path in roots if path != ROOT]
    shown = Shape(Place, "place", "id", "public_id", "name", "name_en", "path", "depth")
    found = f"""
    SELECT {shown.columns} FROM {Place._meta.db_table} place JOIN {PlaceKind._meta.db_table} kind ON kind.code = place.kind_id
    WHERE (place.parent_id = ANY(%(keys)s) OR place.id = ANY(%(keys)s)) AND kind.is_division
    ORDER BY place.depth, place.sort_key, place.id LIMIT 200
    """  # noqa: S608 - own tables
    return [shown.made(row) for row in prepared.rows(found, {"keys": keys})]


def coloured(at: datetime) -> dict[str, Q]:
    """Open calls by what their clock says at ``at``: over, half gone, and still to be done before midnight."""
    tomorrow = day_start(at) + timedelta(days=1)
    running = Q(state__in=OPEN_STATES, stage_due_at__gt=at)
    return {
        "late": Q(state__in=OPEN_STATES, stage_due_at__lte=at),
        "amber": running & Q(amber_at__lte=at),
        "due": running & Q(stage_due_at__lt=tomorrow),
    }


def day_start(at: datetime) -> datetime:
    """Midnight in China of the day that holds ``at``."""
    return datetime.combine(clock.local(at).date(), time(), tzinfo=clock.SHANGHAI)
