"""Every page, as somebody who may open it: axe finds nothing against WCAG 2.2 AA, nothing leaves the site."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from huying.calls.states import State
from huying.calls.tests.factories import Cast
from tests.journeys.conftest import DESK, PHONE, Visitor

RESIDENT = [
    "/",
    "/ask/",
    "/ask/clinic/",
    "/calls/",
    "/help/",
    "/people/me/",
    "/people/me/notices/",
    "/volunteers/me/",
    "/places/",
]
STAFF = [
    "/desk/",
    "/desk/list/",
    "/desk/phone/",
    "/places/list/",
    "/places/coverage/",
    "/places/reach/",
    "/people/persons/",
    "/volunteers/list/",
    "/volunteers/teams/",
]


@pytest.mark.parametrize("print_size", ["normal", "large"])
def test_pages_of_residents_have_no_barrier(visit: Callable[..., Visitor], cast: Cast, print_size: str) -> None:
    call = cast.call(State.DELIVERED)
    visitor = visit(PHONE, cookies={"huying_print": print_size})
    visitor.sign_in("chen")
    found = {}

    for path in [*RESIDENT, f"/calls/{call.public_id}/", f"/calls/{call.public_id}/rate/"]:
        visitor.open(path)
        found[path] = visitor.violations()

    assert {path: broken for path, broken in found.items() if broken} == {}


def test_pages_of_staff_have_no_barrier(visit: Callable[..., Visitor], cast: Cast) -> None:
    calls = [cast.call(state) for state in (State.SUBMITTED, State.POOLED, State.SERVING, State.DELIVERED)]
    visitor = visit(DESK)
    visitor.sign_in("lin")
    found = {}

    for path in [*STAFF, f"/desk/calls/{calls[0].public_id}/", "/desk/menu/", "/desk/clocks/"]:
        visitor.open(path)
        found[path] = visitor.violations()

    assert {path: broken for path, broken in found.items() if broken} == {}
