"""Acting on behalf of somebody (S0-3a; domain 7 no. 17): the trail shows both persons from start to end."""

from __future__ import annotations

from huying.kernel import audit
from huying.kernel.actor import Actor
from huying.kernel.errors import NotFound
from huying.kernel.transactions import begin
from huying.people import rules
from huying.people.models import Person


def begin_acting(*, actor: Actor, public_id: str) -> Person:
    """Choose the person to act for; NotFound when he may not be acted for, so nobody learns whom there is."""
    with begin(actor):
        person = Person.objects.filter(public_id=public_id, erased_at__isnull=True).select_related("home_place").first()
        if person is None or not rules.can_act_for(actor, person):
            raise NotFound
        place = person.home_place.path if person.home_place else ""
        audit.record(actor.behalf(person.pk), "acting.begun", person, place_path=place)
        return person


def end_acting(*, actor: Actor) -> None:
    """Act for oneself again."""
    with begin(actor):
        subject = Person.objects.filter(pk=actor.on_behalf_of_id or 0).first()
        audit.record(actor, "acting.ended", subject)
