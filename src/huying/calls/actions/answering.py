"""Between yes and no: asked again later, standing by for a call that is filled, and coming to one that still seeks."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.actions.dispatching import own_offer
from huying.calls.actions.moving import move, step
from huying.calls.models import Call, Offer
from huying.calls.states import HELD_STATES, OfferState, State
from huying.kernel import clock, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Conflict, InvalidInput, NotFound
from huying.kernel.transactions import begin
from huying.people import actions as people_actions
from huying.people.models import Person


class NotLaterThan(InvalidInput):
    code = "not_later_than"
    message = _("请选一个还来得及答复的时间。")


class NothingAsked(Conflict):
    code = "nothing_asked"
    message = _("这件事现在不用您答复了，谢谢您。")


def later(*, actor: Actor, call: Call, at: datetime, offer: UUID | None = None) -> Offer:
    """Be reminded at ``at`` of an offer that stays open; inside the time it has. Nothing else happens, nobody is told.
    ``offer`` here and below: its public id, where a person and his team were asked; the newest without it.

    Raises NotLaterThan, NothingAsked.
    """
    with begin(actor):
        fresh = locks.one(Call, pk=call.pk)
        mine = one_of(actor, fresh, OfferState.OFFERED, offer)
        if at <= clock.now() or (mine.answer_due_at and at >= mine.answer_due_at):
            raise NotLaterThan(fields={"at": NotLaterThan.message})
        mine.remind_at = at
        mine.save(update_fields=["remind_at"])
        return mine


def remind(*, actor: Actor, offer_id: int) -> bool:
    """Ask once more the one who wanted to be; False when it was done, moved or answered meanwhile."""
    with begin(actor):
        call = locks.one(Call, offers__pk=offer_id)
        one = locks.one(Offer, pk=offer_id)
        if one.state != OfferState.OFFERED or one.remind_at is None or one.remind_at > clock.now():
            return False
        one.remind_at = None
        one.save(update_fields=["remind_at"])
        message = {
            "title": f"{call.kind.name} · {call.title}",
            "body": str(_("您说过晚点答复：这件事还等着人，方便就接。")),
        }
        url = reverse("calls:offer", args=[call.public_id])
        about = None if call.raised_for_id else call.requester  # a whistle is nobody's private matter
        for person in Person.objects.filter(pk__in=rules.answerers([one]), erased_at__isnull=True):
            people_actions.send_notice(actor=actor, person=person, url=url, urgent=call.urgent, about=about, **message)
        return True


def stand_by(*, actor: Actor, call: Call, offer: UUID | None = None) -> Offer:
    """The call is filled, and whoever was released would still come if somebody drops out; asked first then."""
    with begin(actor):
        fresh = locks.one(Call, pk=call.pk)
        if fresh.state not in HELD_STATES:
            raise NothingAsked
        return turned(actor, one_of(actor, fresh, OfferState.WITHDRAWN, offer), OfferState.RESERVE)


def step_back(*, actor: Actor, call: Call, offer: UUID | None = None) -> Offer:
    """Stand by no longer; like every no it leaves nothing behind."""
    with begin(actor):
        fresh = locks.one(Call, pk=call.pk)
        return turned(actor, one_of(actor, fresh, OfferState.RESERVE, offer), OfferState.WITHDRAWN)


def turned(actor: Actor, one: Offer, state: OfferState) -> Offer:
    one.state, one.answered_at = state, clock.now()
    one.save(update_fields=["state", "answered_at"])
    return one


def one_of(actor: Actor, call: Call, state: OfferState, offer: UUID | None = None) -> Offer:
    """That offer to the actor or to a team he leads, else the newest, locked, when it is in that state; NothingAsked
    otherwise.
    """
    rows = rules.offers_ever_to(actor).filter(call=call, **({"public_id": offer} if offer else {}))
    newest = rows.order_by("-id").values_list("pk", flat=True).first()
    if newest is None:
        raise NotFound
    one = locks.one(Offer, pk=newest)
    if one.state != state or one.put_away:
        raise NothingAsked
    return one


def arrive(*, actor: Actor, call: Call) -> Call:
    """One of several has come, while others are still sought or already at work."""
    with step(actor, call, "arrive") as fresh:
        mine = own_offer(actor, fresh, OfferState.ACCEPTED, rows=Q(arrived_at__isnull=True))
        came(mine)
        move(actor, fresh, "arrive", to=State(fresh.state), offer=mine.pk)
        return fresh


def came(one: Offer) -> None:
    """Keep when he came first."""
    one.arrived_at = one.arrived_at or clock.now()
    one.save(update_fields=["arrived_at"])


def leave(*, actor: Actor, call: Call) -> Call:
    """One of several goes before the others: his own hours end, the call goes on."""
    with step(actor, call, "leave") as fresh:
        mine = own_offer(actor, fresh, OfferState.ACCEPTED, rows=rules.THERE)
        mine.left_at = clock.now()
        mine.save(update_fields=["left_at"])
        move(actor, fresh, "leave", to=State(fresh.state), offer=mine.pk)
        return fresh
