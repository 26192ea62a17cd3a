"""Everything that is done with the ledger, killed at every point."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.ledger import actions
from huying.ledger.queries.verifying import findings
from huying.ledger.states import AssetKind
from huying.ledger.tests.conftest import own_heads  # noqa: F401 - a fixture
from huying.ledger.tests.factories import CHECKER, START, SYSTEM, account, entry, give, key, person
from huying.volunteers.tests.factories import place
from tests.crash.sweeping import Operation, Run, Sweep, keyed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db", "own_heads")]
Act = Callable[[], Any]
TOMORROW = START + timedelta(days=1)
_numbers = count(1)


@pytest.fixture(autouse=True)
def morning(committed_db: None) -> Iterator[None]:
    with clock.frozen(START):
        yield


def add_asset() -> tuple[Actor, Act]:
    code = f"rice-{next(_numbers)}"
    return person(), lambda: actions.add_asset(actor=person(), code=code, kind=AssetKind.GOODS, name="大米", unit="袋")


def open_account() -> tuple[Actor, Act]:
    owner = 10**6 + next(_numbers)
    facts = {"asset": "points", "owner_type": "tests.Crash", "owner_id": owner}
    return person(), lambda: actions.open_account(actor=person(), **facts)


def open_accounts() -> tuple[Actor, Act]:
    owners = {10**6 + next(_numbers): "/" for _n in range(3)}
    facts = {"asset": "points", "owner_type": "tests.Crash", "owners": owners}
    return SYSTEM, lambda: sorted(actions.open_accounts(actor=SYSTEM, **facts))


def transfer() -> tuple[Actor, Act]:
    wanted = entry(account(10), account(), 4, expires_at=TOMORROW)
    return person(), lambda: actions.transfer(actor=person(), entry=wanted)


def post() -> tuple[Actor, Act]:
    one, two = account(10), account()
    wanted = [entry(one, two, 4), entry(two, one, 1), entry(one, two, 7)]
    return person(), lambda: actions.post(actor=person(), entries=wanted)


def post_each() -> tuple[Actor, Act]:
    one, two = account(10), account()
    wanted = [entry(one, two, 4), entry(one, two, 40), entry(two, one, 1)]
    return person(), lambda: [type(made).__name__ for made in actions.post_each(actor=person(), entries=wanted)]


def reverse() -> tuple[Actor, Act]:
    made, again = give(account(), 4), key()
    return person(), lambda: actions.reverse(
        actor=person(), transfer=made, reason="记错", key=again, approved_by=CHECKER
    )


def hold() -> tuple[Actor, Act]:
    wanted = entry(account(10), account(), 4)
    return person(), lambda: actions.hold(actor=person(), entry=wanted, until=TOMORROW)


def held() -> Any:
    return actions.hold(actor=person(), entry=entry(account(10), account(), 4), until=TOMORROW)


def settle() -> tuple[Actor, Act]:
    one, again = held(), key()
    return person(), lambda: actions.settle(actor=person(), hold=one, amount=3, key=again)


def void() -> tuple[Actor, Act]:
    one = held()
    return person(), lambda: actions.void(actor=person(), hold=one, reason="不换了")


def void_overdue() -> tuple[Actor, Act]:
    with clock.frozen(START - timedelta(days=2)):
        one = actions.hold(actor=person(), entry=entry(account(10), account(), 4), until=START - timedelta(days=1))
    return SYSTEM, lambda: actions.void_overdue(actor=SYSTEM, hold=one)


def expire_lots() -> tuple[Actor, Act]:
    one = account()
    actions.expire_lots(actor=SYSTEM, account=one)  # the account of the expired is open
    give(one, 4, expires_at=START - timedelta(days=1))
    give(one, 5)
    return SYSTEM, lambda: actions.expire_lots(actor=SYSTEM, account=one)


def follow_places() -> tuple[Actor, Act]:
    one = place(f"和平社区{next(_numbers)}")
    account(place_path=f"/987654{one.path}")
    return SYSTEM, lambda: actions.follow_places(actor=SYSTEM)


def follow_owner() -> tuple[Actor, Act]:
    one, owner = place(f"桂花社区{next(_numbers)}"), account()
    facts = {"owner_type": owner.owner_type, "owner_id": owner.owner_id, "place": one}
    return SYSTEM, lambda: actions.follow_owner(actor=SYSTEM, **facts)


def seal() -> tuple[Actor, Act]:
    give(account(), 4)
    return SYSTEM, lambda: [one.number for one in actions.seal(actor=SYSTEM)]


ACTS = (
    add_asset,
    open_account,
    open_accounts,
    transfer,
    post,
    post_each,
    reverse,
    hold,
    settle,
    void,
    void_overdue,
    expire_lots,
    follow_places,
    follow_owner,
    seal,
)
OPERATIONS = {act.__name__: act for act in ACTS}


def broken() -> list[str]:
    return [str(one) for one in findings()]


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_death_at_any_point_leaves_all_or_nothing(name: str, tally: Callable[..., None], own_heads: Path) -> None:  # noqa: F811
    def prepare() -> Run:
        doer, act = OPERATIONS[name]()
        return keyed(name, doer, act)

    report = Sweep(Operation(name, prepare, check=broken)).go()

    tally("crash points", operations=1, kills=report.points, violations=len(report.violations))
    assert report.violations == []


def test_every_action_of_the_ledger_is_swept() -> None:
    ours = {name for name in actions.__all__ if name[0].islower()} - {"guard_lots"}  # declares a door, writes nothing

    assert ours == set(OPERATIONS)
