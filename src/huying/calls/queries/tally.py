"""How a call fills, on every level of the tree: who is asked now, who comes, who has come (S0-3a.3).

Only questions whose time is not over are counted as asked. Who said no, who did not answer and who wants to be reminded
are nowhere, in no number and on no list (K10; decision 0021).
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, fields
from os.path import commonpath
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from huying.calls import rules
from huying.calls.models import Call, CallEvent, Offer
from huying.calls.states import HELD_STATES, LIVE_OFFERS, MANY, SEEKING, OfferState
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.people import rules as people_rules
from huying.places.models import Place

AGAIN = Exists(CallEvent.objects.filter(call=OuterRef("call"), verb="reopen", at__gt=OuterRef("answered_at")))
"""The call was opened again after this yes: who came then does not come now."""
YES = Q(state=OfferState.ACCEPTED) | (Q(state=OfferState.DONE) & Q(~AGAIN))
SHOWN: dict[str, Q] = {
    "asked": Q(state=OfferState.OFFERED),
    "yes": YES,
    "arrived": YES & Q(arrived_at__isnull=False),
    "reserve": Q(state=OfferState.RESERVE),
}
"""What is counted, and what opens behind each number."""
HERE = Coalesce("volunteer__base_place__path", "team__place__path")


@dataclass(frozen=True, slots=True)
class Figures:
    """People: asked and not answered yet, coming, there, standing by."""

    asked: int = 0
    yes: int = 0
    arrived: int = 0
    reserve: int = 0

    def __add__(self, other: Figures) -> Figures:
        return Figures(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def any(self) -> bool:
        """Something is to be shown."""
        return any(getattr(self, one.name) for one in fields(self))


@dataclass(frozen=True, slots=True)
class Tally:
    """``total`` of the whole call; ``own`` what this reader may open, at ``here`` and below; ``parts`` by the places right
    below, and what hangs at ``here`` itself as its own part. ``chain`` leads down to ``here``.
    """

    call: Call
    total: Figures
    own: Figures
    here: Place | None
    chain: list[Place]
    parts: list[tuple[Place, Figures]]
    whole: bool

    @property
    def free(self) -> int:
        """Seats that are still open."""
        return max(0, self.call.people_needed - self.call.accepted_count)


def tally(actor: Actor, call: Call, within: Place | None = None) -> Tally:
    """The figures for this reader; without ``within`` from the lowest place that holds all he sees."""
    whole = people_rules.reaches(actor, rules.READERS, call.place)
    by_path = counted(rules.offers_on_desk(actor, call))
    total = sum((by_path if whole else counted(Offer.objects.filter(call=call))).values(), Figures())
    path = within.path if within else shared([call.place.path, *by_path] if whole else list(by_path))
    mine = {one: figures for one, figures in by_path.items() if one.startswith(path)}
    below: dict[int, Figures] = defaultdict(Figures)
    for one, figures in mine.items():
        rest = one[len(path) :].strip("/")
        below[int(rest.split("/")[0] if rest else path.strip("/").rpartition("/")[2] or 0)] += figures
    up = [int(key) for key in path.strip("/").split("/") if key]
    known = Place.objects.filter(pk__in={*below, *up}).select_related("kind").in_bulk()
    parts = [(known[key], figures) for key, figures in below.items() if key in known and figures.any]
    return Tally(
        call=call,
        total=total,
        own=sum(mine.values(), Figures()),
        here=known.get(up[-1]) if up else None,
        chain=[known[key] for key in up if key in known],
        parts=sorted(parts, key=lambda one: (one[0].path != path, -one[1].yes, -one[1].asked, one[0].sort_key)),
        whole=whole,
    )


def counted(offers: QuerySet[Offer]) -> dict[str, Figures]:
    """The figures of each place the helpers start from, by its path; one query."""
    wanted: dict[str, Any] = {name: Count("pk", filter=which) for name, which in SHOWN.items()}
    for name in ("yes", "arrived"):  # a team comes with several
        wanted[name] = Coalesce(Sum("seats", filter=SHOWN[name]), 0)
    rows: Any = offers.order_by().annotate(path=HERE).values("path").annotate(**wanted)
    return {row["path"]: Figures(*(row[name] for name in SHOWN)) for row in rows}


def shared(paths: list[str]) -> str:
    """The path of the lowest place that holds all these; "/" when they have nothing in common."""
    return commonpath(paths or ["/"]).rstrip("/") + "/"


def behind(actor: Actor, call: Call, show: str, path: str) -> QuerySet[Offer]:
    """The offers behind a number, of the places at ``path`` and below, unordered; those this reader may know by name."""
    rows = rules.offers_on_desk(actor, call).filter(SHOWN[show]).annotate(path=HERE).filter(path__startswith=path)
    rows = rows.select_related("volunteer__person", "volunteer__base_place", "team__place", "call")
    return rows.prefetch_related("goods__good") if call.raised_for_id else rows


def going_out(actor: Actor) -> QuerySet[Call]:
    """Calls that seek several or go out ring by ring, on this desk or asking people of its places; unordered."""
    large = Q(people_needed__gt=MANY) | Q(ring__gt=0)
    offers = Offer.objects.filter(call=OuterRef("pk"), state__in=[*LIVE_OFFERS, OfferState.RESERVE])
    near = people_rules.within(actor, rules.READERS, "volunteer__base_place__path")
    asked = Exists(offers.filter(near | people_rules.within(actor, rules.READERS, "team__place__path")))
    rows = Call.objects.filter(large, rules.on_desk(actor) | Q(asked), state__in=SEEKING | HELD_STATES)
    return rows.select_related("kind", "place", "requester")


def any_call(public_id: UUID) -> Call:
    """The call of this id with what its head shows, whoever asks; NotFound when there is none. For those who then ask
    ``rules.can_see_tally``.
    """
    found = Call.objects.select_related("kind", "place", "requester", "raised_for").filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found
