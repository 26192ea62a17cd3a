"""Learning together becomes points, where the rule book has an item for it and its guest has a passbook."""

from __future__ import annotations

from datetime import date

from huying.kernel.actor import Actor
from huying.people.models import Person
from huying.points.actions.earning import Deed, earn
from huying.points.models import Claim
from huying.points.states import Source

LABEL = "activities.SignUp"
"""The record behind it; a sign-up counts once, however often its session is archived."""


def earn_learning(
    *,
    actor: Actor,
    sign_up_id: int,
    person_id: int,
    title: str,
    done_on: str,
    minutes: int,
    maker_id: int,
    checker_id: int,
) -> Claim | None:
    """What a guest of a lecture earns (``done_on``: ISO day); again it changes nothing. None: no passbook, no item, full
    caps, or he was forgotten meanwhile. Raises Forbidden, NotForOneself.
    """
    person = Person.objects.filter(pk=person_id, erased_at=None).first()
    if person is None:
        return None
    deed = Deed(title, date.fromisoformat(done_on), (LABEL, sign_up_id), minutes=minutes, proof="签到")
    return earn(actor=actor, person=person, source=Source.LEARNING, deed=deed, maker_id=maker_id, checker_id=checker_id)
