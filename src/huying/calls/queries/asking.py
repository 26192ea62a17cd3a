"""What somebody needs who asks for help: the kinds, for whom he may ask, where, and his own unfinished draft."""

from __future__ import annotations

import re
from uuid import UUID

from django.db.models import F, Q, QuerySet

from huying.calls.models import Call, ServiceKind
from huying.calls.states import DANGER, EMERGENCIES, State, Target
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.search import matching
from huying.people import rules as people_rules
from huying.people.models import Person
from huying.people.queries.offering import offered_to
from huying.places.models import Place
from huying.places.queries.offering import offered_somewhere
from huying.places.states import Status

NEIGHBOURHOOD_LEVEL = 50
"""Communities, villages and what is below them: the level at which a call is answered (see ``FIRST_KINDS``)."""


def menu(actor: Actor | None = None) -> QuerySet[ServiceKind]:
    """The service menu, in its order; with ``actor`` what he is offered where he lives or works."""
    rows = ServiceKind.objects.filter(active=True).order_by("order", "id")
    return offered_somewhere(rows) if actor is None else offered_to(actor, rows)


def kind_by_code(code: str) -> ServiceKind:
    """One kind of the menu; NotFound when there is none or it was taken off."""
    found = menu().filter(code=code).first()
    if found is None:
        raise NotFound
    return found


def emergency_numbers(kind: ServiceKind | None, *, urgent: bool = False, words: str = "") -> list[Target]:
    """Numbers to ring first: those the words speak of, then those of the kind in its own order, and every one when the
    kind or the call is urgent or the words sound of danger (S0-3a; issue H1, item 6). [] when nothing does.
    """
    heard = [target for target, signs in DANGER.items() if re.search(signs, words)]
    own = [Target(code) for code in kind.emergency.split() if code in Target.values] if kind else []
    every = EMERGENCIES if heard or urgent or (kind is not None and kind.urgent) else ()
    return list(dict.fromkeys([*heard, *own, *every]))


def people_to_ask_for(actor: Actor) -> list[Person]:
    """The actor himself first, then those he may act for: wards and family, and the person he acts for at the
    moment.
    """
    if actor.person_id is None:
        return []
    who = Q(pk=actor.person_id) | people_rules.wards_of(actor.person_id)
    if actor.on_behalf_of_id is not None:
        who |= Q(pk=actor.on_behalf_of_id)
    found = Person.objects.filter(who, erased_at__isnull=True).select_related("home_place__parent")
    first = actor.on_behalf_of_id or actor.person_id
    return sorted(found, key=lambda one: (one.pk != first, one.pk != actor.person_id, one.sort_key, one.pk))


def usual_places(people: list[Person]) -> list[Place]:
    """Where these people live and where they asked for help last, for themselves; each once, homes first, six at most."""
    homes = [one.home_place for one in people if one.home_place is not None]
    asked = (
        Place.objects.filter(calls__requester__in=people, calls__raised_for=None, status=Status.OPEN)
        .select_related("parent")
        .annotate(last=F("calls__id"))
        .order_by("-last")[:12]
    )
    return list({place.pk: place for place in [*homes, *asked]}.values())[:6]


def places_named(words: str, limit: int = 8) -> list[Place]:
    """Neighbourhoods whose name, pinyin or initials hold the words; the shortest name first."""
    if not words.strip():
        return []
    found = list(matching(neighbourhoods(), words).select_related("parent").order_by("depth", "sort_key", "id")[:limit])
    exact = [place for place in found if words.strip() in {place.name, place.short_name}]
    return exact if len(exact) == 1 else found


def open_places(public_ids: list[UUID]) -> list[Place]:
    """Open neighbourhoods with these ids; unknown ones are left out."""
    rows = neighbourhoods().filter(public_id__in=public_ids).select_related("parent")
    return list(rows.order_by("depth", "sort_key", "id"))


def neighbourhoods() -> QuerySet[Place]:
    """Communities, villages and what is below them, in use."""
    return Place.objects.filter(status=Status.OPEN, kind__is_division=True, kind__level__gte=NEIGHBOURHOOD_LEVEL)


def own_draft(actor: Actor, public_id: UUID) -> Call:
    """A draft the actor wrote; NotFound for anything else."""
    rows = Call.objects.filter(state=State.DRAFT, asked_by_id=actor.person_id, public_id=public_id)
    found = rows.select_related("kind", "place__parent", "requester").first() if actor.person_id else None
    if found is None:
        raise NotFound
    return found
