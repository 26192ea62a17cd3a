"""What points must never become: a ranking, a score of persons or households, a link to benefits, a way to hurt."""

from __future__ import annotations

import ast
import inspect
import re
from pathlib import Path

import pytest
from django.apps import apps

from huying.kernel.actor import Actor
from huying.people.models import Household, Person
from huying.points import actions, queries
from huying.points.models import Claim
from huying.points.queries.auditing import mutual
from huying.points.tests.factories import World
from huying.volunteers.tests.factories import person

pytestmark = pytest.mark.django_db
ROOM = Path(__file__).resolve().parent.parent
SOURCE = ROOM.parent
MAY_NAME = {"points", "packs", "api", "config"}
"""Rooms that may know of points: this one, packs (which draft rule books), the REST root, and the top that connects."""


def sources(*folders: str) -> list[Path]:
    return [one for folder in folders for one in (ROOM / folder).rglob("*.py")]


def test_nothing_sorts_people_by_what_they_have() -> None:
    """No order, in any list, page, file or endpoint, is by points, balance or amount of a person."""
    orders = re.compile(r"(order_by|paging\.page)\(([^)]*)\)", re.S)
    bad = []
    for path in [*sources("queries", "views"), ROOM / "api.py"]:
        for found in orders.finditer(path.read_text()):
            if re.search(r"amount|balance|free|credits|debits", found[2]):
                bad.append(f"{path.name}: {found[0]}")
    assert bad == []


def test_lists_of_people_tell_names_and_no_points(world: World) -> None:
    for name in ("甲", "乙", "丙"):
        world.passbook(person(name, world.home), points=10)
    rows = queries.found_passbooks(world.keeper).order_by("person__sort_key", "id")

    assert [one.person.name for one in rows] == sorted(one.person.name for one in rows)
    fields = {field.name for field in rows.model._meta.get_fields()}
    assert not fields & {"balance", "points", "score", "rank", "level", "stars"}


def test_a_household_is_never_scored(world: World) -> None:
    home = Household.objects.create(place=world.home)
    mine, yours, silent = (world.passbook(person(name, world.home, household=home), points=10) for name in "甲乙丙")
    for one in (mine, yours):
        actions.share(actor=Actor(person_id=one.person_id), passbook=one, shares=True)
        one.refresh_from_db()

    seen = queries.household(mine)

    assert [(one.pk, free) for one, free in seen] == [(yours.pk, 10)]
    assert queries.household(silent) == []
    assert not [field.name for field in Household._meta.get_fields() if "point" in field.name or "score" in field.name]


def test_no_other_room_can_see_or_use_points() -> None:
    """Benefits, dispatch, matching, certificates and boards cannot ask: they do not know this room."""
    bad = []
    for path in SOURCE.rglob("*.py"):
        room = path.relative_to(SOURCE).parts[0]
        if room in MAY_NAME or "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [one.name for one in node.names] if isinstance(node, ast.Import) else []
            bad += [f"{path.name}: {name}" for name in names if name.startswith("huying.points")]
    assert bad == []


def test_nothing_refers_to_a_passbook_from_outside() -> None:
    ours = set(apps.get_app_config("points").get_models())
    outside = [model for model in apps.get_models() if model not in ours]
    bad = [
        f
        for model in outside
        for f in model._meta.get_fields()
        if f.concrete and getattr(f, "related_model", None) in ours
    ]
    assert bad == []


def test_the_only_minus_is_a_reversal(world: World) -> None:
    """No action takes a number of points to subtract; what is taken back is exactly what one claim gave."""
    for name in actions.__all__:
        if not name[0].islower():
            continue
        parameters = inspect.signature(getattr(actions, name)).parameters
        assert not {one for one in parameters if one in {"points", "minus", "deduct", "penalty"}}, name
    assert "amount" not in inspect.signature(actions.propose_reversal).parameters


def test_colluding_confirmers_are_shown_to_the_auditor(world: World) -> None:
    other = Person.objects.get(pk=world.second.person_id)
    first, second = world.passbook(world.cast.keeper), world.passbook(other)
    for mine, checker in ((first, world.second), (second, world.office), (world.passbook(), world.second)):
        actions.confirm(actor=checker, claim=world.claim(mine))
    quiet = mutual(Claim.objects.all())
    actions.confirm(actor=world.keeper, claim=world.claim(second))

    found = queries.audit(world.book).pairs

    assert quiet == []
    assert {frozenset((one.who, one.by)) for one in found} == {frozenset({world.cast.keeper.name, other.name})}


def test_figures_of_points_and_their_worth(world: World) -> None:
    from huying.figures import actions as figures
    from huying.points.queries import counting

    figures.install_first_rows()
    passbook, good = world.passbook(points=50), world.good(stock=5)
    gift = world.handed(world.gift(good, passbook))
    claim = Claim.objects.get()
    rows = ((claim, "points_given", 50), (gift, "points_used", 40), (good.bank, "points_banks", 1))

    told = {word.metric: word.amount for row, _m, _n in rows for word in counting.words_of(row._meta.label, row.pk)}

    assert {metric: told[metric] for _row, metric, _n in rows} == {metric: n for _row, metric, n in rows}
    assert (told["gifts_given"], told["gifts_worth"]) == (1, 4990)
    system = Actor.system("tests")
    first = [actions.count(actor=system, label=row._meta.label, row_id=row.pk) for row, _m, _n in rows]
    again = [actions.count(actor=system, label=row._meta.label, row_id=row.pk) for row, _m, _n in rows]
    assert (first, again) == ([1, 3, 1], [0, 0, 0])
    for source in counting.SOURCES:
        assert all(word.source == source for word in counting.recounted(source))
