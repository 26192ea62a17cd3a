"""What cards and rows of the list show: one statement with a constant text, whichever calls were chosen."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import cache
from typing import Any

from huying.calls.models import Call, Offer, ServiceKind
from huying.calls.queries.board import ROW, Card, card
from huying.calls.states import OfferState
from huying.kernel import prepared
from huying.kernel.prepared import Shape
from huying.people.models import Person
from huying.places.models import Place
from huying.volunteers.models import Team, Volunteer

TOLD = [str(state) for state in (OfferState.OFFERED, OfferState.ACCEPTED, OfferState.DONE)]
"""Answers that a card tells of: who was asked, who comes, who came."""

ONLY_IN_FILES = {"overdue", "accepted_at", "delivered_at", "score", "solved", "urged_at"}
"""What ROW holds for an export or for the watch, and no card or line tells."""


def cards_of(keys: Iterable[int], at: datetime) -> dict[int, Card]:
    """Cards of the calls with these keys as of ``at``, by key; whoever asks has chosen only what the actor may see.

    Kinds and places come again and again, so each is made once.
    """
    found, call_of, kind_of, place_of, person_of = _statement()
    kinds: dict[int, ServiceKind] = {}
    places: dict[int, Place] = {}
    cards: dict[int, Card] = {}
    kind_at = call_of.width
    place_at = kind_at + kind_of.width
    person_at = place_at + place_of.width
    for row in prepared.rows(found, {"keys": list(keys), "told": TOLD}):
        kind_id, place_id, (states, names) = row[kind_at], row[place_at], row[-2:]
        if kind_id not in kinds:
            kinds[kind_id] = kind_of.made(row[kind_at:])
        if place_id not in places:
            places[place_id] = place_of.made(row[place_at:])
        person = person_of.made(row[person_at:])
        call = call_of.made(row, kind=kinds[kind_id], place=places[place_id], requester=person)
        cards[call.pk] = card(call, at, list(zip(states or (), names or (), strict=True)))
    return cards


@cache
def _statement() -> tuple[str, Shape[Call], Shape[ServiceKind], Shape[Place], Shape[Person]]:
    """The calls of some keys, each with its kind, place and asker, and with states and names of its answers in order."""
    own = (name for name in ROW if "__" not in name and name not in ONLY_IN_FILES)
    call = Shape(Call, "call", "kind", "place", "requester", *own)
    kind, place, person = _beside(ServiceKind, "kind"), _beside(Place, "place"), _beside(Person, "requester")
    tables: dict[str, Any] = {"call": Call, "offer": Offer, "volunteer": Volunteer, "team": Team, "person": Person}
    tables |= {"kind": ServiceKind, "place": Place}
    named = {name: model._meta.db_table for name, model in tables.items()}
    found = f"""
    SELECT {call.columns}, {kind.columns}, {place.columns}, {person.columns}, told.states, told.names
    FROM {named["call"]} call
    JOIN {named["kind"]} kind ON kind.id = call.kind_id
    JOIN {named["place"]} place ON place.id = call.place_id
    JOIN {named["person"]} requester ON requester.id = call.requester_id
    LEFT JOIN LATERAL (
        SELECT array_agg(offer.state ORDER BY offer.id) AS states,
               array_agg(coalesce(helper.name, team.name) ORDER BY offer.id) AS names
        FROM {named["offer"]} offer
        LEFT JOIN {named["volunteer"]} volunteer ON volunteer.id = offer.volunteer_id
        LEFT JOIN {named["person"]} helper ON helper.id = volunteer.person_id
        LEFT JOIN {named["team"]} team ON team.id = offer.team_id
        WHERE offer.call_id = call.id AND offer.state = ANY(%(told)s)
    ) told ON true
    WHERE call.id = ANY(%(keys)s)
    """  # noqa: S608 - own tables
    return found, call, kind, place, person


def _beside(model: Any, relation: str) -> Shape[Any]:
    """What ROW names of a row beside the call."""
    return Shape(model, relation, "id", *(n.partition("__")[2] for n in ROW if n.startswith(f"{relation}__")))
