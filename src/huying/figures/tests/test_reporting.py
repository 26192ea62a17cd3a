"""Numbers that others reported: entered with source and date, corrected by a newer word, checked, never added to counts."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from huying.figures import actions, queries
from huying.figures.actions import AlreadyCorrected, CheckNameTaken, Report
from huying.figures.models import ReportedFigure
from huying.figures.tests.page_checks import PAGES, SOURCES
from huying.kernel.actor import Actor
from huying.kernel.errors import Forbidden, InvalidInput, NotFound
from huying.kernel.models import AuditLine
from huying.places.models import Place
from huying.places.tests.factories import staff

pytestmark = pytest.mark.django_db


def facts(told: str = "近91万人", **more: Any) -> Report:
    given = {"code": "volunteers", "name": "注册志愿者", "as_of": date(2026, 10, 31), "source": "区志愿者联合会年报"}
    return Report(told=told, **given | more)


@pytest.fixture
def keeper(tree: dict[str, Place]) -> Actor:
    return staff(tree["county"], "office")


def test_a_reported_figure_keeps_what_was_told_with_sign_source_and_who_entered_it(
    tree: dict[str, Place], keeper: Actor
) -> None:
    made = actions.report(actor=keeper, place=tree["county"], facts=facts(metric="volunteers_registered"))
    kept = queries.reported_figure(keeper, made.public_id)
    assert (kept.told, kept.value, kept.sign, kept.unit.name) == ("近91万人", 910_000, "~", "人")
    assert (kept.as_of, kept.source, kept.entered_by) == (date(2026, 10, 31), "区志愿者联合会年报", keeper.person_id)
    assert AuditLine.objects.filter(verb="figure.report", subject_id=made.pk).exists()


def test_reported_and_computed_numbers_stand_beside_each_other_and_never_meet(
    tree: dict[str, Place], keeper: Actor
) -> None:
    actions.report(actor=keeper, place=tree["county"], facts=facts(metric="volunteers_registered"))
    of = queries.metric("volunteers_registered")
    assert queries.value(keeper, of, tree["county"], queries.Period.year(2026)).amount == 0
    assert [one.value for one in of.reported.all()] == [910_000]


def test_a_correction_is_a_newer_word_and_the_older_stays(tree: dict[str, Place], keeper: Actor) -> None:
    first = actions.report(actor=keeper, place=tree["county"], facts=facts())
    second = actions.correct(actor=keeper, figure=first, facts=facts("91.2万人"), reason="年报勘误")
    third = actions.correct(actor=keeper, figure=second, facts=facts("91.3万人"), reason="再次勘误")
    assert [one.pk for one in queries.reported(keeper)] == [third.pk]
    for one in (first, second, third):
        assert [word.told for word in queries.words_of(one)] == ["91.3万人", "91.2万人", "近91万人"]
    with pytest.raises(AlreadyCorrected):
        actions.correct(actor=keeper, figure=first, facts=facts("90万人"), reason="旧页面")
    with pytest.raises(InvalidInput) as missing:
        actions.correct(actor=keeper, figure=third, facts=facts(), reason=" ")
    assert set(missing.value.fields) == {"reason"}
    assert ReportedFigure.objects.count() == 3


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"told": "很多人"}, "told"),
        ({"told": "3匹"}, "told"),
        ({"told": "300"}, "unit"),
        ({"told": "300人", "unit": "session"}, "unit"),
        ({"told": "300", "unit": "no_such_unit"}, "unit"),
        ({"as_of": date(2027, 1, 1)}, "as_of"),
        ({"source": "  "}, "source"),
        ({"told": "300场", "metric": "volunteers_registered"}, "metric"),
    ],
)
def test_what_is_wrong_with_a_report_names_its_field(
    tree: dict[str, Place], keeper: Actor, wrong: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        actions.report(actor=keeper, place=tree["county"], facts=facts(**wrong))
    assert set(refused.value.fields) == {field}
    assert not ReportedFigure.objects.exists()


def test_only_keepers_of_the_place_enter_and_only_its_readers_see(tree: dict[str, Place], keeper: Actor) -> None:
    below, beside = staff(tree["east"], "office"), staff(tree["west"], "auditor")
    made = actions.report(actor=below, place=tree["one"], facts=facts("3人"))
    assert queries.reported_figure(keeper, made.public_id) == made
    with pytest.raises(NotFound):
        queries.reported_figure(beside, made.public_id)
    for actor, place in (
        (below, tree["county"]),
        (beside, tree["three"]),
        (staff(tree["county"], "auditor"), tree["one"]),
    ):
        with pytest.raises(Forbidden):
            actions.report(actor=actor, place=place, facts=facts("3人"))
    with pytest.raises(Forbidden):
        actions.correct(actor=staff(tree["west"]), figure=made, facts=facts("4人"), reason="不是我的")


def renamed(statement: Any, page: str) -> Any:
    """The statement with its figures named by page."""
    if isinstance(statement, dict):
        return {
            key: term if key in {"kind", "percent", "most"} else renamed(term, page) for key, term in statement.items()
        }
    if isinstance(statement, list):
        return [renamed(one, page) for one in statement]
    return f"{page}_{statement}" if isinstance(statement, str) else statement


def test_the_thirty_checks_of_the_pages_stand_in_the_database_with_their_verdicts(
    tree: dict[str, Place], keeper: Actor
) -> None:
    expected = {}
    for page in PAGES:
        for name, told in page.figures.items():
            listed = tuple(page.names.get(name, "").split())
            given = facts(told, code=f"{page.id.lower()}_{name}", name=name, source=SOURCES[page.item], names=listed)
            actions.report(actor=keeper, place=tree["county"], facts=given)
        for number, (statement, verdict, _facts) in enumerate(page.asks):
            name = f"{page.id}-{number}"
            statement = renamed(statement, page.id.lower())
            actions.add_check(actor=keeper, place=tree["county"], name=name, statement=statement)
            expected[name] = verdict
    found = {one.check.name: one.result.verdict for one in queries.verdicts(keeper, tree["county"])}
    assert found == expected
    assert sorted(name[:3] for name, verdict in found.items() if verdict == "fails") == ["X03", "X11", "X11"]


def test_a_check_is_named_once_ended_once_and_says_what_it_cannot_add(tree: dict[str, Place], keeper: Actor) -> None:
    actions.report(actor=keeper, place=tree["county"], facts=facts("3人", code="people"))
    actions.report(actor=keeper, place=tree["county"], facts=facts("3场", code="events"))
    statement = {"kind": "sum", "of": ["people", "events"]}
    check = actions.add_check(actor=keeper, place=tree["county"], name="合计", statement=statement)
    (judged,) = queries.verdicts(keeper, tree["county"])
    assert judged.refusal is not None
    assert str(judged.refusal) == "单位不同的数不能相加：人、场。"
    with pytest.raises(CheckNameTaken):
        actions.add_check(actor=keeper, place=tree["county"], name="合计", statement=statement)
    actions.end_check(actor=keeper, check=check)
    with pytest.raises(actions.CheckEnded):
        actions.end_check(actor=keeper, check=check)
    assert queries.verdicts(keeper, tree["county"]) == []


@pytest.mark.parametrize(
    ("statement", "field"),
    [
        ({}, "kind"),
        ({"kind": "average"}, "kind"),
        ({"kind": "sum"}, "of"),
        ({"kind": "sum", "of": ["A; DROP"]}, "of"),
        ({"kind": "sum", "of": [["a", ["b"]]]}, "of"),
        ({"kind": "sum", "of": ["a"] * 61}, "of"),
        ({"kind": "ratio", "top": "a"}, "base"),
        ({"kind": "ratio", "top": "a", "base": "b", "bases": ["c"]}, "base"),
        ({"kind": "names", "of": ["a"]}, "of"),
        ({"kind": "whole", "rate": "a", "most": 10**9}, "most"),
        ({"kind": "equal", "of": "a", "is": "b", "less": "c"}, "less"),
    ],
)
def test_a_statement_that_cannot_be_judged_is_refused_by_its_part(
    tree: dict[str, Place], keeper: Actor, statement: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        actions.add_check(actor=keeper, place=tree["county"], name="检查", statement=statement)
    assert field in refused.value.fields
