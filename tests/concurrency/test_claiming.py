"""A leader takes two calls for one team at the same moment: together they pass no limit that the team has set itself."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from huying.calls import actions
from huying.calls.models import Call, Offer
from huying.calls.states import OfferState, State
from huying.calls.tests.factories import START, Cast, actor
from huying.kernel import clock
from huying.places.tests.factories import kinds
from tests.concurrency.racing import race, race_without_locks, refusals

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


@pytest.fixture
def cast(committed_db: None) -> Iterator[Cast]:
    kinds()
    with clock.frozen(START):
        cast = Cast()
        cast.team.open_limit = 1
        cast.team.save(update_fields=["open_limit"])
        yield cast


def take(cast: Cast, call: Call) -> Call:
    return actions.claim(actor=actor(cast.leader.person), call=call, team=cast.team.public_id)


def held(cast: Cast) -> int:
    return Offer.objects.filter(team=cast.team, state=OfferState.ACCEPTED).count()


def test_a_team_with_room_for_one_takes_one_of_two(cast: Cast) -> None:
    one, other = cast.call(State.POOLED), cast.call(State.POOLED)

    results = race(lambda: take(cast, one), lambda: take(cast, other))

    assert (refusals(results), held(cast)) == (["TeamUnfit"], 1)


def test_without_the_lock_it_would_hold_two(cast: Cast) -> None:
    one, other = cast.call(State.POOLED), cast.call(State.POOLED)

    results = race_without_locks(lambda: take(cast, one), lambda: take(cast, other))

    assert (refusals(results), held(cast)) == ([], 2)
