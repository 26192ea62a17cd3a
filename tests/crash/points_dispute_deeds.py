"""What is done about disputes over points: taking back and appeals."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from huying.kernel import clock
from huying.people.models import Account
from huying.points import actions
from huying.points.models import Appeal, Claim, Reversal
from huying.points.states import Ground, Outcome
from huying.points.tests.factories import World
from huying.volunteers.tests.factories import HASH
from tests.crash.points_deeds import HOUR, SYSTEM, Deed, owner


def reversal(world: World) -> Reversal:
    claim = world.confirmed(world.passbook())
    return actions.propose_reversal(actor=world.keeper, claim=claim, ground=Ground.ERROR, evidence="记重了")


def propose_reversal(world: World) -> Deed:
    claim = world.confirmed(world.passbook())
    facts: dict[str, Any] = {"ground": Ground.ERROR, "evidence": "记重了"}
    return world.keeper, lambda: actions.propose_reversal(actor=world.keeper, claim=claim, **facts)


def agree_reversal(world: World) -> Deed:
    row = reversal(world)
    doer = owner(row.claim.passbook)
    return doer, lambda: actions.agree_reversal(actor=doer, reversal=row)


def carry_reversal(world: World) -> Deed:
    row = reversal(world)
    actions.agree_reversal(actor=owner(row.claim.passbook), reversal=row)
    return world.second, lambda: actions.carry_reversal(actor=world.second, reversal=row)


def drop_reversal(world: World) -> Deed:
    row = reversal(world)
    return world.second, lambda: actions.drop_reversal(actor=world.second, reversal=row, reason="没有记重")


def lapse_reversal(world: World) -> Deed:
    row = reversal(world)

    def late() -> Any:
        assert row.until is not None
        with clock.frozen(row.until + HOUR):
            return actions.lapse_reversal(actor=SYSTEM, reversal=row)

    return SYSTEM, late


def tell_reversal(world: World) -> Deed:
    passbook = world.passbook(reads=False)
    claim = world.confirmed(passbook)
    row = actions.propose_reversal(actor=world.keeper, claim=claim, ground=Ground.ERROR, evidence="记重了")
    Account.objects.create(username=f"p{passbook.person_id}", person=passbook.person, password=HASH)
    return SYSTEM, lambda: actions.tell_reversal(actor=SYSTEM, reversal=row)


def refused(world: World) -> Claim:
    return actions.refuse(actor=world.keeper, claim=world.claim(world.passbook()), reason="看不清")


def appeal(world: World) -> Appeal:
    claim = refused(world)
    return actions.file_appeal(actor=owner(claim.passbook), passbook=claim.passbook, claim=claim, words="看得清")


def decided(world: World) -> Appeal:
    row = appeal(world)
    actions.mark_appeal(actor=world.second, appeal=row)
    return actions.decide_appeal(actor=world.second, appeal=row, outcome=Outcome.KEPT, reason="没有人")


def file_appeal(world: World) -> Deed:
    claim = refused(world)
    doer = owner(claim.passbook)
    return doer, lambda: actions.file_appeal(actor=doer, passbook=claim.passbook, claim=claim, words="看得清")


def mark_appeal(world: World) -> Deed:
    row = appeal(world)
    return world.second, lambda: actions.mark_appeal(actor=world.second, appeal=row)


def decide_appeal(world: World) -> Deed:
    row = actions.mark_appeal(actor=world.second, appeal=appeal(world))
    facts: dict[str, Any] = {"outcome": Outcome.UPHELD, "reason": "看得清"}
    return world.second, lambda: actions.decide_appeal(actor=world.second, appeal=row, **facts)


def appeal_again(world: World) -> Deed:
    row = decided(world)
    doer = owner(row.passbook)
    return doer, lambda: actions.appeal_again(actor=doer, appeal=row, words="再看看")


def review_appeal(world: World) -> Deed:
    row = decided(world)
    actions.appeal_again(actor=owner(row.passbook), appeal=row, words="再看看")
    facts: dict[str, Any] = {"outcome": Outcome.UPHELD, "reason": "应当认可"}
    return world.inspector, lambda: actions.review_appeal(actor=world.inspector, appeal=row, **facts)


def accept_appeal(world: World) -> Deed:
    row = decided(world)
    doer = owner(row.passbook)
    return doer, lambda: actions.accept_appeal(actor=doer, appeal=row)


def raise_appeal(world: World) -> Deed:
    row = appeal(world)

    def late() -> Any:
        with clock.frozen(row.mark_due + HOUR):
            return actions.raise_appeal(actor=SYSTEM, appeal=row)

    return SYSTEM, late


DISPUTES: dict[str, Callable[[World], Deed]] = {
    one.__name__: one
    for one in (
        *(accept_appeal, agree_reversal, appeal_again, carry_reversal, decide_appeal, drop_reversal, file_appeal),
        *(lapse_reversal, mark_appeal, propose_reversal, raise_appeal, review_appeal),
        tell_reversal,
    )
}
