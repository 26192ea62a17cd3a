"""Shares of what was due (domain 2.2): a late call that stays open counts against whoever leaves it open."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from random import Random

import pytest

from huying.calls import actions as calls
from huying.calls import queries as call_queries
from huying.calls.actions import slips
from huying.calls.models import Call, LateStage, ScoreRule
from huying.calls.queries import counting
from huying.calls.queries.calls import due_now
from huying.calls.states import Stage, State
from huying.calls.tests.factories import START, Cast, actor, clocks, person, role
from huying.calls.tests.timing import Time
from huying.figures import actions, queries
from huying.figures.tests.test_connections import run_jobs
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.jobs import app

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("tests")
MARCH = queries.Period.month(START.date())
WHY = "要求社区替他补缴罚款，于法无据"


@pytest.fixture
def cast(time: Time) -> Cast:
    actions.install_first_rows()
    clocks(review=60, rate=60 * 24 * 60)
    return Cast()


def told(cast: Cast, *codes: str) -> list[str]:
    """``9/16`` for each share, ``9`` for each sum, as figures have them after all jobs; they equal a fresh count."""
    run_jobs()
    assert list(queries.differences([counting.SOURCE])) == []
    found = queries.values(actor(cast.dispatcher), map(queries.metric, codes), cast.county, MARCH)
    return [f"{one.part}/{one.whole}" if one.whole is not None else str(one.amount) for one in found.values()]


def look(time: Time, hours: int) -> None:
    """So many hours after the beginning the job of the minute sees which clocks have run out."""
    time.at = START + timedelta(hours=hours)
    for call_id in list(due_now().values_list("pk", flat=True)):
        app.tasks["calls.overdue"].func.__wrapped__(call_id=call_id)


def late(cast: Cast, state: str, time: Time) -> Call:
    """A call whose review took two hours instead of one, and then went on to ``state``."""
    made = cast.call(State.SUBMITTED)
    time.on(hours=2)
    for verb, who, given in cast.way_to(state)[1:]:
        made = getattr(calls, verb)(actor=who, call=made, **given)
    return made


def test_a_unit_that_leaves_late_calls_open_does_not_score_a_hundred(cast: Cast, time: Time) -> None:
    cast.call(State.CLOSED)
    cast.call(State.SUBMITTED)
    before = told(cast, "calls_on_time_rate")

    look(time, 2)  # the clock of the second one has run out, and the minute's job has seen it

    assert (before, told(cast, "calls_on_time_rate")) == (["1/1"], ["1/2"])
    assert told(cast, "calls_closed_rate", "calls_on_time_of_closed") == ["1/2", "1/1"]


def test_a_late_call_counts_on_the_day_it_was_late_first_until_it_is_closed(cast: Cast, time: Time) -> None:
    call = cast.call(State.SUBMITTED)
    look(time, 24 * 30)
    run_jobs()
    april = queries.Period.month(clock.today())

    def due(period: queries.Period) -> int | None:
        return queries.value(actor(cast.dispatcher), queries.metric("calls_due"), cast.county, period).amount

    open_ = (due(MARCH), due(april))
    for verb, who, given in cast.way_to(State.CLOSED)[1:]:
        call = getattr(calls, verb)(actor=who, call=call, **given)
    run_jobs(Random(2))

    assert april != MARCH and (open_, (due(MARCH), due(april))) == ((1, 0), (0, 1))


def test_what_is_set_aside_leaves_the_base_and_both_shares_are_told(cast: Cast, time: Time) -> None:
    cast.call(State.CLOSED)
    aside = cast.call(State.SUBMITTED)
    look(time, 2)
    with_both = told(cast, "calls_closed_rate", "calls_closed_all_rate")
    calls.suspend(actor=actor(cast.keeper), call=aside, reason="等家属回来")
    paused = told(cast, "calls_closed_rate", "calls_closed_all_rate")
    calls.resume(actor=actor(cast.keeper), call=Call.objects.get(pk=aside.pk))

    assert (with_both, paused) == (["1/2", "1/2"], ["1/1", "1/2"])
    assert told(cast, "calls_closed_rate", "calls_closed_all_rate") == ["1/2", "1/2"]


def test_what_two_people_left_out_is_not_due_and_counts_again_when_that_is_undone(cast: Cast, time: Time) -> None:
    cast.call(State.CLOSED)
    odd = late(cast, State.CLOSED, time)
    first = told(cast, "calls_on_time_rate", "calls_closed")
    proposed = calls.propose_exclusion(actor=actor(cast.keeper), call=odd, ground="illegal", reason=WHY)
    waiting = told(cast, "calls_on_time_rate", "calls_closed")
    held = calls.decide_exclusion(actor=actor(cast.dispatcher), exclusion=proposed, agree=True)
    out = told(cast, "calls_on_time_rate", "calls_closed")
    calls.undo_exclusion(actor=actor(cast.dispatcher), exclusion=held, reason="诉求合理，照常计入")

    assert (first, waiting, out) == (["1/2", "2"], ["1/2", "2"], ["1/1", "2"])
    assert told(cast, "calls_on_time_rate", "calls_closed") == ["1/2", "2"]


def test_a_loop_is_closed_when_somebody_other_than_the_handler_says_so(cast: Cast, time: Time) -> None:
    cast.call(State.CLOSED)  # the person served said that it is solved
    silent, by_slip = cast.call(State.DELIVERED), cast.call(State.DELIVERED)
    slips.rate_by_slip(call=by_slip, score=5, solved=True, comment="", address="")
    time.on(days=61)
    calls.auto_rate(actor=SYSTEM, call=silent)
    period = queries.Period(MARCH.since, clock.today() + timedelta(days=1))

    def loops() -> str:
        run_jobs()
        found = queries.value(actor(cast.dispatcher), queries.metric("calls_verified_rate"), cast.county, period)
        return f"{found.part}/{found.whole}"

    alone = loops()
    inspector = person("钱督查", cast.county)
    role(inspector, "inspector", cast.county)
    span = {"since": START - timedelta(days=1), "until": clock.now() + timedelta(days=1)}
    drawn = calls.draw(actor=actor(inspector), place=cast.county, size=3, **span)
    heard = calls.Heard("answered", solved=True, score=5)
    for pk in (silent.pk, by_slip.pk):
        calls.record_callback(actor=actor(inspector), public_id=drawn.callbacks.get(call_id=pk).public_id, heard=heard)

    assert (alone, loops()) == ("1/3", "3/3")
    assert list(queries.differences([counting.SOURCE])) == []


def test_urgent_calls_have_a_share_of_their_own(cast: Cast, time: Time) -> None:
    cast.call(State.CLOSED, urgent=True), cast.call(State.CLOSED)
    cast.call(State.SUBMITTED, urgent=True)
    look(time, 2)

    assert told(cast, "calls_urgent_rate") == ["1/2"]


@pytest.mark.parametrize("end", ["cancel", "duplicate", "reopen"])
def test_a_late_call_that_ends_otherwise_or_is_opened_again_is_told_anew(cast: Cast, time: Time, end: str) -> None:
    other, call = cast.call(State.POOLED), late(cast, State.CLOSED if end == "reopen" else State.POOLED, time)
    look(time, 2)
    before = told(cast, "calls_due", "calls_due_closed")
    if end == "cancel":
        calls.cancel(actor=actor(cast.resident), call=call, reason="自己解决了")
    elif end == "duplicate":
        calls.mark_duplicate(actor=actor(cast.keeper), call=call, of=other)
    else:
        calls.reopen(actor=actor(cast.resident), call=call, reason="还没好")

    after = told(cast, "calls_due", "calls_due_closed")
    run_jobs(Random(5))

    assert before == (["1", "1"] if end == "reopen" else ["1", "0"])
    assert after == (["1", "0"] if end == "reopen" else ["0", "0"]), "opened again it is late and open"
    assert told(cast, "calls_due", "calls_due_closed") == after


def rated(cast: Cast, score: int, *, solved: bool = True) -> Call:
    made = cast.call(State.DELIVERED)
    return calls.rate(actor=actor(cast.resident), call=made, score=score, solved=solved)


RATES = ("calls_responded_rate", "calls_satisfied_rate", "calls_solved_rate", "calls_heard_solved_rate")


def test_the_three_rates_of_12345_are_counted_from_what_happens(cast: Cast, time: Time) -> None:
    """响应率 of what was due, 满意率 = (满意 + 基本满意·k) ÷ answered by the person, 解决率 of answered call-backs."""
    late(cast, State.CLOSED, time)
    made = [rated(cast, score, solved=score > 2) for score in (5, 4, 3, 1)]
    silent = cast.call(State.DELIVERED)
    time.on(days=20)
    calls.auto_rate(actor=SYSTEM, call=silent)
    inspector = person("钱督查", cast.county)
    role(inspector, "inspector", cast.county)
    span = {"since": START - timedelta(days=1), "until": clock.now() + timedelta(days=1)}
    drawn = calls.draw(actor=actor(inspector), place=cast.county, size=3, **span)
    answers = [calls.Heard("answered", solved=True, score=5), calls.Heard("answered", solved=False, score=2)]
    for one, heard in zip(drawn.callbacks.order_by("id"), [*answers, calls.Heard("unreached")], strict=True):
        calls.record_callback(actor=actor(inspector), public_id=one.public_id, heard=heard)

    assert told(cast, *RATES) == ["5/6", "400/500", "4/6", "1/2"]
    assert told(cast, "calls_rated_own", "calls_heard") == ["5", "2"]
    proposed = calls.propose_exclusion(actor=actor(cast.keeper), call=made[3], ground="illegal", reason=WHY)
    calls.decide_exclusion(actor=actor(cast.dispatcher), exclusion=proposed, agree=True)
    assert told(cast, *RATES)[:2] == ["4/5", "400/400"]


def test_middling_is_worth_what_the_rule_said_when_it_was_rated(cast: Cast, time: Time) -> None:
    rated(cast, 3)
    time.on(minutes=1)
    ScoreRule.objects.create(middling=60, set_at=clock.now())
    time.on(minutes=1)
    second = rated(cast, 3)
    before = told(cast, "calls_satisfied_rate")
    time.on(minutes=1)
    ScoreRule.objects.create(middling=0, set_at=clock.now())

    assert before == ["160/200"] and told(cast, "calls_satisfied_rate") == ["160/200"]
    calls.reopen(actor=actor(cast.resident), call=Call.objects.get(pk=second.pk), reason="还没好")
    assert told(cast, "calls_satisfied_rate") == ["100/100"]


def test_who_speaks_for_another_is_not_satisfied_for_him(cast: Cast, time: Time) -> None:
    by_slip = cast.call(State.DELIVERED)
    slips.rate_by_slip(call=by_slip, score=5, solved=True, comment="", address="")
    rated(cast, 1)

    assert told(cast, "calls_satisfied_rate", "calls_rated") == ["0/100", "2"]


def test_a_call_that_waits_too_long_to_be_taken_up_was_not_responded_to(cast: Cast, time: Time) -> None:
    cast.call(State.CLOSED), cast.call(State.SUBMITTED)
    look(time, 2)

    assert told(cast, "calls_responded_rate") == ["1/2"]


def test_sixteen_real_calls_give_the_share_of_the_components(cast: Cast, time: Time) -> None:
    """天门 2016-12 (hbcic.net.cn): 部件 9 of 16 closed, 56.25 %."""
    for _each in range(9):
        cast.call(State.CLOSED)
    for _each in range(7):
        cast.call(State.SUBMITTED)
    cast.call(State.CANCELLED)
    look(time, 2)

    assert told(cast, "calls_closed_rate") == ["9/16"]
    value = queries.value(actor(cast.dispatcher), queries.metric("calls_closed_rate"), cast.county, MARCH)
    assert value.percent == Decimal("56.25")
    asked = call_queries.Asked(START - timedelta(days=1), START + timedelta(days=20))
    report = call_queries.measured(actor(cast.dispatcher), asked).whole.values["closed"]
    assert (report.part, report.whole) == (9, 16), "the report of the desk counts the same calls"


@pytest.fixture
def copied(cast: Cast) -> Callable[..., list[Call]]:
    """Many like one that was played to its end; late ones with a late stage of their own."""

    def make(of: Call, n: int, *, was_late: bool = False) -> list[Call]:
        skipped = {"id", "public_id", "number"}
        facts = {one.attname: getattr(of, one.attname) for one in Call._meta.concrete_fields}
        facts = {name: value for name, value in facts.items() if name not in skipped}
        made = Call.objects.bulk_create([Call(number=f"{of.number}-{int(was_late)}{k}", **facts) for k in range(n)])
        if was_late:
            due, left = START - timedelta(hours=1), START
            LateStage.objects.bulk_create(
                LateStage(call=one, stage=Stage.REVIEW, due_at=due, left_at=left) for one in made
            )
        return made

    return make


def test_the_month_of_tianmen_gives_its_two_shares(cast: Cast, time: Time, copied: Callable[..., list[Call]]) -> None:
    """天门 2016-12: 972 due, 911 closed (93.72 %), 737 in time (75.82 %)."""
    closed, open_ = cast.call(State.CLOSED), cast.call(State.SUBMITTED)
    copied(closed, 736)
    copied(closed, 911 - 737, was_late=True)
    look(time, 2)
    copied(Call.objects.get(pk=open_.pk), 972 - 911 - 1)
    actions.count(actor=SYSTEM, words=list(counting.recounted_calls()))
    actions.fold(actor=SYSTEM)

    found = queries.values(
        actor(cast.dispatcher),
        map(queries.metric, ("calls_closed_rate", "calls_on_time_rate", "calls_on_time_of_closed")),
        cast.county,
        MARCH,
    )
    assert [(one.part, one.whole, one.percent) for one in found.values()] == [
        (911, 972, Decimal("93.72")),
        (737, 972, Decimal("75.82")),
        (737, 911, Decimal("80.90")),
    ]
    assert list(queries.drift()) == []
