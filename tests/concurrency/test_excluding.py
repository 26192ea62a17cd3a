"""Two people judge one exclusion at the same moment: the first decides, the second is told, and it is written once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from huying.calls import actions
from huying.calls.models import Exclusion
from huying.calls.states import ExclusionState, State
from huying.calls.tests.factories import START, Cast, actor, clocks, person, role
from huying.kernel import clock
from huying.kernel.models import AuditLine
from huying.places.tests.factories import kinds
from tests.concurrency.racing import race, race_without_locks, refusals
from tests.invariants import broken_rules

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
WHY = {"ground": "illegal", "reason": "于法无据，不能支持"}


@pytest.fixture
def cast(committed_db: None) -> Iterator[Cast]:
    kinds()
    with clock.frozen(START):
        clocks(review=60, rate=60)
        yield Cast()


def two_deciders(cast: Cast) -> list[Callable[[], Any]]:
    """The centre agrees, the inspector does not."""
    inspector = person("钱督查", cast.county)
    role(inspector, "inspector", cast.county)
    call = cast.call(State.CLOSED)
    one = actions.propose_exclusion(actor=actor(cast.keeper), call=call, **WHY)
    judge = partial(actions.decide_exclusion, exclusion=one)
    return [
        partial(judge, actor=actor(cast.dispatcher), agree=True),
        partial(judge, actor=actor(inspector), agree=False, words="诉求合理"),
    ]


def decisions() -> list[str]:
    lines = AuditLine.objects.filter(verb__in=["exclusion.agreed", "exclusion.refused"])
    return list(lines.values_list("verb", flat=True))


def test_the_first_decision_is_the_last_word(cast: Cast) -> None:
    results = race(*two_deciders(cast))

    assert refusals(results) == ["ExclusionOver"]
    assert Exclusion.objects.get().state == ExclusionState.IN_FORCE
    assert decisions() == ["exclusion.agreed"]
    assert broken_rules() == []


def test_negative_control_without_the_lock_both_decide(cast: Cast) -> None:
    results = race_without_locks(*two_deciders(cast))

    assert refusals(results) == []
    assert len(decisions()) == 2


def two_proposers(cast: Cast) -> list[Callable[[], Any]]:
    call = cast.call(State.CLOSED)
    return [
        partial(actions.propose_exclusion, actor=actor(one), call=call, **WHY) for one in (cast.keeper, cast.dispatcher)
    ]


def test_two_who_propose_at_once_make_one_proposal(cast: Cast) -> None:
    results = race(*two_proposers(cast))

    assert refusals(results) == ["AlreadyProposed"]
    assert Exclusion.objects.count() == 1
