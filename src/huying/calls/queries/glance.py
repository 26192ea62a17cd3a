"""What a board of a place shows of its calls: how many of which kind and when, clocks, the latest steps. Never a person.

Whoever asks has asked the rules first whether the reader sees numbers of the place.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, F, Q
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay

from huying.calls.models import Call, CallEvent, ServiceKind
from huying.calls.queries.board import coloured
from huying.calls.states import OPEN_STATES, State
from huying.kernel import clock
from huying.places.models import Place

LOOKED_THROUGH = 2000
"""So many of the newest steps are looked through for the latest ones of a place."""
OLDEST = timedelta(days=7)
KIND = ("code", "name", "name_en", "icon", "tone", "order")


@dataclass(frozen=True, slots=True)
class Mix:
    """Calls submitted in a period: how many of each kind (most first), and by ISO weekday and hour in China."""

    total: int
    kinds: list[tuple[ServiceKind, int]]
    hours: dict[tuple[int, int], int]


@dataclass(frozen=True, slots=True)
class Clocks:
    """Open calls now by what their clock says; ``paused`` have none that runs."""

    total: int
    late: int
    amber: int
    calm: int
    paused: int


@dataclass(frozen=True, slots=True)
class Latest:
    """One step of a call: its kind, the place of the call, what it came to, when. Nobody's name, no words of anybody."""

    at: datetime
    kind: ServiceKind
    place: Place
    state: State


def submitted_mix(place: Place, since: datetime, until: datetime) -> Mix:
    """What was asked for in [since, until) below a place, in one statement."""
    rows = Call.objects.filter(place__path__startswith=place.path, submitted_at__gte=since, submitted_at__lt=until)
    counted: Any = rows.order_by().values(*(f"kind__{one}" for one in KIND), "kind_id")
    counted = counted.annotate(
        weekday=ExtractIsoWeekDay("submitted_at", tzinfo=clock.SHANGHAI),
        hour=ExtractHour("submitted_at", tzinfo=clock.SHANGHAI),
        n=Count("id"),
    )
    found: dict[int, tuple[ServiceKind, int]] = {}
    hours: dict[tuple[int, int], int] = {}
    for one in counted:
        kind = ServiceKind(pk=one["kind_id"], **{name: one[f"kind__{name}"] for name in KIND})
        found[kind.pk] = (kind, found.get(kind.pk, (kind, 0))[1] + one["n"])
        hours[(one["weekday"], one["hour"])] = hours.get((one["weekday"], one["hour"]), 0) + one["n"]
    kinds = sorted(found.values(), key=lambda pair: (-pair[1], pair[0].order, pair[0].pk))
    return Mix(sum(hours.values()), kinds, hours)


def open_clocks(place: Place) -> Clocks:
    """Open calls below a place by the colour of their clock, in one statement."""
    colours = coloured(clock.now())
    rows = Call.objects.filter(place__path__startswith=place.path, state__in=OPEN_STATES).order_by()
    found = rows.aggregate(
        total=Count("id"),
        late=Count("id", filter=colours["late"]),
        amber=Count("id", filter=colours["amber"]),
        paused=Count("id", filter=Q(stage_due_at__isnull=True)),
    )
    rest = found["total"] - found["late"] - found["amber"] - found["paused"]
    return Clocks(found["total"], found["late"], found["amber"], rest, found["paused"])


def latest_steps(place: Place, limit: int) -> list[Latest]:
    """The newest steps of calls below a place that changed their state, from the last days; one statement."""
    newest = CallEvent.objects.order_by("-id").values("pk")[:LOOKED_THROUGH]
    rows = CallEvent.objects.filter(
        pk__in=newest, call__place__path__startswith=place.path, at__gte=clock.now() - OLDEST
    ).exclude(to_state__in=[F("from_state"), State.DRAFT])
    shown = ("at", "to_state", *(f"call__kind__{one}" for one in ("id", *KIND)))
    where = ("call__place__id", "call__place__name", "call__place__name_en", "call__place__short_name")
    found: list[Latest] = []
    for one in rows.order_by("-at", "-id").values(*shown, *where)[:limit]:
        kind = ServiceKind(pk=one["call__kind__id"], **{name: one[f"call__kind__{name}"] for name in KIND})
        at = Place(**{name.removeprefix("call__place__"): one[name] for name in where})
        found.append(Latest(one["at"], kind, at, State(one["to_state"])))
    return found
