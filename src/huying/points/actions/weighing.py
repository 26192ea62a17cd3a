"""Litter for goods by weight: at once, whole pieces only, and nobody says who he is."""

from __future__ import annotations

from django.utils.translation import gettext as _

from huying.kernel import audit, clock, events
from huying.kernel.actor import Actor
from huying.kernel.chance import uuid7
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.points import rules
from huying.points.actions.events import PointsMoved
from huying.points.actions.gifts import move
from huying.points.actions.refusals import NotOffered
from huying.points.models import Good, Weighing
from huying.points.states import GIFT_MOST, GIVEN, STOCK


def weigh(*, actor: Actor, good: Good, grams: int) -> Weighing:
    """Litter by weight for goods, at once: whole pieces only, nobody's name. Raises InvalidInput, OutOfStock."""
    with begin(actor):
        offered = Good.objects.select_related("bank__place", "bank__book").get(pk=good.pk)
        if not rules.can_serve(actor, offered.bank.place) or actor.person_id is None:
            raise Forbidden
        if not offered.litter_grams or not offered.active or offered.bank.closed_at is not None:
            raise NotOffered
        pieces = grams // offered.litter_grams if 0 < grams <= 1_000_000 else 0
        if not 0 < pieces <= GIFT_MOST:
            least = _("至少 {n} 克，一次最多换 {most} {unit}。")
            words = least.format(n=offered.litter_grams, most=GIFT_MOST, unit=offered.unit)
            raise InvalidInput(words, fields={"grams": words})
        key = uuid7()
        row = Weighing.objects.create(
            public_id=key,
            good=offered,
            grams=grams,
            quantity=pieces,
            value_fen=offered.value_fen * pieces,
            made_by_id=actor.person_id,
            made_at=clock.now(),
            transfer_id=move(offered, STOCK, GIVEN, pieces, f"points-litter:{key}", actor.person_id, "points.litter"),
        )
        audit.record(actor, "points.weigh", row, place_path=offered.bank.place.path, changes={"grams": grams})
        events.publish(PointsMoved(label=Weighing._meta.label, row_id=row.pk))
        return row
