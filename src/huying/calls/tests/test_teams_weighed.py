"""Teams in a proposal: as many people as they have, for as many calls as they have room for, a line for each call."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from huying.calls import actions
from huying.calls.models import Offer, Proposal, ProposalLine
from huying.calls.queries import proposed
from huying.calls.states import LineState, OfferState, State
from huying.calls.tests.factories import START, Cast, actor, kind, person, team, volunteer
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.volunteers.models import Membership, Team, Volunteer

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("calls.propose")


@pytest.fixture
def cast() -> Iterator[Cast]:
    """Nobody but the team may come, unless the test says so."""
    with clock.frozen(START):
        made = Cast()
        Volunteer.objects.update(weekly_limit=0)
        yield made


def members(cast: Cast, one: Team, many: int) -> None:
    for number in range(many):
        who = volunteer(person(f"{one.name}{number}", cast.home), cast.home, weekly_limit=0)
        Membership.objects.create(team=one, volunteer=who, starts_at=clock.now())


def calculated(cast: Cast, again: Proposal | None = None) -> Proposal:
    asked = again or actions.propose(actor=actor(cast.keeper), place=cast.home)
    if again:
        asked = actions.calculate_again(actor=actor(cast.keeper), proposal=again)
    actions.calculate(actor=SYSTEM, proposal_id=asked.pk, turn=asked.turn)
    asked.refresh_from_db()
    return asked


def lines(made: Proposal) -> list[tuple[str, str, int]]:
    rows = made.lines.select_related("call", "volunteer__person", "team").order_by("call_id", "id")
    return [(one.call.title, str(one.team or one.volunteer), one.seats) for one in rows]


def test_a_team_fills_several_seats_of_one_call_in_one_line(cast: Cast) -> None:
    members(cast, cast.team, 4)
    cast.call(State.POOLED, title="搬家", people_needed=4)

    made = calculated(cast)

    assert lines(made) == [("搬家", "和平助老队", 4)]
    assert "来 4 人" in proposed.lines(made).rows[0].reasons
    assert made.figures["seats"] == 4 and made.figures["total"] == made.figures["bound"]


def test_it_sends_no_more_people_than_it_has_and_others_fill_the_rest(cast: Cast) -> None:
    members(cast, cast.team, 1)
    Volunteer.objects.filter(pk=cast.he.pk).update(weekly_limit=1)
    cast.call(State.POOLED, title="搬家", people_needed=4)

    made = calculated(cast)

    assert sorted(lines(made)) == [("搬家", "何晓燕", 1), ("搬家", "和平助老队", 2)]
    (gap,) = made.gaps.all()
    assert (gap.empty, gap.lack) == (1, "skill")


def test_nor_more_than_it_has_room_for_calls(cast: Cast) -> None:
    members(cast, cast.team, 5)
    Team.objects.filter(pk=cast.team.pk).update(open_limit=3)
    held = cast.call(State.POOLED, title="在办")
    facts = {"call": held, "team": cast.team, "state": OfferState.ACCEPTED}
    Offer.objects.create(**facts, offered_at=START, answered_at=START)
    held.state = State.ACCEPTED
    held.save()
    for title in ("一", "二", "三"):
        cast.call(State.POOLED, title=title)

    made = calculated(cast)

    assert [who for _title, who, _seats in lines(made)] == ["和平助老队"] * 2


def test_a_locked_line_of_a_team_keeps_its_people_and_they_are_not_given_twice(cast: Cast) -> None:
    members(cast, cast.team, 3)
    cast.call(State.POOLED, title="搬家", people_needed=3)
    cast.call(State.POOLED, title="搬书", people_needed=2)
    first = calculated(cast)
    before = lines(first)
    ProposalLine.objects.update(state=LineState.LOCKED)

    second = calculated(cast, first)

    assert sum(seats for _title, _who, seats in before) == 4
    assert lines(second) == before


def test_a_call_that_only_teams_may_take_still_needs_one_team(cast: Cast) -> None:
    members(cast, cast.team, 1)
    team("区应急队", cast.home)
    cast.call(State.POOLED, title="转移", people_needed=5, kind=kind("storm", answered_by="team"))

    (line,) = lines(calculated(cast))

    assert (line[0], line[2]) == ("转移", 1)


def test_what_one_team_takes_whole_goes_to_nobody_else_once_a_team_is_asked(cast: Cast) -> None:
    call = cast.call(State.POOLED, title="转移", people_needed=5, kind=kind("storm", answered_by="team"))
    made = calculated(cast)
    assert lines(made) == [("转移", "和平助老队", 1)]
    other = team("抢险队", cast.home, volunteer(person("队长", cast.home), cast.home, weekly_limit=0))
    actions.dispatch(actor=actor(cast.keeper), call=call, teams=[other])

    actions.confirm(actor=actor(cast.keeper), proposal=made)
    actions.send(proposal_id=made.pk)

    line = made.lines.get()
    assert (line.state, line.trouble) == (LineState.STALE, "asked_meanwhile")
    assert Offer.objects.get(call=call).team == other


def test_a_team_that_fills_a_call_leaves_no_seat_for_the_next_line(cast: Cast) -> None:
    members(cast, cast.team, 4)
    call = cast.call(State.POOLED, title="搬家", people_needed=4)
    made = calculated(cast)
    ProposalLine.objects.create(proposal=made, call=call, volunteer=cast.he)

    actions.confirm(actor=actor(cast.keeper), proposal=made)
    actions.send(proposal_id=made.pk)

    assert [one.trouble for one in made.lines.order_by("pk")] == ["", "asked_meanwhile"]
