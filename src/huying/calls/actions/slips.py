"""People without a telephone: a paper slip with a code, with which they ask after their call and rate it, and word that
somebody carries to them (domain 7, safeguard 17).
"""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from huying.calls import rules
from huying.calls.actions.ending import rate
from huying.calls.actions.moving import CallMoved, remember
from huying.calls.models import Call, Slip
from huying.calls.queries.grid import slip_of
from huying.calls.states import BY_SLIP
from huying.kernel import audit, chance, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, NotFound, TooMany
from huying.kernel.sealed import blind_index, reveal
from huying.kernel.transactions import begin
from huying.people.actions.limits import Limit, block_of, give_back, spend

DIGITS = 8
LASTS = timedelta(days=30)
"""So long after the end of a call its slip still opens it."""
TRIES = (Limit("slip.block", 40, timedelta(hours=1)), Limit("slip.number", 10, timedelta(hours=1)))
"""The block first: one that may try no more burns nothing of anybody's number."""
PRINTED = _("打印求助纸条")


class SlipUnknown(InvalidInput):
    code = "slip_unknown"
    message = _("编号和查询码对不上，请照着纸条再输一遍；纸条丢了可以找网格员重打。")


def make_slip(*, actor: Actor, call: Call) -> Slip:
    """The slip of a call, made when there is none yet: printed again it holds the same code. Forbidden."""
    with begin(actor):
        fresh = locks.one(Call, pk=call.pk)
        if not rules.can_hand_slip(actor, fresh):
            raise Forbidden
        found = Slip.objects.filter(call=fresh).first()
        if found is not None:
            return found
        code = chance.digits(DIGITS)
        slip = Slip(call=fresh, code=code, code_index=blind_index(code, "slip"), made_at=clock.now())
        slip.save(force_insert=True)
        audit.record(actor, "slip.made", slip, place_path=fresh.place.path)
        return slip


def read_slip(*, actor: Actor, call: Call) -> str:
    """The code for the eyes of whoever prints it, "" when no slip was made: each look stands in the trail and is one of
    the day's views. NotFound for others, ViewsUsedUp.
    """
    slip = slip_of(actor, call)
    if slip is None or slip.code is None:
        return ""
    return reveal(actor, slip, "code", str(PRINTED), place_path=call.place.path, named=call.requester.name)


def open_slip(*, number: str, code: str, address: str) -> Call:
    """The call of a slip. SlipUnknown, TooMany after many wrong tries for one number or from one block of addresses.

    Must run outside a transaction that may be rolled back, or wrong tries would not count.
    """
    keys = (block_of(address), number[:24])
    for limit, key in zip(TRIES, keys, strict=True):
        wait = spend(limit, key)
        if wait:
            raise TooMany(retry_after=wait)
    rows = Slip.objects.filter(call__number=number, code_index=blind_index(code, "slip"))
    slip = rows.select_related("call__kind", "call__place", "call__requester").first()
    if slip is None or (slip.call.ended_at is not None and slip.call.ended_at < clock.now() - LASTS):
        raise SlipUnknown(fields={"number": SlipUnknown.message})
    for limit, key in zip(TRIES, keys, strict=True):
        give_back(limit, key)
    return slip.call


def rate_by_slip(*, call: Call, score: int, solved: bool, comment: str, address: str) -> Call:
    """Whoever holds the slip rates for the person served. The code was before the eyes of those who printed it, so this is
    marked as given on behalf and never counts as the person's own word.
    """
    holder = Actor(person_id=call.requester_id, on_behalf_of_id=call.requester_id, channel=BY_SLIP, address=address)
    return rate(actor=holder, call=call, score=score, solved=solved, comment=comment)


def say_told(*, actor: Actor, call: Call) -> Call:
    """Somebody carried the news to the person; what comes after this is news again. NotFound when it is not his to do."""
    with begin(actor):
        fresh = locks.one(Call, pk=call.pk)
        if not Call.objects.filter(rules.told_through(actor), pk=fresh.pk).exists():
            raise NotFound
        fresh.told_at = clock.now()
        fresh.save(update_fields=["told_at"])
        event = remember(actor.behalf(fresh.requester_id), fresh, "told", fresh.state, "", {})
        audit.record(actor, "call.told", fresh, place_path=fresh.place.path, changes={"event": event.pk})
        events.publish(CallMoved(call_id=fresh.pk, event_id=event.pk))
        return fresh
