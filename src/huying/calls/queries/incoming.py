"""Who is calling: persons the desk may know by the exact number or by name, and what they asked before."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q

from huying.calls import rules
from huying.calls.models import Call
from huying.calls.queries.asking import NEIGHBOURHOOD_LEVEL
from huying.calls.states import OPEN_STATES
from huying.kernel.actor import Actor
from huying.kernel.errors import InvalidInput, NotFound
from huying.kernel.sealed import blind_index, normal_phone
from huying.kernel.search import matching
from huying.people import rules as people_rules
from huying.people.models import Person
from huying.places.models import Place
from huying.places.states import Status

MOST = 8


def callers(actor: Actor, *, phone: str = "", name: str = "") -> list[Person]:
    """Persons of the actor's places with exactly this number (their own, or one they called with for themselves), or with this name
    (pinyin and initials too); the number goes before the name. [] when neither is given or nobody fits.
    """
    rows = Person.objects.filter(people_rules.visible_to(actor), erased_at__isnull=True).select_related("home_place")
    index = number_index(phone)
    found: list[Person] = []
    if index is not None:
        called = Call.objects.filter(rules.on_desk(actor), contact_index=index, raised_for=None)
        found = list(
            rows.filter(Q(phone_index=index) | Q(pk__in=called.values("requester_id"))).order_by("sort_key", "id")[
                :MOST
            ]
        )
    if not found and name.strip():
        found = list(matching(rows, name).order_by("sort_key", "id")[:MOST])
    return found


def known_caller(actor: Actor, *, phone: str, name: str) -> Person | None:
    """The one person of the actor's places with exactly this number, and with this name when one was given; None when
    there is none or several: whoever looks at the doubles decides.
    """
    found = callers(actor, phone=phone) if phone else []
    same = [one for one in found if not name or one.name == name]
    return same[0] if len(same) == 1 else None


def number_index(phone: str) -> bytes | None:
    """The keyed hash of a number as typed; None for something that is no number."""
    try:
        return blind_index(normal_phone(phone), "phone") if phone.strip() else None
    except InvalidInput:
        return None


def caller(actor: Actor, public_id: UUID) -> Person:
    """One person the actor may act for; NotFound for all others."""
    rows = Person.objects.filter(people_rules.visible_to(actor), erased_at__isnull=True)
    found = rows.select_related("home_place__parent").filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def last_calls(actor: Actor, people: list[Person]) -> dict[int, list[Call]]:
    """The five newest calls of each person on this desk, by the person's key; one query."""
    rows = Call.objects.filter(rules.on_desk(actor), requester__in=people, raised_for=None).select_related(
        "kind", "place"
    )
    found: dict[int, list[Call]] = {one.pk: [] for one in people}
    for call in rows.order_by("-id")[: 10 * MOST]:
        if len(found[call.requester_id]) < 5:
            found[call.requester_id].append(call)
    return found


def open_calls(actor: Actor, person: Person) -> list[Call]:
    """What this person is waiting for now, oldest first: the same matter is not asked twice by accident."""
    rows = Call.objects.filter(rules.on_desk(actor), requester=person, raised_for=None, state__in=OPEN_STATES)
    return list(rows.select_related("kind", "place").order_by("id")[:MOST])


def own_neighbourhoods(actor: Actor) -> list[Place]:
    """Up to a dozen communities and villages of the desk, for a caller whose home is not known; others go by name."""
    here = people_rules.within(actor, rules.PROXIES, "path")
    rows = Place.objects.filter(here, status=Status.OPEN, kind__level=NEIGHBOURHOOD_LEVEL).select_related("parent")
    return list(rows.order_by("sort_key", "id")[:12])
