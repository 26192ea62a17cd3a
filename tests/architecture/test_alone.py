"""No credential of any role, nor all of them together, lets one person give himself a minute, a point or a fen: every
address of the platform is pressed by somebody who holds them all (security goal G15).

The functions and rights of the database are tried in src/huying/ledger/tests/test_one_person.py.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from huying.calls.tests.factories import START
from huying.calls.tests.sorters import teacher
from huying.kernel import clock
from huying.ledger import actions as ledger
from huying.sorting import teaching
from huying.volunteers import actions as volunteers
from tests.architecture.addresses import routes
from tests.architecture.alone import FIRST, Alone, gained
from tests.architecture.test_routes import GOES_ON
from tests.architecture.walking import SYSTEM


@pytest.fixture
def world(db: None, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Alone]:
    monkeypatch.setattr(teaching, "teach", teacher())  # nobody gains by it, and it takes its time
    settings.HUYING_STAFF_SECOND_FACTOR = False
    settings.HUYING_SMS_GATEWAY = "console"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    logging.disable(logging.CRITICAL)  # thousands of refusals are the point
    kept: list[Alone] = []
    with clock.frozen(lambda: kept[0].now if kept else START):
        kept.append(Alone())
        yield kept[0]
    logging.disable(logging.NOTSET)


@pytest.mark.timeout(900)
def test_whoever_holds_every_role_gives_himself_nothing_by_any_address(
    world: Alone, tally: Callable[..., None]
) -> None:
    assert world.units() == {"minutes": FIRST, "points": FIRST, "fen": FIRST}

    wins, pressed, answers = gained(world, rounds=3)

    tally("one person alone", addresses=len(pressed), presses=sum(pressed.values()), gains=len(wins))
    assert wins == []
    assert set(pressed) >= {route.name for route in routes()} - GOES_ON
    assert answers[303] + answers[200] + answers[201] > 100  # much of it is his to do
    assert not [status for status in answers if status >= 500]


def test_negative_control_an_address_that_credits_its_presser_is_found(
    world: Alone, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = volunteers.object_to

    def generous(**given: Any) -> Any:
        mine = ledger.open_account(actor=SYSTEM, asset="points", owner_type="people.Person", owner_id=world.sole.pk)
        source = ledger.open_account(
            actor=SYSTEM, asset="points", owner_type="ledger", owner_id=0, purpose="issue", floor=None
        )
        forged = {"debit": source.pk, "credit": mine.pk, "amount": 5, "key": "generous", "evidence": "x"}
        ledger.transfer(actor=SYSTEM, entry=ledger.Entry(**forged, made_by=1, approved_by=2))
        return record(**given)

    monkeypatch.setattr(volunteers, "object_to", generous)

    wins, _pressed, _answers = gained(world, rounds=1, only=frozenset({"volunteers:record_step"}))

    assert [one.split(":")[:2] for one in wins] == [["volunteers", "record_step"]]
