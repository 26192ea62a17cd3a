"""Holds: an amount is set aside first and posted later, in full or in part, or given back.

What is held counts as the owner's, but he cannot give it away twice; a hold that nobody ends is voided by the clock.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError
from django.utils.translation import gettext as _

from huying.kernel import clock, locks
from huying.kernel.actor import Actor
from huying.kernel.transactions import begin
from huying.ledger.actions.posting import Entry, asked
from huying.ledger.actions.refusals import (
    REFUSALS,
    HoldEnded,
    KeyTaken,
    MoreThanHeld,
    Rushed,
    TwoPeopleNeeded,
    UntilPast,
)
from huying.ledger.actions.writing import hold_end, hold_write, lock
from huying.ledger.models import Hold, Transfer
from huying.ledger.rules.entries import Verdict, by_two, judged, same
from huying.ledger.states import HoldState


def hold(*, actor: Actor, entry: Entry, until: datetime) -> Hold:
    """Set ``entry.amount`` aside on the debit account until ``until``. The same key and content: the same hold.

    Raises what ``transfer`` raises, and UntilPast. Two people are asked for when an issuing account's hold is settled.
    """
    row = asked(actor, entry)
    if until <= clock.now():
        raise UntilPast(fields={"until": UntilPast.message})
    with begin(actor):
        standings = lock({row.debit, row.credit})
        known = Hold.objects.filter(key=row.key).first()
        if known is not None:
            if not same(replace(row, occurred_at=None, reverses=None), told(known)) or known.until != until:
                raise KeyTaken
            return known
        verdict = judged(row, standings, set())
        if verdict not in {Verdict.WRITE, Verdict.TWO_PEOPLE}:
            raise REFUSALS[verdict]
        made = hold_write(row, until)
        if not made:
            raise Rushed
        return made[0]


def told(known: Hold) -> Transfer:
    """A hold as the transfer that it would become, to be compared with what is asked."""
    return Transfer(
        debit_account_id=known.debit_account_id,
        credit_account_id=known.credit_account_id,
        amount=known.amount,
        made_by_id=known.made_by_id,
        approved_by_id=known.approved_by_id,
        on_behalf=known.on_behalf,
        reason=known.reason,
        rule_version=known.rule_version,
        evidence=known.evidence,
        occurred_at=known.recorded_at,
    )


def settle(*, actor: Actor, hold: Hold, amount: int | None = None, key: str) -> Transfer:
    """Post what is held, or ``amount`` of it; the rest is given back. The same key again gives the same transfer.

    Who held is the maker, who settles is the checker unless the hold named one. Raises MoreThanHeld, HoldEnded (ended,
    or past its time), KeyTaken, TwoPeopleNeeded.
    """
    with begin(actor):
        found = locks.one(Hold, pk=hold.pk)
        wanted = found.amount if amount is None else amount
        if found.state == HoldState.POSTED and found.transfer is not None and found.transfer.key == key:
            if found.transfer.amount != wanted:
                raise KeyTaken
            return found.transfer
        if found.state != HoldState.PENDING or found.until <= clock.now():
            raise HoldEnded
        if wanted > found.amount:
            raise MoreThanHeld(fields={"amount": MoreThanHeld.message})
        if Transfer.objects.filter(key=key).exists():
            raise KeyTaken
        ended = posted(actor, found, wanted, key)
        assert ended.transfer is not None
        return ended.transfer


def posted(actor: Actor, held: Hold, amount: int, key: str) -> Hold:
    """The locked hold, ended by a transfer."""
    entry = Entry(
        debit=held.debit_account_id,
        credit=held.credit_account_id,
        amount=amount,
        key=key,
        reason=held.reason,
        rule_version=held.rule_version,
        evidence=held.evidence,
    )
    row = asked(actor, entry)
    row.made_by = held.made_by_id
    row.approved_by = held.approved_by_id or (actor.person_id if actor.person_id != held.made_by_id else None)
    row.on_behalf = held.on_behalf
    try:
        with begin(actor):
            ended = hold_end(held, row, row.recorded_at, actor.person_id, "")
    except IntegrityError:  # accounts and amount were checked when it was held: two people, or the key is taken
        raise (Rushed if by_two(row) else TwoPeopleNeeded) from None
    return ended[0]


def void(*, actor: Actor, hold: Hold, reason: str) -> Hold:
    """Give back what is held. Voiding twice changes nothing; HoldEnded when it was posted."""
    with begin(actor):
        found = locks.one(Hold, pk=hold.pk)
        if found.state == HoldState.VOIDED:
            return found
        if found.state == HoldState.POSTED:
            raise HoldEnded
        return hold_end(found, None, clock.now(), actor.person_id, reason[:300])[0]


def void_overdue(*, actor: Actor, hold: Hold) -> Hold:
    """The clock's part: void a hold whose time is over; one that was settled meanwhile, or has time left, stays."""
    with begin(actor):
        found = locks.one(Hold, pk=hold.pk)
        if found.state != HoldState.PENDING or found.until > clock.now():
            return found
        return hold_end(found, None, clock.now(), None, _("冻结到期，自动解冻"))[0]
