"""A grid worker's day: his grids, whom to tell what, who is visited, what he asked for others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from huying.calls import rules
from huying.calls.models import Call, CallEvent, Offer, Slip
from huying.calls.queries.incoming import MOST
from huying.calls.queries.story import sentence
from huying.calls.states import OPEN_STATES
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.search import matching
from huying.people import rules as people_rules
from huying.people.models import Person
from huying.people.states import RoleKind
from huying.places.models import Place

NEWS = (
    "review", "ask_info", "reject", "accept", "claim", "hand_back", "schedule", "deliver", "suspend", "resume", "cancel",
    "transfer", "duplicate", "auto_rate", "say",
)  # fmt: skip
"""Steps the person should hear of; those of his own and of the staff alone are none."""
MOST_NEWS, MOST_LISTED = 50, 20


@dataclass(frozen=True, slots=True)
class News:
    """One call whose person is to be told, and the last step in words."""

    call: Call
    words: str
    event: CallEvent


def grids(actor: Actor) -> list[Place]:
    """The places where the actor is grid worker; where he is none, those where he may ask for others."""
    kinds = [RoleKind.GRID_WORKER] if people_rules.holds(actor, RoleKind.GRID_WORKER) else rules.PROXIES
    return list(Place.objects.filter(path__in=people_rules.held(actor, kinds)).order_by("sort_key", "id"))


def news(actor: Actor) -> list[News]:
    """What is to be told whom, the oldest first: calls with a step since the last telling; three questions."""
    last = CallEvent.objects.filter(call=OuterRef("pk"), verb__in=NEWS).exclude(person_id=OuterRef("requester_id"))
    rows = Call.objects.filter(rules.told_through(actor))
    rows = rows.annotate(last=Subquery(last.order_by("-id").values("pk")[:1]))
    rows = rows.annotate(last_at=Subquery(last.order_by("-id").values("at")[:1]))
    fresh = rows.filter(Q(told_at=None) | Q(last_at__gt=F("told_at")), last_at__isnull=False)
    lately = fresh.filter(last_at__gte=clock.now() - timedelta(days=30))
    calls = list(lately.select_related("kind", "place", "requester").order_by("last_at", "id")[:MOST_NEWS])
    events = CallEvent.objects.select_related("words").in_bulk([call.last for call in calls])
    offers = Offer.objects.filter(call__in=calls).select_related("volunteer__person", "team")
    names = {one.pk: str(one.team or one.volunteer) for one in offers}
    last_of = {call.pk: events[call.last] for call in calls}
    return [News(call, sentence(last_of[call.pk], names), last_of[call.pk]) for call in calls]


def visits(actor: Actor) -> list[Call]:
    """Visits of today and tomorrow to those he carries word to, in their order."""
    begins = clock.local(clock.now()).replace(hour=0, minute=0, second=0, microsecond=0)
    rows = Call.objects.filter(asked_for_others(actor) | rules.told_through(actor), state__in=OPEN_STATES)
    rows = rows.filter(scheduled_at__gte=begins, scheduled_at__lt=begins + timedelta(days=2))
    return list(rows.select_related("kind", "place", "requester").order_by("scheduled_at", "id")[:MOST_LISTED])


def asked_for_others(actor: Actor) -> Q:
    """Calls he asked in the name of others."""
    return Q(asked_by_id=actor.person_id or 0) & ~Q(requester_id=actor.person_id or 0)


def proxied(actor: Actor) -> QuerySet[Call]:
    """Calls the actor asked for others, newest first; to be paged."""
    rows = Call.objects.filter(asked_for_others(actor), submitted_at__isnull=False)
    return rows.select_related("kind", "place", "requester").order_by("-id")


def residents(actor: Actor, words: str = "") -> list[Person]:
    """Whom he may ask for: with ``words`` those of that name; else those he asked for last, then others by name."""
    seen = people_rules.visible_to(actor) & ~Q(pk=actor.person_id or 0)
    rows = Person.objects.filter(seen, erased_at__isnull=True).select_related("home_place")
    if words.strip():
        return list(matching(rows, words).order_by("sort_key", "id")[:MOST_LISTED])
    newest = Call.objects.filter(asked_for_others(actor)).order_by("-id").values_list("requester_id", flat=True)[:50]
    lately = list(dict.fromkeys(newest))[:MOST]
    known = {one.pk: one for one in rows.filter(pk__in=lately)}
    first = [known[pk] for pk in lately if pk in known]
    return [*first, *rows.exclude(pk__in=lately).order_by("sort_key", "id")[: MOST_LISTED - len(first)]]


def to_tell(actor: Actor, public_id: UUID) -> Call:
    """One call whose news the actor carries; NotFound."""
    found = Call.objects.filter(rules.told_through(actor), public_id=public_id).select_related("place").first()
    if found is None:
        raise NotFound
    return found


def slip_of(actor: Actor, call: Call) -> Slip | None:
    """The slip of a call, for those who may print it; None when none was made yet. NotFound for others."""
    if not rules.can_hand_slip(actor, call):
        raise NotFound
    return Slip.objects.filter(call=call).first()


def helpers_coming(calls: Iterable[Call]) -> dict[int, list[str]]:
    """Who said yes to each call, by its key."""
    rows = Offer.objects.filter(call__in=list(calls), state="accepted").select_related("volunteer__person", "team")
    found: dict[int, list[str]] = {}
    for one in rows.order_by("id"):
        found.setdefault(one.call_id, []).append(str(one.team or one.volunteer))
    return found
