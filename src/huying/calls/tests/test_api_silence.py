"""The REST interface tells who asked no moment from which a volunteer's no could be read (decision 0021)."""

from __future__ import annotations

from typing import Any

import pytest

from huying.calls import actions
from huying.calls.states import State
from huying.calls.tests.factories import Cast, actor, clocks
from huying.calls.tests.test_api import call_as, cast

__all__ = ["call_as", "cast"]
pytestmark = pytest.mark.django_db


def test_who_asked_is_not_told_the_moment_of_a_no(cast: Cast, call_as: Any) -> None:
    clocks(answer=30, dispatch=240)
    call = cast.call(State.DISPATCHED)
    me = call_as(cast.resident)
    asked = me.get(f"/{call.public_id}").json()
    assert call_as(cast.keeper).get(f"/{call.public_id}").json()["state"] == "dispatched"

    actions.decline(actor=actor(cast.li.person), call=call)

    assert me.get(f"/{call.public_id}").json() == asked and asked["state"] == "pooled"
    assert [len(me.get(state=one).json()["calls"]) for one in ("pooled", "dispatched", "closed")] == [1, 1, 0]
