"""Words to the owner of a passbook, which lead to it."""

from __future__ import annotations

from django.urls import reverse

from huying.kernel.actor import Actor
from huying.people import actions as people_actions
from huying.points.models import Passbook

PLATFORM = Actor.system("points")


def tell(actor: Actor, passbook: Passbook, title: str, body: str = "", url: str = "") -> None:
    """Leave the owner a word that leads to his passbook, or to ``url``."""
    people_actions.send_notice(
        actor=actor,
        person=passbook.person,
        title=title,
        body=body,
        url=url or reverse("points:passbook", args=[passbook.public_id]),
        kind="points",
    )
