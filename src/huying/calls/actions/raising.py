"""A place raises a call in its own name (中心吹哨, S0-3a.1): what, where, how many people, which goods, until when.

It goes out to its first ring at once. What is asked and whether it was met are the place's own: whoever is on duty there
confirms and rates, and no such rating is ever taken for the word of a person who was served (decision 0037).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.actions.intake import Ask, save_draft, submit
from huying.calls.actions.reviewing import pool
from huying.calls.actions.widening import MOST_SEATS, NobodyToAsk, SeatsWrong, widen
from huying.calls.models import Call, CallGood
from huying.calls.states import Level
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.people.models import Person
from huying.places.models import Place


class NotYourPlace(Forbidden):
    code = "not_your_place"
    message = _("您只能以自己值班的站、所、中心的名义吹哨。")


class OutsidePlace(InvalidInput):
    code = "outside_place"
    message = _("请选吹哨单位自己，或它下面的地方。")


class UntilInPast(InvalidInput):
    code = "until_in_past"
    message = _("这个时间已经过去，请选以后的时间。")


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of what is needed: name, how many, of which unit."""

    name: str
    amount: int
    unit: str


def raise_call(*, actor: Actor, what: Ask, raised_for: Place, goods: Sequence[Goods] = ()) -> Call:
    """Raise a call in the name of ``raised_for`` and send it to its first ring at once; where nobody can be asked yet it
    lies in the pool for the dispatcher. Raises NotYourPlace, OutsidePlace, UntilInPast, SeatsWrong.

    ``what.place`` is the part of the tree that it concerns; its ``requester`` is set to the one who raises it.
    """
    if actor.person_id is None or not rules.can_raise(actor, raised_for):
        raise NotYourPlace
    if not what.place.path.startswith(raised_for.path):
        raise OutsidePlace(fields={"place": OutsidePlace.message})
    if what.wanted_to and what.wanted_to <= clock.now():
        raise UntilInPast(fields={"until": UntilInPast.message})
    if what.people_needed > MOST_SEATS:
        words = SeatsWrong.message.format(found=0, most=MOST_SEATS)
        raise SeatsWrong(words, fields={"people": words})
    with begin(actor):
        since = clock.now() if what.wanted_to else None
        me, level = Person.objects.get(pk=actor.person_id), level_of(actor, raised_for)
        call = save_draft(
            actor=actor, what=replace(what, requester=me, raised_for=raised_for, level=level, wanted_from=since)
        )
        CallGood.objects.bulk_create(
            CallGood(call=call, order=n, name=one.name, amount=one.amount, unit=one.unit)
            for n, one in enumerate(goods, start=1)
        )
        call = submit(actor=actor, call=call)
        try:
            return widen(actor=actor, call=call, people=call.people_needed)
        except NobodyToAsk:
            pooled = pool(actor=actor, call=call)
            pooled.ring_due_at = pooled.limit_at
            pooled.save(update_fields=["ring_due_at"])
            return pooled


def level_of(actor: Actor, place: Place) -> Level:
    """The desk that holds what this person raises there: his own, the highest where he has several."""
    held = [level for kind, level in rules.LEVEL_OF.items() if (kind, place.path) in actor.roles]
    return max(held, key=list(Level).index)
