"""Random people take random steps on a call: the product agrees with a plain model of the table at every moment.

The model knows ``states.TRANSITIONS`` and who is what to the call; it knows nothing of the database, locks and actions.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from huying.calls import actions, rules
from huying.calls.models import Call, CallEvent, Offer
from huying.calls.states import MAX_REOPENED, REOPEN_DAYS, TRANSITIONS, OfferState, State
from huying.calls.tests.factories import START, Cast, actor, clocks
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.errors import DomainError

EXAMPLES = int(os.environ.get("HUYING_MACHINE_EXAMPLES", "25"))
VERBS = sorted(set(TRANSITIONS) - {"close", "bind", "seek_on", "time_up", "seek_more"})
HELPERS = ("li", "he")
PEOPLE = ("resident", "neighbour", "keeper", "dispatcher", "outsider", *HELPERS, "system")
AWAY = "away"
"""Asked, and said no: for everybody but himself he is still asked."""
ASKED_BEFORE = {AWAY, OfferState.OFFERED, OfferState.ACCEPTED, OfferState.HANDED_BACK, OfferState.DONE}
VALUES: dict[str, Any] = {"reason": "有原因", "note": "说明一下", "score": 4, "target": "12345"}


class Model:
    """One call as the table sees it: its state, who was asked and said what, how often it was reopened."""

    def __init__(self, needed: int) -> None:
        self.state, self.needed, self.reopened = State.DRAFT, needed, 0
        self.offers: list[list[Any]] = []  # [helper, state, when he was asked], oldest first
        self.ended_at = START
        self.arrived: set[str] = set()
        self.left: set[str] = set()

    def has(self, who: str, state: OfferState) -> bool:
        return any(one[:2] == [who, state] for one in self.offers)

    def parties(self, who: str) -> set[str]:
        fixed = {"resident": "requester", "keeper": "staff", "dispatcher": "staff", "system": "system"}
        found = {fixed[who]} if who in fixed else set()
        found |= {"offered"} if self.has(who, OfferState.OFFERED) else set()
        found |= {"helper"} if self.has(who, OfferState.ACCEPTED) else set()
        if "helper" in found:
            came, there = who in self.arrived, who in self.arrived - self.left
            others = {one for one in self.arrived - self.left - {who} if self.has(one, OfferState.ACCEPTED)}
            found |= {"coming"} if not came else set()
            found |= {"there"} if there else set()
            found |= {"last"} if self.needed == 1 or (came and not others) else set()
        return found or ({"volunteer"} if who in HELPERS else set())

    def refusal(self, verb: str, who: str, asked: list[str], now: Any) -> str:
        """The name of the error this step must give; empty when it must go through."""
        step = TRANSITIONS[verb]
        if self.state not in step.from_:
            return "StepRefused"
        if not step.by & self.parties(who) or (verb == "reopen" and self.reopened >= MAX_REOPENED):
            return "StepForbidden"
        if (verb == "enough" and not 0 < self.accepted() < self.needed) or (
            verb in {"arrive", "leave"} and self.needed == 1
        ):
            return "StepForbidden"
        if verb == "expire" and not self.late(now):
            return "StepRefused"
        if verb == "reopen" and self.state == State.CLOSED and now - self.ended_at > timedelta(days=REOPEN_DAYS):
            return "TooLateToReopen"
        if verb == "dispatch" and any(one in asked and said in ASKED_BEFORE for one, said, _at in self.offers):
            return "AlreadyAsked"
        return ""

    def late(self, now: Any) -> bool:
        return any(self.is_late(one, now) for one in self.offers)

    def is_late(self, one: list[Any], now: Any) -> bool:
        return one[1] in {OfferState.OFFERED, AWAY} and one[2] + timedelta(minutes=30) <= now

    def accepted(self) -> int:
        return sum(one[1] == OfferState.ACCEPTED for one in self.offers)

    def change(self, of: set[Any], to: str, who: str = "") -> None:
        for offer in self.offers:
            if offer[1] in of and who in ("", offer[0]):
                offer[1] = to

    def take(self, verb: str, who: str, asked: list[str], now: Any) -> None:
        """What the step does."""
        before, self.state = self.state, TRANSITIONS[verb].to
        offered, accepted = {OfferState.OFFERED}, {OfferState.ACCEPTED}
        still: set[Any] = {OfferState.OFFERED, AWAY}
        if verb == "dispatch":
            self.offers += [[one, OfferState.OFFERED, now] for one in asked]
        elif verb in {"accept", "claim"}:
            if verb == "claim":
                self.offers.append([who, OfferState.OFFERED, now])
            self.change(offered, OfferState.ACCEPTED, who)
            if self.accepted() >= self.needed:
                self.change(still, OfferState.WITHDRAWN)
            else:  # the others are still asked, or it is sought on
                self.state = before if any(one[1] in still for one in self.offers) else State.POOLED
        elif verb == "decline":
            self.change(offered, AWAY, who)
            self.state = before
        elif verb == "expire":
            for one in self.offers:
                one[1] = OfferState.EXPIRED if self.is_late(one, now) else one[1]
            if any(one[1] in still for one in self.offers):
                self.state = before
        elif verb in {"arrive", "leave"}:
            self.state = before
        elif verb == "enough":
            self.needed = self.accepted()
            self.change(still, OfferState.WITHDRAWN)
        elif verb == "recall":
            self.change(still, OfferState.WITHDRAWN)
        elif verb == "hand_back":
            self.change(accepted, OfferState.HANDED_BACK, who)
            self.state = before if before == State.DISPATCHED else State.POOLED
        elif verb in {"suspend", "cancel", "transfer"}:
            self.change(still | accepted, OfferState.WITHDRAWN)
        elif verb in {"rate", "auto_rate", "reopen"}:
            for one in HELPERS if self.needed > 1 else ():
                if one not in self.arrived:
                    self.change(accepted, OfferState.WITHDRAWN, one)
            self.change(accepted, OfferState.DONE)
        if verb in {"arrive", "start"}:
            self.arrived.add(who)
        elif verb == "leave":
            self.left.add(who)
        elif verb == "hand_back":
            self.arrived.discard(who)
            self.left.discard(who)
        elif verb in {"suspend", "cancel", "transfer", "rate", "auto_rate", "reopen"}:
            self.arrived.clear()
            self.left.clear()
        if verb in {"rate", "auto_rate"}:
            self.state, self.ended_at = State.CLOSED, now
        self.reopened += verb == "reopen"


class Machine(RuleBasedStateMachine):
    """The product and the model side by side; ``cast`` is put in by the test."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.at = START
        self.frozen = clock.frozen(lambda: self.at)
        self.frozen.__enter__()
        self.kept = transaction.atomic()
        self.kept.__enter__()

    @initialize(needed=st.sampled_from([1, 2]))
    def ask(self, needed: int) -> None:
        cast = self.cast
        what = actions.Ask(
            kind=cast.kind, place=cast.home, requester=cast.resident, title="去医院复查", people_needed=needed
        )
        self.call = actions.save_draft(actor=actor(cast.resident), what=what)
        self.model = Model(needed)

    def who(self, name: str) -> Actor:
        if name == "system":
            return Actor.system("machine")
        person = getattr(self.cast, name)
        return actor(getattr(person, "person", person))

    @rule(verb=st.sampled_from(VERBS), who=st.sampled_from(PEOPLE), asked=st.sets(st.sampled_from(HELPERS), min_size=1))
    def step(self, verb: str, who: str, asked: set[str]) -> None:
        """Anybody tries anything."""
        self.try_step(verb, who, sorted(asked))

    @rule(data=st.data())
    def step_that_should_go(self, data: st.DataObject) -> None:
        """Somebody who may takes a step that leads on, so that calls get far."""
        might = [
            (verb, who)
            for verb in VERBS
            for who in PEOPLE
            if not self.model.refusal(verb, who, [], self.at) and verb not in {"cancel", "reject", "transfer"}
        ]
        if might:
            self.try_step(
                *data.draw(st.sampled_from(might)), data.draw(st.sampled_from([["li"], ["he"], ["he", "li"]]))
            )

    @rule(minutes=st.sampled_from([1, 29, 31, 60 * 24, 60 * 24 * 8]))
    def time_passes(self, minutes: int) -> None:
        self.at += timedelta(minutes=minutes)

    def try_step(self, verb: str, who: str, asked: list[str]) -> None:
        given = {name: VALUES.get(name, self.at + timedelta(hours=3)) for name in TRANSITIONS[verb].needs}
        if verb == "dispatch":
            given["volunteers"] = [getattr(self.cast, one) for one in asked]
        if verb == "rate":
            given["solved"] = True
        expected = self.model.refusal(verb, who, asked, self.at)
        lines = CallEvent.objects.count()
        try:
            with transaction.atomic():
                getattr(actions, verb)(actor=self.who(who), call=self.call, **given)
        except DomainError as refused:
            assert type(refused).__name__ == expected, (verb, who, expected, refused)
            assert CallEvent.objects.count() == lines
        else:
            assert expected == "", (verb, who, expected)
            self.model.take(verb, who, asked, self.at)
            assert (CallEvent.objects.count() > lines) == (verb != "decline"), verb

    @invariant()
    def agree(self) -> None:
        """State, answers and counts are what the model says; so are the buttons of everybody."""
        if not hasattr(self, "model"):
            return
        call, model = Call.objects.select_related("kind", "place").get(pk=self.call.pk), self.model
        names = {getattr(self.cast, one).pk: one for one in HELPERS}
        offers = [
            [names[o.volunteer_id], AWAY if o.put_away else o.state]
            for o in Offer.objects.filter(call=call).order_by("id")
        ]
        assert (call.state, call.reopened_count) == (model.state, model.reopened)
        assert sorted(offers) == sorted(one[:2] for one in model.offers)
        if call.ended_at is None:
            assert call.accepted_count == model.accepted()
        last = call.events.latest("id")
        assert last.to_state == call.state
        for who in PEOPLE[:-1]:
            shown = set(rules.steps(self.who(who), call)) - {"dispatch", "seek_more"}
            may = {verb for verb in VERBS if not model.refusal(verb, who, [], self.at)} - {"dispatch", "expire"}
            assert shown == may, (who, shown ^ may)

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.kept.__exit__(None, None, None)
        self.frozen.__exit__(None, None, None)


@pytest.fixture
def cast(db: None) -> Iterator[Cast]:
    with clock.frozen(START):
        clocks(answer=30)
        yield Cast()


def test_the_product_agrees_with_the_table_whatever_people_do(cast: Cast) -> None:
    bounds = settings(
        max_examples=EXAMPLES,
        stateful_step_count=30,
        deadline=None,
        database=None,
        derandomize="HUYING_MACHINE_EXAMPLES" not in os.environ,
        suppress_health_check=list(HealthCheck),
    )

    class Tried(Machine):
        pass

    Tried.cast = cast
    run_state_machine_as_test(Tried, settings=bounds)
