"""The rings of the widening: data that those who keep the menu change on a page (S0-3a)."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.models import Clock, Ring
from huying.calls.states import UNIT, Asks, Level
from huying.kernel import audit
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, Forbidden
from huying.kernel.transactions import begin
from huying.places.models import Place
from huying.volunteers.models import TeamKind

HOUR = 60
USUAL: tuple[dict[str, Any], ...] = (
    {"name": "本站", "name_en": "Own station", "asks": Asks.OWN, "minutes": 4 * HOUR, "level": Level.STATION},
    {"name": "本所", "name_en": "Own office", "asks": Asks.OFFICE, "minutes": 4 * HOUR, "level": Level.OFFICE},
    {"name": "中心", "name_en": "Centre", "asks": Asks.CENTRE, "minutes": 4 * HOUR, "level": Level.CENTRE},
    {"name": "共建单位", "name_en": "Partner units", "asks": Asks.PARTNERS, "minutes": 8 * HOUR, "level": Level.CENTRE},
    {"name": "邻近镇街", "name_en": "Neighbouring towns", "asks": Asks.NEIGHBOURS, "minutes": 8 * HOUR},
    {"name": "值班兜底", "name_en": "Unit on duty", "asks": Asks.DUTY, "minutes": None},
)
"""A first set to begin with: station, office, centre, partner units, neighbouring towns, in office hours; and at the end
the unit on duty at the centre has the call (兜底; domain.md section 1).
"""
URGENT = 30
"""Minutes of each of these for an urgent call, by day and night."""
OF_UNITS = frozenset({Asks.PARTNERS, Asks.DUTY})
"""Rings of the first set that speak of units: left out where that kind of team is not known."""


class RingTaken(Conflict):
    code = "ring_taken"
    message = _("这里已经有第 {order} 圈了，请换一个次序。")


def save_ring(*, actor: Actor, ring: Ring) -> Ring:
    """Add or change a ring; calls that go out now take it from their next step on. Raises RingTaken; Forbidden where it
    is, or was, at a place that the actor does not reach.
    """
    with begin(actor):
        if not rules.can_set_rings(actor, ring.place) or not may_move(actor, ring):
            raise Forbidden
        try:
            with transaction.atomic():
                ring.save()
        except IntegrityError:
            words = RingTaken.message.format(order=ring.order)
            raise RingTaken(words, fields={"order": words}) from None
        path = ring.place.path if ring.place else ""
        audit.record(actor, "menu.ring", ring, place_path=path, changes=facts_of(ring))
        return ring


def drop_ring(*, actor: Actor, ring: Ring) -> None:
    """Take a ring away; without any of its own a place follows the nearest above, without any at all the usual way."""
    with begin(actor):
        if not may_move(actor, ring):
            raise Forbidden
        path = ring.place.path if ring.place else ""
        audit.record(actor, "menu.ring_dropped", ring, place_path=path, changes=facts_of(ring))
        ring.delete()


def use_usual_rings(*, actor: Actor, place: Place | None = None) -> int:
    """Set the first set of rings where there are none; how many were made. A second time does nothing."""
    if not rules.can_set_rings(actor, place):
        raise Forbidden
    with begin(actor):
        if Ring.objects.filter(place=place).exists():
            return 0
        units = TeamKind.objects.filter(code=UNIT).first()
        wanted = [one for one in USUAL if units or one["asks"] not in OF_UNITS]
        for order, facts in enumerate(wanted, start=1):
            kind = units if facts["asks"] in OF_UNITS else None
            more: dict[str, Any] = {"team_kind": kind, "duty": kind is not None, "level": Level.CENTRE}
            more |= {"mode": Clock.Mode.WORKING, "urgent_minutes": URGENT if facts["minutes"] else None}
            save_ring(actor=actor, ring=Ring(place=place, order=order, **{**more, **facts}))
        return len(wanted)


def may_move(actor: Actor, ring: Ring) -> bool:
    """Reaches the place where a kept ring is now; a new one lies nowhere yet."""
    kept = Ring.objects.select_related("place").filter(pk=ring.pk).first()
    return kept is None or rules.can_set_rings(actor, kept.place)


def facts_of(ring: Ring) -> dict[str, Any]:
    """What the ring says, for the trail."""
    names = (
        "order",
        "name",
        "asks",
        "reach_km",
        "team_kind_id",
        "minutes",
        "urgent_minutes",
        "mode",
        "per_seat",
        "duty",
        "level",
    )
    return {"place": ring.place_id, **{name: getattr(ring, name) for name in names}}
