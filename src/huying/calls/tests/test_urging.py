"""Urging: who may, whom it reaches, how often; and amber at half of the working time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from huying.calls import actions, queries, rules
from huying.calls.models import Call, CallEvent, Clock, LateStage
from huying.calls.queries.board import used
from huying.calls.states import State
from huying.calls.tests.factories import START, Cast, actor, person, role
from huying.calls.tests.timing import Time
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden
from huying.people.models import Notice

pytestmark = pytest.mark.django_db
SYSTEM = Actor.system("test")


def rule(stage: str, hours: int, mode: str = Clock.Mode.WORKING) -> None:
    Clock.objects.create(stage=stage, minutes=hours * 60, mode=mode)


def told(call: Call) -> set[str]:
    """Who heard of the last step."""
    Notice.objects.all().delete()
    event = call.events.order_by("-id").first()
    assert event is not None
    actions.tell(actor=SYSTEM, call_id=call.pk, event_id=event.pk)
    return set(Notice.objects.values_list("person__name", flat=True))


# ── who may ─────────────────────────────────────────────────────────────────
def test_those_above_the_level_that_holds_a_call_may_urge_it_and_nobody_else(cast: Cast) -> None:
    office = person("郑街办", cast.street)
    role(office, "office", cast.street)
    inspector = person("钱督查", cast.county)
    role(inspector, "inspector", cast.county)
    everybody = {"站": cast.keeper, "所": office, "中心": cast.dispatcher, "督查": inspector, "别处": cast.outsider}
    waiting, helped = cast.call(State.POOLED), cast.call(State.ACCEPTED)
    lifted = Call.objects.get(pk=waiting.pk)
    lifted.level = "centre"

    def may(call: Call) -> set[str]:
        return {name for name, one in everybody.items() if rules.can_urge(actor(one), call)}

    assert may(waiting) == {"所", "中心", "督查"}
    assert may(lifted) == {"督查"}
    assert may(helped) == {"站", "所", "中心", "督查"}


def test_nobody_is_urged_while_the_call_waits_for_the_person_or_has_ended(cast: Cast) -> None:
    boss = actor(cast.dispatcher)
    for state in (State.NEED_INFO, State.SUSPENDED, State.DELIVERED, State.CLOSED, State.CANCELLED):
        with pytest.raises(actions.StepRefused):
            actions.urge(actor=boss, call=cast.call(state))


def test_the_holder_himself_cannot_urge(cast: Cast) -> None:
    with pytest.raises(Forbidden):
        actions.urge(actor=actor(cast.keeper), call=cast.call(State.POOLED))


# ── whom it reaches ─────────────────────────────────────────────────────────
def test_the_keeper_of_a_waiting_call_is_told_and_the_helper_of_an_accepted_one_too(cast: Cast) -> None:
    boss = actor(cast.dispatcher)
    waiting = actions.urge(actor=boss, call=cast.call(State.POOLED), note="家属又来问了")
    heard = told(waiting)
    body = Notice.objects.get(person=cast.keeper).body
    helped = actions.urge(actor=boss, call=cast.call(State.ACCEPTED))

    assert heard == {"王敏之"}
    assert "家属又来问了" in body
    assert told(helped) == {"王敏之", "李安和"}


def test_who_was_only_asked_is_never_urged(cast: Cast) -> None:
    asked = actions.urge(actor=actor(cast.dispatcher), call=cast.call(State.DISPATCHED))

    assert told(asked) == {"王敏之"}


def test_the_history_shows_it_to_the_person_served_without_the_words_for_the_staff(cast: Cast) -> None:
    call = actions.urge(actor=actor(cast.dispatcher), call=cast.call(State.POOLED), note="别再拖了")

    mine, theirs = (queries.story(actor(one), call).lines[-1] for one in (cast.resident, cast.keeper))

    assert (mine["title"], mine["body"], theirs["body"]) == ("催办", "", "别再拖了")


# ── how often ───────────────────────────────────────────────────────────────
def test_once_in_an_interval_of_working_time(cast: Cast, time: Time) -> None:
    rule("urge", 4)
    boss, call = actor(cast.dispatcher), cast.call(State.POOLED)
    actions.urge(actor=boss, call=call)  # Tuesday 10:00

    time.to("03-03 15:59")
    with pytest.raises(actions.UrgedAlready, match="16:00"):
        actions.urge(actor=boss, call=call)
    time.to("03-03 16:00")
    actions.urge(actor=boss, call=call)

    assert CallEvent.objects.filter(call=call, verb="urge").count() == 2


def test_without_an_interval_each_stage_is_urged_once(cast: Cast, time: Time) -> None:
    boss, keeper = actor(cast.dispatcher), actor(cast.keeper)
    call = cast.call(State.SUBMITTED)
    actions.urge(actor=boss, call=call)
    time.to("03-09 10:00")
    with pytest.raises(actions.UrgedAlready, match="只能催一次"):
        actions.urge(actor=boss, call=call)

    actions.pool(actor=keeper, call=call)

    assert actions.urge(actor=boss, call=call).urged_at == time.at


# ── amber and late ──────────────────────────────────────────────────────────
def test_amber_begins_when_half_of_the_working_time_is_gone(cast: Cast, time: Time) -> None:
    rule("review", 8)  # Tuesday 10:00: two hours before noon, two after; due Wednesday 11:00
    call = cast.call()
    call.refresh_from_db()

    seen = []
    for moment in ("03-03 15:59", "03-03 16:00", "03-04 10:59", "03-04 11:00"):
        time.to(moment)
        seen.append(queries.card(call, time.at).level)

    assert seen == ["calm", "amber", "amber", "late"]


def test_the_bar_is_half_full_when_it_turns_amber() -> None:
    began, hour = START, timedelta(hours=1)
    half, due = began + 2 * hour, began + 26 * hour  # a night lies in the second half

    shares = [used(began, half, due, began + n * hour) for n in (-1, 0, 1, 2, 14, 26, 40)]

    assert shares == [0, 0, 25, 50, 75, 100, 100]


def test_a_pause_moves_amber_too(cast: Cast, time: Time) -> None:
    rule("dispatch", 8)
    call, keeper = cast.call(State.POOLED), actor(cast.keeper)

    time.to("03-03 11:00")
    actions.suspend(actor=keeper, call=call, reason="等家属回来")
    call.refresh_from_db()
    paused = call.amber_at
    time.to("03-05 09:00")
    call = actions.resume(actor=keeper, call=call)

    assert paused is None
    assert call.amber_at is not None
    assert f"{clock.local(call.amber_at):%m-%d %H:%M}" == "03-05 12:00"  # one hour was used, three of four are left


def test_a_stage_left_too_late_is_written_down_and_one_left_in_time_is_not(cast: Cast, time: Time) -> None:
    rule("review", 2, Clock.Mode.NATURAL)
    rule("dispatch", 2, Clock.Mode.NATURAL)
    rule("rate", 2, Clock.Mode.NATURAL)
    call = cast.call(State.SUBMITTED)
    time.to("03-03 12:30")
    call = actions.pool(actor=actor(cast.keeper), call=call)
    time.to("03-03 14:00")
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li])
    slow_to_rate = cast.call(State.DELIVERED)
    time.to("03-04 10:00")
    actions.rate(actor=actor(cast.resident), call=slow_to_rate, score=5, solved=True)

    late = [(one.call_id, one.stage, f"{clock.local(one.due_at):%H:%M}") for one in LateStage.objects.all()]

    assert late == [(call.pk, "review", "12:00")]
