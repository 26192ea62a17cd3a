"""The actor as a volunteer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from huying.kernel import locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict
from huying.volunteers.models import Volunteer


class NotAVolunteer(Conflict):
    code = "not_a_volunteer"
    message = _("您还没有登记为志愿者。")


def own(actor: Actor) -> Volunteer:
    """The actor's own row, locked; NotAVolunteer."""
    row = Volunteer.objects.filter(person_id=actor.person_id or 0, left_at__isnull=True).first()
    if row is None:
        raise NotAVolunteer
    return locks.one(Volunteer, pk=row.pk)
