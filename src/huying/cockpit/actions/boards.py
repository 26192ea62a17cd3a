"""Switching the order of units on a board on and off."""

from __future__ import annotations

from huying.cockpit import rules
from huying.cockpit.models import BoardSetting
from huying.kernel import audit, clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.places.models import Place
from huying.places.rules.values import reason_problem


def set_ranking(*, actor: Actor, place: Place, ranks: bool, reason: str) -> BoardSetting:
    """Show the units right below ``place`` in order, or no longer. Forbidden; InvalidInput without a reason."""
    if problem := reason_problem(reason):
        raise InvalidInput(fields={"reason": problem})
    with begin(actor):
        place = locks.one(Place, pk=place.pk)
        if not rules.can_set_board(actor, place):
            raise Forbidden
        facts = {"ranks": ranks, "reason": reason.strip(), "set_at": clock.now(), "set_by_id": actor.person_id}
        setting, _made = BoardSetting.objects.update_or_create(place=place, defaults=facts)
        changes = {"ranks": ranks}
        audit.record(actor, "board.rank", setting, place_path=place.path, changes=changes, reason=reason.strip())
        return setting
