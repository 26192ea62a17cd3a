"""The small language of checks: the thirty checks of the pages come to their stated verdicts."""

from __future__ import annotations

from decimal import Decimal

import pytest

from huying.figures.rules.adding import Counted, UnitsDiffer
from huying.figures.rules.checks import Given, Result, judge, names_of
from huying.figures.rules.words import parse
from huying.figures.states import Reason, Verdict
from huying.figures.tests.page_checks import PAGES, SOURCES, Page


def given(told: str, names: str = "") -> Given:
    number = parse(told)
    return Given(Counted(number, number.unit, number.unit, adds=number.unit != "%"), tuple(names.split()))


def expect(result: Result, verdict: str, facts: dict[str, object]) -> None:
    """Numbers are compared as far as the catalogue gives them."""
    assert result.verdict == verdict
    for name, told in facts.items():
        found = getattr(result, name)
        if name == "others":
            assert [str(round(one, 1)) for one in found] == list(told)  # type: ignore[call-overload]
        elif told is None or name in {"reason", "solutions"}:
            assert found == told
        else:
            assert found is not None
            assert round(found, max(0, -Decimal(str(told)).as_tuple().exponent)) == Decimal(str(told))  # type: ignore[operator]


@pytest.mark.parametrize("page", PAGES, ids=[page.id for page in PAGES])
def test_a_check_of_the_pages_comes_to_its_verdict(page: Page) -> None:
    figures = {name: given(told, page.names.get(name, "")) for name, told in page.figures.items()}
    assert page.item in SOURCES
    for statement, verdict, facts in page.asks:
        expect(judge(statement, figures), verdict, facts)


def test_all_thirty_checks_are_here() -> None:
    assert [page.id for page in PAGES] == [f"X{n:02d}" for n in range(1, 31)]
    assert [page.id for page in PAGES if any(verdict == "fails" for _s, verdict, _f in page.asks)] == ["X03", "X11"]


@pytest.mark.parametrize("page", [page for page in PAGES if page.names], ids=lambda page: page.id)
def test_a_list_of_names_that_lacks_one_or_has_one_twice_does_not_hold(page: Page) -> None:
    """The catalogue says of X29 that five are named, not which: what it proves is the counting, so the counting must fail."""
    (name, listed), (statement, verdict, _facts) = next(iter(page.names.items())), page.asks[0]
    names = listed.split()
    whole = given(page.figures[name], listed)
    counted = int(whole.counted.told.value)
    full = [*names, *(f"另一个{n}" for n in range(counted - len(names)))]

    def verdict_of(listed: list[str]) -> str:
        return judge(statement, {name: Given(whole.counted, tuple(listed))}).verdict

    assert verdict_of(full) == Verdict.HOLDS and (verdict == Verdict.HOLDS) == (len(names) == counted)
    assert verdict_of(full[1:]) == verdict_of([*full[1:], full[1]]) == verdict_of([*full, "多一个"]) == Verdict.FAILS


def test_a_rate_that_was_rounded_otherwise_does_not_hold() -> None:
    figures = {"closed": given("4473起"), "events": given("4807起"), "rate": given("办结率达93.06%")}
    result = judge({"kind": "ratio", "top": "closed", "base": "events", "is": "rate"}, figures)
    assert (result.verdict, result.reason) == (Verdict.FAILS, Reason.OTHER_RESULT)


def test_a_half_may_be_rounded_either_way() -> None:
    for told in ("12.5%", "12.4%"):  # 12.45
        figures = {"top": given("249个"), "base": given("2000个"), "rate": given(told)}
        assert judge({"kind": "ratio", "top": "top", "base": "base", "is": "rate"}, figures).verdict == Verdict.HOLDS


def test_a_sum_with_a_sign_is_only_plausible_and_fails_when_the_bounds_exclude_it() -> None:
    figures = {"a": given("100余个"), "b": given("20个"), "close": given("125个"), "less": given("110个")}
    assert judge({"kind": "sum", "of": ["a", "b"], "is": "close"}, figures).verdict == Verdict.PLAUSIBLE
    assert judge({"kind": "sum", "of": ["a", "b"], "is": "less"}, figures).verdict == Verdict.FAILS


@pytest.mark.parametrize(
    ("told", "claim", "verdict"),
    [
        ("约100人", "105人", Verdict.PLAUSIBLE),
        ("约100人", "95人", Verdict.PLAUSIBLE),
        ("约100人", "106人", Verdict.FAILS),
        ("约100人", "50人", Verdict.FAILS),
        ("100人左右", "120人", Verdict.FAILS),
        ("近100人", "96人", Verdict.PLAUSIBLE),
        ("近100人", "101人", Verdict.FAILS),
        ("近100人", "94人", Verdict.FAILS),
    ],
)
def test_about_and_near_can_fail(told: str, claim: str, verdict: Verdict) -> None:
    """About is five in a hundred either way, near is not more than told."""
    figures = {"a": given(told), "b": given(claim)}
    for of, other in (("a", "b"), ("b", "a")):
        assert judge({"kind": "equal", "of": of, "is": other}, figures).verdict == verdict
        assert judge({"kind": "sum", "of": [of], "is": other}, figures).verdict == verdict


def test_each_part_of_a_sum_keeps_its_own_sign() -> None:
    figures = {"near": given("近100人"), "more": given("20余人"), "far": given("500人"), "few": given("110人")}
    assert judge({"kind": "sum", "of": ["near", "more"], "is": "far"}, figures).verdict == Verdict.PLAUSIBLE
    result = judge({"kind": "sum", "of": ["near", "more"], "is": "few"}, figures)
    assert (result.verdict, result.lower, result.upper) == (Verdict.FAILS, Decimal(115), None)


def test_a_check_refuses_to_add_two_units() -> None:
    figures = {"people": given("57万人次"), "events": given("4.2万场")}
    with pytest.raises(UnitsDiffer):
        judge({"kind": "sum", "of": ["people", "events"]}, figures)


def test_what_cannot_be_decided_says_why() -> None:
    figures = {"a": given("3个"), "none": given("0个"), "odd": given("50.5%")}
    for statement, verdict, reason in [
        ({"kind": "ratio", "top": "a", "base": "none"}, Verdict.UNDECIDABLE, Reason.ZERO_BASE),
        ({"kind": "sum", "of": ["a", "unknown"]}, Verdict.UNDECIDABLE, Reason.FIGURE_MISSING),
        ({"kind": "whole", "rate": "odd", "base": "a"}, Verdict.FAILS, Reason.NO_WHOLE_NUMBERS),
    ]:
        result = judge(statement, figures)
        assert (result.verdict, result.reason) == (verdict, reason)


def test_a_statement_names_each_figure_once() -> None:
    statement = {"kind": "ratio", "top": "a", "bases": ["b", ["b", "c"], 12], "percent": True}
    assert names_of(statement) == ["a", "b", "c"]
