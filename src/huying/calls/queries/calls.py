"""Single calls, and the lists of people who ask and who help."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import BooleanField, Case, Q, QuerySet, When
from django.utils.translation import gettext as _

from huying.calls import rules
from huying.calls.models import Call, Offer
from huying.calls.states import OPEN_STATES, State
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.sealed import blind_index
from huying.kernel.search import fold, matching

DUPLICATE_DAYS = 7
ALIKE = 0.5
"""From this likeness on, two titles may speak of the same matter: half of their pairs of letters are common."""
MOST_ALIKE = 100
MOST_SHOWN = 5


def calls_for(actor: Actor) -> QuerySet[Call]:
    """Every call the actor may see, with what a row shows."""
    return Call.objects.filter(rules.visible_to(actor)).select_related("kind", "place", "requester", "raised_for")


def by_public_id(actor: Actor, public_id: UUID) -> Call:
    """One call the actor may see; NotFound for all others, so that nothing tells that it exists.

    Pooled calls near a volunteer may be looked at by him too.
    """
    seen = rules.visible_to(actor) | rules.claimable_by(actor)
    call = Call.objects.filter(seen).select_related("kind", "place", "requester", "asked_by", "duplicate_of")
    found = call.filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def my_calls(actor: Actor) -> QuerySet[Call]:
    """Calls I asked, for myself or for others."""
    mine = Call.objects.filter(rules.asked_by(actor))
    return mine.select_related("kind", "place", "requester", "asked_by").order_by("-id")


def my_offers(actor: Actor) -> QuerySet[Offer]:
    """Offers that wait for my answer, that I accepted, or that are done; for me and for teams I lead."""
    return (
        rules.offers_to(actor)
        .select_related("call__kind", "call__place", "call__requester", "call__raised_for", "team", "volunteer__person")
        .order_by("-id")
    )


def may_be_same(actor: Actor, call: Call) -> QuerySet[Call]:
    """Open calls of the last week that may be the same matter: the same kind for the same person or number (``sure``
    then), or the same kind at the same place, whose words are to be compared; the sure ones first, then the newest.
    """
    same = Q(requester_id=call.requester_id, raised_for=None)
    if call.raised_for_id:
        same = Q(raised_for_id=call.raised_for_id)
    if call.contact_phone:
        same |= Q(contact_index=blind_index(call.contact_phone.open(), "phone"))
    rows = lately_asked(actor, call).filter(same | Q(place_id=call.place_id))
    sure = Case(When(same, then=True), default=False, output_field=BooleanField())
    return rows.annotate(sure=sure).order_by("-sure", "-id")[:MOST_ALIKE]


def same_matter(call: Call, rows: Iterable[Any]) -> list[Call]:
    """Of such calls those that are sure, and those whose time and words are close to this one's; the oldest five.
    A suggestion only: somebody looks and decides.
    """
    same = [one for one in rows if one.sure or (same_time(call, one) and likeness(call.title, one.title) >= ALIKE)]
    return sorted(same, key=lambda one: int(one.pk))[:MOST_SHOWN]


def lately_asked(actor: Actor, call: Call) -> QuerySet[Call]:
    """Other calls of the same kind that go on, asked in the week before this one or after it."""
    since = call.created_at - timedelta(days=DUPLICATE_DAYS)
    rows = calls_for(actor).filter(kind_id=call.kind_id, state__in=OPEN_STATES | {State.DELIVERED})
    return rows.filter(created_at__gte=since).exclude(pk=call.pk)


def same_time(one: Call, other: Call) -> bool:
    """The wished times overlap or are less than a day apart; a call without a wish fits every time."""
    if one.wanted_from is None or other.wanted_from is None:
        return True
    first, last = sorted((one, other), key=lambda call: str(call.wanted_from))
    ends, begins = first.wanted_to or first.wanted_from, last.wanted_from
    return ends is not None and begins is not None and begins - ends < timedelta(days=1)


def likeness(one: str, other: str) -> float:
    """How much two lines share, 0 to 1: twice their common neighbouring pairs of letters by all pairs (Dice 1945)."""
    mine, theirs = (set(pairs(fold(text))) for text in (one, other))
    if not mine or not theirs:
        return float(fold(one) == fold(other))
    return 2 * len(mine & theirs) / (len(mine) + len(theirs))


def pairs(text: str) -> list[str]:
    letters = [letter for letter in text if letter.isalnum()]
    return [first + second for first, second in pairwise(letters)]


def why_same(call: Call, other: Call) -> str:
    """The reason ``other`` is shown beside ``call``, in words."""
    if call.raised_for_id and other.raised_for_id == call.raised_for_id:
        return _("同一个单位吹的哨")
    private = call.raised_for_id is None and other.raised_for_id is None  # who pressed for a place asks for nobody else
    if private and other.requester_id == call.requester_id:
        return _("同一位求助人")
    if call.contact_index is not None and other.contact_index == call.contact_index:
        return _("同一个电话")
    return _("同一个地方，时间和说法相近")


def found(rows: QuerySet[Call], words: str) -> QuerySet[Call]:
    """Rows whose number, title, person, place or kind holds the words; pinyin and initials too."""
    return matching(rows, words) if words.strip() else rows


def due_now() -> QuerySet[Call]:
    """Calls at which silence is to be noticed now: a clock has run out and nobody noted it yet; longest silence first."""
    return Call.objects.filter(lift_at__lte=clock.now()).order_by("lift_at", "id")
