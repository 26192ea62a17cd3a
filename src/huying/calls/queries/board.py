"""The dispatcher's board: four columns of live calls, the figures above them, and the filters."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet

from huying.calls.models import Call
from huying.calls.queries.calls import calls_for, found
from huying.calls.states import COLUMNS, OPEN_STATES, State
from huying.kernel import clock
from huying.kernel.actor import Actor

CARDS = 30
SOON = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Filters:
    """What the dispatcher narrows the board by; empty means all."""

    words: str = ""
    only: str = ""
    kind: str = ""
    place_path: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One call as a card: share of its time used (0–100), and how urgent that is."""

    call: Call
    percent: int
    level: str
    left: timedelta | None


@dataclass(frozen=True, slots=True)
class Column:
    code: str
    name: str
    tone: str
    total: int
    cards: list[Card] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Board:
    columns: list[Column]
    stamp: str


@dataclass(frozen=True, slots=True)
class Kpis:
    """Figures above the board, each over calls the actor sees; minutes are the mean from submission to acceptance today."""

    review: int
    late_review: int
    dispatch: int
    serving: int
    closed_today: int
    closed_yesterday: int
    answer_minutes: int | None


def card(call: Call, at: datetime) -> Card:
    """How much of the stage's time is gone, amber from half (domain 1), red when over."""
    if call.stage_due_at is None:
        return Card(call, 0, "none", None)
    whole = (call.stage_due_at - call.stage_started_at).total_seconds() or 1
    percent = min(100, max(0, round(100 * (at - call.stage_started_at).total_seconds() / whole)))
    level = "late" if at >= call.stage_due_at else "amber" if percent >= 50 else "calm"
    return Card(call, percent, level, call.stage_due_at - at)


def narrowed(rows: QuerySet[Call], filters: Filters) -> QuerySet[Call]:
    """Rows that pass the filters; an unknown ``only`` changes nothing."""
    at = clock.now()
    if filters.only == "soon":
        rows = rows.filter(stage_due_at__lte=at + SOON)
    elif filters.only == "urgent":
        rows = rows.filter(urgent=True)
    elif filters.only == "today":
        rows = rows.filter(created_at__gte=day_start(at))
    elif filters.only == "callback":
        rows = rows.filter(Q(needs_callback=True) | Q(reopened_count__gt=0))
    if filters.kind:
        rows = rows.filter(kind__code=filters.kind)
    if filters.place_path:
        rows = rows.filter(place__path__startswith=filters.place_path)
    return found(rows, filters.words)


def board(actor: Actor, filters: Filters = Filters()) -> Board:  # noqa: B008 - frozen, so it may be shared
    """Four columns with their first cards by what is due first, in a fixed number of queries."""
    rows = narrowed(calls_for(actor), filters)
    at = clock.now()
    counts = dict(rows.order_by().values_list("state").annotate(Count("id")))
    columns = []
    for code, (name, tone, states) in COLUMNS.items():
        first = rows.filter(state__in=states).order_by(F("stage_due_at").asc(nulls_last=True), "id")[:CARDS]
        cards = [card(call, at) for call in first.prefetch_related("offers__volunteer__person", "offers__team")]
        columns.append(Column(code, str(name), tone, sum(counts.get(s.value, 0) for s in states), cards))
    newest = rows.order_by("-events__id").values_list("events__id", flat=True).first()
    return Board(columns, f"{newest or 0}-{sum(counts.values())}-{at:%H%M}")


def kpis(actor: Actor) -> Kpis:
    """The strip above the board, one query."""
    at = clock.now()
    today = day_start(at)
    wait = ExpressionWrapper(F("accepted_at") - F("submitted_at"), output_field=DurationField())
    review, dispatch, serving = (Q(state__in=COLUMNS[c][2]) for c in ("review", "dispatch", "serving"))
    closed = Q(state=State.CLOSED)
    row = calls_for(actor).filter(Q(state__in=OPEN_STATES) | Q(ended_at__gte=today - timedelta(days=1)))
    figures = row.order_by().aggregate(
        review=Count("id", filter=review),
        late=Count("id", filter=review & Q(stage_due_at__lte=at + SOON)),
        dispatch=Count("id", filter=dispatch),
        serving=Count("id", filter=serving),
        today=Count("id", filter=closed & Q(ended_at__gte=today)),
        yesterday=Count("id", filter=closed & Q(ended_at__lt=today)),
        wait=Avg(wait, filter=Q(accepted_at__gte=today)),
    )
    minutes = None if figures["wait"] is None else round(figures["wait"].total_seconds() / 60)
    return Kpis(
        figures["review"],
        figures["late"],
        figures["dispatch"],
        figures["serving"],
        figures["today"],
        figures["yesterday"],
        minutes,
    )


def day_start(at: datetime) -> datetime:
    """Midnight in China of the day that holds ``at``."""
    return datetime.combine(clock.local(at).date(), time(), tzinfo=clock.SHANGHAI)
