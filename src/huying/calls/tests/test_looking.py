"""The minute's look at the clocks: a thousand at once, in whose turn, side by side, and past one that breaks it."""

from __future__ import annotations

from datetime import timedelta
from time import process_time
from typing import Any

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from huying.calls import actions
from huying.calls.actions import looking
from huying.calls.models import Call, CallEvent, Offer
from huying.calls.queries.due import SORTS, Turn, turns
from huying.calls.states import OfferState, State
from huying.calls.tasks import tick
from huying.calls.tests.factories import START, Cast, clocks
from huying.calls.tests.timing import Time
from huying.kernel import clock
from huying.kernel.actor import Actor

pytestmark = pytest.mark.django_db
CLOCKS = Actor.system("calls.clocks")
MANY = 1000


def many(cast: Cast, count: int) -> list[Call]:
    """So many calls that were submitted together, written at once: how they came in is not what is looked at."""
    first = cast.call(State.SUBMITTED)
    rows = []
    for n in range(1, count):
        one = Call.objects.get(pk=first.pk)
        one.pk, one.public_id, one.number = None, Call().public_id, f"HY-LOOK-{n:05d}"
        rows.append(one)
    made = [first, *Call.objects.bulk_create(rows)]
    drafts = CallEvent.objects.filter(call=first).order_by("id")
    CallEvent.objects.bulk_create(
        CallEvent(call=call, at=one.at, verb=one.verb, from_state=one.from_state, to_state=one.to_state)
        for call in made[1:]
        for one in drafts
    )
    return made


def test_a_thousand_that_are_due_at_once_are_all_seen_to_in_one_look(cast: Cast, time: Time) -> None:
    clocks(review=60, to_centre=72 * 60)
    many(cast, MANY)
    time.on(hours=1)
    began = process_time()

    assert actions.look(actor=CLOCKS, seconds=600)

    used = process_time() - began
    assert Call.objects.filter(level="office", overdue=True).count() == MANY
    assert CallEvent.objects.filter(verb="escalate").count() == MANY
    assert turns(clock.now()) == []
    assert used < 30, (
        f"{used:.1f} s of this process for a thousand: ten thousand would not be through by half past nine"
    )


def test_whoever_waits_longest_has_his_turn_first_whatever_ran_out(cast: Cast, time: Time) -> None:
    clocks(review=60, answer=60)
    first, second, third = cast.call(State.SUBMITTED), cast.call(State.DISPATCHED), cast.call(State.SUBMITTED)
    for call, minutes in ((third, 10), (second, 20), (first, 30)):
        due = START + timedelta(minutes=minutes)
        Call.objects.filter(pk=call.pk).update(lift_at=due, stage_due_at=due)
    twenty = START + timedelta(minutes=20)
    Offer.objects.filter(call=second).update(answer_due_at=twenty, alone_until=twenty)
    time.on(hours=2)

    listed = [(SORTS[turn.sort], turn.key) for turn in turns(clock.now())]
    actions.look(actor=CLOCKS)

    of_second = [("silence", second.pk), ("answer", second.pk), ("alone", second.pk)]
    assert listed == [("silence", third.pk), *of_second, ("silence", first.pk)]
    steps = CallEvent.objects.filter(verb__in=["escalate", "expire"]).order_by("id")
    assert list(steps.values_list("call_id", "verb")) == [
        (third.pk, "escalate"),
        (second.pk, "expire"),
        (first.pk, "escalate"),
    ]


def test_a_look_whose_time_is_over_goes_on_with_itself(cast: Cast, time: Time, monkeypatch: Any) -> None:
    clocks(review=60)
    many(cast, 5)
    time.on(hours=1)
    ticks = iter(range(100))
    monkeypatch.setattr(looking, "monotonic", lambda: float(next(ticks)))
    monkeypatch.setattr(looking, "SECONDS", 3.0)
    waiting = ProcrastinateJob.objects.filter(task_name="calls.tick", status="todo")

    seen = []
    for _look in range(4):
        tick.func.__wrapped__()
        seen.append((Call.objects.filter(level="office").count(), waiting.count()))

    assert seen == [(2, 1), (4, 1), (5, 1), (5, 1)], "two a look, oldest first, and the last one queues nothing new"


def test_a_call_that_breaks_the_look_is_left_to_a_job_of_its_own(cast: Cast, time: Time, monkeypatch: Any) -> None:
    clocks(review=60)
    before, broken, behind = many(cast, 3)
    time.on(hours=1)
    right = looking.notice_silence

    def wrong(*, actor: Actor, call: Call) -> None:
        if call.pk == broken.pk:
            raise ZeroDivisionError
        right(actor=actor, call=call)

    monkeypatch.setattr(looking, "notice_silence", wrong)
    for _twice in range(2):
        actions.look(actor=CLOCKS)

    assert set(Call.objects.filter(level="office")) == {before, behind}
    (job,) = ProcrastinateJob.objects.filter(task_name="calls.overdue")
    assert job.args == {"call_id": broken.pk}


@pytest.mark.parametrize("state", [State.SUBMITTED, State.POOLED])
def test_a_silent_call_is_lifted_by_the_look_itself(cast: Cast, time: Time, state: State) -> None:
    clocks(to_office=48 * 60)
    call = cast.call(state)
    time.on(hours=49)

    actions.look(actor=CLOCKS)

    call.refresh_from_db()
    assert call.level == "office"
    assert not ProcrastinateJob.objects.filter(task_name="calls.overdue").exists(), "no job has to do what broke"


def test_a_call_whose_ring_has_nobody_left_is_lifted_too(cast: Cast, time: Time) -> None:
    clocks(to_office=48 * 60)
    call = cast.call(State.DISPATCHED)
    call.offers.update(answer_due_at=START + timedelta(hours=60))
    Call.objects.filter(pk=call.pk).update(ring=1)
    time.on(hours=49)

    actions.look(actor=CLOCKS)

    call.refresh_from_db()
    assert call.level == "office"
    assert not ProcrastinateJob.objects.filter(task_name="calls.overdue").exists()


def test_what_was_done_meanwhile_is_not_done_again(cast: Cast, time: Time) -> None:
    clocks(review=60, answer=60)
    silent, asked = cast.call(State.SUBMITTED), cast.call(State.DISPATCHED)
    time.on(hours=1)
    due = turns(clock.now())

    done = [looking.take_turn(CLOCKS, turn) for turn in due]
    again = [looking.take_turn(CLOCKS, turn) for turn in due]

    assert {SORTS[turn.sort] for turn in due} == {"silence", "answer", "alone"}
    assert (any(done), any(again)) == (True, False)
    assert CallEvent.objects.filter(verb="escalate", call=silent).count() == 1
    assert CallEvent.objects.filter(verb="expire", call=asked).count() == 1


@pytest.mark.parametrize("door", ["look", "take_back"])
def test_who_comes_next_is_asked_where_a_question_is_taken_back_and_by_no_job(
    cast: Cast, time: Time, door: str
) -> None:
    clocks(answer=60)
    call = cast.call(State.DISPATCHED)
    before = call.offers.get()
    time.on(hours=1)

    if door == "look":
        actions.look(actor=CLOCKS)
    else:
        looking.take_back(actor=CLOCKS, call=call)

    before.refresh_from_db()
    assert before.state == OfferState.EXPIRED
    assert call.offers.filter(state=OfferState.OFFERED).exclude(pk=before.pk).exists()
    assert not ProcrastinateJob.objects.filter(task_name="calls.ask_next", status="todo").exists()


def test_a_reminder_is_given_once(cast: Cast, time: Time) -> None:
    call = cast.call(State.DISPATCHED)
    offer = call.offers.get(state=OfferState.OFFERED)
    Offer.objects.filter(pk=offer.pk).update(remind_at=START)

    assert [looking.take_turn(CLOCKS, Turn(START, SORTS.index("remind"), offer.pk)) for _n in range(2)] == [True, False]
