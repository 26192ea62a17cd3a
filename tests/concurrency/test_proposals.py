"""Two at the same moment on a proposal for many calls: it is confirmed once, and nobody is asked twice."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from huying.calls import actions
from huying.calls.actions.confirming import send_call
from huying.calls.models import Call, Offer, Proposal, ProposalLine
from huying.calls.states import LineState, ProposalState, State
from huying.calls.tests.factories import Cast, actor
from huying.kernel import clock
from tests.concurrency.racing import Work, race, race_without_locks, refusals
from tests.invariants import broken_rules

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]


def weighed(cast: Cast) -> Proposal:
    """A proposal as the job leaves it: two calls, one for li, one for he."""
    now = clock.now()
    made = Proposal.objects.create(
        place=cast.home, state=ProposalState.READY, asked_at=now, made_at=now, expires_at=now + timedelta(minutes=30)
    )
    for helper in (cast.li, cast.he):
        ProposalLine.objects.create(proposal=made, call=cast.call(State.POOLED), volunteer=helper)
    return made


def confirming(cast: Cast, found: Proposal) -> list[Work]:
    keeper, centre = actor(cast.keeper), actor(cast.dispatcher)
    return [
        lambda: actions.confirm(actor=keeper, proposal=found),
        lambda: actions.confirm(actor=centre, proposal=found),
    ]


def test_two_dispatchers_confirm_and_each_helper_is_asked_once(cast: Cast) -> None:
    found = weighed(cast)

    results = race(*confirming(cast, found))
    race(*[lambda: actions.send(proposal_id=found.pk)] * 2)

    assert refusals(results) == ["ProposalOver"]
    assert Offer.objects.filter(state="offered").count() == Offer.objects.count() == 2
    assert set(found.lines.values_list("state", flat=True)) == {LineState.SENT}
    assert Proposal.objects.get().state == ProposalState.SENT
    assert broken_rules() == []


def test_negative_control_without_the_lock_both_confirm(cast: Cast) -> None:
    results = race_without_locks(*confirming(cast, weighed(cast)))

    assert refusals(results) == []


def test_somebody_else_dispatches_while_a_proposal_is_sent_and_nobody_is_asked_twice(cast: Cast) -> None:
    found = weighed(cast)
    keeper, centre = actor(cast.keeper), actor(cast.dispatcher)
    actions.confirm(actor=keeper, proposal=found)
    line = found.lines.get(volunteer=cast.li)

    results = race(
        lambda: actions.dispatch(actor=centre, call=line.call, volunteers=[cast.li]),
        lambda: actions.send(proposal_id=found.pk),
    )

    line.refresh_from_db()
    assert refusals(results) == []
    assert (line.state, line.trouble) == (LineState.STALE, "already_asked")
    assert Offer.objects.filter(volunteer=cast.li).count() == 1
    assert Proposal.objects.get().state == ProposalState.SENT
    assert broken_rules() == []


def overlapping(cast: Cast) -> list[Work]:
    """The keeper's proposal and the centre's, both confirmed: one call, two helpers."""
    call, now, works = cast.call(State.POOLED), clock.now(), []
    for place, who, helper in ((cast.home, cast.keeper, cast.li), (cast.county, cast.dispatcher, cast.he)):
        times = {"asked_at": now, "made_at": now, "expires_at": now + timedelta(minutes=30)}
        made = Proposal.objects.create(place=place, state=ProposalState.READY, **times)
        ProposalLine.objects.create(proposal=made, call=call, volunteer=helper)
        actions.confirm(actor=actor(who), proposal=made)
        works.append(partial(send_call, actor(who), made.pk, call.pk))
    return works


def test_two_overlapping_proposals_sent_at_once_ask_one_helper(cast: Cast) -> None:
    results = race(*overlapping(cast), at=Call)  # before that each locked his own proposal

    assert refusals(results) == []
    assert Offer.objects.count() == 1
    states = ProposalLine.objects.order_by("pk").values_list("state", "trouble")
    assert sorted(states) == [(LineState.SENT, ""), (LineState.STALE, "asked_meanwhile")]
    assert broken_rules() == []


def test_negative_control_without_the_lock_both_helpers_are_asked(cast: Cast) -> None:
    race_without_locks(*overlapping(cast), at="INSERT")

    assert Offer.objects.count() == 2


def test_one_helper_put_on_two_lines_at_the_same_moment_stands_on_one(cast: Cast) -> None:
    found = weighed(cast)
    first, second = found.lines.order_by("pk")
    keeper, centre = actor(cast.keeper), actor(cast.dispatcher)
    free = cast.leader

    results = race(
        lambda: actions.choose(actor=keeper, line=first, volunteer=free),
        lambda: actions.choose(actor=centre, line=second, volunteer=free),
    )

    assert refusals(results) == ["AlreadyInProposal"]
    assert found.lines.filter(volunteer=free).count() == 1


def test_two_ask_for_a_proposal_and_one_is_made(cast: Cast) -> None:
    keeper, centre = actor(cast.keeper), actor(cast.dispatcher)

    results = race(
        lambda: actions.propose(actor=keeper, place=cast.home), lambda: actions.propose(actor=centre, place=cast.home)
    )

    assert refusals(results) == []
    assert Proposal.objects.count() == 1
