"""The switch of a board, killed at every point: set with its line in the trail, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from huying.cockpit import actions
from huying.cockpit.models import BoardSetting
from huying.kernel.actor import Actor
from huying.kernel.models import AuditLine
from huying.places.tests.factories import kinds, place
from tests.crash.sweeping import Operation, Run, Sweep, keyed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
BOSS = Actor.system("drills")
_numbers = count(1)


def broken() -> list[str]:
    """Every switch that was set has its line."""
    told = set(AuditLine.objects.filter(verb="board.rank").values_list("subject_id", flat=True))
    return [str(one) for one in BoardSetting.objects.all() if one.pk not in told]


def test_a_death_at_any_point_leaves_all_or_nothing(tally: Callable[..., None]) -> None:
    kinds()
    street = place("street")

    def prepare() -> Run:
        home = place("community", street)
        reason = f"第{next(_numbers)}次试行"
        return keyed("ranking", BOSS, lambda: actions.set_ranking(actor=BOSS, place=home, ranks=True, reason=reason))

    report = Sweep(Operation("set_ranking", prepare, broken)).go()

    tally("crash points", operations=1, kills=report.points, violations=len(report.violations))
    assert report.violations == []
