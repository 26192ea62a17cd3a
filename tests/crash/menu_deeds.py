"""What is done about the menu of services and its clocks: each gives the operation that is killed at every point."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any

from huying.calls import actions
from huying.calls.models import Clock, ServiceKind
from huying.calls.tests.factories import Cast, actor, kind, skill
from huying.kernel.actor import Actor
from tests.crash.sweeping import Operation, keyed
from tests.invariants import broken_rules


def menu(name: str, act: Callable[[Actor, Any, int], Any]) -> Callable[[Cast], Operation]:
    """An operation on a fresh line of the menu; ``act`` gets the keeper of the menu, the line and a number."""

    def build(cast: Cast) -> Operation:
        boss, serial = actor(cast.dispatcher), count(1)
        skill("plumbing", "修水管")

        def prepare() -> Any:
            n = next(serial)
            line = kind(f"line{n}", name=f"第{n}项", order=1000 + n)
            return keyed(name, boss, lambda: act(boss, line, n))

        return Operation(name, prepare, broken_rules)

    return build


def renamed(boss: Actor, line: ServiceKind, n: int) -> ServiceKind:
    line.name = "改了名"
    return actions.save_kind(actor=boss, kind=line, skills=[skill("plumbing", "修水管")])


def timed(boss: Actor, line: ServiceKind, n: int) -> Clock:
    return actions.save_clock(actor=boss, stage="deliver", minutes=n, mode="natural", urgent=False, kind=line)


def moved_up(boss: Actor, line: ServiceKind, n: int) -> None:
    actions.move_kind(actor=boss, kind=line, up=True)


def taken_off(boss: Actor, line: ServiceKind, n: int) -> ServiceKind:
    return actions.set_kind_active(actor=boss, kind=line, active=False)


def drop_clock(cast: Cast) -> Operation:
    boss, minutes = actor(cast.dispatcher), count(1)

    def prepare() -> Any:
        line = kind(f"line{next(minutes)}", name="一项")
        rule = Clock.objects.create(kind=line, stage="deliver", minutes=5)
        return keyed("drop", boss, lambda: actions.drop_clock(actor=boss, rule=Clock.objects.get(pk=rule.pk)))

    return Operation("drop_clock", prepare, broken_rules)


MENU: dict[str, Callable[[Cast], Operation]] = {
    "save_kind": menu("save_kind", renamed),
    "save_clock": menu("save_clock", timed),
    "move_kind": menu("move_kind", moved_up),
    "set_kind_active": menu("set_kind_active", taken_off),
    "drop_clock": drop_clock,
}
