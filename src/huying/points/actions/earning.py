"""Earning: what was done is stated by one, confirmed by another, cut to the caps and booked in the ledger.

Other rooms (learning, nominations) come in by ``earn``, records of service by ``earn_service``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Sum
from django.utils.translation import gettext as _

from huying.kernel import audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, SignInNeeded
from huying.kernel.transactions import begin
from huying.ledger import actions as ledger_actions
from huying.ledger.models import Transfer
from huying.people.models import Person
from huying.points import rules
from huying.points.actions.events import PointsMoved
from huying.points.actions.refusals import (
    AmountUnclear,
    ByItself,
    CapReached,
    DayUnclear,
    NoRules,
    NotForOneself,
    NotOpen,
    OtherRules,
    ReasonMissing,
    StepRefused,
)
from huying.points.actions.telling import PLATFORM, tell
from huying.points.models import Book, Claim, Passbook, Rule
from huying.points.queries import books as queries
from huying.points.queries.endings import last_day
from huying.points.rules import Used
from huying.points.states import BOOK, CLAIM_BACK, CLAIM_STEPS, ISSUING, BookletState, ClaimState, Measure, Source

LARGEST = 1_000_000
SPANS = {"day": "cap_day", "month": "cap_month", "year": "cap_year"}


@dataclass(frozen=True, slots=True)
class Done:
    """What somebody did: ``quantity`` in times, minutes or grams, as the rule measures; ``subject``: the record behind it
    (model label, key), which counts once.
    """

    title: str
    done_on: date
    quantity: int
    proof: str = ""
    subject: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class Deed:
    """What another room's record says: how often, and how long where that is known; the item decides which it counts."""

    title: str
    done_on: date
    subject: tuple[str, int]
    times: int = 1
    minutes: int = 0
    grams: int = 0
    proof: str = ""

    def as_done(self, rule: Rule) -> Done:
        """As this item measures it."""
        counted = {Measure.TIME: self.times, Measure.HOUR: self.minutes, Measure.KILO: self.grams}
        return Done(self.title, self.done_on, counted[Measure(rule.measure)], self.proof, self.subject)


def state_claim(*, actor: Actor, passbook: Passbook, rule: Rule, done: Done) -> Claim:
    """Say what was done; another one confirms it. By its owner, or by staff for him.

    Raises Forbidden, ByItself, NotOpen, OtherRules, DayUnclear, AmountUnclear.
    """
    if actor.person_id is None:
        raise SignInNeeded
    if rule.source == Source.SERVICE:  # hours come in by themselves; stated as well they would count twice
        raise ByItself
    with begin(actor):
        fresh = locks.one(Passbook, pk=passbook.pk)
        if not rules.can_state(actor, fresh):
            raise Forbidden
        row = stated(fresh, rule, done, actor.person_id)
        audit.record(actor, "points.state", row, place_path=fresh.book.place.path)
        return row


def stated(passbook: Passbook, rule: Rule, done: Done, maker_id: int) -> Claim:
    """A claim under the rules of the day on which it was done."""
    if passbook.state == BookletState.LEFT:
        raise NotOpen(state=BookletState(passbook.state).label)
    today = clock.today()
    if not today - CLAIM_BACK <= done.done_on <= today:
        raise DayUnclear(days=CLAIM_BACK.days, fields={"done_on": str(DayUnclear(days=CLAIM_BACK.days))})
    if not 0 < len(done.title.strip()) <= 80 or len(done.proof) > 300:
        raise InvalidInput(fields={"title": InvalidInput.message})
    edition = queries.edition_on(passbook.book, done.done_on)
    if edition is None:
        raise NoRules
    if rule.edition_id != edition.pk:  # the same item as it stood on that day
        found = edition.rules.filter(code=rule.code).first()
        if found is None:
            raise OtherRules
        rule = found
    if not 0 < done.quantity <= LARGEST or rules.worth(rule.amount, rule.measure, done.quantity) < 1:
        raise AmountUnclear(fields={"quantity": AmountUnclear.message})
    return written(passbook, rule, done, maker_id)


def written(passbook: Passbook, rule: Rule, done: Done, maker_id: int) -> Claim:
    """The row of a claim that waits."""
    source_type, source_id = done.subject or ("", None)
    return Claim.objects.create(
        passbook=passbook,
        person_id=passbook.person_id,
        rule=rule,
        done_on=done.done_on,
        quantity=done.quantity,
        title=done.title.strip(),
        proof=done.proof.strip(),
        source_type=source_type,
        source_id=source_id,
        made_by_id=maker_id,
        made_at=clock.now(),
    )


def taken(claim: Claim, verb: str, reason: str = "") -> Claim:
    """The claim, locked behind its passbook (which holds the caps), when this step is possible."""
    locks.one(Passbook, pk=claim.passbook_id)
    fresh = locks.one(Claim, pk=claim.pk)
    step = CLAIM_STEPS[verb]
    if fresh.state not in step.from_:
        raise StepRefused(state=ClaimState(fresh.state).label, verb=step.label)
    if "reason" in step.needs and not reason.strip():
        raise ReasonMissing(fields={"reason": ReasonMissing.message})
    return fresh


def confirm(*, actor: Actor, claim: Claim) -> Claim:
    """Say that it is true: what the caps leave is booked at once.

    Nobody becomes family of one of them while it is booked. Raises NotForOneself, Forbidden, CapReached, NotOpen (its owner
    left: he has to come back first).
    """
    with begin(actor):
        locks.still(Person.objects.filter(pk__in=near(actor, claim)))
        fresh = taken(claim, "confirm")
        allow(actor, fresh)
        if fresh.passbook.state == BookletState.LEFT:
            raise NotOpen(state=BookletState.LEFT.label)
        return booked(actor, fresh, fresh.made_by_id, actor.person_id or 0)


def near(actor: Actor, claim: Claim) -> list[int]:
    """Whose households and ties are asked before something is booked: locked, so that nobody becomes family meanwhile."""
    return [one for one in (actor.person_id, actor.on_behalf_of_id, claim.person_id, claim.made_by_id) if one]


def allow(actor: Actor, claim: Claim) -> None:
    """Somebody else, of the right office, and not of the family; else the reason why not."""
    if rules.can_confirm(actor, claim):
        return
    mine = bool(rules.concerned(claim) & {actor.person_id, actor.on_behalf_of_id})
    raise NotForOneself if mine or rules.is_near(actor.person_id, claim) else Forbidden


def booked(actor: Actor, claim: Claim, maker_id: int, checker_id: int) -> Claim:
    """The points of a locked claim behind its locked passbook: as many as the caps leave, issued by two people."""
    rule, book, now = claim.rule, claim.passbook.book, clock.now()
    wanted = rules.worth(rule.amount, rule.measure, claim.quantity)
    left = room_for(claim)
    amount = wanted if left is None else min(wanted, left)
    if amount < 1:
        raise CapReached
    entry = ledger_actions.Entry(
        debit=issuing(book),
        credit=claim.passbook.account_id,
        amount=amount,
        key=f"points:{claim.public_id}",
        reason="points.earn",
        rule_version=f"{rule.edition.number}:{rule.code}",
        evidence=f"points.Claim:{claim.pk}",
        occurred_at=queries.midnight(claim.done_on),
        made_by=maker_id,
        approved_by=checker_id,
        expires_at=ends_at(rule, now),
    )
    claim.transfer_id = ledger_actions.transfer(actor=PLATFORM, entry=entry).pk
    claim.amount, claim.state, claim.ended_by_id, claim.ended_at = amount, ClaimState.CONFIRMED, checker_id, now
    claim.save()
    audit.record(actor, "points.confirm", claim, place_path=book.place.path, changes={"amount": amount})
    events.publish(PointsMoved(label=Claim._meta.label, row_id=claim.pk))
    words = _("{title}：+{amount} 分").format(title=claim.title, amount=amount)
    ends = "" if entry.expires_at is None else _("可以用到 {day}（含当天）。").format(day=last_day(entry.expires_at))
    tell(actor, claim.passbook, words, ends)
    return claim


def ends_at(rule: Rule, now: datetime) -> datetime | None:
    """The midnight (China) at which the points end; None: never."""
    last = rules.valid_until(clock.local(now).date(), rule.validity_days, rule.validity_months)
    return None if last is None else queries.midnight(last + timedelta(days=1))


def room_for(claim: Claim) -> int | None:
    """What the caps leave for this claim; asked behind the locked passbook, so nobody books meanwhile."""
    rule, edition = claim.rule, claim.rule.edition
    rows = Claim.objects.filter(passbook_id=claim.passbook_id, state=ClaimState.CONFIRMED)
    of_item, of_all = {}, {}
    for span, (since, until) in rules.spans_of(claim.done_on).items():
        inside = rows.filter(done_on__gte=since, done_on__lt=until)
        of_all[span] = inside.aggregate(n=Sum("amount"))["n"] or 0
        of_item[span] = inside.filter(rule__code=rule.code).aggregate(n=Sum("amount"))["n"] or 0
    caps = {span: getattr(rule, name) for span, name in SPANS.items()}
    whole = {span: getattr(edition, name) for span, name in SPANS.items()}
    return rules.room(caps, whole, Used(of_item, of_all))


def issuing(book: Book) -> int:
    """The account a book's points come from, which may go below nothing."""
    return ledger_actions.open_account(
        actor=PLATFORM,
        asset=book.asset_code,
        owner_type=BOOK,
        owner_id=book.pk,
        place_path=book.place.path,
        purpose=ISSUING,
        floor=None,
    ).pk


def refuse(*, actor: Actor, claim: Claim, reason: str) -> Claim:
    """Not so: with a reason, which its owner reads and may appeal against. Raises as ``confirm``."""
    with begin(actor):
        fresh = taken(claim, "refuse", reason)
        allow(actor, fresh)
        fresh.state, fresh.ended_by_id, fresh.ended_at = ClaimState.REFUSED, actor.person_id, clock.now()
        fresh.reason = reason.strip()[:200]
        fresh.save()
        audit.record(actor, "points.refuse", fresh, place_path=fresh.passbook.book.place.path)
        words = _("{reason} 有不同意见的，可以在存折里申诉。").format(reason=fresh.reason)
        tell(actor, fresh.passbook, _("没有通过：{title}").format(title=fresh.title), words)
        return fresh


def withdraw(*, actor: Actor, claim: Claim) -> Claim:
    """Take back what one stated, before anybody looked at it."""
    with begin(actor):
        fresh = taken(claim, "withdraw")
        if actor.person_id != fresh.made_by_id and not rules.owns(actor, fresh.passbook):
            raise Forbidden
        fresh.state, fresh.ended_by_id, fresh.ended_at = ClaimState.WITHDRAWN, actor.person_id, clock.now()
        fresh.save()
        audit.record(actor, "points.withdraw", fresh, place_path=fresh.passbook.book.place.path)
        return fresh


def earn(*, actor: Actor, person: Person, source: str, deed: Deed, maker_id: int, checker_id: int) -> Claim | None:
    """The door for other rooms: something of theirs (``source``: service, learning, honour) that two people stand for.

    Booked under the book that the person has a passbook of and that has an item of this source on that day; None when
    there is none, for nobody has to have one, and when the caps are reached. It waits when one of the two is family of the
    other or of the person. The same ``deed.subject`` again gives the claim that is there. Only the platform calls it, from
    a reaction. Raises Forbidden, NotForOneself.
    """
    if not actor.is_system:
        raise Forbidden
    if maker_id == checker_id or person.pk in {maker_id, checker_id}:
        raise NotForOneself
    with begin(actor):
        return earned(actor, passbooks_of(person), source, deed, maker_id, checker_id)


def passbooks_of(person: Person) -> list[Passbook]:
    """The passbooks in use of one person, the book of the nearest place first; those he left are locked with them."""
    found = [one for one in locks.many(Passbook.objects.filter(person=person)) if one.state != BookletState.LEFT]
    return sorted(found, key=lambda one: -len(one.book.place.path))


def earned(
    actor: Actor, passbooks: Sequence[Passbook], source: str, deed: Deed, maker_id: int, checker_id: int
) -> Claim | None:
    """``earn`` behind locked passbooks: counted in one of them only."""
    for passbook in passbooks:
        known = standing(passbook, deed.subject)
        if known is not None:
            return known
    for passbook in passbooks:
        rule = rule_for(passbook, source, deed.done_on)
        if rule is None or rules.worth(rule.amount, rule.measure, deed.as_done(rule).quantity) < 1:
            continue
        claim = stated(passbook, rule, deed.as_done(rule), maker_id)
        return by_two(actor, claim, maker_id, checker_id)
    return None


def by_two(actor: Actor, claim: Claim, maker_id: int, checker_id: int) -> Claim | None:
    """A fresh claim booked by the two who stand for it; None under full caps. Where one of them is family of the other or
    of its owner, it waits: somebody else confirms it.
    """
    if room_for(claim) == 0:
        capped(claim)
        return None
    if rules.is_near(checker_id, claim):
        audit.record(actor, "points.kin_waits", claim, place_path=claim.passbook.book.place.path)
        return claim
    return booked(actor, claim, maker_id, checker_id)


def rebooked(actor: Actor, old: Claim, deed: Deed, maker_id: int, checker_id: int) -> Claim | None:
    """The deed as it is now in place of ``old``, whose points went back: in the same passbook, also when it was left,
    and however long ago it was; None when nothing is left to book.
    """
    edition = queries.edition_on(old.passbook.book, deed.done_on)
    rule = (edition.rules.filter(source=old.rule.source).order_by("order").first() if edition else None) or old.rule
    done = deed.as_done(rule)
    if rules.worth(rule.amount, rule.measure, done.quantity) < 1:
        return None
    return by_two(actor, written(old.passbook, rule, done, maker_id), maker_id, checker_id)


def capped(claim: Claim) -> None:
    """Nothing is left under the caps: it stands there, so that its owner sees why."""
    claim.state, claim.ended_at, claim.reason = ClaimState.REFUSED, clock.now(), str(CapReached.message)
    claim.save()


def rule_for(passbook: Passbook, source: str, day: date) -> Rule | None:
    """The item that rewards this on that day."""
    edition = queries.edition_on(passbook.book, day)
    if edition is None or not clock.today() - CLAIM_BACK <= day <= clock.today():
        return None
    return edition.rules.filter(source=source).order_by("order").first()


def standing(passbook: Passbook, subject: tuple[str, int]) -> Claim | None:
    """The claim that counts this record already."""
    rows = Claim.objects.filter(passbook=passbook, source_type=subject[0], source_id=subject[1])
    return rows.filter(state__in=[ClaimState.WAITING, ClaimState.CONFIRMED]).first()


def take_back(claim: Claim, maker_id: int, checker_id: int) -> Transfer:
    """Reverse what a locked claim booked; NotEnough when it was spent."""
    assert claim.transfer_id is not None
    return ledger_actions.reverse(
        actor=PLATFORM,
        transfer=Transfer.objects.get(pk=claim.transfer_id),
        reason="points.reversal",
        key=f"points:{claim.public_id}:back",
        made_by=maker_id,
        approved_by=checker_id,
    )
