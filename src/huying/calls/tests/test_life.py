"""The life of a call: every allowed step works, every other is refused, and stories end as they should (S0-3a, S2-7b)."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from huying.calls import actions, rules
from huying.calls.actions.moving import StepForbidden, StepRefused, ValueMissing
from huying.calls.models import Call, CallEvent, Offer
from huying.calls.states import TRANSITIONS, State
from huying.calls.tests.factories import START, Cast, actor, clocks, place, run_out
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError

pytestmark = pytest.mark.django_db
STATES = [s for s in State if s not in {State.RATED, State.AUTO_RATED}]
"""Rated and auto-rated are passed through within one action; nothing rests there."""


def by_whom(cast: Cast, verb: str) -> Actor:
    who = TRANSITIONS[verb].by
    if "system" in who:
        return Actor.system("test")
    if "staff" in who:
        return actor(cast.keeper)
    if who & {"helper", "coming", "there", "last", "offered"}:
        return actor(cast.li.person)
    if "volunteer" in who:
        return actor(cast.he.person)
    return actor(cast.resident)


def given(cast: Cast, verb: str) -> dict[str, object]:
    values = {
        "reason": "有原因",
        "note": "说明一下",
        "at": clock.now() + timedelta(hours=3),
        "score": 4,
        "target": "12345",
        "people": 3,
    }
    needed = {name: values[name] for name in TRANSITIONS[verb].needs}
    if verb == "dispatch":
        needed["volunteers"] = [cast.he]
    if verb == "rate":
        needed["solved"] = True
    return needed


def half_answered(cast: Cast, state: State) -> Call:
    """A call for two: one has said yes, the other is still asked (dispatched) or did not answer (pooled)."""
    call = cast.call(State.POOLED, people_needed=2)
    call = actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])
    call = actions.accept(actor=actor(cast.li.person), call=call)
    if state == State.POOLED:
        call = run_out(call)
    return call


VERBS = sorted(set(TRANSITIONS) - {"close", "bind", "seek_on", "time_up"})
"""Steps of their own; the others are part of rating, of the last ring, of a yes that does not fill the call, of a limit."""
ALLOWED = [(verb, state) for verb in VERBS for state in STATES if state in TRANSITIONS[verb].from_]


@pytest.mark.parametrize("state", STATES)
def test_every_step_that_is_not_in_the_table_is_refused(cast: Cast, state: State) -> None:
    call = cast.call(state)
    lines = CallEvent.objects.count()

    for verb in [v for v in VERBS if state not in TRANSITIONS[v].from_]:
        with pytest.raises(StepRefused):
            getattr(actions, verb)(actor=by_whom(cast, verb), call=call, **given(cast, verb))

    assert (Call.objects.get(pk=call.pk).state, CallEvent.objects.count()) == (state, lines)


@pytest.mark.parametrize(("verb", "state"), ALLOWED)
def test_every_step_in_the_table_is_taken(cast: Cast, verb: str, state: State) -> None:
    of_many = verb in {"hand_back", "arrive", "enough"} and state in WAITING_FOR_MORE
    call = half_filled(cast, state) if of_many else cast.call(state)
    if (verb, state) == ("arrive", State.SERVING):
        call = begun_by_the_other(cast)
    if verb in {"leave", "seek_more"}:
        call = with_li_there(cast, state)
    lines = CallEvent.objects.count()
    if verb == "expire":
        Offer.objects.update(answer_due_at=START)

    moved = getattr(actions, verb)(actor=by_whom(cast, verb), call=call, **given(cast, verb))

    expected = State.CLOSED if verb in {"rate", "auto_rate"} else TRANSITIONS[verb].to
    if verb == "hand_back" and state == State.DISPATCHED:
        expected = State.DISPATCHED  # the other helper is still asked
    if verb in {"arrive", "leave", "decline"}:
        expected = state  # one of several is there; a volunteer's no changes nothing before its time
    assert Call.objects.get(pk=call.pk).state == moved.state == expected
    assert (CallEvent.objects.count() > lines) == (verb != "decline")


def begun_by_the_other(cast: Cast) -> Call:
    """Two have said yes, and He has begun."""
    call = half_filled(cast, State.DISPATCHED)
    actions.accept(actor=actor(cast.he.person), call=call)
    return actions.start(actor=actor(cast.he.person), call=call)


def with_li_there(cast: Cast, state: State) -> Call:
    """A call for two to which Li has come already; from accepted on He has said yes, too."""
    call = actions.arrive(actor=actor(cast.li.person), call=half_filled(cast, State.DISPATCHED))
    if state == State.POOLED:
        return run_out(call)
    if state == State.DISPATCHED:
        return call
    he = actor(cast.he.person)
    call = actions.accept(actor=he, call=call)
    if state == State.SCHEDULED:
        call = actions.schedule(actor=he, call=call, at=clock.now() + timedelta(hours=5))
    return actions.start(actor=he, call=call) if state == State.SERVING else call


WAITING_FOR_MORE = {State.POOLED, State.DISPATCHED}


def half_filled(cast: Cast, state: State) -> Call:
    """A call for two with one helper in, waiting for the second: asked (dispatched) or open to all (pooled)."""
    call = cast.call(State.POOLED, people_needed=2)
    keeper = actor(cast.keeper)
    actions.dispatch(actor=keeper, call=call, volunteers=[cast.li, cast.he])
    actions.accept(actor=actor(cast.li.person), call=call)
    if state == State.POOLED:
        run_out(call)
    return call


@pytest.mark.parametrize("verb", sorted(v for v, t in TRANSITIONS.items() if "system" not in t.by))
def test_a_stranger_may_take_no_step(cast: Cast, verb: str) -> None:
    state = sorted(TRANSITIONS[verb].from_, key=str)[0]
    call = cast.call(state)

    with pytest.raises(StepForbidden):
        getattr(actions, verb)(actor=actor(cast.outsider), call=call, **given(cast, verb))


@pytest.mark.parametrize("verb", sorted(v for v, t in TRANSITIONS.items() if t.needs and t.needs != ("at",)))
def test_a_step_without_what_it_needs_names_the_field(cast: Cast, verb: str) -> None:
    first = sorted(TRANSITIONS[verb].from_, key=str)[0]
    call = with_li_there(cast, first) if verb == "seek_more" else cast.call(first)
    empty = {name: (0 if name == "score" else "  ") for name in TRANSITIONS[verb].needs}
    more = {"solved": True} if verb == "rate" else {}

    with pytest.raises(DomainError) as refused:
        getattr(actions, verb)(actor=by_whom(cast, verb), call=call, **empty, **more)

    assert set(refused.value.fields) == set(TRANSITIONS[verb].needs)
    assert refused.value.status == ValueMissing.status


def test_the_whole_way_keeps_every_time(cast: Cast) -> None:
    ticks = count()
    call = cast.call(State.DRAFT)
    hours = {}

    for verb, who, values in cast.way_to(State.CLOSED):
        at = START + timedelta(minutes=10 + next(ticks))
        with clock.frozen(at):
            call = getattr(actions, verb)(actor=who, call=call, **values)
        hours[verb] = at

    call.refresh_from_db()
    lines = list(call.events.order_by("id").values_list("verb", "from_state", "to_state", "at"))
    assert lines == [
        ("draft", "", "draft", START),
        ("submit", "draft", "submitted", hours["submit"]),
        ("pool", "submitted", "pooled", hours["pool"]),
        ("dispatch", "pooled", "dispatched", hours["dispatch"]),
        ("accept", "dispatched", "accepted", hours["accept"]),
        ("schedule", "accepted", "scheduled", hours["schedule"]),
        ("start", "scheduled", "serving", hours["start"]),
        ("deliver", "serving", "delivered", hours["deliver"]),
        ("rate", "delivered", "rated", hours["rate"]),
        ("close", "rated", "closed", hours["rate"]),
    ]
    assert len(set(hours.values())) == len(hours)
    assert {
        "created_at": call.created_at,
        "submitted_at": call.submitted_at,
        "reviewed_at": call.reviewed_at,
        "accepted_at": call.accepted_at,
        "scheduled_at": call.scheduled_at,
        "started_at": call.started_at,
        "delivered_at": call.delivered_at,
        "rated_at": call.rated_at,
        "ended_at": call.ended_at,
    } == {
        "created_at": START,
        "submitted_at": hours["submit"],
        "reviewed_at": None,  # it went from the station's list straight to the pool
        "accepted_at": hours["accept"],
        "scheduled_at": START + timedelta(hours=5),
        "started_at": hours["start"],
        "delivered_at": hours["deliver"],
        "rated_at": hours["rate"],
        "ended_at": hours["rate"],
    }
    offer = call.offers.get()
    assert (offer.offered_at, offer.answered_at) == (hours["dispatch"], hours["accept"])
    assert (call.score, call.solved, call.rated_by_proxy) == (5, True, False)


def test_the_time_of_taking_a_call_up_is_kept(cast: Cast) -> None:
    call = cast.call(State.SUBMITTED)

    with clock.frozen(START + timedelta(hours=2)):
        actions.review(actor=actor(cast.keeper), call=call)

    call.refresh_from_db()
    assert (call.submitted_at, call.reviewed_at) == (START, START + timedelta(hours=2))


def test_a_call_for_two_waits_for_the_second_helper(cast: Cast) -> None:
    call = cast.call(State.POOLED, people_needed=2)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li, cast.he])

    first = actions.accept(actor=actor(cast.li.person), call=call)
    second = actions.accept(actor=actor(cast.he.person), call=call)

    assert [(first.state, first.accepted_count), (second.state, second.accepted_count)] == [
        (State.DISPATCHED, 1),
        (State.ACCEPTED, 2),
    ]


def test_a_team_fills_a_call_for_many_through_its_leader(cast: Cast) -> None:
    call = cast.call(State.POOLED, people_needed=2)
    actions.dispatch(actor=actor(cast.keeper), call=call, teams=[cast.team])

    accepted = actions.accept(actor=actor(cast.leader.person), call=call)

    assert (accepted.state, accepted.accepted_count) == (State.ACCEPTED, 2)


def test_handing_back_needs_a_reason_and_frees_the_call(cast: Cast) -> None:
    call = cast.call(State.SCHEDULED)

    back = actions.hand_back(actor=actor(cast.li.person), call=call, reason="临时出差")

    assert (back.state, back.accepted_count, back.scheduled_at) == (State.POOLED, 0, None)


def test_reopening_works_twice_and_then_no_more(cast: Cast) -> None:
    call = cast.call(State.DELIVERED)
    me = actor(cast.resident)
    actions.reopen(actor=me, call=call, reason="还是漏水")
    second = redo(cast, call)
    actions.reopen(actor=me, call=second, reason="又漏了")
    third = redo(cast, second)

    with pytest.raises(StepForbidden):
        actions.reopen(actor=me, call=third, reason="第三次")
    third.refresh_from_db()
    assert (third.reopened_count, third.needs_callback, third.level) == (2, True, "centre")


def redo(cast: Cast, call: Call) -> Call:
    keeper, helper = actor(cast.keeper), actor(cast.he.person)
    actions.pool(actor=keeper, call=call)
    if not call.offers.filter(volunteer=cast.he).exists():
        actions.dispatch(actor=keeper, call=call, volunteers=[cast.he])
    else:
        helper = actor(cast.leader.person)
        actions.dispatch(actor=keeper, call=call, teams=[cast.team])
    actions.accept(actor=helper, call=call)
    actions.start(actor=helper, call=call)
    return actions.deliver(actor=helper, call=call, note="又修了一次")


def test_reopening_after_seven_days_says_so(cast: Cast) -> None:
    call = cast.call(State.CLOSED)

    with clock.frozen(START + timedelta(days=8)), pytest.raises(actions.ending.TooLateToReopen):
        actions.reopen(actor=actor(cast.resident), call=call, reason="没好")


def test_an_unrated_call_closes_without_a_score(cast: Cast) -> None:
    clocks(rate=60)
    call = cast.call(State.DELIVERED)

    closed = actions.auto_rate(actor=Actor.system("t"), call=call)

    assert (closed.state, closed.score, closed.solved) == (State.CLOSED, None, None)


def test_a_relative_rating_for_somebody_is_marked(cast: Cast) -> None:
    call = cast.call(State.DELIVERED)
    Call.objects.filter(pk=call.pk).update(asked_by=cast.grid_worker)

    rated = actions.rate(actor=actor(cast.grid_worker), call=call, score=5, solved=True)

    assert rated.rated_by_proxy is True


def test_the_number_and_the_place_decide_who_sees_a_call(cast: Cast) -> None:
    call = cast.call(State.ACCEPTED)
    people = [
        cast.resident,
        cast.keeper,
        cast.dispatcher,
        cast.li.person,
        cast.neighbour,
        cast.outsider,
        cast.he.person,
    ]

    seen = [Call.objects.filter(rules.visible_to(actor(p)), pk=call.pk).exists() for p in people]

    assert seen == [True, True, True, True, False, False, False]


def test_nobody_on_duty_sees_a_draft(cast: Cast) -> None:
    call = cast.call(State.DRAFT)

    assert not Call.objects.filter(rules.visible_to(actor(cast.keeper)), pk=call.pk).exists()


def test_the_list_and_the_single_call_agree_for_everybody(cast: Cast) -> None:
    calls = [cast.call(state) for state in STATES]
    everyone = [
        cast.resident,
        cast.keeper,
        cast.dispatcher,
        cast.outsider,
        cast.neighbour,
        cast.li.person,
        cast.grid_worker,
    ]

    for who in map(actor, everyone):
        listed = set(Call.objects.filter(rules.visible_to(who)).values_list("pk", flat=True))
        handled = {call.pk for call in calls if rules.parties(who, call) - {"volunteer"} and call.state != State.DRAFT}
        assert handled <= listed


def test_a_volunteer_resting_cannot_be_asked(cast: Cast) -> None:
    cast.li.paused_until = clock.today()
    cast.li.save()
    call = cast.call(State.POOLED)

    with pytest.raises(actions.dispatching.WrongAnswerer):
        actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li])


def test_nobody_is_asked_twice_for_one_call(cast: Cast) -> None:
    call = cast.call(State.POOLED, people_needed=2)
    actions.dispatch(actor=actor(cast.keeper), call=call, volunteers=[cast.li], teams=[cast.team])
    actions.decline(actor=actor(cast.leader.person), call=call)

    for again in ({"volunteers": [cast.li]}, {"teams": [cast.team]}):
        with pytest.raises(actions.dispatching.AlreadyAsked):
            actions.dispatch(actor=actor(cast.keeper), call=call, **again)


def test_asking_for_a_stranger_needs_a_post(cast: Cast) -> None:
    what = actions.Ask(kind=cast.kind, place=cast.home, requester=cast.resident, title="帮她问")

    with pytest.raises(actions.intake.NotForOthers):
        actions.ask(actor=actor(cast.neighbour), what=what)
    assert actions.ask(actor=actor(cast.grid_worker), what=what).asked_by_id == cast.grid_worker.pk


def test_a_duplicate_joins_the_earlier_call(cast: Cast) -> None:
    first, second = cast.call(), cast.call()

    joined = actions.mark_duplicate(actor=actor(cast.keeper), call=second, of=first)

    assert (joined.state, joined.duplicate_of_id) == (State.CANCELLED, first.pk)


def test_staff_reach_only_their_own_places(cast: Cast) -> None:
    elsewhere = place("花圃社区", cast.street, "community")
    call = cast.call(place=elsewhere)

    assert [rules.can_handle(actor(p), call) for p in (cast.keeper, cast.dispatcher)] == [False, True]
