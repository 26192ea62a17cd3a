"""All open calls of a place weighed at once: asked for, calculated, changed by hand, confirmed, sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from huying.calls import actions
from huying.calls.actions import confirming
from huying.calls.actions.proposing import HOLDS
from huying.calls.models import Offer, Proposal, ProposalGap, ProposalLine
from huying.calls.queries import proposed, proposing
from huying.calls.states import LineState, OfferState, ProposalState, State
from huying.calls.tasks import forget_lines
from huying.calls.tests.browsing import browser
from huying.calls.tests.factories import START, Cast, actor, kind, person, volunteer
from huying.calls.tests.proposing import SYSTEM, made, sent_out, worked_out
from huying.kernel import clock
from huying.kernel.errors import Forbidden, NotFound
from huying.volunteers.models import Volunteer

pytestmark = pytest.mark.django_db


def test_every_open_call_gets_somebody_else_and_nobody_is_told_before_it_is_confirmed(cast: Cast) -> None:
    calls = {cast.call(State.POOLED).pk for _ in range(3)}

    found = made(cast)

    lines = list(found.lines.all())
    assert found.state == ProposalState.READY
    assert {one.call_id for one in lines} == calls
    assert len({one.volunteer_id or -1 for one in lines}) == len({(one.volunteer_id, one.team_id) for one in lines})
    assert found.figures["total"] == found.figures["bound"]
    assert not Offer.objects.exists()


def test_confirming_asks_the_helpers_by_the_ordinary_step(cast: Cast) -> None:
    call = cast.call(State.POOLED)

    found = sent_out(cast, made(cast))

    call.refresh_from_db()
    asked = Offer.objects.get()
    assert (found.state, call.state, asked.state) == (ProposalState.SENT, State.DISPATCHED, OfferState.OFFERED)
    assert asked.offered_by_id == cast.keeper.pk
    assert found.lines.get().state == LineState.SENT
    actions.recall(actor=actor(cast.keeper), call=call, reason="派错了")
    call.refresh_from_db()
    assert call.state == State.POOLED


def test_what_changed_meanwhile_is_written_beside_the_line_and_the_rest_goes_out(cast: Cast) -> None:
    of_people = kind("visit", answered_by="volunteer")
    off, on = cast.call(State.POOLED), cast.call(State.POOLED, kind=of_people)
    found = made(cast)
    actions.cancel(actor=actor(cast.resident), call=off, reason="自己解决了")
    other = cast.call(State.POOLED)
    taken = found.lines.get(call=on)
    assert taken.volunteer is not None

    with clock.frozen(START + timedelta(minutes=1)):
        actions.dispatch(actor=actor(cast.keeper), call=other, volunteers=[taken.volunteer])
        found = sent_out(cast, found)

    said = {one.row.call_id: (one.row.state, one.trouble) for one in proposed.lines(found).rows}
    assert said[off.pk] == (LineState.STALE, "这件求助已经有人接，或不再待派")
    assert said[on.pk] == (LineState.STALE, "对方刚刚收到另一件求助")
    assert found.state == ProposalState.SENT


def other_than(row: ProposalLine, *helpers: Volunteer) -> Volunteer:
    return next(one for one in helpers if one.pk != row.volunteer_id)


def test_where_somebody_else_was_asked_meanwhile_nobody_is_asked_besides(cast: Cast) -> None:
    call = cast.call(State.POOLED)
    found = made(cast)
    row = found.lines.get()
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[other_than(row, cast.li, cast.he)])

    found = sent_out(cast, found)

    row.refresh_from_db()
    assert (row.state, row.trouble) == (LineState.STALE, "asked_meanwhile")
    assert proposing.line_of(row).trouble == "这件求助算好之后已经问了别人，人数够了"
    assert Offer.objects.filter(call=call).count() == 1


def test_of_a_call_for_two_only_the_seat_that_is_left_goes_out(cast: Cast) -> None:
    call = cast.call(State.POOLED)
    type(call).objects.filter(pk=call.pk).update(people_needed=2)
    found = made(cast)
    first, second = found.lines.order_by("pk")
    spare = volunteer(person("秦安", cast.home), cast.home, lon=120.9, lat=30.9)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[spare])

    sent_out(cast, found)

    first.refresh_from_db(), second.refresh_from_db()
    assert [first.state, second.state, second.trouble] == [LineState.SENT, LineState.STALE, "asked_meanwhile"]
    assert Offer.objects.filter(call=call).count() == 2


def test_of_two_proposals_for_one_call_the_second_asks_nobody(cast: Cast) -> None:
    call = cast.call(State.POOLED)
    here, above = made(cast), worked_out(actions.propose(actor=actor(cast.dispatcher), place=cast.county))
    row = here.lines.get()
    actions.choose(actor=actor(cast.dispatcher), line=above.lines.get(), volunteer=other_than(row, cast.li, cast.he))

    sent_out(cast, here)
    actions.confirm(actor=actor(cast.dispatcher), proposal=above)
    actions.send(proposal_id=above.pk)

    assert (above.lines.get().state, above.lines.get().trouble) == (LineState.STALE, "asked_meanwhile")
    assert Offer.objects.get(call=call).volunteer_id == row.volunteer_id


def test_a_call_for_two_goes_to_two_and_one_who_rests_by_now_does_not_keep_the_other(cast: Cast) -> None:
    call = cast.call(State.POOLED)
    type(call).objects.filter(pk=call.pk).update(people_needed=2)
    found = made(cast)
    assert found.lines.count() == 2
    resting = found.lines.first().volunteer  # type: ignore[union-attr]
    assert resting is not None
    resting.paused_until = clock.today()
    resting.save()

    found = sent_out(cast, found)

    assert sorted(found.lines.values_list("state", flat=True)) == [LineState.SENT, LineState.STALE]
    assert found.lines.get(state=LineState.STALE).trouble == "wrong_answerer"
    assert Offer.objects.get().volunteer_id != resting.pk


def test_dropped_and_locked_lines_survive_the_next_calculation_and_the_dropped_stay_at_home(cast: Cast) -> None:
    first, second = cast.call(State.POOLED), cast.call(State.POOLED)
    keeper, found = actor(cast.keeper), made(cast)
    locked, dropped = found.lines.get(call=first), found.lines.get(call=second)
    actions.change_line(actor=keeper, line=locked, to=LineState.LOCKED)
    actions.change_line(actor=keeper, line=dropped, to=LineState.DROPPED)

    again = worked_out(actions.calculate_again(actor=keeper, proposal=found))

    assert {(one.pk, one.call_id, one.state) for one in again.lines.all()} == {
        (locked.pk, first.pk, LineState.LOCKED),
        (dropped.pk, second.pk, LineState.DROPPED),
    }
    assert not again.gaps.exists()
    sent_out(cast, again)
    assert list(Offer.objects.values_list("call_id", flat=True)) == [first.pk]
    second.refresh_from_db()
    assert second.state == State.POOLED


def test_who_was_dropped_for_one_call_is_free_for_another_and_not_proposed_for_the_same_again(cast: Cast) -> None:
    of_people = kind("visit", answered_by="volunteer")
    call = cast.call(State.POOLED, kind=of_people)
    type(call).objects.filter(pk=call.pk).update(people_needed=2)
    keeper, found = actor(cast.keeper), made(cast)
    dropped = found.lines.order_by("pk").first()
    assert dropped is not None
    actions.change_line(actor=keeper, line=dropped, to=LineState.DROPPED)
    other = cast.call(State.POOLED, kind=of_people)
    spare = {cast.li.pk, cast.he.pk, cast.leader.pk} - {dropped.volunteer_id}
    Volunteer.objects.filter(pk__in=sorted(spare)[1:]).update(paused_until=clock.today() + timedelta(days=9))

    again = worked_out(actions.calculate_again(actor=keeper, proposal=found))

    others = set(again.lines.exclude(pk=dropped.pk).values_list("call_id", "volunteer_id"))
    assert (call.pk, dropped.volunteer_id) not in others
    assert others == {(call.pk, sorted(spare)[0]), (other.pk, dropped.volunteer_id)}


def test_somebody_else_is_chosen_once_and_never_for_two_calls(cast: Cast) -> None:
    cast.call(State.POOLED)
    cast.call(State.POOLED)
    spare = volunteer(person("秦安", cast.home), cast.home, lon=120.9, lat=30.9)
    keeper, found = actor(cast.keeper), made(cast)
    one, other = found.lines.order_by("pk")

    chosen = actions.choose(actor=keeper, line=one, volunteer=spare)

    assert (chosen.volunteer_id, chosen.state, chosen.by_hand) == (spare.pk, LineState.LOCKED, True)
    with pytest.raises(actions.AlreadyInProposal):
        actions.choose(actor=keeper, line=other, volunteer=spare)
    assert other.proposal.lines.get(pk=other.pk).volunteer_id == other.volunteer_id


def test_who_was_asked_for_the_call_meanwhile_is_not_asked_again_whatever_came_of_it(cast: Cast) -> None:
    trouble = []
    for answer in ("no", "silence"):
        call = cast.call(State.POOLED, kind=kind(f"visit-{answer}", answered_by="volunteer"))
        found = made(cast)
        row = found.lines.get()
        who = row.volunteer
        assert who is not None
        actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[who])
        if answer == "no":
            actions.decline(actor=actor(who.person), call=call)
        Offer.objects.filter(call=call).update(answer_due_at=START)
        actions.expire(actor=SYSTEM, call=call)
        sent_out(cast, found)
        row.refresh_from_db()
        trouble.append((row.state, row.trouble, Offer.objects.filter(call=call).count()))
        actions.cancel(actor=actor(cast.resident), call=call, reason="自己解决了")

    assert trouble == [(LineState.STALE, "already_asked", 1)] * 2


def test_a_helper_nobody_knows_is_not_found_and_the_line_stays(cast: Cast) -> None:
    cast.call(State.POOLED)
    row = made(cast).lines.get()

    with pytest.raises(NotFound):
        actions.choose(actor=actor(cast.keeper), line=row)

    assert ProposalLine.objects.get(pk=row.pk).state == LineState.PROPOSED


def test_one_proposal_at_a_place_and_an_old_one_makes_room(cast: Cast) -> None:
    keeper = actor(cast.keeper)
    cast.call(State.POOLED)
    first = made(cast)

    assert actions.propose(actor=keeper, place=cast.home).pk == first.pk
    with clock.frozen(START + HOLDS):
        with pytest.raises(actions.ProposalTooOld):
            actions.confirm(actor=keeper, proposal=first)
        assert actions.propose(actor=keeper, place=cast.home).pk != first.pk
    first.refresh_from_db()
    assert first.state == ProposalState.DROPPED


def test_a_calculation_counts_once_and_not_at_all_after_it_was_put_away(cast: Cast) -> None:
    cast.call(State.POOLED)
    found = made(cast)
    lines = set(found.lines.values_list("pk", flat=True))
    actions.calculate(actor=SYSTEM, proposal_id=found.pk, turn=found.turn)
    assert set(found.lines.values_list("pk", flat=True)) == lines

    away = actions.discard(actor=actor(cast.keeper), proposal=found)
    actions.send(proposal_id=away.pk)

    assert away.state == ProposalState.DROPPED
    assert not Offer.objects.exists()
    with pytest.raises(actions.ProposalOver):
        actions.confirm(actor=actor(cast.keeper), proposal=away)


def test_sending_that_was_cut_off_goes_on_and_asks_nobody_twice(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        cast.call(State.POOLED)
    found = made(cast)
    actions.confirm(actor=actor(cast.keeper), proposal=found)
    real, asked = confirming.dispatch, []

    def dying(**given: Any) -> Any:
        asked.append(given)
        if len(asked) == 2:
            raise RuntimeError("the worker died")
        return real(**given)

    monkeypatch.setattr(confirming, "dispatch", dying)
    with pytest.raises(RuntimeError):
        actions.send(proposal_id=found.pk)
    assert Offer.objects.count() == 1

    actions.send(proposal_id=found.pk)
    actions.send(proposal_id=found.pk)

    assert Offer.objects.count() == 3
    assert set(found.lines.values_list("state", flat=True)) == {LineState.SENT}


def test_a_month_after_its_end_a_proposal_keeps_its_totals_and_no_line(cast: Cast, settings: Any) -> None:
    settings.HUYING_STAFF_SECOND_FACTOR = False
    cast.call(State.POOLED)
    cast.call(State.POOLED, kind=kind("singing", answered_by="team"), people_needed=1)
    sent_on = sent_out(cast, made(cast))
    going = sent_on.lines.count()
    with clock.frozen(START + timedelta(days=1)):
        cast.call(State.POOLED)
        fresh = made(cast)  # nobody ever confirms it
    page, address = browser(cast.keeper), f"/desk/proposals/{sent_on.public_id}/"

    with clock.frozen(START + HOLDS + timedelta(days=30, seconds=1)):
        forget_lines.func.__wrapped__()
        forget_lines.func.__wrapped__()
        sent_on.refresh_from_db()
        listed = proposing.proposals(actor(cast.keeper)).rows
        body = page.get(address).content.decode()

    assert list(ProposalLine.objects.values_list("proposal_id", flat=True).distinct()) == [fresh.pk]
    assert (sent_on.state, sent_on.figures["lines"]) == (ProposalState.SENT, {"sent": going})
    assert [(one.pk, one.sent) for one in listed] == [(fresh.pk, 0), (sent_on.pk, going)]  # type: ignore[attr-defined]
    assert f"已派出 {going} 条" in body
    assert "各条的去向不再保留" in body
    with clock.frozen(START + timedelta(days=32)):
        assert actions.forget_lines(actor=SYSTEM) == 1
    assert not ProposalLine.objects.exists()
    assert not ProposalGap.objects.exists()
    fresh.refresh_from_db()
    assert fresh.state == ProposalState.DROPPED


def test_what_is_calculated_or_sent_at_the_moment_keeps_its_lines_however_old_it_is(cast: Cast) -> None:
    cast.call(State.POOLED)
    found = made(cast)

    for state in (ProposalState.MAKING, ProposalState.SENDING):
        Proposal.objects.update(state=state)
        with clock.frozen(START + timedelta(days=60)):
            assert actions.forget_lines(actor=SYSTEM) == 0

    assert found.lines.exists()


def test_only_who_handles_calls_there_may_ask_change_and_confirm(cast: Cast) -> None:
    cast.call(State.POOLED)
    found, stranger = made(cast), actor(cast.outsider)
    line = found.lines.get()

    for forbidden in (
        lambda: actions.propose(actor=stranger, place=cast.home),
        lambda: actions.change_line(actor=stranger, line=line, to=LineState.DROPPED),
        lambda: actions.choose(actor=stranger, line=line, volunteer=cast.he),
        lambda: actions.calculate_again(actor=stranger, proposal=found),
        lambda: actions.discard(actor=stranger, proposal=found),
        lambda: actions.confirm(actor=stranger, proposal=found),
    ):
        with pytest.raises(Forbidden):
            forbidden()
    assert proposing.proposal(stranger, found.public_id) is None
    assert ProposalLine.objects.get().state == LineState.PROPOSED
