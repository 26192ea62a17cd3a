"""Points are taken back for an error or a fraud only: with evidence, by two people, after notice, never below nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.kernel.transactions import begin
from huying.ledger import actions as ledger_actions
from huying.ledger import queries as ledger_queries
from huying.people import rules as people_rules
from huying.points import rules
from huying.points.actions.earning import take_back
from huying.points.actions.endings import renewed
from huying.points.actions.events import PointsMoved
from huying.points.actions.gifts import taken_account
from huying.points.actions.refusals import (
    AnotherPerson,
    NotForOneself,
    NotTold,
    ReasonMissing,
    SpentAlready,
    StepRefused,
    TooEarly,
    UnderAppeal,
)
from huying.points.actions.telling import PLATFORM, tell
from huying.points.models import Appeal, Claim, Passbook, Reversal
from huying.points.queries import appeals as queries
from huying.points.queries.endings import reads
from huying.points.states import NOTICE, AppealState, ClaimState, Ground, ReversalState

FOR_GOOD = timedelta(days=36_500)
"""The clock of the ledger never ends such a hold: people do."""


def propose_reversal(*, actor: Actor, claim: Claim, ground: str, evidence: str) -> Reversal:
    """Say what is wrong and how one knows. The points are held, their owner is told and has time to object.

    Who proposed it once, and it was dropped, does not propose it again. Raises ReasonMissing, NotForOneself, Forbidden,
    AnotherPerson, StepRefused, SpentAlready (nothing is taken that is not there).
    """
    if not evidence.strip() or ground not in Ground.values:
        raise ReasonMissing(fields={"evidence": ReasonMissing.message})
    with begin(actor):
        passbook = locks.one(Passbook, pk=claim.passbook_id)
        fresh = locks.one(Claim, pk=claim.pk)
        may_propose(actor, passbook, fresh)
        now, path = clock.now(), passbook.book.place.path
        objects_until = queries.due("file", now, path)
        told_at = now if reads(passbook.person) else None  # who cannot read it is told in person
        row = Reversal.objects.create(
            claim=fresh,
            ground=ground,
            evidence=evidence.strip()[:300],
            made_by_id=actor.person_id or 0,
            made_at=now,
            told_at=told_at,
            not_before=None if told_at is None else objects_until,
            until=queries.due("reversal", objects_until, path),
        )
        entry = ledger_actions.Entry(
            debit=passbook.account_id,
            credit=taken_account(passbook.book),
            amount=fresh.amount or 0,
            key=f"points-reversal:{row.public_id}",
            reason="points.reversal",
            evidence=f"points.Reversal:{row.pk}",
            made_by=actor.person_id,
        )
        try:
            hold = ledger_actions.hold(actor=PLATFORM, entry=entry, until=now + FOR_GOOD)
        except ledger_actions.NotEnough:
            raise SpentAlready from None
        row.hold_id = hold.pk
        row.save(update_fields=["hold_id"])
        audit.record(actor, "points.propose_reversal", row, place_path=path)
        if row.not_before is not None:
            tell(actor, passbook, *said(row, row.not_before))
        return row


def may_propose(actor: Actor, passbook: Passbook, claim: Claim) -> None:
    """A keeper, who is no family, of booked points about which nothing is proposed yet; else the reason why not."""
    if not people_rules.reaches(actor, rules.KEEPERS, passbook.book.place) or actor.person_id is None:
        raise Forbidden
    if actor.person_id == passbook.person_id or rules.is_kin(actor.person_id, passbook.person):
        raise NotForOneself
    waiting = claim.reversals.filter(state=ReversalState.PROPOSED).exists()
    if claim.state != ClaimState.CONFIRMED or claim.amount is None or waiting:
        raise StepRefused(state=ClaimState(claim.state).label, verb=_("冲回"))
    if claim.reversals.filter(state=ReversalState.DROPPED, made_by_id=actor.person_id).exists():
        raise AnotherPerson


def said(row: Reversal, not_before: datetime) -> tuple[str, str]:
    """The word to its owner, as it stands in messages and on the slip: what it is about, and his time to object."""
    title = _("有人提出冲回 {n} 分：{title}").format(n=row.claim.amount, title=row.claim.title)
    until = clock.local(not_before)
    body = _("{ground}：{evidence}。{until} 以前可以申诉；申诉期间不会冲回。").format(
        ground=Ground(row.ground).label, evidence=row.evidence, until=f"{until:%Y-%m-%d %H:%M}"
    )
    return title, body


def tell_reversal(*, actor: Actor, reversal: Reversal) -> Reversal:
    """The clock's part: its owner, who read nothing here when it was proposed, has an account now. He is told as anybody
    is, and his time to object begins. One that was told of or decided, or whose owner still does not read, stays.
    """
    with begin(actor):
        passbook = locks.one(Passbook, pk=reversal.claim.passbook_id)
        locks.one(Claim, pk=reversal.claim_id)
        fresh = locks.one(Reversal, pk=reversal.pk)
        waits = fresh.state == ReversalState.PROPOSED and fresh.told_at is None
        if not waits or not reads(passbook.person):
            return fresh
        now, path = clock.now(), passbook.book.place.path
        fresh.told_at, fresh.not_before = now, queries.due("file", now, path)
        fresh.until = queries.due("reversal", fresh.not_before, path)
        fresh.save(update_fields=["told_at", "not_before", "until"])
        audit.record(actor, "points.tell_reversal", fresh, place_path=path)
        tell(actor, passbook, *said(fresh, fresh.not_before))
        return fresh


def taken(reversal: Reversal) -> Reversal:
    """The proposal, locked behind its passbook and claim, while it waits; StepRefused."""
    locks.one(Passbook, pk=reversal.claim.passbook_id)
    locks.one(Claim, pk=reversal.claim_id)
    fresh = locks.one(Reversal, pk=reversal.pk)
    if fresh.state != ReversalState.PROPOSED:
        raise StepRefused(state=ReversalState(fresh.state).label, verb=_("决定"))
    return fresh


def agree_reversal(*, actor: Actor, reversal: Reversal) -> Reversal:
    """Its owner says that it is right, so nobody has to wait. He himself: whoever acts for him cannot give up his term."""
    with begin(actor):
        fresh = taken(reversal)
        if not rules.is_his(actor, fresh.claim.passbook):
            raise Forbidden
        fresh.agreed_at = clock.now()
        fresh.save(update_fields=["agreed_at"])
        audit.record(actor, "points.agree_reversal", fresh, place_path=fresh.claim.passbook.book.place.path)
        return fresh


def carry_reversal(*, actor: Actor, reversal: Reversal) -> Reversal:
    """The second person decides: exactly what this claim gave goes back, once.

    Raises AnotherPerson, NotForOneself, UnderAppeal, NotTold, TooEarly, StepRefused.
    """
    with begin(actor):
        fresh, now = taken(reversal), clock.now()
        passbook = fresh.claim.passbook
        allow(actor, fresh)
        if Appeal.objects.filter(reversal=fresh).exclude(state=AppealState.CLOSED).exists():
            raise UnderAppeal
        if fresh.not_before is None and fresh.agreed_at is None:
            raise NotTold
        if fresh.not_before is not None and now < fresh.not_before and fresh.agreed_at is None:
            raise TooEarly(until=f"{clock.local(fresh.not_before):%Y-%m-%d %H:%M}")
        release(fresh)
        take_back(fresh.claim, fresh.made_by_id, actor.person_id or 0)
        fresh.claim.state = ClaimState.REVERSED
        fresh.claim.save(update_fields=["state"])
        done = ended(actor, fresh, ReversalState.CARRIED, "carry")
        events.publish(PointsMoved(label=Claim._meta.label, row_id=fresh.claim_id))
        tell(actor, passbook, _("已冲回 {n} 分：{title}").format(n=fresh.claim.amount, title=fresh.claim.title))
        return done


def allow(actor: Actor, row: Reversal) -> None:
    """Another keeper than who proposed it, and not of the family."""
    passbook = row.claim.passbook
    if not people_rules.reaches(actor, rules.KEEPERS, passbook.book.place):
        raise Forbidden
    if actor.person_id == row.made_by_id:
        raise AnotherPerson
    if actor.person_id == passbook.person_id or rules.is_kin(actor.person_id, passbook.person):
        raise NotForOneself


def release(row: Reversal) -> None:
    ledger_actions.void(actor=PLATFORM, hold=ledger_queries.hold(row.hold_id or 0), reason="reversal")


def drop_reversal(*, actor: Actor, reversal: Reversal, reason: str) -> Reversal:
    """It was right after all, or cannot be proven: the points are free again. By any keeper but the family."""
    if not reason.strip():
        raise ReasonMissing(fields={"reason": ReasonMissing.message})
    with begin(actor):
        fresh = taken(reversal)
        passbook = fresh.claim.passbook
        if not people_rules.reaches(actor, rules.KEEPERS, passbook.book.place):
            raise Forbidden
        if actor.person_id == passbook.person_id or rules.is_kin(actor.person_id, passbook.person):
            raise NotForOneself
        fresh.reason = reason.strip()[:200]
        return dropped(actor, fresh)


def lapse_reversal(*, actor: Actor, reversal: Reversal) -> Reversal:
    """The clock's part: nobody decided in time, so nothing is taken. One that was decided, has time left or is appealed
    stays.
    """
    with begin(actor):
        locks.one(Passbook, pk=reversal.claim.passbook_id)
        locks.one(Claim, pk=reversal.claim_id)
        fresh = locks.one(Reversal, pk=reversal.pk)
        open_ones = Appeal.objects.filter(reversal=fresh).exclude(state=AppealState.CLOSED)
        waits = fresh.state == ReversalState.PROPOSED and not open_ones.exists()
        if not waits or fresh.until is None or fresh.until > clock.now():
            return fresh
        fresh.reason = _("期限内没有另一个人决定。")
        return dropped(actor, fresh)


def dropped(actor: Actor, row: Reversal) -> Reversal:
    """A locked proposal ended without taking anything."""
    release(row)
    done = ended(actor, row, ReversalState.DROPPED, "drop_reversal")
    words = _("不冲回了，{n} 分可以照常使用：{title}").format(n=row.claim.amount, title=row.claim.title)
    tell(actor, row.claim.passbook, words, row.reason)
    return done


def ended(actor: Actor, row: Reversal, state: str, verb: str) -> Reversal:
    """Decided: what was held for it can be used again, for a whole term."""
    row.state, row.ended_by_id, row.ended_at = state, actor.person_id, clock.now()
    row.save()
    audit.record(actor, f"points.{verb}", row, place_path=row.claim.passbook.book.place.path)
    renewed(actor, row.claim.passbook, within=NOTICE)
    return row
