"""What is done about points: each prepares its state and gives who does it and the deed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from huying.figures import actions as figures
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.points import actions
from huying.points.models import Bank, Book, Claim, Edition, Gift, Intake, Passbook, Sheet
from huying.points.rules import codes
from huying.points.states import IntakeKind
from huying.points.tests.factories import ITEMS, VOTE, World, mark_of
from huying.volunteers import actions as volunteers
from huying.volunteers.states import Evidence
from huying.volunteers.tests.factories import actor, person, place

Deed = tuple[Actor, Callable[[], Any]]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SYSTEM = Actor.system("points.test")
_numbers = count(1)
DRAFT = actions.Draft(items=ITEMS, name="积分办法")


def owner(passbook: Passbook) -> Actor:
    return Actor(person_id=passbook.person_id)


def drafted(world: World) -> Edition:
    """The book of a new place, drafted by the office of the street."""
    home = place(f"社区{next(_numbers)}", world.cast.street)
    return actions.make_book(actor=world.office, place=home, draft=DRAFT)


def adopted(world: World) -> Edition:
    edition = drafted(world)
    actions.adopt(actor=world.office, edition=edition, vote=VOTE)
    return edition


def make_book(world: World) -> Deed:
    home = place(f"社区{next(_numbers)}", world.cast.street)
    return world.office, lambda: actions.make_book(actor=world.office, place=home, draft=DRAFT)


def draft_edition(world: World) -> Deed:
    book = drafted(world).book
    return world.office, lambda: actions.draft_edition(actor=world.office, book=book, draft=DRAFT)


def adopt(world: World) -> Deed:
    edition = drafted(world)
    return world.office, lambda: actions.adopt(actor=world.office, edition=edition, vote=VOTE)


def publish(world: World) -> Deed:
    edition, boss = adopted(world), world.boss()
    when = clock.now() + DAY
    return boss, lambda: actions.publish(actor=boss, edition=edition, valid_from=when)


def drop(world: World) -> Deed:
    edition = adopted(world)
    return world.office, lambda: actions.drop(actor=world.office, edition=edition, reason="另起一稿")


def open_passbook(world: World) -> Deed:
    who = person("居民", world.home)
    return Actor(person_id=who.pk), lambda: actions.open_passbook(
        actor=Actor(person_id=who.pk), book=world.book, person=who
    )


def share(world: World) -> Deed:
    passbook = world.passbook()
    return owner(passbook), lambda: actions.share(actor=owner(passbook), passbook=passbook, shares=True)


def leave(world: World) -> Deed:
    passbook = world.passbook()
    return owner(passbook), lambda: actions.leave(actor=owner(passbook), passbook=passbook)


def rejoin(world: World) -> Deed:
    passbook = actions.leave(actor=owner(one := world.passbook()), passbook=one)
    return owner(passbook), lambda: actions.rejoin(actor=owner(passbook), passbook=passbook)


def freeze(world: World) -> Deed:
    passbook = world.passbook()
    return world.keeper, lambda: actions.freeze(actor=world.keeper, passbook=passbook, reason="存折丢了")


def print_booklet(world: World) -> Deed:
    passbook = world.passbook()
    return world.keeper, lambda: actions.print_booklet(actor=world.keeper, passbook=passbook)


def frozen(world: World) -> Passbook:
    return actions.freeze(actor=world.keeper, passbook=world.passbook(), reason="存折丢了")


def unfreeze(world: World) -> Deed:
    passbook = frozen(world)
    return world.keeper, lambda: actions.unfreeze(actor=world.keeper, passbook=passbook)


def state_claim(world: World) -> Deed:
    passbook = world.passbook()
    done = actions.Done("扶老人", clock.today(), 1)
    return owner(passbook), lambda: actions.state_claim(
        actor=owner(passbook), passbook=passbook, rule=world.rule("bridge"), done=done
    )


def confirm(world: World) -> Deed:
    claim = world.claim(world.passbook())
    return world.keeper, lambda: actions.confirm(actor=world.keeper, claim=claim)


def refuse(world: World) -> Deed:
    claim = world.claim(world.passbook())
    return world.keeper, lambda: actions.refuse(actor=world.keeper, claim=claim, reason="看不清")


def withdraw(world: World) -> Deed:
    claim = world.claim(world.passbook())
    return owner(claim.passbook), lambda: actions.withdraw(actor=owner(claim.passbook), claim=claim)


def earn(world: World) -> Deed:
    who = world.passbook().person
    deed = actions.Deed("夜校", clock.today(), ("learning.Attendance", next(_numbers)))
    two = {"maker_id": world.cast.keeper.pk, "checker_id": world.cast.office.pk}
    return SYSTEM, lambda: actions.earn(actor=SYSTEM, person=who, source="learning", deed=deed, **two)


def rename_book(world: World) -> Deed:
    name, book = f"新名称{next(_numbers)}", drafted(world).book
    return world.office, lambda: actions.rename_book(actor=world.office, book=book, name=name)


def lasting(world: World) -> Book:
    """A book of its own that holds, for each death ends it."""
    edition = drafted(world)
    actions.adopt(actor=world.office, edition=edition, vote=VOTE)
    return actions.publish(actor=SYSTEM, edition=edition).book


def end_book(world: World) -> Deed:
    book = lasting(world)
    return world.office, lambda: actions.end_book(actor=world.office, book=book, reason="会议记录本第 20 页")


def tell_end(world: World) -> Deed:
    book = lasting(world)
    owner_of_one = person(f"居民{next(_numbers)}", book.place)
    passbook = actions.open_passbook(actor=world.office, book=book, person=owner_of_one)
    actions.end_book(actor=world.office, book=book, reason="会议记录本第 20 页")
    return SYSTEM, lambda: actions.tell_end(actor=SYSTEM, passbook=passbook)


def earn_learning(world: World) -> Deed:
    who = world.passbook().person
    facts = {"title": "夜校", "done_on": clock.today().isoformat(), "minutes": 60, "sign_up_id": next(_numbers)}
    two = {"maker_id": world.cast.keeper.pk, "checker_id": world.cast.office.pk}
    return SYSTEM, lambda: actions.earn_learning(actor=SYSTEM, person_id=who.pk, **facts, **two)  # type: ignore[arg-type]


def earn_service(world: World) -> Deed:
    helper = world.cast.volunteer("志愿者")
    world.passbook(helper.person)
    begin = clock.now() - 30 * 60 * timedelta(seconds=1)
    served = volunteers.Served(
        volunteer=helper,
        place=world.home,
        title="助餐",
        starts_at=begin,
        ends_at=clock.now(),
        minutes=30,
        evidence=Evidence.A,
        team=world.cast.team,
    )
    record = volunteers.submit_record(actor=actor(world.cast.wu.person), served=served)
    volunteers.confirm(actor=world.keeper, record=record)
    return SYSTEM, lambda: actions.earn_service(actor=SYSTEM, record_id=record.pk)


def bank(world: World) -> Bank:
    return world.bank(f"储蓄所{next(_numbers)}")


def open_bank(world: World) -> Deed:
    name = f"储蓄所{next(_numbers)}"
    return world.keeper, lambda: actions.open_bank(actor=world.keeper, book=world.book, place=world.home, name=name)


def close_bank(world: World) -> Deed:
    found = bank(world)
    return world.keeper, lambda: actions.close_bank(actor=world.keeper, bank=found)


def save_partner(world: World) -> Deed:
    facts = {"name": f"商户{next(_numbers)}", "is_sponsor": True, "is_merchant": True}
    return world.keeper, lambda: actions.save_partner(actor=world.keeper, book=world.book, **facts)  # type: ignore[arg-type]


def save_good(world: World) -> Deed:
    found, shelf = bank(world), actions.Shelf(name="皂", unit="块", points=5, value_fen=300)
    return world.keeper, lambda: actions.save_good(actor=world.keeper, bank=found, shelf=shelf)


def entered(world: World) -> Intake:
    good = world.good(bank(world))
    facts: dict[str, Any] = {"kind": IntakeKind.GOODS, "amount": 5, "evidence": "送货单"}
    return actions.enter_intake(actor=world.keeper, book=world.book, good=good, **facts)


def enter_intake(world: World) -> Deed:
    good = world.good(bank(world))
    facts: dict[str, Any] = {"kind": IntakeKind.GOODS, "amount": 5, "evidence": "送货单"}
    return world.keeper, lambda: actions.enter_intake(actor=world.keeper, book=world.book, good=good, **facts)


def confirm_intake(world: World) -> Deed:
    row = entered(world)
    return world.office, lambda: actions.confirm_intake(actor=world.office, intake=row)


def refuse_intake(world: World) -> Deed:
    row = entered(world)
    return world.office, lambda: actions.refuse_intake(actor=world.office, intake=row)


def waiting(world: World) -> Gift:
    return world.gift(world.good(bank(world), stock=3), world.passbook(points=40))


def reserve(world: World) -> Deed:
    good, passbook = world.good(bank(world), stock=3), world.passbook(points=40)
    return owner(passbook), lambda: actions.reserve(actor=owner(passbook), passbook=passbook, good=good)


def serve(world: World) -> Deed:
    good, passbook = world.good(bank(world), stock=3), world.passbook(points=40)
    return world.keeper, lambda: actions.serve(actor=world.keeper, passbook=passbook, good=good, mark=mark_of(passbook))


def look_up(world: World) -> Deed:
    counter, passbook = bank(world), world.passbook()
    facts: dict[str, Any] = {"bank": counter, "passbook": passbook, "mark": mark_of(passbook)}
    return world.keeper, lambda: actions.look_up(actor=world.keeper, **facts)


def hand_over(world: World) -> Deed:
    gift = waiting(world)
    code, counter = codes.digits(gift.public_id, gift.serial), gift.good.bank
    return world.keeper, lambda: actions.hand_over(actor=world.keeper, bank=counter, code=code)


def hand(world: World) -> Deed:
    gift = waiting(world)
    return world.keeper, lambda: world.handed(gift)


def cancel(world: World) -> Deed:
    gift = waiting(world)
    return owner(gift.passbook), lambda: actions.cancel(actor=owner(gift.passbook), gift=gift)


def lapse(world: World) -> Deed:
    gift = waiting(world)

    def late() -> Any:
        with clock.frozen(gift.until + HOUR):
            return actions.lapse(actor=SYSTEM, gift=gift)

    return SYSTEM, late


def return_gift(world: World) -> Deed:
    gift = world.handed(waiting(world))
    return world.second, lambda: actions.return_gift(actor=world.second, gift=gift, reason="给错了人")


def renew_code(world: World) -> Deed:
    gift = waiting(world)
    return owner(gift.passbook), lambda: actions.renew_code(actor=owner(gift.passbook), gift=gift)


def weigh(world: World) -> Deed:
    good = world.good(bank(world), stock=3, litter="烟头", litter_grams=100)
    return world.keeper, lambda: actions.weigh(actor=world.keeper, good=good, grams=200)


def sheet(world: World) -> Sheet:
    doer, facts = to_settle(world)
    return actions.make_sheet(actor=doer, **facts)


def to_settle(world: World) -> tuple[Actor, dict[str, Any]]:
    merchant = world.partner(f"商户{next(_numbers)}")
    good = world.good(bank(world), stock=3, partner=merchant)
    world.handed(world.gift(good, world.passbook(points=40)))
    sponsor = world.funded(10_000, f"企业{next(_numbers)}")
    span = {"since": clock.today(), "until": clock.today() + DAY}
    return world.keeper, {"partner": merchant, "funded_by": sponsor, **span}


def make_sheet(world: World) -> Deed:
    doer, facts = to_settle(world)
    return doer, lambda: actions.make_sheet(actor=doer, **facts)


def approve_sheet(world: World) -> Deed:
    row = sheet(world)
    return world.office, lambda: actions.approve_sheet(actor=world.office, sheet=row, evidence="收据")


def drop_sheet(world: World) -> Deed:
    row = sheet(world)
    return world.keeper, lambda: actions.drop_sheet(actor=world.keeper, sheet=row)


def warn_expiry(world: World) -> Deed:
    passbook = world.passbook(points=10)

    def soon() -> Any:
        with clock.frozen(clock.now() + 40 * DAY):
            return actions.warn_expiry(actor=SYSTEM, passbook=passbook)

    return SYSTEM, soon


def tell_in_person(world: World) -> Deed:
    passbook = world.passbook(points=10, reads=False)

    def soon() -> Any:
        with clock.frozen(clock.now() + 40 * DAY):
            return actions.tell_in_person(actor=world.keeper, passbook=passbook, how="上门说了")

    return world.keeper, soon


def counted(world: World) -> Deed:
    figures.install_first_rows()
    before, claim = (world.confirmed(world.passbook()) for _ in range(2))
    actions.count(actor=SYSTEM, label=Claim._meta.label, row_id=before.pk)  # figures know the source by now
    return SYSTEM, lambda: actions.count(actor=SYSTEM, label=Claim._meta.label, row_id=claim.pk)


OPERATIONS: dict[str, Callable[[World], Deed]] = {
    **{
        one.__name__: one
        for one in (
            *(adopt, approve_sheet, cancel, close_bank, confirm, confirm_intake, draft_edition, drop, drop_sheet, earn),
            *(earn_service, enter_intake, freeze, hand, hand_over, lapse, leave, look_up, make_book, make_sheet),
            *(earn_learning, end_book, rename_book, tell_end),
            *(open_bank, open_passbook, print_booklet, publish, refuse, refuse_intake, rejoin),
            *(renew_code, reserve, return_gift, save_good, save_partner, serve, share, state_claim, unfreeze),
            *(tell_in_person, warn_expiry, weigh, withdraw),
        )
    },
    "count": counted,
}
