"""What the centre does besides, urging, calling back, leaving out: each gives the operation that is killed at every point."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any

from huying.calls import actions
from huying.calls.models import Callback, Exclusion
from huying.calls.states import State
from huying.calls.tests.factories import START, Cast, actor
from huying.kernel.actor import Actor
from huying.kernel.models import RevealBudget
from tests.crash.calls_stepping import again
from tests.crash.sweeping import Operation, keyed
from tests.invariants import broken_rules


def urge(cast: Cast) -> Operation:
    boss = actor(cast.dispatcher)

    def prepare() -> Any:
        call = cast.call(State.ACCEPTED)
        return keyed("urge", boss, lambda: actions.urge(actor=boss, call=again(call), note="家属又来问了"))

    return Operation("urge", prepare, broken_rules)


def draw(cast: Cast) -> Operation:
    boss = actor(cast.dispatcher)
    span = {"since": START - timedelta(days=1), "until": START + timedelta(days=1)}

    def prepare() -> Any:
        for _ in range(2):
            cast.call(State.CLOSED)
        return keyed("draw", boss, lambda: actions.draw(actor=boss, place=cast.county, size=1, **span))

    return Operation("draw", prepare, broken_rules)


def called_back(name: str, act: Callable[[Actor, Callback], Any]) -> Callable[[Cast], Operation]:
    """The centre calls back about a closed call in which it had no hand."""

    def build(cast: Cast) -> Operation:
        boss = actor(cast.dispatcher)

        def prepare() -> Any:
            RevealBudget.objects.all().delete()
            call = cast.call(State.CLOSED, contact_phone="13800000000")
            span = {"since": START - timedelta(days=1), "until": START + timedelta(days=1)}
            drawn = actions.draw(actor=boss, place=cast.county, size=500, **span)
            one = drawn.callbacks.get(call=call)
            return keyed(name, boss, lambda: act(boss, Callback.objects.get(pk=one.pk)))

        return Operation(name, prepare, broken_rules)

    return build


def heard(boss: Actor, one: Callback) -> Callback:
    return actions.record_callback(actor=boss, public_id=one.public_id, heard=actions.Heard("answered", True, 4))


def dialled(boss: Actor, one: Callback) -> str:
    return actions.open_number(actor=boss, callback=one)


def excluded(name: str, state: str, act: Callable[[Actor, Exclusion], Any]) -> Callable[[Cast], Operation]:
    """Something done with an exclusion in this state; the keeper, who handled the call, proposed it."""

    def build(cast: Cast) -> Operation:
        boss, keeper = actor(cast.dispatcher), actor(cast.keeper)

        def prepare() -> Any:
            one = actions.propose_exclusion(
                actor=keeper, call=cast.call(State.CLOSED), ground="illegal", reason="于法无据，不能支持"
            )
            if state == "in_force":
                actions.decide_exclusion(actor=boss, exclusion=one, agree=True)
            doer = keeper if name == "withdraw_exclusion" else boss
            return keyed(name, doer, lambda: act(doer, Exclusion.objects.get(pk=one.pk)))

        return Operation(name, prepare, broken_rules)

    return build


def propose_exclusion(cast: Cast) -> Operation:
    keeper = actor(cast.keeper)
    why = {"ground": "unreasonable", "reason": "要求超出服务范围"}

    def prepare() -> Any:
        call = cast.call(State.CLOSED)
        return keyed(
            "propose_exclusion",
            keeper,
            lambda: actions.propose_exclusion(actor=keeper, call=again(call), **why),
        )

    return Operation("propose_exclusion", prepare, broken_rules)


def agreed(boss: Actor, one: Exclusion) -> Exclusion:
    return actions.decide_exclusion(actor=boss, exclusion=one, agree=True)


def taken_back(keeper: Actor, one: Exclusion) -> Exclusion:
    return actions.withdraw_exclusion(actor=keeper, exclusion=one)


def counted_again(boss: Actor, one: Exclusion) -> Exclusion:
    return actions.undo_exclusion(actor=boss, exclusion=one, reason="重新核实过了")


def set_score_rule(cast: Cast) -> Operation:
    boss, least = actor(cast.dispatcher), count(1)

    def prepare() -> Any:
        facts = actions.ScoreFacts(least=next(least))
        return keyed("rule", boss, lambda: actions.set_score_rule(actor=boss, facts=facts))

    return Operation("set_score_rule", prepare, broken_rules)


CENTRE: dict[str, Callable[[Cast], Operation]] = {
    "urge": urge,
    "draw": draw,
    "record_callback": called_back("heard", heard),
    "open_number": called_back("dialled", dialled),
    "propose_exclusion": propose_exclusion,
    "decide_exclusion": excluded("decide_exclusion", "proposed", agreed),
    "withdraw_exclusion": excluded("withdraw_exclusion", "proposed", taken_back),
    "undo_exclusion": excluded("undo_exclusion", "in_force", counted_again),
    "set_score_rule": set_score_rule,
}
