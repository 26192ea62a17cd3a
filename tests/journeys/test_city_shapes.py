"""The district and the city of the pages, made by the command itself: very small whole ones, and their whole trees."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from huying.config.demo import people
from huying.config.demo.city import plan, steps
from huying.config.demo.city.shape import SHAPES, Shape
from huying.config.management.commands.demo import Bar
from huying.figures import queries as figures
from huying.kernel import clock
from huying.kernel.models import JobEffect
from huying.kernel.sealed import keyring
from huying.ledger import queries as ledger
from huying.people.models import Person, Role
from huying.places.models import Place
from huying.volunteers.models import Team, Volunteer
from tests.invariants import broken_gatherings, broken_points, broken_rules, broken_service

MORNING = datetime(2026, 11, 18, 10, tzinfo=clock.SHANGHAI)
SCALE = 0.004


class Made(NamedTuple):
    """What was asked for, and what the command wrote: its sign-ins, and the lines of its bar."""

    like: str
    shape: Shape
    said: str
    bar: list[str]


@pytest.fixture(scope="module", params=["district", "city"])
def made(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any, tmp_path_factory: Any
) -> Iterator[Made]:
    """Made once for all tests of one shape, in a transaction that is taken back, beside a data folder of its own."""
    with (
        pytest.MonkeyPatch.context() as patch,
        django_db_blocker.unblock(),
        transaction.atomic(),
        clock.frozen(MORNING),
    ):
        patch.setattr(settings, "DATA", tmp_path_factory.mktemp("city"))
        keyring.ensure()
        out, bar = io.StringIO(), io.StringIO()
        call_command("demo", like=request.param, scale=SCALE, seed=5, stdout=out, stderr=bar)
        shape = SHAPES[request.param].scaled(SCALE)
        yield Made(request.param, shape, out.getvalue(), bar.getvalue().splitlines())
        transaction.set_rollback(True)


@pytest.fixture
def apart(made: Made) -> Iterator[Made]:
    """What one test changes, the next does not see."""
    with transaction.atomic():
        yield made
        transaction.set_rollback(True)


def kinds() -> Counter[str]:
    """How many places there are of each kind."""
    return Counter(Place.objects.values_list("kind_id", flat=True))


def check_tree(shape: Shape) -> None:
    """As many of each level as the shape asks for, each site hanging where it belongs."""
    found, centres = kinds(), max(1, shape.counties)
    assert found["prefecture"] == (1 if shape.counties else 0)
    assert (found["county"], found["centre"]) == (centres, centres)
    assert found["street"] + found["town"] == found["office"] == shape.towns
    assert found["community"] + found["village"] == found["station"] == shape.neighbourhoods
    assert (found["base"], found["relay"]) == (shape.bases, shape.relays)
    sites = Place.objects.filter(kind__is_site=True)
    assert sites.count() == shape.sites
    above = {"centre": {"county"}, "office": {"street", "town"}}
    parents = set(sites.values_list("kind_id", "parent__kind_id"))
    assert all(parent in above.get(kind, {"community", "village"}) for kind, parent in parents)


def test_counts_by_level_are_those_that_were_asked_for(made: Made) -> None:
    check_tree(made.shape)
    assert Team.objects.count() == max(made.shape.teams, 6)
    assert Volunteer.objects.count() == made.shape.volunteers
    assert Role.objects.filter(kind="station_keeper").count() == made.shape.neighbourhoods
    assert Role.objects.filter(kind="office").count() == made.shape.towns
    assert Person.objects.count() > made.shape.volunteers + made.shape.residents


def test_a_year_holds_what_the_page_says_and_the_page_stands_beside_it(made: Made) -> None:
    root = Place.objects.get(parent=None)
    today = MORNING.date()
    year = figures.Period(today.replace(year=today.year - 1), today)
    found = figures.amounts(["sessions_held", "attended"], [root.pk], year)
    assert found[root.pk, "sessions_held", None] == made.shape.activities
    assert found[root.pk, "attended", None] == made.shape.participations


def test_no_rule_of_any_room_is_broken(made: Made) -> None:
    assert broken_rules() + broken_service() + broken_gatherings() + broken_points() == []
    assert [*figures.drift(), *figures.differences(), *ledger.findings()] == []


def test_the_bar_tells_of_each_step_and_the_sign_ins_are_said(made: Made) -> None:
    titles = [line[2:26].strip() for line in made.bar]
    assert titles == [step.title for step in steps.STEPS] + ["In all"]
    for line in made.bar[:-1]:
        full, done = line[27:57], line[58:].split()[0].split("/")
        assert full == "█" * 30 and done[0] == done[1] != "0", line
        assert line.endswith(" s")
    assert all(username in made.said for username, _password, _words in people.SIGN_INS)


def test_the_same_command_again_finds_nothing_to_do_and_another_is_refused(apart: Made) -> None:
    before = (JobEffect.objects.count(), Person.objects.count())
    call_command("demo", like=apart.like, stdout=io.StringIO(), stderr=io.StringIO())
    assert (JobEffect.objects.count(), Person.objects.count()) == before
    with pytest.raises(CommandError, match=f"begun with --like {apart.like} --seed 5"):
        call_command("demo", like=apart.like, seed=6)


def test_on_a_terminal_the_bar_grows_in_one_line() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

        def write(self, text: str, ending: str = "") -> int:  # as the command's own wrapper
            return super().write(text + ending)

    screen = Terminal()
    bar = Bar(screen)
    for done in range(4):
        bar.show("Calls", done, 3)
    lines = screen.getvalue().split("\r\x1b[2K")[1:]
    assert [line[27:57].count("█") for line in lines] == [0, 10, 20, 30]
    assert [line.count("\n") for line in lines] == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("like", "levels"),
    [
        ("district", {"centre": 1, "office": 29, "station": 648, "base": 100, "relay": 222}),
        ("city", {"centre": 12, "office": 182, "station": 2929}),
    ],
)
def test_the_whole_tree_has_the_numbers_of_the_page(
    db: None, like: str, levels: dict[str, int], tmp_path: Path
) -> None:
    with clock.frozen(MORNING):
        whole = plan.begun(like, 1, 1.0)
        plan.make(whole, "tree", 0, steps.STEPS[0].write)
    check_tree(whole.shape)
    assert {kind: kinds()[kind] for kind in levels} == levels
    assert sum(levels.values()) == whole.shape.sites == {"district": 1000, "city": 3123}[like]
    assert (whole.shape.teams, whole.shape.volunteers) == {"district": (1781, 910_000), "city": (3123, 596_000)}[like]
