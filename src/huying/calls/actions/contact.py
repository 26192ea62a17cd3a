"""Opening the exact address and the telephone numbers of a call, for those who need them to help or to be helped."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.models import Call, Offer
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, TooMany
from huying.kernel.sealed import Sealed, reveal
from huying.kernel.transactions import begin


@dataclass(frozen=True, slots=True)
class Contact:
    """Address and phone in the open, "" where there is none; ``closed`` when today's views are used up."""

    address: str = ""
    phone: str = ""
    closed: bool = False


def see_contact(*, actor: Actor, call: Call) -> Contact:
    """What a page shows at once: one's own call to the person himself, the address to the helper who accepted.

    The helper's look is written into the trail with the reason that he serves; his views of a day are limited.
    """
    if rules.is_own(actor, call):
        return Contact(opened(call.address), opened(call.contact_phone))
    if not rules.is_serving(actor, call):
        return Contact()
    reason = str(_("上门服务需要"))
    try:
        with begin(actor):
            return Contact(looked(actor, call, "address", reason), looked(actor, call, "contact_phone", reason))
    except TooMany:
        return Contact(closed=True)


def looked(actor: Actor, call: Call, field: str, reason: str) -> str:
    """The value for the helper's eyes, "" when nothing was given."""
    return (
        reveal(actor, call, field, reason, place_path=call.place.path, named=call.requester.name)
        if getattr(call, field)
        else ""
    )


def reveal_contact(*, actor: Actor, call: Call, what: str, reason: str) -> str:
    """Open ``address`` or ``phone`` of a call with a reason (staff); Forbidden without the right to see it."""
    if not rules.can_see_address(actor, call):
        raise Forbidden
    field = {"address": "address", "phone": "contact_phone"}[what]
    return reveal(actor, call, field, reason, place_path=call.place.path, named=call.requester.name)


def reveal_helper(*, actor: Actor, call: Call, offer: Offer, reason: str) -> str:
    """The number of a helper who accepted, for the person he comes to (if the helper agreed) and for staff."""
    if offer.volunteer is None or not rules.can_see_helper(actor, call, offer):
        raise Forbidden
    who = offer.volunteer.person
    return reveal(actor, who, "phone", reason, place_path=call.place.path, named=who.name)


def opened(value: Sealed | None) -> str:
    return value.open() if value else ""
