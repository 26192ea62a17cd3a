"""In whose name somebody may raise a call, where, and how far its goods are promised."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Q, QuerySet, Sum

from huying.calls import rules
from huying.calls.models import Call, CallGood, Offer, OfferGood
from huying.calls.queries.tally import YES
from huying.kernel.actor import Actor
from huying.places.models import Place
from huying.places.states import Status

MOST = 300


@dataclass(frozen=True, slots=True)
class Line:
    """One line of goods: what is asked for, and what those who come bring."""

    good: CallGood
    found: int

    @property
    def free(self) -> int:
        """What nobody has promised yet."""
        return max(0, self.good.amount - self.found)


def raisers(actor: Actor) -> list[Place]:
    """The places in whose name the actor may raise a call, the widest first."""
    paths = {path for kind, path in actor.roles if kind in rules.HANDLERS}
    return list(Place.objects.filter(path__in=paths).order_by("depth", "sort_key", "id"))


def scopes(places: list[Place]) -> QuerySet[Place]:
    """What such a call may concern: these places and the divisions on the two levels below, the nearest first."""
    keys = [one.pk for one in places]
    near = Q(pk__in=keys) | Q(kind__is_division=True, parent_id__in=keys)
    near |= Q(kind__is_division=True, parent__parent_id__in=keys)
    first = Place.objects.filter(near, status=Status.OPEN).order_by("depth", "sort_key", "id").values("pk")[:MOST]
    return Place.objects.filter(pk__in=first).order_by("depth", "sort_key", "id")


def goods_of(call: Call) -> list[Line]:
    """The goods of a call in their order; [] without a question where no place raised it."""
    if call.raised_for_id is None:
        return []
    lines = list(CallGood.objects.filter(call=call).order_by("order"))
    coming = OfferGood.objects.filter(good__in=lines, offer__in=Offer.objects.filter(YES, call=call))
    found = dict(coming.order_by().values_list("good").annotate(n=Sum("amount")))
    return [Line(one, found.get(one.pk, 0)) for one in lines]
