"""What a record of service or a volunteer adds is told to figures, as it is now; told again it changes nothing."""

from __future__ import annotations

from huying.figures import actions as figures
from huying.kernel import locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.volunteers.models import ServiceRecord, Stay, Volunteer
from huying.volunteers.queries.counting import words_of_record, words_of_stay, words_of_volunteer


def count_service(*, actor: Actor, record_id: int) -> int:
    """Read the record under its lock and tell figures; how many words were new. NotFound."""
    with begin(actor):
        return figures.count(actor=actor, words=words_of_record(locks.one(ServiceRecord, pk=record_id)))


def count_volunteer(*, actor: Actor, volunteer_id: int) -> int:
    """The same for who is registered, with his earlier times. NotFound."""
    with begin(actor):
        words = words_of_volunteer(locks.one(Volunteer, pk=volunteer_id))
        stays = Stay.objects.filter(volunteer=volunteer_id).order_by("pk")
        return figures.count(actor=actor, words=[*words, *(word for one in stays for word in words_of_stay(one))])
