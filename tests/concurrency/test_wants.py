"""Invitations at the same moment: the last place of a want is taken once, nobody is asked twice, a yes meets an end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from huying.kernel import clock
from huying.places.tests.factories import kinds
from huying.volunteers import actions
from huying.volunteers.models import Invitation, Membership, Want
from huying.volunteers.states import InvitationState, WantState
from huying.volunteers.tests.factories import START, Cast, actor
from tests.concurrency.racing import all_at_once, race, race_without_locks, refusals

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


@pytest.fixture
def cast(committed_db: None) -> Iterator[Cast]:
    kinds()
    with clock.frozen(START):
        yield Cast()


def wanted(cast: Cast, headcount: int = 1) -> Want:
    facts = actions.WantFacts(cast.team, cast.home, headcount, "周三助餐缺人", clock.today() + timedelta(days=9))
    return actions.state_want(actor=actor(cast.wu.person), facts=facts)


def asked(cast: Cast, want: Want) -> list[Invitation]:
    return actions.invite(actor=actor(cast.keeper), want=want, volunteers=[cast.li, cast.he])


def test_the_last_place_is_taken_once(cast: Cast) -> None:
    want = wanted(cast)
    one, other = asked(cast, want)

    results = race(
        lambda: actions.take_up(actor=actor(cast.li.person), invitation=one),
        lambda: actions.take_up(actor=actor(cast.he.person), invitation=other),
    )

    want.refresh_from_db()
    assert refusals(results) == ["InvitationOver"]
    assert (want.state, want.joined) == (WantState.FILLED, 1)
    assert Membership.objects.filter(team=cast.team, is_leader=False).count() == 1
    assert sorted(Invitation.objects.values_list("state", flat=True)) == [InvitationState.JOINED, InvitationState.OVER]


def test_one_yes_pressed_twice_joins_once(cast: Cast) -> None:
    want = wanted(cast, 5)
    one, _other = asked(cast, want)

    results = race(*[lambda: actions.take_up(actor=actor(cast.li.person), invitation=one)] * 2)

    want.refresh_from_db()
    assert (refusals(results), want.joined) == ([], 1)


def test_a_yes_meets_the_withdrawal_and_one_of_them_is_first(cast: Cast) -> None:
    want = wanted(cast, 5)
    one, _other = asked(cast, want)

    results = race(
        lambda: actions.take_up(actor=actor(cast.li.person), invitation=one),
        lambda: actions.withdraw_want(actor=actor(cast.wu.person), want=want),
    )

    want.refresh_from_db()
    joined = Membership.objects.filter(team=cast.team, volunteer=cast.li).count()
    assert want.state == WantState.WITHDRAWN
    assert (refusals(results), want.joined, joined) in (([], 1, 1), (["InvitationOver"], 0, 0))
    assert not Invitation.objects.filter(state=InvitationState.OPEN).exists()


def test_two_who_ask_the_same_people_for_two_wants_ask_each_once(cast: Cast) -> None:
    first, second = wanted(cast, 5), wanted(cast, 5)

    results = race(lambda: asked(cast, first), lambda: asked(cast, second))

    assert refusals(results) == []
    assert sorted(len(one) for one in results) == [0, 2]
    assert Invitation.objects.count() == 2


def test_without_locks_the_database_itself_refuses_a_second_question(cast: Cast) -> None:
    first, second = wanted(cast, 5), wanted(cast, 5)

    results = race_without_locks(lambda: asked(cast, first), lambda: asked(cast, second))

    assert refusals(results) in (["IntegrityError"], ["OperationalError"])
    assert Invitation.objects.count() == 2


def test_a_no_meets_the_end_and_is_wiped(cast: Cast) -> None:
    want = wanted(cast, 5)
    one, _other = asked(cast, want)

    results = race(
        lambda: actions.put_away(actor=actor(cast.li.person), invitation=one),
        lambda: actions.withdraw_want(actor=actor(cast.wu.person), want=want),
    )

    assert refusals(results) == []
    assert set(Invitation.objects.values_list("state", "put_away")) == {(InvitationState.OVER, False)}


def test_two_who_confirm_one_plan_ask_each_once(cast: Cast) -> None:
    wanted(cast, 5)
    plan = actions.plan_allocation(actor=actor(cast.office), place=cast.street)
    actions.calculate_allocation(actor=actor(cast.office), allocation_id=plan.pk)

    def confirm() -> object:
        return actions.confirm_allocation(actor=actor(cast.office), allocation=plan)

    results = all_at_once(confirm, confirm, confirm)

    assert refusals(results) == ["AllocationOver"] * 2
    assert Invitation.objects.count() == 2
