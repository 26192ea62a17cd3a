"""What is done about the sorter of calls: each gives the operation that is killed at every point.

Teaching itself writes nothing and is replaced by a teacher that takes no time.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any
from unittest.mock import patch

from procrastinate.contrib.django.models import ProcrastinateJob

from huying.calls import actions
from huying.calls.models import Call, Correction, SorterVersion
from huying.calls.queries.sorting import forgotten, loaded
from huying.calls.tests.factories import START, Cast, actor, kind
from huying.calls.tests.sorters import teacher, version
from huying.kernel.actor import Actor
from huying.sorting import teaching
from tests.crash.sweeping import Operation, keyed
from tests.invariants import broken_rules

SORTER = Actor.system("calls.sorter")
_serial = count(1)


def broken_sorters() -> list[str]:
    """Besides the rules of calls: one version serves at most, and it has its arrays."""
    serving = SorterVersion.objects.filter(active=True)
    found = [f"{one} serves without its arrays" for one in serving if one.body is None]
    return [*broken_rules(), *found, *(["two versions serve"] if serving.count() > 1 else [])]


def lesson(cast: Cast) -> Correction:
    """One more call that staff put under another kind."""
    call = cast.call(title=f"想洗澡，第{next(_serial)}次")
    return Correction.objects.create(call=call, was=cast.kind, kind=cast.kind, at=START)


def afresh() -> None:
    """No version and no lesson: every try passes the same points."""
    SorterVersion.objects.all().delete()
    Correction.objects.all().delete()


def taught() -> Any:
    with patch.object(teaching, "teach", teacher()), patch.object(teaching, "course", lambda: "tests"):
        return actions.learn(actor=SORTER)


def change_kind(cast: Cast) -> Operation:
    keeper, bath = actor(cast.keeper), kind("bath", people_needed=2, urgent=True)
    version()

    def prepare() -> Any:
        call = cast.call(title="卧床想洗澡")

        def act() -> Any:
            loaded.cache_clear()  # each try reads the arrays, so that all pass the same points
            return actions.change_kind(actor=keeper, call=Call.objects.get(pk=call.pk), kind=bath)

        return keyed("kind", keeper, act)

    return Operation("change_kind", prepare, broken_sorters)


def learn(cast: Cast) -> Operation:
    def prepare() -> Any:
        afresh()
        version()
        lesson(cast)
        return keyed("learn", SORTER, taught)

    return Operation("learn", prepare, broken_sorters)


def learn_after_forgetting(cast: Cast) -> Operation:
    """The version that serves learnt words that are gone: a new one serves, the arrays of the old one go."""

    def prepare() -> Any:
        afresh()
        first = lesson(cast)
        lesson(cast)
        taught()
        first.delete()
        return keyed("learn", SORTER, taught)

    def rules() -> list[str]:
        stale = [one for one in SorterVersion.objects.filter(active=False, body__isnull=False) if forgotten(one)]
        return [*broken_sorters(), *(["a forgotten one is kept beside a newer one"] if len(stale) > 1 else [])]

    return Operation("keep", prepare, rules)


def clear(cast: Cast) -> Operation:
    """The one that never heard the forgotten words is still there and serves again."""

    def prepare() -> Any:
        afresh()
        taught()
        more = lesson(cast)
        taught()
        more.delete()
        return keyed("learn", SORTER, taught)

    return Operation("clear", prepare, broken_sorters)


def switch_sorter(cast: Cast) -> Operation:
    boss = actor(cast.dispatcher)

    def prepare() -> Any:
        afresh()
        version()
        other = version(active=False)
        return keyed("switch", boss, lambda: actions.switch_sorter(actor=boss, version=other))

    return Operation("switch_sorter", prepare, broken_sorters)


def ask_to_learn(cast: Cast) -> Operation:
    boss = actor(cast.dispatcher)

    def prepare() -> Any:
        ProcrastinateJob.objects.filter(task_name="calls.learn").delete()
        return keyed("ask", boss, lambda: actions.ask_to_learn(actor=boss))

    return Operation("ask_to_learn", prepare, broken_sorters)


SORTING: dict[str, Callable[[Cast], Operation]] = {
    "change_kind": change_kind,
    "learn": learn,
    "keep and forget": learn_after_forgetting,
    "clear": clear,
    "switch_sorter": switch_sorter,
    "ask_to_learn": ask_to_learn,
}
