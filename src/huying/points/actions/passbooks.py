"""Passbooks: opened by one's own wish, left at no cost, shown to the household only by consent, frozen when lost."""

from __future__ import annotations

from datetime import timedelta

from django.utils.translation import gettext as _

from huying.kernel import audit, chance, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.kernel.transactions import begin
from huying.ledger import actions as ledger_actions
from huying.people.models import Person
from huying.points import rules
from huying.points.actions.endings import renewed
from huying.points.actions.events import PointsMoved
from huying.points.actions.refusals import AnotherPerson, NoRules, NotOpen, NotReached, ReasonMissing
from huying.points.actions.telling import PLATFORM, tell
from huying.points.models import Book, Freezing, Passbook, Printing
from huying.points.queries import appeals as appeal_queries
from huying.points.queries import books as queries
from huying.points.states import FREEZE_AGAIN, NOTICE, PERSON, BookletState


def open_passbook(*, actor: Actor, book: Book, person: Person) -> Passbook:
    """A passbook of this person, who asked for it; the one that is there when he has one. Nobody is given one unasked.

    Raises Forbidden, NoRules (nothing was published yet).
    """
    with begin(actor):
        owner = locks.one(Person, pk=person.pk)
        if not rules.can_open(actor, owner):
            raise Forbidden
        if queries.edition_now(book) is None or book.ended_at is not None:
            raise NoRules
        if owner.home_place is None or not owner.home_place.path.startswith(book.place.path):
            raise NotReached
        known = Passbook.objects.filter(book=book, person=owner).first()
        if known is not None:
            return known
        account = ledger_actions.open_account(
            actor=PLATFORM, asset=book.asset_code, owner_type=PERSON, owner_id=owner.pk, place_path=book.place.path
        )
        passbook = Passbook.objects.create(
            book=book,
            person=owner,
            number=chance.digits(10),
            account_id=account.pk,
            opened_at=clock.now(),
            opened_by_id=actor.person_id,
        )
        audit.record(actor, "points.open", passbook, place_path=book.place.path)
        if actor.person_id != owner.pk:
            words = _("您没有要过的，可以在存折里退出，没有任何影响。")
            tell(actor, passbook, _("已为您开立“{name}”存折").format(name=book.name), words)
        events.publish(PointsMoved(label=Passbook._meta.label, row_id=passbook.pk))
        return passbook


def taken(actor: Actor, passbook: Passbook, *states: str) -> Passbook:
    """The passbook, locked, in one of these states; NotOpen."""
    fresh = locks.one(Passbook, pk=passbook.pk)
    if fresh.state not in states:
        raise NotOpen(state=BookletState(fresh.state).label)
    return fresh


def saved(actor: Actor, passbook: Passbook, verb: str, reason: str = "") -> Passbook:
    passbook.save()
    audit.record(actor, f"points.{verb}", passbook, place_path=passbook.book.place.path, reason=reason[:200])
    events.publish(PointsMoved(label=Passbook._meta.label, row_id=passbook.pk))
    return passbook


def share(*, actor: Actor, passbook: Passbook, shares: bool) -> Passbook:
    """The household may see it, or not any more: only its owner says so."""
    with begin(actor):
        fresh = taken(actor, passbook, BookletState.OPEN, BookletState.FROZEN)
        if not rules.owns(actor, fresh):
            raise Forbidden
        fresh.shares = shares
        return saved(actor, fresh, "share" if shares else "unshare")


def leave(*, actor: Actor, passbook: Passbook) -> Passbook:
    """Earn no more. What is on it can still be used until its time is over; every other service stays as it was. A
    freeze goes on until its own end.
    """
    with begin(actor):
        fresh = taken(actor, passbook, BookletState.OPEN, BookletState.FROZEN)
        if not rules.owns(actor, fresh):
            raise Forbidden
        fresh.state, fresh.shares, fresh.left_at = BookletState.LEFT, False, clock.now()
        return saved(actor, fresh, "leave")


def rejoin(*, actor: Actor, passbook: Passbook) -> Passbook:
    """Use it again after leaving."""
    with begin(actor):
        fresh = taken(actor, passbook, BookletState.LEFT)
        if not rules.owns(actor, fresh):
            raise Forbidden
        frozen = fresh.frozen_until is not None
        fresh.state, fresh.left_at = BookletState.FROZEN if frozen else BookletState.OPEN, None
        return saved(actor, fresh, "join")


def freeze(*, actor: Actor, passbook: Passbook, reason: str) -> Passbook:
    """Nothing is exchanged for a while: the booklet was lost, or something is being looked into. It ends by itself.

    By its owner or by staff of the book, who say why; the owner is told and may appeal. Earning goes on. Staff who froze
    it within half a year do not freeze it again: another one looks at it. Raises ReasonMissing, NotOpen, AnotherPerson.
    """
    if not reason.strip():
        raise ReasonMissing(fields={"reason": ReasonMissing.message})
    with begin(actor):
        fresh = taken(actor, passbook, BookletState.OPEN)
        if actor.person_id is None or not (rules.owns(actor, fresh) or rules.attends(actor, fresh)):
            raise Forbidden
        days, now = appeal_queries.term("freeze").days, clock.now()
        before = Freezing.objects.filter(passbook=fresh, made_by_id=actor.person_id, made_at__gt=now - FREEZE_AGAIN)
        if not rules.is_his(actor, fresh) and before.exists():
            raise AnotherPerson
        fresh.booklet += 1  # it may be lost: whoever finds it exchanges nothing; its owner gets another one
        Freezing.objects.create(passbook=fresh, made_by_id=actor.person_id, made_at=now)
        fresh.state, fresh.frozen_until = BookletState.FROZEN, now + timedelta(days=days)
        fresh.frozen_for, fresh.frozen_by_id = reason.strip()[:200], actor.person_id
        tell(actor, fresh, _("您的积分存折暂停兑换"), fresh.frozen_for)
        return saved(actor, fresh, "freeze")


def print_booklet(*, actor: Actor, passbook: Passbook) -> Passbook:
    """Its owner or a keeper takes the booklet on paper, with the code that is good at the counter; the passbook whose code
    it is. The trail keeps who, the owner is told when it was not himself, and whoever else printed it, and so knows the
    code, gives nothing out for it (gifts.py). Forbidden.
    """
    with begin(actor):
        fresh = locks.one(Passbook, pk=passbook.pk)
        if actor.person_id is None or not (rules.owns(actor, fresh) or rules.attends(actor, fresh)):
            raise Forbidden
        if not rules.is_his(actor, fresh):
            words = _("存折上有兑换用的码。没有请人打印的，请马上挂失，旧的就不能用了。")
            tell(actor, fresh, _("工作人员打印了您的纸质存折"), words)
        if actor.person_id != fresh.person_id:
            times = {"made_by_id": actor.person_id, "made_at": clock.now()}
            Printing.objects.create(passbook=fresh, booklet=fresh.booklet, **times)
        audit.record(actor, "points.print_booklet", fresh, place_path=fresh.book.place.path)
        return fresh


def unfreeze(*, actor: Actor, passbook: Passbook) -> Passbook:
    """Exchange again: who froze it, or staff; the clock when its time is over, whatever is appealed."""
    with begin(actor):
        fresh = taken(actor, passbook, BookletState.FROZEN, BookletState.LEFT)
        if fresh.frozen_until is None:
            raise NotOpen(state=BookletState(fresh.state).label)
        own = rules.owns(actor, fresh) and fresh.frozen_by_id == actor.person_id
        if not (actor.is_system or own or rules.attends(actor, fresh)):
            raise Forbidden
        if actor.is_system and fresh.frozen_until > clock.now():
            return fresh
        thawed(fresh)
        renewed(actor, fresh, within=NOTICE)
        tell(actor, fresh, _("您的积分存折可以兑换了"))
        return saved(actor, fresh, "unfreeze")


def thawed(passbook: Passbook) -> Passbook:
    """Frozen no more; one that was left stays left. Not saved yet."""
    if passbook.state == BookletState.FROZEN:
        passbook.state = BookletState.OPEN
    passbook.frozen_until, passbook.frozen_for, passbook.frozen_by = None, "", None
    return passbook
