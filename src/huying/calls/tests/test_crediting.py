"""What a helper gave to a call enters the records of service, once, on somebody else's word (C03, C04)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huying.calls import actions, rules
from huying.calls.actions import slips
from huying.calls.models import Call
from huying.calls.states import OfferState, State
from huying.calls.tests.factories import START, Cast, actor
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError, Forbidden
from huying.people.models import Notice
from huying.volunteers import actions as volunteer_actions
from huying.volunteers.models import ServiceRecord
from huying.volunteers.states import Evidence, RecordState

pytestmark = pytest.mark.django_db
HOUR, JOB = timedelta(hours=1), Actor.system("calls.hand_in")


def answered(cast: Cast, hours: float = 2) -> Call:
    """Served by li from START on for so many hours, not rated yet."""
    call = cast.call(State.SERVING)
    with clock.frozen(START + hours * HOUR):
        return actions.deliver(actor=actor(cast.li.person), call=call, note="好了")


def rated(cast: Cast, call: Call, hours: float = 3) -> None:
    with clock.frozen(START + hours * HOUR):
        actions.rate(actor=actor(cast.resident), call=call, score=5, solved=True)
        actions.hand_in_service(actor=JOB, call_id=call.pk)


def test_a_rated_call_becomes_a_record_that_waits_for_the_keeper(cast: Cast) -> None:
    call = answered(cast)

    rated(cast, call)

    record = ServiceRecord.objects.get()
    assert (record.volunteer, record.minutes, record.evidence) == (cast.li, 120, Evidence.B)
    assert (record.state, record.entered_by, record.place) == (RecordState.SUBMITTED, cast.resident, call.place)
    assert (record.title, record.content) == (call.kind.name, call.number)
    with clock.frozen(START + 4 * HOUR):
        assert volunteer_actions.confirm(actor=actor(cast.keeper), record=record).state == RecordState.CONFIRMED


def test_the_job_twice_or_a_call_reopened_and_rated_again_gives_one_record(cast: Cast) -> None:
    call = answered(cast)

    rated(cast, call)
    actions.hand_in_service(actor=JOB, call_id=call.pk)

    assert ServiceRecord.objects.count() == 1


def test_a_rating_by_slip_makes_nobody_the_maker_of_the_record(cast: Cast) -> None:
    call = answered(cast)
    with clock.frozen(START + 3 * HOUR):
        slips.rate_by_slip(call=call, score=5, solved=True, comment="", address="")
        actions.hand_in_service(actor=JOB, call_id=call.pk)

    record = ServiceRecord.objects.get()
    assert record.entered_by == cast.keeper  # who asked the helper to come, and so cannot confirm it
    with clock.frozen(START + 4 * HOUR), pytest.raises(DomainError):
        volunteer_actions.confirm(actor=actor(cast.keeper), record=record)


def test_silence_is_no_loss_for_the_helper(cast: Cast) -> None:
    call = answered(cast)
    with clock.frozen(START + 9 * HOUR):
        actions.auto_rate(actor=Actor.system("calls.clocks"), call=call)
        actions.hand_in_service(actor=JOB, call_id=call.pk)

    record = ServiceRecord.objects.get()
    assert record.entered_by != cast.li.person
    assert record.minutes == 120


def test_a_call_that_is_not_rated_yet_gives_no_record(cast: Cast) -> None:
    actions.hand_in_service(actor=JOB, call_id=answered(cast).pk)

    assert not ServiceRecord.objects.exists()


@pytest.mark.parametrize("hours", [0, 25])
def test_a_time_that_cannot_be_counted_is_told_once_and_nothing_is_made_up(cast: Cast, hours: float) -> None:
    call = answered(cast, hours)

    rated(cast, call, hours + 1)
    actions.hand_in_service(actor=JOB, call_id=call.pk)

    assert not ServiceRecord.objects.exists()
    notice = Notice.objects.get(person=cast.li.person, title="这次服务的时长没有记上")
    assert call.number in notice.body and "补登" in notice.body


def test_two_calls_at_the_same_time_count_once(cast: Cast) -> None:
    first, second = answered(cast), answered(cast)

    rated(cast, first)
    rated(cast, second)

    assert ServiceRecord.objects.count() == 1
    assert "重叠" in Notice.objects.get(title="这次服务的时长没有记上").body


# ── a call of many ──────────────────────────────────────────────────────────
def many(cast: Cast) -> Call:
    """Li, He and Wu said yes; Li came at once, He after an hour and left after two and a half, Wu not at all."""
    call = cast.call(State.POOLED, people_needed=3)
    helpers = [cast.li, cast.he, cast.leader]
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=helpers)
    for one in helpers:
        call = actions.accept(actor=actor(one.person), call=call)
    call = actions.start(actor=actor(cast.li.person), call=call)
    with clock.frozen(START + HOUR):
        actions.arrive(actor=actor(cast.he.person), call=call)
    with clock.frozen(START + 2.5 * HOUR):
        return actions.leave(actor=actor(cast.he.person), call=call)


def test_of_many_each_who_came_has_his_own_hours_and_who_did_not_come_has_none(cast: Cast) -> None:
    call = many(cast)
    with clock.frozen(START + 3 * HOUR):
        call = actions.deliver(actor=actor(cast.li.person), call=call, note="好了")

    rated(cast, call, 4)

    given = dict(ServiceRecord.objects.values_list("volunteer__person__name", "minutes"))
    assert given == {"李安和": 180, "何晓燕": 90}
    assert dict(call.offers.values_list("volunteer__person__name", "state")) == {
        "李安和": OfferState.DONE,
        "何晓燕": OfferState.DONE,
        "吴长青": OfferState.WITHDRAWN,
    }
    assert not Notice.objects.filter(person=cast.leader.person).exists()


def test_of_many_nobody_ends_the_service_of_those_who_are_still_there(cast: Cast) -> None:
    call = cast.call(State.POOLED, people_needed=2)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])
    for one in (cast.li, cast.he):
        call = actions.accept(actor=actor(one.person), call=call)
    call = actions.start(actor=actor(cast.li.person), call=call)
    may = [set(rules.steps(actor(one.person), call)) & {"arrive", "leave", "deliver"} for one in (cast.li, cast.he)]
    call = actions.arrive(actor=actor(cast.he.person), call=call)

    for one in (cast.li, cast.he):
        with pytest.raises(Forbidden):
            actions.deliver(actor=actor(one.person), call=call, note="好了")
    call = actions.leave(actor=actor(cast.li.person), call=call)

    assert may == [{"leave", "deliver"}, {"arrive"}]
    assert call.state == State.SERVING
    with pytest.raises(Forbidden):
        actions.leave(actor=actor(cast.li.person), call=call)
    assert actions.deliver(actor=actor(cast.he.person), call=call, note="好了").state == State.DELIVERED


def test_a_second_coming_does_not_move_the_first(cast: Cast) -> None:
    call = cast.call(State.POOLED, people_needed=5)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])
    call = actions.accept(actor=actor(cast.li.person), call=call)
    call = actions.arrive(actor=actor(cast.li.person), call=call)
    with clock.frozen(START + HOUR):
        call = actions.enough(actor=actor(cast.keeper), call=call)
        actions.start(actor=actor(cast.li.person), call=call)

    assert call.offers.get(volunteer=cast.li).arrived_at == START


def test_no_person_hands_in_service_by_the_platforms_door(cast: Cast) -> None:
    call = answered(cast)
    facts = volunteer_actions.Served(cast.li, call.place, "x", START, START + HOUR, 60, Evidence.B)

    with clock.frozen(START + 3 * HOUR), pytest.raises(Forbidden):
        volunteer_actions.hand_in(actor=actor(cast.keeper), served=facts, maker_id=cast.keeper.pk)
