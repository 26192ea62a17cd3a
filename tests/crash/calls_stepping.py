"""Who acts, and one step in the life of a call: what every file of deeds of calls begins with."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from huying.calls import actions
from huying.calls.models import Call, Offer
from huying.calls.tests.factories import START, Cast, actor
from huying.kernel.actor import Actor
from tests.crash.sweeping import Operation, keyed
from tests.invariants import broken_rules

CLOCKS = Actor.system("calls.clocks")


def again(call: Call) -> Call:
    """Without what an earlier try loaded and kept, so that each passes the same points."""
    return Call.objects.get(pk=call.pk)


def step(verb: str, who: str, state: str, **given: Any) -> Callable[[Cast], Operation]:
    """An operation that takes one step from ``state``; ``who`` names an attribute of the cast."""

    def build(cast: Cast) -> Operation:
        person = getattr(cast, who) if who else None
        doer = actor(getattr(person, "person", person)) if person else CLOCKS

        def prepare() -> Any:
            call = cast.call(state)
            if verb == "expire":
                Offer.objects.filter(call=call).update(answer_due_at=START)
            values = {name: value(cast) if callable(value) else value for name, value in given.items()}
            return keyed(verb, doer, lambda: getattr(actions, verb)(actor=doer, call=again(call), **values))

        return Operation(verb, prepare, broken_rules)

    return build


def what(cast: Cast) -> actions.Ask:
    return actions.Ask(
        kind=cast.kind,
        place=cast.home,
        requester=cast.resident,
        title="去医院复查",
        details="腿脚不便",
        answers={"hospital": "区人民医院"},
        address="桂花里3幢",
        contact_phone="13800000000",
        wanted_from=START + timedelta(hours=3),
        wanted_to=START + timedelta(hours=5),
    )
