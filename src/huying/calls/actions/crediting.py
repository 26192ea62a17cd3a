"""From an answered call to records of service: what each helper gave, handed in once to the volunteers' room."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from huying.calls.models import Call, CallEvent, Offer
from huying.calls.states import OfferState
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError
from huying.people import actions as people_actions
from huying.volunteers import actions as volunteer_actions
from huying.volunteers.models import ServiceRecord
from huying.volunteers.states import Evidence

UNCLEAR = _("这次服务的时长没有记上")
WHY = {
    volunteer_actions.TimeUnclear: _("开始和完成的时间对不上，请找站点的人补登。"),
    volunteer_actions.ServiceOverlaps: _("这段时间和您的另一条服务记录重叠，请找站点的人看看。"),
}


@dataclass(frozen=True, slots=True)
class CallServed:
    """The person served has answered, or stayed silent: what was given is handed in."""

    call_id: int


def hand_in_service(*, actor: Actor, call_id: int) -> list[ServiceRecord]:
    """Hand in the service of each volunteer who answered the call: class B, from his start to his end (C03, C04). Of a call of
    many each who came has his own hours, from his coming to his leaving, at the latest to the end of the call.

    The maker is whoever rated, else whoever asked the helper to come; the place's keeper confirms. A rating by a slip
    names nobody: whoever printed the slip could have given it, so it counts here like silence. A helper whose time
    cannot be counted is told so. Teams enter their members' hours on a sheet. Again hands in what is missing only.
    """
    call = Call.objects.select_related("kind__category", "place").get(pk=call_id)
    rater = CallEvent.objects.filter(call=call, verb="rate").order_by("-id").values_list("person_id", flat=True).first()
    if call.rated_by_proxy and rater == call.requester_id:
        rater = None
    made = []
    for offer in call.offers.filter(state=OfferState.DONE, volunteer__isnull=False).select_related("volunteer__person"):
        assert offer.volunteer is not None
        makers = (rater, offer.offered_by_id, call.requester_id)
        maker = next((one for one in makers if one and one != offer.volunteer.person_id), None)
        if maker is None or hours(call, offer) is None:
            continue
        try:
            made.append(volunteer_actions.hand_in(actor=actor, served=served(call, offer), maker_id=maker))
        except (volunteer_actions.TimeUnclear, volunteer_actions.ServiceOverlaps) as refusal:
            tell(actor, call, offer, type(refusal))
    return made


def hours(call: Call, offer: Offer) -> tuple[datetime, datetime] | None:
    """From when to when he served; None where it is not known."""
    begin = call.started_at if call.people_needed == 1 else offer.arrived_at
    if begin is None or call.delivered_at is None:
        return None
    return begin, min(offer.left_at or call.delivered_at, call.delivered_at)


def served(call: Call, offer: Offer) -> volunteer_actions.Served:
    """What enters the record: the kind of help and the number of the call, nothing of what the person told."""
    given = hours(call, offer)
    assert offer.volunteer is not None and given is not None
    starts, ends = (at.replace(second=0, microsecond=0) for at in given)
    return volunteer_actions.Served(
        volunteer=offer.volunteer,
        place=call.place,
        title=call.kind.name,
        category=call.kind.category,
        content=call.number,
        starts_at=starts,
        ends_at=ends,
        minutes=int((ends - starts).total_seconds() // 60),
        evidence=Evidence.B,
        host=call.place.name,
        subject=call,
    )


def tell(actor: Actor, call: Call, offer: Offer, why: type[DomainError]) -> None:
    """Once, to the helper whose time was not counted."""
    assert offer.volunteer is not None
    words, key = str(WHY[why]), f"service:{call.pk}:{offer.volunteer_id}"
    people_actions.send_notice(
        actor=actor, person=offer.volunteer.person, title=str(UNCLEAR), body=f"{call.number} {words}", key=key
    )
