"""How somebody wants to read and when to be left in peace; saved with the person, so each device follows."""

from __future__ import annotations

import re
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from huying.kernel import audit, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import InvalidInput, SignInNeeded
from huying.kernel.transactions import begin
from huying.people.models import Person

CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")
PRINTS = ("normal", "large", "xlarge")
CONTRASTS = ("normal", "more")


def set_preferences(*, actor: Actor, **wishes: str) -> dict[str, Any]:
    """Keep the actor's wishes: language, print, contrast, quiet_from, quiet_until. Unknown ones are refused.

    Equal quiet_from and quiet_until mean no quiet hours. Gives all preferences that hold now.
    """
    allowed: dict[str, Any] = {
        "language": [code for code, _name in settings.LANGUAGES],
        "print": PRINTS,
        "contrast": CONTRASTS,
    }
    for name, value in wishes.items():
        if name in {"quiet_from", "quiet_until"}:
            if not CLOCK.fullmatch(value):
                raise InvalidInput(fields={name: _("请按“时:分”填写，例如 21:30。")})
        elif value not in allowed.get(name, ()):
            raise InvalidInput(fields={name: _("请从列表里选择。")})
    if actor.person_id is None:
        raise SignInNeeded
    with begin(actor):
        person = locks.one(Person, pk=actor.person_id)
        person.preferences = {**person.preferences, **wishes}
        person.save(update_fields=["preferences"])
        audit.record(actor, "person.preferences", person, changes={"fields": sorted(wishes)})
        return dict(person.preferences)
