"""Loading and switching of packs, killed at every point: all of it with its line in the trail, or nothing."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

import pytest

from huying.activities.models import Theme
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.kernel.models import AuditLine
from huying.packs import actions
from huying.packs.models import Installed, PackVersion, Switch
from huying.packs.queries import pack_by_key
from huying.packs.tests.conftest import LISTS, SEASONS
from huying.places.models import Place
from huying.places.tests.factories import kinds, place
from tests.crash.sweeping import Operation, Run, Sweep, keyed

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
BOSS = Actor.system("drills")
_numbers = count(1)


def broken() -> list[str]:
    """A version without its rows, a row offered where its pack is not on, a switch or a version without its line."""
    found = []
    told = set(AuditLine.objects.filter(verb__in=("pack.on", "pack.migrate")).values_list("subject_id", flat=True))
    found += [f"switch {one.pk} has no line" for one in Switch.objects.all() if one.pk not in told]
    loads = AuditLine.objects.filter(verb="pack.load").count()
    if loads != PackVersion.objects.count():
        found.append(f"{loads} lines for {PackVersion.objects.count()} versions")
    for version in PackVersion.objects.all():
        wanted = sum(len(rows) for kind, rows in version.body["things"].items() if kind in ("themes", "team_kinds"))
        held = Installed.objects.filter(pack=version.pack, kind__in=("themes", "team_kinds")).count()
        if held < wanted:
            found.append(f"{version} has {held} of {wanted} rows")
    for row in Installed.objects.filter(kind="themes", retired=False):
        on = set(Switch.objects.filter(pack=row.pack, off_at__isnull=True).values_list("place", flat=True))
        if set(Theme.objects.get(code=row.key).offered_at.values_list("pk", flat=True)) != on:
            found.append(f"{row} is offered elsewhere")
    return found


def fresh() -> str:
    """The example under a name of its own."""
    return SEASONS.replace("namespace: example", f"namespace: try{next(_numbers)}")


def loaded() -> str:
    return actions.load_pack(actor=BOSS, text=fresh()).key


def load() -> Run:
    text = fresh()
    return keyed("pack", BOSS, lambda: actions.load_pack(actor=BOSS, text=text).version)


def here() -> Place:
    return place("county", name=f"县{next(_numbers)}")


def switch_on() -> Run:
    pack, where = pack_by_key(loaded()), here()
    return keyed("pack", BOSS, lambda: actions.switch_on(actor=BOSS, pack=pack, place=where))


def switch_off() -> Run:
    switch = actions.switch_on(actor=BOSS, pack=pack_by_key(loaded()), place=here())
    return keyed("pack", BOSS, lambda: actions.switch_off(actor=BOSS, switch=switch, reason="停"))


def next_version() -> Run:
    """A new version of a pack that is on at two places: both go on with it."""
    text = fresh()
    pack = pack_by_key(actions.load_pack(actor=BOSS, text=text).key)
    for where in (here(), here()):
        actions.switch_on(actor=BOSS, pack=pack, place=where)
    second = text.replace("version: 1", "version: 2").replace("120", "180")
    return keyed("pack", BOSS, lambda: actions.load_pack(actor=BOSS, text=second).version)


@pytest.mark.parametrize("prepare", [load, switch_on, switch_off, next_version], ids=lambda one: one.__name__)
def test_a_death_at_any_point_leaves_all_or_nothing(prepare: Callable[[], Run], tally: Callable[..., None]) -> None:
    kinds()

    report = Sweep(Operation(prepare.__name__, prepare, broken)).go()

    tally("crash points", operations=1, kills=report.points, violations=len(report.violations))
    assert report.violations == []


def test_the_nightly_round_after_a_death_is_done_by_the_next_one() -> None:
    kinds()
    actions.load_pack(actor=BOSS, text=LISTS)
    actions.switch_on(
        actor=BOSS,
        pack=pack_by_key("example.three_lists"),
        place=here(),
        until=clock.today().replace(year=clock.today().year + 1),
    )

    assert actions.lapse(actor=BOSS) == 0 and actions.renew(actor=BOSS) == 0
