"""An exchange that was wrong or stolen comes back: by another person than who gave it, or by an appeal that was upheld."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.kernel.transactions import begin
from huying.ledger import actions as ledger_actions
from huying.ledger.models import Account, Transfer
from huying.points import rules
from huying.points.actions.banks import shelf_account
from huying.points.actions.events import PointsMoved
from huying.points.actions.gifts import move, taken
from huying.points.actions.refusals import (
    AnotherPerson,
    NotForOneself,
    OnASheet,
    ReasonMissing,
    UnderAppeal,
)
from huying.points.actions.telling import PLATFORM, tell
from huying.points.models import Appeal, Gift
from huying.points.states import GIFT_STEPS, GIVEN, RESERVED, STOCK, AppealState, SheetState


def return_gift(*, actor: Actor, gift: Gift, reason: str) -> Gift:
    """Give the points of a wrong exchange back and put its goods on the shelf again.

    By somebody else than who gave or reserved it, at its counter or of its book, and not of the family. Raises
    ReasonMissing, Forbidden, AnotherPerson, NotForOneself, UnderAppeal, OnASheet, StepRefused.
    """
    if not reason.strip():
        raise ReasonMissing(fields={"reason": ReasonMissing.message})
    with begin(actor):
        fresh = taken(gift, "return")
        passbook = fresh.passbook
        if not (rules.can_serve(actor, fresh.good.bank.place) or rules.keeps(actor, passbook)):
            raise Forbidden
        if {actor.person_id, actor.on_behalf_of_id} & {passbook.person_id} or rules.is_kin(
            actor.person_id, passbook.person
        ):
            raise NotForOneself
        if actor.person_id in {fresh.ended_by_id, fresh.made_by_id}:
            raise AnotherPerson
        if Appeal.objects.filter(gift=fresh).exclude(state=AppealState.CLOSED).exists():
            raise UnderAppeal
        return returned(actor, fresh, reason.strip()[:200])


def returned(actor: Actor, gift: Gift, reason: str) -> Gift:
    """Both postings of a locked exchange reversed by the two who gave it and take it back.

    The goods of one that was settled stay given, for the merchant was paid; who returns it then answers for the loss. A
    sheet that is not settled yet is dropped first (OnASheet). Points that come back this way are new ones without an end.
    """
    if gift.sheet is not None and gift.sheet.state == SheetState.DRAFT:
        raise OnASheet
    undo(gift, f"points-gift:{gift.public_id}{':given' if gift.hold_id else ''}", "points", actor.person_id)
    if gift.sheet is None:
        if gift.hold_id:  # two moves follow: whoever sets aside or gives locks the same accounts by key, so all at once
            shelf = [shelf_account(gift.good, one) for one in (STOCK, RESERVED, GIVEN)]
            locks.still(Account.objects.filter(pk__in=shelf))
        undo(gift, f"points-given:{gift.public_id}", "goods", actor.person_id)
        if gift.hold_id:  # it had been set aside before it was given
            move(gift.good, RESERVED, STOCK, gift.quantity, f"points-returned:{gift.public_id}", actor.person_id)
    gift.state, gift.reason = GIFT_STEPS["return"].to, reason
    gift.returned_by_id, gift.returned_at = actor.person_id, clock.now()
    gift.save()
    place = gift.good.bank.place.path
    audit.record(actor, "points.return", gift, place_path=place, changes={"points": gift.points}, reason=reason)
    events.publish(PointsMoved(label=Gift._meta.label, row_id=gift.pk))
    words = _("退回了 {n} 分：{name} × {k}").format(n=gift.points, name=gift.good.name, k=gift.quantity)
    tell(actor, gift.passbook, words, reason, url=reverse("points:gift", args=[gift.public_id]))
    return gift


def undo(gift: Gift, key: str, what: str, by: int | None) -> None:
    """The transfer with this key, the other way."""
    ledger_actions.reverse(
        actor=PLATFORM,
        transfer=Transfer.objects.get(key=key),
        reason="points.return",
        key=f"points-return:{gift.public_id}:{what}",
        made_by=gift.ended_by_id,
        approved_by=by,
    )
