"""Two workers look at the clocks at one moment, over two connections: they share the calls, and nobody waits."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from huying.calls import actions
from huying.calls.actions import looking
from huying.calls.models import Call, CallEvent, Offer
from huying.calls.queries.due import turns
from huying.calls.states import State
from huying.calls.tests.factories import START, Cast
from huying.kernel import clock
from tests.concurrency.racing import CLOCKS, all_at_once, waiting
from tests.invariants import broken_rules

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


def late(cast: Cast, count: int) -> list[Call]:
    """Half of them nobody looked at, half of them nobody answered."""
    states = [State.SUBMITTED, State.DISPATCHED]
    return [cast.call(states[n % 2]) for n in range(count)]


def test_two_that_look_at_one_moment_do_each_thing_once_and_share_the_work(cast: Cast, monkeypatch: Any) -> None:
    calls = late(cast, 16)
    done: list[tuple[int, int]] = []
    right = looking.take_turn

    def counted(actor: Any, turn: Any) -> bool:
        took = right(actor, turn)
        done.append((connection.connection.info.backend_pid, took))
        return took

    monkeypatch.setattr(looking, "take_turn", counted)

    with clock.frozen(START + timedelta(hours=2)):
        results = all_at_once(*[lambda: actions.look(actor=CLOCKS)] * 2)

        assert (results, turns(clock.now())) == ([True, True], [])
    for call in calls:
        verbs = sorted(call.events.filter(at__gt=START).values_list("verb", flat=True))
        assert verbs in (["escalate"], ["dispatch", "expire"])
    assert Offer.objects.filter(call__in=calls).count() == 16
    took = {pid for pid, yes in done if yes}
    assert len({pid for pid, _yes in done}) == 2
    assert len(took) == 2, "one did all of it while the other waited"
    assert broken_rules() == []


def test_a_call_that_somebody_holds_is_passed_by_and_has_its_turn_later(cast: Cast) -> None:
    held, behind = late(cast, 3)[::2]

    def look() -> tuple[bool, list[int], int]:
        whole = actions.look(actor=CLOCKS)
        return whole, list(CallEvent.objects.filter(verb="escalate").values_list("call_id", flat=True)), waiting()

    with clock.frozen(START + timedelta(hours=2)):
        with transaction.atomic():
            Call.objects.select_for_update().get(pk=held.pk)
            meanwhile = all_at_once(look)
        afterwards = look()

    assert meanwhile == [(True, [behind.pk], 0)]
    assert afterwards == (True, [behind.pk, held.pk], 0)
