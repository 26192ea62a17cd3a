"""A volunteer who does not want to join a team leaves no trace (decisions 0021, 0043): the same world twice, once he says
no to an invitation, once he says nothing. Every page, file, list and answer that staff can open is compared letter by letter
while he still may answer, and when his time is over; then all rows of all tables too. And who was asked and did not come is
as somebody who was never asked, but for the one want.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.db import transaction

from huying.calls.tests.factories import START, actor
from huying.kernel import chance, clock
from huying.kernel.actor import Actor
from huying.people.states import RoleKind
from huying.people.tests import factories as make
from huying.volunteers import actions, queries
from huying.volunteers.models import Invitation
from tests.architecture.test_traceless import (
    different,
    everything,
    everything_kept,
    same_counters,
)
from tests.architecture.walking import World

pytestmark = pytest.mark.django_db
CLOCKS = Actor.system("volunteers.end_wants")
DAYS = 7
SPEAKING = frozenset(
    {"volunteers:wants", "volunteers:want", "volunteers:allocations", "volunteers:allocation", "volunteers:volunteer"}
    | {"volunteers:list", "volunteers:team", "volunteers:team_members", "volunteers:wants_file", "system:trail"}
    | {"volunteers:list_file", "volunteers:team_file", "people:notices"}
)


@pytest.fixture
def world(db: None, settings: Any) -> Iterator[World]:
    settings.HUYING_STAFF_SECOND_FACTOR, settings.HUYING_SMS_GATEWAY = False, "console"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with clock.frozen(START):
        made = World()
        made.people["audit"] = made.holder(RoleKind.AUDIT_ADMIN)
        make.account(made.people["audit"])
        made.cookies["audit"] = made.signed_in(made.people["audit"])
        yield made


def li(world: World) -> Any:
    return actor(world.cast.li.person)


def says_no(world: World) -> None:
    actions.put_away(actor=li(world), invitation=world.given.invitation)


def says_nothing(world: World) -> None:
    """Nothing at all."""


def over(world: World, deed: Callable[[World], None]) -> None:
    """The answer, and the clock a week later."""
    deed(world)
    with clock.frozen(START + timedelta(days=DAYS)):
        actions.end_wants(actor=CLOCKS)


def withdrawn(world: World, deed: Callable[[World], None]) -> None:
    deed(world)
    actions.withdraw_want(actor=world.given.leader, want=world.given.want)


def never(world: World) -> None:
    Invitation.objects.filter(pk=world.given.invitation.pk).delete()


def kept_after(deed: Callable[[], None]) -> dict[str, list[Any]]:
    with transaction.atomic():
        same_counters()
        with chance.seeded(7):
            deed()
        found = everything_kept()
        transaction.set_rollback(True)
    return found


def test_while_he_may_answer_a_no_reads_like_silence_everywhere(world: World) -> None:
    no, nothing = (everything(world, partial(deed, world), minute=1) for deed in (says_no, says_nothing))

    assert different(no, nothing) == []
    assert sum(answer.startswith("200") for answer in no.values()) > 150, "too few pages were opened"


@pytest.mark.parametrize("end", [over, withdrawn])
def test_at_the_end_all_rows_of_all_tables_are_the_same(world: World, end: Any) -> None:
    no, nothing = (kept_after(partial(end, world, deed)) for deed in (says_no, says_nothing))

    assert [name for name in no if no[name] != nothing[name]] == []


def test_negative_control_while_it_is_open_his_own_row_knows(world: World) -> None:
    no, nothing = (kept_after(partial(deed, world)) for deed in (says_no, says_nothing))

    assert [name for name in no if no[name] != nothing[name]] == ["volunteers.Invitation"]


def test_afterwards_pages_read_as_if_he_had_never_been_asked(world: World) -> None:
    """But for the one want, which does not ask him again, and what he was told himself."""
    own = frozenset({"volunteers:want", "people:notices"})
    ended = everything(world, partial(over, world, says_no), only=SPEAKING - own, minute=2)
    unasked = everything(world, partial(never_and_over, world), only=SPEAKING - own, minute=2)

    assert different(ended, unasked) == []


def never_and_over(world: World) -> None:
    never(world)
    over(world, says_nothing)


def test_another_want_proposes_him_after_a_no_as_if_nobody_had_asked(world: World) -> None:
    def proposed(deed: Callable[[], None]) -> list[Any]:
        with transaction.atomic():
            deed()
            other = actions.state_want(actor=world.given.leader, facts=world.given.wanted(3))
            rows = queries.fitting(world.given.boss, other).order_by(*queries.FITTING_ORDER)
            found = [(one.volunteer.person.name, one.reasons) for one in queries.fits(list(rows), other)]
            transaction.set_rollback(True)
        return found

    ended, unasked = proposed(partial(over, world, says_no)), proposed(partial(never_and_over, world))

    assert world.cast.li.person.name in [name for name, _reasons in ended]
    assert sorted(ended) == sorted(unasked)


def test_negative_control_a_yes_is_seen(world: World) -> None:
    def says_yes() -> None:
        actions.take_up(actor=li(world), invitation=world.given.invitation)

    yes, nothing = (
        everything(world, deed, only=SPEAKING, minute=1) for deed in (says_yes, partial(says_nothing, world))
    )

    assert {"alice volunteers:want", "bob volunteers:wants", "alice volunteers:team_members"} <= set(
        different(yes, nothing)
    )
