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


MINUTES_ONLY = {"volunteers/actions/crediting.py", "volunteers/queries/service.py"}
"""Files of rooms below that ask the ledger, each about minutes by name."""
ONES_OWN = {"volunteers/actions/copying.py"}
"""A person's own copy of his data holds every line of his accounts; nobody else gets it."""
ASKING = {
    "account_of",
    "accounts_of",
    "open_account",
    "open_accounts",
    "asset",
    "account",
    "statement",
    "Account",
    "Lot",
}
SORTING = {"order_by", "sorted", "sort", "nlargest", "nsmallest", "page", "Window", "Rank", "DenseRank", "RowNumber"}
WORTH = re.compile(r"\b(balance|available|free|credits|debits|points|share|times)\b")
NOT_PEOPLE = {
    ("points/queries/banks.py", 'rows.select_related("bank__place").order_by("bank__name", "points", "name")'),
    ("ledger/queries/overview.py", 'Seal.objects.order_by("-number")'),
}
"""Goods on a shelf by what they cost, seals by their number."""


def written() -> dict[str, str]:
    """Every Python file of ours that is no test, by its path below ``huying``."""
    found = {one.relative_to(SOURCE).as_posix(): one for one in SOURCE.rglob("*.py")}
    return {
        name: one.read_text() for name, one in found.items() if "/tests/" not in name and "/migrations/" not in name
    }


def called(node: ast.AST) -> str:
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def rankings(name: str, text: str) -> list[str]:
    """What in this file puts anything in an order by points, by their sums, or by a count of them."""
    tree, found = ast.parse(text), []
    near = name.split("/")[0] in {"points", "ledger"} or "huying.points" in text
    counted = {one.arg for node in ast.walk(tree) if called(node) == "annotate" for one in node.keywords}  # type: ignore[attr-defined]
    for node in ast.walk(tree):
        if called(node) not in SORTING or not near:
            continue
        code = ast.get_source_segment(text, node) or ""
        own = code.rpartition(f"{called(node)}(")[2] if called(node) == "order_by" else code
        words = {word.strip("-") for word in re.findall(r"[\"']([^\"']*)[\"']", own)}
        if (WORTH.search(own) or words & (counted | {"amount", "n"})) and (name, code) not in NOT_PEOPLE:
            found.append(f"{name}: {code}")
    return found


def test_nothing_sorts_people_by_what_they_have() -> None:
    """No order, in any list, page, file or endpoint of any room, is by points, balances or counts of a person."""
    assert [bad for name, text in written().items() for bad in rankings(name, text)] == []
    for template in SOURCE.rglob("*.html"):
        assert not re.search(r"dictsort\w*:\s*[\"']?[\w.]*(points|balance|free|amount|stand)", template.read_text())


@pytest.mark.parametrize(
    "planted",
    [
        'rows.order_by("-points")',
        'sorted(cards, key=lambda card: card["stand"].free)',
        'rows.annotate(sum=Sum("amount")).order_by("-sum", "id")',
        'paging.page(rows, ("-balance", "id"), None, 25)',
        "heapq.nlargest(10, rows, key=lambda one: one.points)",
        'rows.annotate(place=Window(Rank(), order_by=F("points").desc()))',
    ],
)
def test_a_planted_ranking_is_found(planted: str) -> None:
    assert rankings("points/queries/planted.py", f"def best(rows):\n    return {planted}\n")


def readers(name: str, text: str) -> list[str]:
    """How this file could come to balances of points: it asks the ledger for more than minutes, or names such an asset."""
    room, found = name.split("/")[0], []
    if room in {"ledger", "points", "config"}:
        return []
    tree = ast.parse(text)
    for node in ast.walk(tree):
        module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
        modules = [one.name for one in node.names] if isinstance(node, ast.Import) else [module]
        if any(one.startswith("huying.ledger") for one in modules) and name not in MINUTES_ONLY | ONES_OWN:
            found.append(f"{name}: asks the ledger")
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.startswith("points-"):
            found.append(f"{name}: {node.value}")
        if name in MINUTES_ONLY and called(node) in ASKING - {"account"}:
            words = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
            if "MINUTES" not in words:
                found.append(f"{name}: {ast.get_source_segment(text, node)}")
    return found


def test_only_the_ledger_this_room_and_the_top_read_balances_of_points() -> None:
    """Calls, dispatch, matching, honours, certificates and boards have no way to what somebody has."""
    assert [bad for name, text in written().items() for bad in readers(name, text)] == []


@pytest.mark.parametrize(
    ("name", "planted"),
    [
        ("calls/queries/best.py", "from huying.ledger import queries"),
        ("cockpit/queries/best.py", "import huying.ledger.models"),
        ("matching/best.py", 'ASSET = "points-1"'),
        ("volunteers/queries/service.py", "found = ledger_queries.accounts_of(LEDGER_OWNER, person_id)"),
    ],
)
def test_a_planted_reader_is_found(name: str, planted: str) -> None:
    assert readers(name, planted)


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
    assert (told["points_claims"], told["gifts"], told["points_exchanges"]) == (1, 1, 1)
    system = Actor.system("tests")
    first = [actions.count(actor=system, label=row._meta.label, row_id=row.pk) for row, _m, _n in rows]
    again = [actions.count(actor=system, label=row._meta.label, row_id=row.pk) for row, _m, _n in rows]
    assert (first, again) == ([2, 5, 1], [0, 0, 0])
    for source in counting.SOURCES:
        assert all(word.source == source for word in counting.recounted(source))
