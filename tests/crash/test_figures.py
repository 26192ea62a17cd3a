"""Everything that changes figures, killed at every point: facts stay the sum of their words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from django.urls import reverse

from huying.calls.tests.factories import START
from huying.figures import actions, queries
from huying.figures.actions import Report, Word
from huying.figures.models import Check, Feed, KeptFile, ReportedFigure
from huying.figures.queries import feeds
from huying.figures.states import FileKind, Rhythm, Split
from huying.kernel import clock
from huying.kernel.actor import Actor
from huying.places import actions as place_actions
from huying.places.models import Place
from huying.places.tests import standards
from huying.places.tests.factories import kinds, place
from tests.crash.sweeping import Operation, Run, Sweep, keyed
from tests.crash.writes import unknown

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("committed_db")]
BOSS = Actor.system("drills")
Act = Callable[[], Any]
_numbers = count(1)


class World:
    def __init__(self) -> None:
        self.street = place("street")
        self.home, self.other = place("community", self.street), place("community", self.street)

    def word(self, key: int, amount: int, at: Place | None = None) -> Word:
        return Word("drills.Record", key, "attended", (at or self.home).pk, clock.today(), amount)


@pytest.fixture
def world(committed_db: None) -> Iterator[World]:
    with clock.frozen(START), acting():
        kinds()
        actions.install_first_rows()
        made = World()
        for prepared in (
            count_sites,
            count_check,
            fold,
        ):  # what the first run alone writes: the row that folds, branches, a part
            prepared(made)[1]()
        yield made


@contextmanager
def acting() -> Iterator[None]:
    """Whose roles files are made with is set back in the end."""
    before = list(feeds._acting)
    yield
    feeds._acting[:] = before


def told(*words: Word) -> int:
    return actions.count(actor=BOSS, words=words)


def count_words(world: World) -> tuple[Actor, Act]:
    """New words, a correction that moves to another place, one taken back, and one that says nothing new."""
    keys = [next(_numbers) for _ in range(5)]
    told(*(world.word(key, 3) for key in keys[:3]))
    words = [world.word(keys[0], 7, world.other), world.word(keys[1], 0), world.word(keys[2], 3)]
    words += [world.word(keys[3], 1), world.word(keys[4], 2, world.other)]
    return BOSS, lambda: told(*words)


def fold(world: World) -> tuple[Actor, Act]:
    told(*(world.word(next(_numbers), 2, at) for at in (world.home, world.other)))
    return BOSS, lambda: actions.fold(actor=BOSS)


def follow_places(world: World) -> tuple[Actor, Act]:
    told(world.word(next(_numbers), 2))
    actions.fold(actor=BOSS)
    to = place("street", Place.objects.get(pk=world.street.parent_id))
    place_actions.move_place(actor=BOSS, place=Place.objects.get(pk=world.home.pk), parent=to)
    return BOSS, lambda: actions.follow_places(actor=BOSS)


def count_sites(world: World) -> tuple[Actor, Act]:
    site = place("station", world.home)
    return BOSS, lambda: actions.count_sites(actor=BOSS, first=site.pk, last=site.pk)


def count_check(world: World) -> tuple[Actor, Act]:
    site = place("station", world.home)
    check = standards.checked(site, standards.installed(), "yyn")
    return BOSS, lambda: actions.count_check(actor=BOSS, check_id=check.pk)


def facts(told_as: str = "近91万人") -> Report:
    return Report(f"n{next(_numbers)}", "注册志愿者", told_as, clock.today() - timedelta(days=9), "年报")


def report(world: World) -> tuple[Actor, Act]:
    given = facts()
    return BOSS, lambda: actions.report(actor=BOSS, place=world.home, facts=given)


def correct(world: World) -> tuple[Actor, Act]:
    figure, given = actions.report(actor=BOSS, place=world.home, facts=facts()), facts("92万人")
    return BOSS, lambda: actions.correct(actor=BOSS, figure=figure, facts=given, reason="勘误")


def add_check(world: World) -> tuple[Actor, Act]:
    name, asked = f"检查{next(_numbers)}", {"kind": "names", "of": "teams"}
    return BOSS, lambda: actions.add_check(actor=BOSS, place=world.home, name=name, statement=asked)


def end_check(world: World) -> tuple[Actor, Act]:
    _boss, act = add_check(world)
    check: Check = act()
    return BOSS, lambda: actions.end_check(actor=BOSS, check=check)


def cite(world: World) -> tuple[Actor, Act]:
    days = queries.Period(clock.today() - timedelta(days=next(_numbers)), clock.today())
    return BOSS, lambda: actions.cite(actor=BOSS, metric="attended", place=world.home, period=days)


def cite_many(world: World) -> tuple[Actor, Act]:
    since = clock.today() - timedelta(days=next(_numbers))
    days = queries.Period(since, clock.today())
    asked = [actions.Cited(metric, world.home.pk, days) for metric in ("attended", "sessions_held")]
    return BOSS, lambda: actions.cite_many(actor=BOSS, asked=asked)


def cite_reported(world: World) -> tuple[Actor, Act]:
    figure = actions.report(actor=BOSS, place=world.home, facts=facts())
    return BOSS, lambda: actions.cite_reported(actor=BOSS, figure=figure)


def hourly(hour: int) -> dict[str, Any]:
    return {"split": Split.NONE, "kind": FileKind.CSV, "rhythm": Rhythm.DAILY, "hour": hour}


def somebody(world: World) -> Actor:
    """Another keeper each time: nobody asks twice for the same."""
    return Actor(person_id=next(_numbers), roles=(("office", world.home.path),))


def add_feed(world: World) -> tuple[Actor, Act]:
    who = somebody(world)
    return who, lambda: actions.add_feed(actor=who, place=world.home, **hourly(7))


def end_feed(world: World) -> tuple[Actor, Act]:
    who, act = add_feed(world)
    feed: Feed = act()
    return who, lambda: actions.end_feed(actor=who, feed=feed)


def add_list_feed(world: World) -> tuple[Actor, Act]:
    who = somebody(world)
    queries.actors_from(lambda _person_id: who)
    address = reverse("places:export")
    return who, lambda: actions.add_list_feed(
        actor=who, address=address, kind=FileKind.CSV, rhythm=Rhythm.DAILY, hour=7
    )


def resume_feed(world: World) -> tuple[Actor, Act]:
    who, act = add_feed(world)
    feed: Feed = act()
    queries.actors_from(lambda person_id: Actor(person_id=person_id, roles=who.roles))
    actions.end_feed(actor=who, feed=feed)
    return who, lambda: actions.resume_feed(actor=who, feed=feed)


def make_file(world: World) -> tuple[Actor, Act]:
    who, act = add_feed(world)
    feed: Feed = act()
    Feed.objects.filter(pk=feed.pk).update(next_at=clock.now())
    queries.actors_from(lambda person_id: Actor(person_id=person_id, roles=who.roles))
    return BOSS, lambda: actions.make_file(actor=BOSS, feed_id=feed.pk)


def take_file(world: World) -> tuple[Actor, Act]:
    _boss, act = make_file(world)
    file: KeptFile = act()
    who = Actor(person_id=file.feed.person_id, roles=(("office", world.home.path),))
    return who, lambda: actions.take_file(actor=who, file=file)


def forget_files(world: World) -> tuple[Actor, Act]:
    _boss, act = make_file(world)
    KeptFile.objects.filter(pk=act().pk).update(made_at=clock.now() - queries.KEPT)
    return BOSS, lambda: actions.forget_files(actor=BOSS)


ACTS = (
    *(count_words, fold, follow_places, count_sites, count_check),
    *(report, correct, add_check, end_check, cite, cite_many, cite_reported),
    *(add_feed, add_list_feed, end_feed, resume_feed, make_file, take_file, forget_files),
)
OPERATIONS = {act.__name__.removesuffix("_words"): act for act in ACTS}


def broken_figures() -> list[str]:
    """Facts, totals and words agree but for what a move of the tree still has to follow; one newer word a figure."""
    found = [str(one) for one in queries.drift() if one.what == "fact"]
    replaced = ReportedFigure.objects.exclude(replaces=None).values_list("replaces", flat=True)
    return found + [f"replaced twice: {one}" for one in set(replaced) if list(replaced).count(one) > 1]


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_death_at_any_point_leaves_all_or_nothing(world: World, name: str, tally: Callable[..., None]) -> None:
    def prepare() -> Run:
        doer, act = OPERATIONS[name](world)
        return keyed(name, doer, act)

    report = Sweep(Operation(name, prepare, broken_figures)).go()

    tally("crash points", operations=1, kills=report.points, violations=len(report.violations))
    assert report.violations == []


# Run in a migration and inside the transaction of a count.
ELSEWHERE = {"install_first_rows", "add_part"}
PARTS = {"citing.kept", "feeding.ended", "folding.fold_batch", "folding.follow_batch"}


def test_every_action_of_figures_is_swept() -> None:
    named = {name for name in actions.__all__ if name[0].islower()}

    assert named - set(OPERATIONS) == ELSEWHERE
    assert unknown("figures", OPERATIONS, PARTS) == set()
