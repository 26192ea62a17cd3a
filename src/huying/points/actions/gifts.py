"""Exchanging: points are held and goods set aside, fetched with a code or on paper; or everything goes back.

The goods stand on an account of what is reserved, the points on a hold of the ledger: neither can be given twice, and
neither can go below nothing, whatever runs at the same moment.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from huying.kernel import afterwards, audit, clock, events, locks
from huying.kernel.actor import Actor
from huying.kernel.chance import uuid7
from huying.kernel.errors import Forbidden, InvalidInput
from huying.kernel.transactions import begin
from huying.ledger import actions as ledger_actions
from huying.ledger import queries as ledger_queries
from huying.ledger.actions import Entry
from huying.people.actions.limits import Limit, spend, window_of
from huying.people.models import Allowance
from huying.points import rules
from huying.points.actions.banks import shelf_account
from huying.points.actions.endings import renewed
from huying.points.actions.events import PointsMoved
from huying.points.actions.refusals import (
    AnotherPerson,
    BookletWrong,
    CodesUsedUp,
    CodeWrong,
    MonthMost,
    NotEnoughPoints,
    NotForOneself,
    NotOffered,
    NotOpen,
    OutOfStock,
    PriceChanged,
    PrintedByYou,
    StepRefused,
)
from huying.points.actions.telling import PLATFORM, tell
from huying.points.models import Bank, Book, Gift, Good, Passbook, Printing
from huying.points.rules import codes
from huying.points.states import (
    BOOK,
    FETCH_DAYS,
    GIFT_MOST,
    GIFT_STEPS,
    GIVEN,
    RESERVED,
    STOCK,
    TAKEN,
    WRONG_CODES,
    BookletState,
    GiftState,
    Way,
)

WRONG = Limit("points.code", WRONG_CODES, timedelta(hours=1))
GRACE = timedelta(days=1)
"""The hold outlives the exchange, so that the clock of exchanges ends both together."""


def reserve(*, actor: Actor, passbook: Passbook, good: Good, quantity: int = 1, price: int | None = None) -> Gift:
    """Set ``quantity`` of this good aside for the owner of the passbook, for two weeks.

    By its owner, or staff at the counter for him. ``price``: what one piece costs as he was shown it, and nothing else is
    charged. Raises NotOpen, NotOffered, PriceChanged, NotEnoughPoints, OutOfStock, MonthMost.
    """
    if not 0 < quantity <= GIFT_MOST:
        raise InvalidInput(fields={"quantity": InvalidInput.message})
    with begin(actor):
        fresh = locks.one(Passbook, pk=passbook.pk)
        offered = Good.objects.select_related("bank__place", "bank__book").get(pk=good.pk)
        allow(actor, fresh, offered, quantity, price)
        return reserved(actor, fresh, offered, quantity)


def allow(actor: Actor, passbook: Passbook, good: Good, quantity: int, price: int | None) -> None:
    """The actor may exchange this from the locked passbook; else the reason why not."""
    serves = passbook.person_id != actor.person_id and rules.can_serve(actor, good.bank.place)
    if not (rules.owns(actor, passbook) or serves):
        raise Forbidden
    if passbook.frozen_until is not None:
        raise NotOpen(state=BookletState.FROZEN.label)
    if not good.active or good.bank.closed_at is not None or good.bank.book_id != passbook.book_id:
        raise NotOffered
    if price is not None and price != good.points:
        raise PriceChanged(name=good.name, unit=good.unit, now=good.points, shown=price)
    if good.month_most is None:
        return
    first = clock.local(clock.now()).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    rows = Gift.objects.filter(passbook=passbook, good=good, made_at__gte=first)
    back = [GiftState.CANCELLED, GiftState.LAPSED, GiftState.RETURNED]
    used = rows.exclude(state__in=back).aggregate(n=Sum("quantity"))["n"] or 0
    if used + quantity > good.month_most:
        raise MonthMost(name=good.name, most=good.month_most, unit=good.unit)


def points_entry(passbook: Passbook, good: Good, quantity: int, key: UUID, by: int | None) -> Entry:
    """The points of an exchange, from the passbook to what was taken in by its book."""
    return Entry(
        debit=passbook.account_id,
        credit=taken_account(passbook.book),
        amount=good.points * quantity,
        key=f"points-gift:{key}",
        reason="points.gift",
        evidence=f"points.Good:{good.pk}",
        made_by=by,
    )


def short(passbook: Passbook, need: int) -> NotEnoughPoints:
    """How many are needed and how many can be used."""
    return NotEnoughPoints(need=need, have=ledger_queries.account(passbook.account_id).available)


def gift_of(by: int, passbook: Passbook, good: Good, quantity: int, key: UUID, **facts: Any) -> Gift:
    """The row of an exchange, with what it costs and is worth today."""
    now = clock.now()
    return Gift.objects.create(
        public_id=key,
        passbook=passbook,
        good=good,
        partner_id=good.partner_id,
        quantity=quantity,
        points=good.points * quantity,
        value_fen=good.value_fen * quantity,
        made_by_id=by,
        made_at=now,
        **{"until": now + timedelta(days=FETCH_DAYS), **facts},
    )


def reserved(actor: Actor, passbook: Passbook, good: Good, quantity: int) -> Gift:
    key, until = uuid7(), clock.now() + timedelta(days=FETCH_DAYS)
    entry = points_entry(passbook, good, quantity, key, actor.person_id)
    try:
        hold = ledger_actions.hold(actor=PLATFORM, entry=entry, until=until + GRACE)
    except ledger_actions.NotEnough:
        raise short(passbook, entry.amount) from None
    move(good, STOCK, RESERVED, quantity, f"points-reserve:{key}", actor.person_id)
    index = codes.index_of(codes.digits(key, 1))
    gift = gift_of(actor.person_id or 0, passbook, good, quantity, key, until=until, hold_id=hold.pk, code_index=index)
    audit.record(actor, "points.reserve", gift, place_path=good.bank.place.path, changes={"points": gift.points})
    return gift


def taken_account(book: Book) -> int:
    """Where the points of a book go that were exchanged."""
    return ledger_actions.open_account(
        actor=PLATFORM,
        asset=book.asset_code,
        owner_type=BOOK,
        owner_id=book.pk,
        place_path=book.place.path,
        purpose=TAKEN,
    ).pk


def move(good: Good, before: str, after: str, quantity: int, key: str, by: int | None, reason: str = "") -> int:
    """Goods from one account to the other; the key of the transfer. OutOfStock."""
    entry = Entry(
        debit=shelf_account(good, before),
        credit=shelf_account(good, after),
        amount=quantity,
        key=key,
        reason=reason or "points.gift",
        evidence=f"points.Good:{good.pk}",
        made_by=by,
    )
    try:
        return ledger_actions.transfer(actor=PLATFORM, entry=entry).pk
    except ledger_actions.NotEnough:
        raise OutOfStock(name=good.name) from None


def taken(gift: Gift, verb: str) -> Gift:
    """The exchange, locked behind its passbook, when this step is possible."""
    locks.one(Passbook, pk=gift.passbook_id)
    fresh = locks.one(Gift, pk=gift.pk)
    step = GIFT_STEPS[verb]
    if fresh.state not in step.from_:
        raise StepRefused(state=GiftState(fresh.state).label, verb=step.label)
    return fresh


def hand_over(*, actor: Actor, bank: Bank, code: str) -> Gift:
    """Give what waits under this code, once: points and goods are posted together.

    Wrong codes are counted for each person at each counter. Raises CodeWrong, CodesUsedUp, NotForOneself, AnotherPerson,
    NotOpen.
    """
    check_tries(actor, bank)
    found = Gift.objects.filter(code_index=codes.index_of(code), state=GiftState.RESERVED, good__bank=bank).first()
    if found is None or found.until <= clock.now():
        raise wrong(actor, bank, CodeWrong)
    return given(actor, found, code, at_counter=True)


def hand(*, actor: Actor, gift: Gift, code: str) -> Gift:
    """Give one exchange out that was looked up on its page: with the code on the slip, or on the booklet, that its owner
    brought.

    Raises as ``hand_over``, and StepRefused.
    """
    bank = gift.good.bank
    check_tries(actor, bank)
    if shown(code, Gift.objects.select_related("passbook").get(pk=gift.pk)) is None:
        raise wrong(actor, bank, CodeWrong)
    return given(actor, gift, code)


def shown(typed: str, gift: Gift) -> Way | None:
    """What was typed or scanned for this exchange: its code, the booklet's; None: neither."""
    if codes.is_code(typed, gift.public_id, gift.serial):
        return Way.PAPER
    (number, mark), owner = codes.read_booklet(typed), gift.passbook
    fits = number == owner.number and codes.is_mark(mark, owner.public_id, owner.booklet)
    return Way.BOOKLET if fits else None


def check_tries(actor: Actor, bank: Bank) -> None:
    """He stands at this counter and has not typed too many wrong codes; Forbidden, CodesUsedUp."""
    if not rules.can_serve(actor, bank.place):
        raise Forbidden
    if used_up(f"{actor.person_id}:{bank.pk}"):
        raise CodesUsedUp


def check_mark(actor: Actor, bank: Bank, passbook: Passbook, mark: str) -> None:
    """These are the digits of the booklet that is good now, and not his own; a wrong guess counts. NotForOneself,
    BookletWrong, CodesUsedUp, Forbidden.
    """
    check_tries(actor, bank)
    if passbook.person_id == actor.person_id:
        raise NotForOneself
    now_good = Passbook.objects.values_list("booklet", flat=True).get(pk=passbook.pk)
    if not codes.is_mark(mark, passbook.public_id, now_good):
        raise wrong(actor, bank, BookletWrong)


def check_printed(actor: Actor, passbook: Passbook) -> None:
    """The actor did not print the booklet that is good now, so he has its code from its owner; PrintedByYou."""
    if Printing.objects.filter(passbook=passbook, booklet=passbook.booklet, made_by_id=actor.person_id).exists():
        raise PrintedByYou


def wrong(actor: Actor, bank: Bank, kind: type[CodeWrong | BookletWrong]) -> CodeWrong | BookletWrong:
    """The refusal of a wrong code, which counts though the refused request leaves nothing else."""
    afterwards.later(partial(count_wrong, f"{actor.person_id}:{bank.pk}"))
    return kind(fields={"code" if kind is CodeWrong else "number": kind.message})


def count_wrong(key: str) -> None:
    """One more wrong code of this person at this counter."""
    spend(WRONG, key)


def used_up(key: str) -> bool:
    """So many wrong codes were typed within the hour that no more are looked up."""
    rows = Allowance.objects.filter(scope=WRONG.scope, key=key, begins_at=window_of(WRONG, clock.now()))
    return rows.filter(used__gte=WRONG.most).exists()


def given(actor: Actor, gift: Gift, code: str, *, at_counter: bool = False) -> Gift:
    """Hand an exchange over, once, for what was shown as it is good behind the lock. Who reserved it for somebody hands it
    over for the booklet only: he could have seen the code; who printed the booklet does not hand over for that.
    """
    with begin(actor):
        fresh, now = taken(gift, "hand"), clock.now()
        way = shown(code, fresh)
        if fresh.passbook.person_id == actor.person_id:
            raise NotForOneself
        if fresh.made_by_id == actor.person_id and way != Way.BOOKLET:
            raise AnotherPerson
        if way == Way.BOOKLET:
            check_printed(actor, fresh.passbook)
        if fresh.passbook.frozen_until is not None:
            raise NotOpen(state=BookletState.FROZEN.label)
        if fresh.until <= now or way is None:
            raise CodeWrong
        try:
            ledger_actions.settle(
                actor=PLATFORM, hold=ledger_queries.hold(fresh.hold_id or 0), key=f"points-gift:{fresh.public_id}:given"
            )
        except ledger_actions.HoldEnded:
            raise CodeWrong from None
        key = f"points-given:{fresh.public_id}"
        move(fresh.good, RESERVED, GIVEN, fresh.quantity, key, actor.person_id)
        fresh.code_index, fresh.way = None, Way.CODE if at_counter else way
        ended(fresh, "hand", actor.person_id, now)
        told_handed(actor, fresh)
        return fresh


def told_handed(actor: Actor, gift: Gift) -> None:
    """Trail, figures, and a word to the owner, who would say that it was not he."""
    audit.record(actor, "points.hand", gift, place_path=gift.good.bank.place.path)
    events.publish(PointsMoved(label=Gift._meta.label, row_id=gift.pk))
    words = _("已领取：{name} × {n}").format(name=gift.good.name, n=gift.quantity)
    body = _("用了 {n} 分。不是您领的，请马上挂失，并在这次兑换的页面申诉。").format(n=gift.points)
    tell(actor, gift.passbook, words, body, url=reverse("points:gift", args=[gift.public_id]))


def ended(gift: Gift, verb: str, by: int | None, at: datetime) -> None:
    gift.state, gift.ended_by_id, gift.ended_at = GIFT_STEPS[verb].to, by, at
    gift.save()


def serve(
    *, actor: Actor, passbook: Passbook, good: Good, mark: str, quantity: int = 1, price: int | None = None
) -> Gift:
    """At the counter, for somebody who came with his booklet: set aside and handed over in one go; he gets a word of it.

    ``mark``: the digits on the booklet, without which its number is worth nothing; ``price`` as in ``reserve``. Raises
    BookletWrong, CodesUsedUp, PrintedByYou, and as ``reserve``.
    """
    offered = Good.objects.select_related("bank__place", "bank__book").get(pk=good.pk)
    if not 0 < quantity <= GIFT_MOST:
        raise InvalidInput(fields={"quantity": InvalidInput.message})
    check_mark(actor, offered.bank, passbook, mark)
    with begin(actor):
        fresh = locks.one(Passbook, pk=passbook.pk)
        check_printed(actor, fresh)
        allow(actor, fresh, offered, quantity, price)
        return served(actor, fresh, offered, quantity)


def served(actor: Actor, passbook: Passbook, good: Good, quantity: int) -> Gift:
    """Both postings at once: nothing waits, so nothing is held."""
    key, now = uuid7(), clock.now()
    entry = points_entry(passbook, good, quantity, key, actor.person_id)
    try:
        ledger_actions.transfer(actor=PLATFORM, entry=entry)
    except ledger_actions.NotEnough:
        raise short(passbook, entry.amount) from None
    move(good, STOCK, GIVEN, quantity, f"points-given:{key}", actor.person_id)
    facts = {"state": GiftState.HANDED, "way": Way.BOOKLET, "ended_by_id": actor.person_id, "ended_at": now}
    gift = gift_of(actor.person_id or 0, passbook, good, quantity, key, **facts)
    told_handed(actor, gift)
    return gift


def back(actor: Actor, gift: Gift, by: int | None, reason: str) -> None:
    """Points and goods of a locked exchange go back where they came from; points whose time is over get a new term."""
    ledger_actions.void(actor=PLATFORM, hold=ledger_queries.hold(gift.hold_id or 0), reason=reason)
    move(gift.good, RESERVED, STOCK, gift.quantity, f"points-back:{gift.public_id}", by)
    renewed(actor, gift.passbook)


def cancel(*, actor: Actor, gift: Gift) -> Gift:
    """By its owner or at the counter: everything goes back."""
    with begin(actor):
        fresh = taken(gift, "cancel")
        if not (rules.owns(actor, fresh.passbook) or rules.can_serve(actor, fresh.good.bank.place)):
            raise Forbidden
        back(actor, fresh, actor.person_id, "cancel")
        fresh.code_index = None
        ended(fresh, "cancel", actor.person_id, clock.now())
        audit.record(actor, "points.cancel", fresh, place_path=fresh.good.bank.place.path)
        return fresh


def lapse(*, actor: Actor, gift: Gift) -> Gift:
    """The clock's part: nobody fetched it in time. One that was fetched meanwhile, or has time left, stays."""
    with begin(actor):
        locks.one(Passbook, pk=gift.passbook_id)
        fresh = locks.one(Gift, pk=gift.pk)
        if fresh.state != GiftState.RESERVED or fresh.until > clock.now():
            return fresh
        back(actor, fresh, None, "lapse")
        fresh.code_index = None
        ended(fresh, "lapse", None, clock.now())
        audit.record(actor, "points.lapse", fresh, place_path=fresh.good.bank.place.path)
        words = _("过期未领，积分已退回：{name}").format(name=fresh.good.name)
        tell(actor, fresh.passbook, words)
        return fresh


def renew_code(*, actor: Actor, gift: Gift) -> Gift:
    """Another code; the one before is good no more. Only who may see it takes one."""
    with begin(actor):
        fresh = taken(gift, "hand")
        if not rules.is_his(actor, fresh.passbook):
            raise Forbidden
        fresh.serial += 1
        fresh.code_index = codes.index_of(codes.digits(fresh.public_id, fresh.serial))
        fresh.save(update_fields=["serial", "code_index"])
        audit.record(actor, "points.renew_code", fresh, place_path=fresh.good.bank.place.path)
        return fresh
