"""Which calls can be drawn for calling back, and what was drawn."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from huying.calls import rules
from huying.calls.models import Call, Callback, Draw
from huying.calls.queries.measuring.figures import below
from huying.calls.states import Outcome, State
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.people import rules as people_rules
from huying.places.models import Place


def to_draw_from(place: Place, since: datetime, until: datetime) -> list[tuple[UUID, str]]:
    """Calls below ``place`` that were closed in the period and never drawn, each with its stratum: the place below and
    the kind.
    """
    rows = Call.objects.filter(place__path__startswith=place.path, state=State.CLOSED, callback__isnull=True)
    rows = rows.filter(ended_at__gte=since, ended_at__lt=until, requester__erased_at__isnull=True)
    rows = rows.filter(raised_for=None)  # nobody was served who could be called
    found: Any = rows.annotate(part=below(place.path)).values_list("public_id", "part", "kind_id")
    return [(public_id, f"{part}:{kind}") for public_id, part, kind in found]


def draws(actor: Actor) -> QuerySet[Draw]:
    """Draws at the reader's places, newest first, with how far they are."""
    rows = Draw.objects.filter(people_rules.within(actor, rules.READERS, "place__path"))
    done = Count("callbacks", filter=~Q(callbacks__outcome=Outcome.WAITING))
    return rows.select_related("place", "drawn_by").annotate(done=done).order_by("-id")


def draw_by_id(actor: Actor, public_id: UUID) -> Draw:
    """One draw at the reader's places; NotFound for all others."""
    found = draws(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def callbacks_of(actor: Actor, draw: Draw) -> QuerySet[Callback]:
    """The drawn calls that the reader sees, in the order in which they were drawn."""
    seen = people_rules.within(actor, rules.READERS, "call__place__path")
    rows = Callback.objects.filter(seen, draw=draw)
    return rows.select_related("call__kind", "call__place", "call__requester", "recorded_by").order_by("id")


def waiting_callbacks(actor: Actor) -> QuerySet[Callback]:
    """Drawn calls that nobody has answered for yet, oldest first."""
    seen = people_rules.within(actor, rules.READERS, "call__place__path")
    rows = Callback.objects.filter(seen, outcome__in=[Outcome.WAITING, Outcome.UNREACHED])
    return rows.select_related("call__kind", "call__place", "call__requester", "draw").order_by("id")


def callback_by_id(actor: Actor, public_id: UUID) -> Callback:
    """One drawn call at the reader's places; NotFound for all others."""
    seen = people_rules.within(actor, rules.READERS, "call__place__path")
    rows = Callback.objects.filter(seen, public_id=public_id).select_related("call__place", "call__requester", "draw")
    found = rows.annotate(place_path=F("call__place__path")).first()
    if found is None:
        raise NotFound
    return found


def hands_in(calls: list[int], person_id: int) -> set[int]:
    """Those of ``calls`` in which this person had a hand, for a page of many (the rule: ``rules.can_call_back``)."""
    rows = Call.objects.filter(pk__in=calls).filter(rules.had_a_hand(person_id))
    return set(rows.values_list("pk", flat=True))
