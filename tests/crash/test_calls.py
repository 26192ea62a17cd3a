"""Every step in the life of a call, killed at every point."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from huying.calls import actions
from huying.calls.models import Call, CallMessage
from huying.calls.states import TRANSITIONS, State
from huying.calls.tests.factories import START, Cast, actor, clocks
from huying.kernel import audit, clock
from huying.kernel.transactions import begin
from huying.places.tests.factories import kinds
from tests.crash.calls_deeds import OPERATIONS, TABLES
from tests.crash.calls_stepping import CLOCKS
from tests.crash.sweeping import Operation, Sweep
from tests.crash.writes import unknown
from tests.invariants import broken_rules

PARTS = (
    *("confirming.send_call", "looking.take_turn", "looking.notice_silence", "looking.take_back"),
    "claiming.claim_for_team",
)
"""Swept as part of another action: of send, of look (the last of them is expire and ask_next), of claim."""
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


@pytest.fixture
def cast(committed_db: None) -> Iterator[Cast]:
    kinds()
    with clock.frozen(START):
        clocks(review=60, answer=30, rate=60)
        yield Cast()


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_death_at_any_point_leaves_all_or_nothing(cast: Cast, name: str, tally: Callable[..., None]) -> None:
    report = Sweep(OPERATIONS[name](cast)).go()

    tally("crash points", operations=1, kills=report.points, violations=len(report.violations))
    assert report.violations == []


def test_every_action_of_calls_is_swept() -> None:
    named = {name for name in actions.__all__ if name[0].islower()}

    assert len(OPERATIONS) == sum(map(len, TABLES)), "two deeds have one name"
    assert named - {name.split()[0] for name in OPERATIONS} == set()
    assert set(TRANSITIONS) - set(OPERATIONS) == {"close", "seek_on"}  # part of rate and auto_rate, and of accept
    assert unknown("calls", {name.split()[0] for name in OPERATIONS}, PARTS) == set()


def careless_close(cast: Cast) -> Operation:
    """What a step looks like when somebody forgets the transaction."""

    def prepare() -> Any:
        call = cast.call(State.DELIVERED)

        def act(key: str) -> Any:
            Call.objects.filter(pk=call.pk).update(state=State.CLOSED, ended_at=clock.now(), score=5, solved=True)
            call.events.create(at=clock.now(), verb="rate", from_state="delivered", to_state="closed")
            audit.record(CLOCKS, "call.rate", call)

        return act

    return Operation("careless", prepare, broken_rules, keyed=False)


def two_transactions(cast: Cast) -> Operation:
    """Effect and answer in two transactions instead of one: each whole in itself."""
    me = actor(cast.resident)

    def prepare() -> Any:
        call = cast.call(State.ACCEPTED)

        def act(key: str) -> Any:
            actions.say(actor=me, call=call, text="第一句")
            with begin(me):
                CallMessage.objects.create(call=call, person=cast.resident, side="requester", text="第二句", at=START)

        return act

    return Operation("two transactions", prepare, broken_rules, keyed=False)


@pytest.mark.parametrize("build", [careless_close, two_transactions])
def test_negative_control_a_write_in_pieces_is_caught(cast: Cast, build: Callable[[Cast], Operation]) -> None:
    report = Sweep(build(cast)).go()

    assert any("half a write" in one for one in report.violations)
    if build is careless_close:
        assert any("history ends with delivered" in one for one in report.violations)
